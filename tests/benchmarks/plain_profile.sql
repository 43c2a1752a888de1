-- The figures of the customer profile as one would write them by hand: one statement,
-- every table read once, nothing kept of what was known before. The ids of the event
-- types are put in its place holders.
CREATE UNLOGGED TABLE plain_profile AS
WITH orders AS (
    SELECT partner_id, company_id, min(date_order) AS first_order_date,
           max(date_order) AS last_order_date, count(*) AS order_count,
           sum(amount) AS revenue,
           sum(amount) FILTER (WHERE date_order > now() - interval '12 months')
               AS revenue_12m,
           sum(amount) FILTER (WHERE date_order <= now() - interval '12 months'
               AND date_order > now() - interval '24 months') AS revenue_previous_12m,
           avg(amount) AS average_basket, max(amount) AS largest_order,
           avg(gap) AS mean_order_interval,
           regr_slope(gap, position) AS order_interval_trend
      FROM (SELECT contact.commercial_partner_id AS partner_id, so.company_id,
                   so.date_order,
                   so.amount_untaxed / coalesce(nullif(so.currency_rate, 0), 1) AS amount,
                   extract(epoch FROM so.date_order - lag(so.date_order) OVER each)::float8
                       / 86400 AS gap,
                   row_number() OVER each AS position
              FROM sale_order so JOIN res_partner contact ON contact.id = so.partner_id
             WHERE so.state = 'sale'
            WINDOW each AS (PARTITION BY contact.commercial_partner_id, so.company_id
                                ORDER BY so.date_order, so.id)) orders
     GROUP BY 1, 2
), products AS (
    SELECT contact.commercial_partner_id AS partner_id, so.company_id,
           template.categ_id, line.product_id,
           sum(line.price_subtotal / coalesce(nullif(so.currency_rate, 0), 1)) AS amount,
           sum(coalesce((product.standard_price ->> so.company_id::text)::numeric, 0)
               * line.product_uom_qty * sold_in.factor / stored_in.factor) AS cost,
           sum(line.price_subtotal / coalesce(nullif(so.currency_rate, 0), 1))
               FILTER (WHERE line.discount > 0) AS discounted,
           sum(line.price_unit * line.product_uom_qty * line.discount / 100
               / coalesce(nullif(so.currency_rate, 0), 1)) AS reduction,
           sum(line.price_unit * line.product_uom_qty
               / coalesce(nullif(so.currency_rate, 0), 1)) AS list_amount
      FROM sale_order_line line
      JOIN sale_order so ON so.id = line.order_id
      JOIN res_partner contact ON contact.id = so.partner_id
      JOIN product_product product ON product.id = line.product_id
      JOIN product_template template ON template.id = product.product_tmpl_id
      JOIN uom_uom sold_in ON sold_in.id = line.product_uom_id
      JOIN uom_uom stored_in ON stored_in.id = template.uom_id
     WHERE so.state = 'sale' AND line.display_type IS NULL
       AND line.is_downpayment IS NOT TRUE
     GROUP BY 1, 2, 3, 4
), baskets AS (
    SELECT partner_id, company_id, sum(costed - cost) AS margin,
           sum(costed - cost) / nullif(sum(costed), 0) AS margin_rate,
           (array_agg(categ_id ORDER BY amount DESC, categ_id))[1]
               AS favourite_category_id,
           max(amount) / nullif(sum(amount), 0) AS favourite_category_share,
           (array_agg(product_id ORDER BY best DESC, product_id))[1]
               AS favourite_product_id,
           jsonb_object_agg(coalesce(categ_id, 0), round(amount, 2))
               AS category_revenue,
           count(*) AS category_count, sum(product_count) AS product_count,
           sum(discounted) / nullif(sum(amount), 0) AS discounted_share,
           sum(reduction) / nullif(sum(list_amount), 0) AS mean_discount
      FROM (SELECT partner_id, company_id, categ_id, sum(amount) AS amount,
                   sum(cost) AS cost, sum(amount) FILTER (WHERE cost > 0) AS costed,
                   sum(discounted) AS discounted,
                   sum(reduction) AS reduction, sum(list_amount) AS list_amount,
                   count(*) AS product_count, max(amount) AS best,
                   (array_agg(product_id ORDER BY amount DESC, product_id))[1]
                       AS product_id
              FROM products GROUP BY 1, 2, 3) categories
     GROUP BY 1, 2
), quotations AS (
    SELECT contact.commercial_partner_id AS partner_id, so.company_id,
           count(*) FILTER (WHERE state <> 'cancel') AS open_quotation_count,
           sum(amount_untaxed / coalesce(nullif(so.currency_rate, 0), 1))
               FILTER (WHERE state <> 'cancel') AS open_quotation_amount,
           count(*) FILTER (WHERE state = 'cancel') AS cancelled_order_count
      FROM sale_order so JOIN res_partner contact ON contact.id = so.partner_id
     WHERE so.state IN ('draft', 'sent', 'cancel') GROUP BY 1, 2
), invoices AS (
    SELECT commercial_partner_id AS partner_id, company_id,
           count(*) FILTER (WHERE move_type = 'out_invoice') AS invoice_count,
           sum(amount_untaxed_signed) AS invoiced_amount,
           sum(amount_residual_signed) AS open_amount,
           sum(amount_residual_signed) FILTER (WHERE invoice_date_due < current_date)
               AS overdue_amount,
           current_date - min(invoice_date_due) FILTER (WHERE move_type = 'out_invoice'
               AND amount_residual_signed > 0 AND invoice_date_due < current_date)
               AS overdue_days,
           sum(amount_residual_signed) / nullif(sum(amount_total_signed), 0)
               * (current_date - min(invoice_date)) AS days_sales_outstanding,
           count(*) FILTER (WHERE move_type = 'out_refund') AS credit_note_count,
           -sum(amount_untaxed_signed) FILTER (WHERE move_type = 'out_refund')
               AS credit_note_amount,
           -sum(amount_untaxed_signed) FILTER (WHERE move_type = 'out_refund')
               / nullif(sum(amount_untaxed_signed)
                   FILTER (WHERE move_type = 'out_invoice'), 0) AS return_rate
      FROM account_move
     WHERE state = 'posted' AND move_type IN ('out_invoice', 'out_refund')
     GROUP BY 1, 2
), payments AS (
    SELECT partner_id, company_id, avg(paid_on - invoice_date_due) AS mean_days_late,
           avg((paid_on > invoice_date_due)::int) AS paid_late_share,
           avg(paid_on - invoice_date) AS mean_days_to_pay,
           max(paid_on) AS last_payment_date
      FROM (SELECT move.commercial_partner_id AS partner_id, move.company_id,
                   move.invoice_date_due, move.invoice_date,
                   max(payment.max_date) AS paid_on
              FROM account_move move
              JOIN account_move_line line ON line.move_id = move.id
              JOIN account_partial_reconcile payment ON payment.debit_move_id = line.id
             WHERE move.state = 'posted' AND move.move_type = 'out_invoice'
               AND move.payment_state IN ('paid', 'in_payment')
             GROUP BY move.id) paid
     GROUP BY 1, 2
), events AS (
    SELECT partner_id, company_id, sum(number) AS event_count,
           max(date) AS last_event_date,
           sum(number) FILTER (WHERE type_id = {mailing_sent}) AS mailing_count,
           sum(number) FILTER (WHERE type_id = {mailing_opened}) AS open_count,
           sum(number) FILTER (WHERE type_id = {mailing_clicked}) AS click_count,
           max(date) FILTER (WHERE type_id = ANY('{{{by_us}}}')) AS last_contact_by_us,
           max(date) FILTER (WHERE type_id = ANY('{{{by_customer}}}'))
               AS last_contact_by_customer
      FROM (SELECT partner_id, company_id, type_id, date, 1 AS number
              FROM crm_customer_event
             UNION ALL
            SELECT partner_id, company_id, type_id, month, event_count
              FROM crm_customer_event_total) event
     GROUP BY 1, 2
), answers AS (
    SELECT event.partner_id, event.company_id,
           mode() WITHIN GROUP (ORDER BY 'email'::text) AS preferred_channel,
           mode() WITHIN GROUP (ORDER BY extract(isodow FROM date
               AT TIME ZONE 'UTC' AT TIME ZONE coalesce(customer.tz, house.tz, 'UTC')))
               AS preferred_weekday,
           mode() WITHIN GROUP (ORDER BY extract(hour FROM date
               AT TIME ZONE 'UTC' AT TIME ZONE coalesce(customer.tz, house.tz, 'UTC')))
               AS preferred_hour
      FROM crm_customer_event event
      JOIN res_partner customer ON customer.id = event.partner_id
      JOIN res_company company ON company.id = event.company_id
      JOIN res_partner house ON house.id = company.partner_id
     WHERE event.type_id IN ({mailing_opened}, {mailing_clicked}) GROUP BY 1, 2
), people AS (
    SELECT commercial_partner_id AS partner_id,
           count(*) FILTER (WHERE id <> commercial_partner_id) AS contact_count,
           (array_agg(function ORDER BY id <> commercial_partner_id, id)
               FILTER (WHERE function <> ''))[1] AS job_position
      FROM res_partner
     WHERE active AND (id <> commercial_partner_id OR function <> '') GROUP BY 1
), leads AS (
    SELECT contact.commercial_partner_id AS partner_id, lead.company_id,
           count(*) FILTER (WHERE lead.active AND won_status = 'pending') AS lead_count,
           count(*) FILTER (WHERE lead.active AND won_status = 'pending'
               AND lead.type = 'opportunity') AS opportunity_count
      FROM crm_lead lead JOIN res_partner contact ON contact.id = lead.partner_id
     GROUP BY 1, 2
)
SELECT customer.partner_id, customer.company_id, partner.user_id, partner.country_id,
       partner.state_id, partner.city, partner.lang, partner.industry_id,
       partner.create_date AS relation_date, orders.first_order_date,
       orders.last_order_date, orders.order_count, orders.revenue, orders.revenue_12m,
       orders.revenue_previous_12m, orders.average_basket, orders.largest_order,
       orders.mean_order_interval, orders.order_interval_trend, baskets.margin,
       baskets.margin_rate, favourite_category_id, favourite_category_share,
       favourite_product_id, category_revenue, category_count, product_count,
       discounted_share, mean_discount, open_quotation_count, open_quotation_amount,
       cancelled_order_count, invoice_count, invoiced_amount, open_amount,
       overdue_amount, overdue_days, days_sales_outstanding, credit_note_count,
       credit_note_amount, return_rate, mean_days_late, paid_late_share,
       mean_days_to_pay, last_payment_date, event_count, last_event_date,
       mailing_count, open_count, click_count,
       open_count::float8 / nullif(mailing_count, 0) AS open_rate,
       click_count::float8 / nullif(mailing_count, 0) AS click_rate,
       last_contact_by_us, last_contact_by_customer, preferred_channel,
       preferred_weekday, preferred_hour, contact_count, job_position, lead_count,
       CASE WHEN orders.order_count IS NULL AND opportunity_count > 0 THEN 'opportunity'
            WHEN orders.order_count IS NULL AND lead_count > 0 THEN 'lead'
            WHEN orders.order_count IS NULL THEN 'prospect'
            WHEN orders.last_order_date
                < now() - make_interval(days => company.crm_lapsed_days) THEN 'lapsed'
            WHEN orders.last_order_date
                < now() - make_interval(days => company.crm_at_risk_days) THEN 'at_risk'
            WHEN orders.order_count >= company.crm_loyal_orders THEN 'loyal'
            WHEN orders.order_count > 1 THEN 'repeat' ELSE 'new' END AS lifecycle_stage
  FROM (SELECT partner_id, company_id FROM crm_customer_profile) customer
  LEFT JOIN orders USING (partner_id, company_id)
  LEFT JOIN baskets USING (partner_id, company_id)
  LEFT JOIN quotations USING (partner_id, company_id)
  LEFT JOIN invoices USING (partner_id, company_id)
  LEFT JOIN payments USING (partner_id, company_id)
  LEFT JOIN events USING (partner_id, company_id)
  LEFT JOIN answers USING (partner_id, company_id)
  LEFT JOIN people USING (partner_id)
  LEFT JOIN leads USING (partner_id, company_id)
  JOIN res_partner partner ON partner.id = customer.partner_id
  JOIN res_company company ON company.id = customer.company_id
