from odoo import api, fields, models
from odoo.tools import SQL

from .utm_campaign import USER_GROUP

MAILING_FIGURES = ("sent_count", "delivered_count", "opened_count", "clicked_count")


class UtmCampaignFigures(models.Model):
    """What came of a campaign: one query per kind of fact, for all campaigns shown."""

    _inherit = "utm.campaign"

    # Stock counts them with the user's rights, and its form fails for who has none to
    # mailings.
    mailing_mail_count = fields.Integer(compute_sudo=True)
    ab_testing_mailings_count = fields.Integer(compute_sudo=True)
    sent_count = fields.Integer(
        "Sent", compute="_compute_figures", compute_sudo=True, groups=USER_GROUP
    )
    delivered_count = fields.Integer(
        "Delivered",
        compute="_compute_figures",
        compute_sudo=True,
        groups=USER_GROUP,
        help="Sent and not bounced.",
    )
    opened_count = fields.Integer(
        "Opened", compute="_compute_figures", compute_sudo=True, groups=USER_GROUP
    )
    clicked_count = fields.Integer(
        "Clicked", compute="_compute_figures", compute_sudo=True, groups=USER_GROUP
    )
    response_count = fields.Integer(
        "Responses",
        compute="_compute_figures",
        compute_sudo=True,
        groups=USER_GROUP,
        help="People who replied to a mailing or became a lead, each counted once.",
    )
    lead_count = fields.Integer(
        "Leads", compute="_compute_figures", compute_sudo=True, groups=USER_GROUP
    )
    order_count = fields.Integer(
        "Orders",
        compute="_compute_figures",
        compute_sudo=True,
        groups=USER_GROUP,
        help="Confirmed orders that are owed to the campaign.",
    )
    order_revenue = fields.Monetary(
        "Revenue",
        compute="_compute_figures",
        compute_sudo=True,
        groups=USER_GROUP,
        help="Untaxed amount of the confirmed orders.",
    )
    opportunity_count = fields.Integer(
        "Opportunities",
        compute="_compute_figures",
        compute_sudo=True,
        groups=USER_GROUP,
    )
    invoice_count = fields.Integer(
        "Invoices",
        compute="_compute_figures",
        compute_sudo=True,
        groups=USER_GROUP,
        help="Posted invoices, without credit notes.",
    )
    invoiced_revenue = fields.Monetary(
        "Invoiced",
        compute="_compute_figures",
        compute_sudo=True,
        groups=USER_GROUP,
        help="Untaxed, less credit notes.",
    )
    paid_order_count = fields.Integer(
        "Orders Paid",
        compute="_compute_figures",
        compute_sudo=True,
        groups=USER_GROUP,
        help="Orders that brought money: not those whose invoices are open or were "
        "credited in full.",
    )
    paid_revenue = fields.Monetary(
        "Paid",
        compute="_compute_figures",
        compute_sudo=True,
        groups=USER_GROUP,
        help="Untaxed, of what is paid of the invoices, less credit notes.",
    )
    paid_margin = fields.Monetary(
        "Margin",
        compute="_compute_figures",
        compute_sudo=True,
        groups=USER_GROUP,
        help="What is paid, less the present cost of the products sold.",
    )
    reply_count = fields.Integer(
        "Replies", compute="_compute_figures", compute_sudo=True, groups=USER_GROUP
    )
    bounce_count = fields.Integer(
        "Bounced", compute="_compute_figures", compute_sudo=True, groups=USER_GROUP
    )
    unsubscribe_count = fields.Integer(
        "Unsubscribed",
        compute="_compute_figures",
        compute_sudo=True,
        groups=USER_GROUP,
        help="People who said no by a mailing of the campaign.",
    )
    cost_per_response = fields.Monetary(
        compute="_compute_ratios", groups=USER_GROUP, help="Actual cost per response."
    )
    cost_per_order = fields.Monetary(
        compute="_compute_ratios", groups=USER_GROUP, help="Actual cost per order."
    )
    cost_per_lead = fields.Monetary(
        compute="_compute_ratios", groups=USER_GROUP, help="Actual cost per lead."
    )
    roi = fields.Float(
        "ROI (%)",
        compute="_compute_ratios",
        groups=USER_GROUP,
        help="Margin of what is paid less actual cost, in % of the actual cost.",
    )

    @api.model
    def _get_figure_names(self):
        """Hook: return the fields that a campaign target can be set for."""
        return [
            *MAILING_FIGURES,
            "response_count",
            "lead_count",
            "order_count",
            "order_revenue",
            "opportunity_count",
            "paid_order_count",
            "paid_revenue",
            "paid_margin",
            "roi",
        ]

    def _get_figure_label(self, name):
        """Return the name of a figure in the user's language."""
        return self._fields[name].get_description(self.env)["string"]

    def _compute_figures(self):
        figures = {campaign.id: {} for campaign in self}
        if self.ids:
            self.env.flush_all()
            for rows in (
                self._read_mailing_figures(),
                self._read_response_figures(),
                self._read_lead_figures(),
                self._read_order_figures(),
                self._read_invoice_figures(),
                self._read_refusal_figures(),
            ):
                for campaign_id, values in rows.items():
                    figures[campaign_id].update(values)
        names = (
            *MAILING_FIGURES,
            "reply_count",
            "bounce_count",
            "unsubscribe_count",
            "response_count",
            "lead_count",
            "opportunity_count",
            "order_count",
            "order_revenue",
            "invoice_count",
            "invoiced_revenue",
            "paid_order_count",
            "paid_revenue",
            "paid_margin",
        )
        for campaign in self:
            values = figures[campaign.id]
            campaign.update({name: values.get(name, 0) for name in names})

    @api.depends(
        "paid_margin", "lead_count", "response_count", "order_count", "actual_cost"
    )
    def _compute_ratios(self):
        for campaign in self:
            cost = campaign.actual_cost
            for thing in ("lead", "response", "order"):
                count = campaign[f"{thing}_count"]
                campaign[f"cost_per_{thing}"] = cost / count if count else 0
            campaign.roi = 100 * (campaign.paid_margin - cost) / cost if cost else 0

    def _read_mailing_figures(self):
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT campaign_id,
                       count(*) FILTER (WHERE sent_datetime IS NOT NULL) AS sent_count,
                       count(*) FILTER (
                           WHERE sent_datetime IS NOT NULL
                             AND trace_status IN ('sent', 'open', 'reply')
                       ) AS delivered_count,
                       count(*) FILTER (WHERE trace_status IN ('open', 'reply'))
                           AS opened_count,
                       count(*) FILTER (WHERE crm_click_date IS NOT NULL)
                           AS clicked_count,
                       count(*) FILTER (WHERE trace_status = 'reply') AS reply_count,
                       count(*) FILTER (WHERE trace_status = 'bounce') AS bounce_count
                  FROM mailing_trace
                 WHERE campaign_id IN %s AND is_test_trace IS NOT TRUE
                 GROUP BY campaign_id
                """,
                tuple(self.ids),
            )
        )
        return {row.pop("campaign_id"): row for row in rows}

    def _read_response_figures(self):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT campaign_id, count(DISTINCT person) FROM (
                    SELECT campaign_id, COALESCE(email, 'trace ' || id) AS person
                      FROM mailing_trace
                     WHERE campaign_id IN %(campaigns)s AND trace_status = 'reply'
                       AND is_test_trace IS NOT TRUE
                     UNION ALL
                    SELECT campaign_id, COALESCE(email_normalized, 'lead ' || id)
                      FROM crm_lead WHERE campaign_id IN %(campaigns)s
                ) response GROUP BY campaign_id
                """,
                campaigns=tuple(self.ids),
            )
        )
        return {campaign_id: {"response_count": count} for campaign_id, count in rows}

    def _read_lead_figures(self):
        rows = (
            self.env["crm.lead"]
            .with_context(active_test=False)
            ._read_group(
                [("campaign_id", "in", self.ids)], ["campaign_id", "type"], ["__count"]
            )
        )
        figures = {}
        for campaign, kind, count in rows:
            values = figures.setdefault(
                campaign.id, {"lead_count": 0, "opportunity_count": 0}
            )
            values["lead_count"] += count
            if kind == "opportunity":
                values["opportunity_count"] = count
        return figures

    def _read_order_figures(self):
        """Return number and value of confirmed orders, in the campaign's currency."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT campaign_id, company_id, count(*),
                       sum(amount_untaxed / COALESCE(NULLIF(currency_rate, 0), 1))
                  FROM sale_order
                 WHERE campaign_id IN %s AND state = 'sale'
                 GROUP BY campaign_id, company_id
                """,
                tuple(self.ids),
            )
        )
        figures = {}
        for campaign_id, company_id, count, amount in rows:
            values = figures.setdefault(
                campaign_id, {"order_count": 0, "order_revenue": 0.0}
            )
            values["order_count"] += count
            values["order_revenue"] += self._convert(campaign_id, company_id, amount)
        return figures

    def _convert(self, campaign_id, company_id, amount):
        """Return an amount of a company in the currency of the campaign."""
        company = self.env["res.company"].browse(company_id)
        currency = self.browse(campaign_id).currency_id or company.currency_id
        return company.currency_id._convert(
            float(amount), currency, company, fields.Date.context_today(self)
        )

    def _read_invoice_figures(self):
        """Return what was invoiced and paid of the campaign's invoices.

        An invoice counts as paid by the share of it that is; a credit note at once.
        """
        rows = self.env.execute_query_dict(
            SQL(
                """
                WITH line AS (
                    SELECT move.campaign_id, move.company_id, move.id AS move_id,
                           move.move_type, line.id,
                           -line.balance AS invoiced,
                           -line.balance * paid.share AS paid,
                           (-line.balance - %(cost)s) * paid.share AS margin
                      FROM account_move move
                      JOIN account_move_line line ON line.move_id = move.id
                       AND line.display_type = 'product'
                 LEFT JOIN product_product product ON product.id = line.product_id
                 LEFT JOIN product_template template
                        ON template.id = product.product_tmpl_id
                 LEFT JOIN uom_uom sold_in ON sold_in.id = line.product_uom_id
                 LEFT JOIN uom_uom stored_in ON stored_in.id = template.uom_id
                CROSS JOIN LATERAL (
                        SELECT CASE WHEN move.move_type = 'out_refund'
                                      OR move.amount_total = 0 THEN 1
                               ELSE 1 - move.amount_residual / move.amount_total
                               END AS share
                    ) paid
                     WHERE move.campaign_id IN %(campaigns)s AND move.state = 'posted'
                       AND move.move_type IN ('out_invoice', 'out_refund',
                                              'out_receipt')
                ), per_order AS (
                    SELECT line.campaign_id, line.company_id, ordered.order_id
                      FROM line
                      JOIN sale_order_line_invoice_rel link
                        ON link.invoice_line_id = line.id
                      JOIN sale_order_line ordered ON ordered.id = link.order_line_id
                     GROUP BY line.campaign_id, line.company_id, ordered.order_id
                    HAVING sum(line.paid) > 0.005
                )
                SELECT campaign_id, company_id, sum(invoiced) AS invoiced_revenue,
                       count(DISTINCT move_id) FILTER (
                           WHERE move_type != 'out_refund') AS invoice_count,
                       sum(paid) AS paid_revenue, sum(margin) AS paid_margin,
                       (SELECT count(*) FROM per_order
                         WHERE per_order.campaign_id = line.campaign_id
                           AND per_order.company_id = line.company_id)
                           AS paid_order_count
                  FROM line GROUP BY campaign_id, company_id
                """,
                cost=self._invoice_line_cost_to_sql(),
                campaigns=tuple(self.ids),
            )
        )
        figures = {}
        for row in rows:
            campaign_id, company_id = row.pop("campaign_id"), row.pop("company_id")
            values = figures.setdefault(campaign_id, dict.fromkeys(row, 0))
            for name, amount in row.items():
                if name in ("paid_order_count", "invoice_count"):
                    values[name] += amount
                else:
                    values[name] += self._convert(campaign_id, company_id, amount)
        return figures

    @api.model
    def _invoice_line_cost_to_sql(self):
        """Hook: return SQL of the cost of an invoice line, in company currency.

        Negative on credit notes. Aliases there are: ``move``, ``line``, ``product``,
        ``template``, ``sold_in``, ``stored_in``.
        """
        return SQL(
            """
            COALESCE((product.standard_price ->> move.company_id::text)::numeric, 0)
            * line.quantity * COALESCE(sold_in.factor / stored_in.factor, 1)
            * CASE WHEN move.move_type = 'out_refund' THEN -1 ELSE 1 END
            """
        )

    def _read_refusal_figures(self):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT mailing.campaign_id, count(DISTINCT log.partner_id)
                  FROM crm_consent_log log
                  JOIN mailing_mailing mailing ON mailing.id = log.res_id
                 WHERE log.res_model = 'mailing.mailing' AND log.granted IS NOT TRUE
                   AND mailing.campaign_id IN %s
                 GROUP BY mailing.campaign_id
                """,
                tuple(self.ids),
            )
        )
        return {
            campaign_id: {"unsubscribe_count": count} for campaign_id, count in rows
        }
