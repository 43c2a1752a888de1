from odoo import fields, models
from odoo.tools import SQL


class CrmCampaignReport(models.Model):
    """What happened in the campaigns day by day: one row per fact."""

    _name = "crm.campaign.report"
    _description = "Campaign Analysis"
    _auto = False
    _order = "date DESC, id"
    _rec_name = "campaign_id"
    _depends = {
        "mailing.trace": [
            "campaign_id",
            "crm_click_date",
            "is_test_trace",
            "mass_mailing_id",
            "open_datetime",
            "partner_id",
            "reply_datetime",
            "sent_datetime",
        ],
        "account.move": [
            "amount_residual",
            "amount_total",
            "amount_untaxed_signed",
            "campaign_id",
            "company_id",
            "crm_paid_date",
            "invoice_date",
            "move_type",
            "partner_id",
            "state",
        ],
        "crm.lead": [
            "campaign_id",
            "company_id",
            "date_conversion",
            "partner_id",
            "type",
        ],
        "sale.order": [
            "amount_untaxed",
            "campaign_id",
            "company_id",
            "currency_rate",
            "date_order",
            "partner_id",
            "state",
        ],
        "crm.segment.member": ["date_left", "partner_id", "segment_id"],
        "mailing.mailing": ["mailing_type"],
        "utm.campaign": ["segment_ids"],
        "crm.campaign.member": ["campaign_id", "is_control", "partner_id"],
    }

    campaign_id = fields.Many2one("utm.campaign", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    date = fields.Datetime(readonly=True)
    mailing_id = fields.Many2one(
        "mailing.mailing",
        readonly=True,
        help="For leads, orders, invoices and payments: the last mailing of the "
        "campaign that the customer got before.",
    )
    channel = fields.Selection(
        lambda self: self.env["mailing.mailing"]._fields["mailing_type"].selection,
        readonly=True,
    )
    segment_id = fields.Many2one(
        "crm.segment",
        readonly=True,
        help="The first of the campaign's segments the customer is in.",
    )
    kind = fields.Selection(
        [
            ("sent", "Sent"),
            ("opened", "Opened"),
            ("clicked", "Clicked"),
            ("replied", "Replied"),
            ("lead", "Lead"),
            ("opportunity", "Opportunity"),
            ("order", "Order"),
            ("invoice", "Invoice"),
            ("paid", "Paid"),
        ],
        "What Happened",
        readonly=True,
    )
    is_control = fields.Boolean(
        "Control Group", readonly=True, help="The customer is in the control group."
    )
    fact_count = fields.Integer("Number", readonly=True)
    revenue = fields.Monetary(
        "Ordered", readonly=True, help="Untaxed, of confirmed orders."
    )
    invoiced = fields.Monetary(readonly=True, help="Untaxed, less credit notes.")
    paid = fields.Monetary(
        readonly=True,
        help="Untaxed, of what is paid of the invoices, less credit notes.",
    )

    @property
    def _table_query(self):
        """The facts; ids are told apart by their kind in the last digit."""
        facts = SQL(" UNION ALL ").join(
            [
                self._select_traces("sent", 0, "sent_datetime"),
                self._select_traces("opened", 1, "open_datetime"),
                self._select_traces("clicked", 2, "crm_click_date"),
                self._select_traces("replied", 3, "reply_datetime"),
                self._select_leads(),
                self._select_opportunities(),
                self._select_orders(),
                self._select_invoices(),
                self._select_payments(),
            ]
        )
        return SQL(
            """
            SELECT fact.id, fact.campaign_id, fact.company_id, fact.partner_id,
                   fact.date, fact.kind, COALESCE(member.is_control, FALSE)
                       AS is_control, 1 AS fact_count,
                   CASE fact.kind WHEN 'order' THEN fact.amount ELSE 0 END AS revenue,
                   CASE fact.kind WHEN 'invoice' THEN fact.amount ELSE 0 END
                       AS invoiced,
                   CASE fact.kind WHEN 'paid' THEN fact.amount ELSE 0 END AS paid,
                   mailing.id AS mailing_id, mailing.mailing_type AS channel,
                   (SELECT min(stay.segment_id) FROM crm_segment_member stay
                      JOIN utm_campaign_crm_segment_rel chosen
                        ON chosen.segment_id = stay.segment_id
                     WHERE chosen.campaign_id = fact.campaign_id
                       AND stay.partner_id = contact.commercial_partner_id
                       AND stay.date_left IS NULL) AS segment_id
              FROM (%s) fact (id, kind, campaign_id, company_id, partner_id, date,
                              amount, mailing_id)
              LEFT JOIN res_partner contact ON contact.id = fact.partner_id
              LEFT JOIN LATERAL (
                    SELECT trace.mass_mailing_id AS id FROM mailing_trace trace
                      JOIN res_partner person ON person.id = trace.partner_id
                     WHERE fact.mailing_id IS NULL
                       AND trace.campaign_id = fact.campaign_id
                       AND person.commercial_partner_id = contact.commercial_partner_id
                       AND trace.sent_datetime <= fact.date
                           + CASE WHEN fact.kind IN ('invoice', 'paid')
                             THEN interval '1 day' ELSE interval '0' END
                       AND trace.is_test_trace IS NOT TRUE
                     ORDER BY trace.sent_datetime DESC LIMIT 1) last_sent ON TRUE
              LEFT JOIN mailing_mailing mailing
                ON mailing.id = COALESCE(fact.mailing_id, last_sent.id)
              LEFT JOIN crm_campaign_member member
                ON member.campaign_id = fact.campaign_id
               AND member.partner_id = contact.commercial_partner_id
            """,
            facts,
        )

    def _select_traces(self, kind, digit, column):
        date = SQL.identifier("trace", column)
        return SQL(
            """
            SELECT trace.id::bigint * 10 + %s, %s, trace.campaign_id,
                   campaign.company_id, trace.partner_id, %s, 0.0,
                   trace.mass_mailing_id
              FROM mailing_trace trace
              JOIN utm_campaign campaign ON campaign.id = trace.campaign_id
             WHERE %s IS NOT NULL AND trace.is_test_trace IS NOT TRUE
            """,
            digit,
            kind,
            date,
            date,
        )

    def _select_leads(self):
        return SQL(
            """
            SELECT lead.id::bigint * 10 + 4, 'lead', lead.campaign_id, lead.company_id,
                   lead.partner_id, lead.create_date, 0.0, NULL::int
              FROM crm_lead lead WHERE lead.campaign_id IS NOT NULL
            """
        )

    def _select_opportunities(self):
        return SQL(
            """
            SELECT lead.id::bigint * 10 + 5, 'opportunity', lead.campaign_id,
                   lead.company_id, lead.partner_id,
                   COALESCE(lead.date_conversion, lead.create_date), 0.0, NULL::int
              FROM crm_lead lead
             WHERE lead.campaign_id IS NOT NULL AND lead.type = 'opportunity'
            """
        )

    def _select_orders(self):
        return SQL(
            """
            SELECT so.id::bigint * 10 + 6, 'order', so.campaign_id, so.company_id,
                   so.partner_id, so.date_order,
                   so.amount_untaxed / COALESCE(NULLIF(so.currency_rate, 0), 1),
                   NULL::int
              FROM sale_order so
             WHERE so.campaign_id IS NOT NULL AND so.state = 'sale'
            """
        )

    def _select_invoices(self):
        return SQL(
            """
            SELECT move.id::bigint * 10 + 7, 'invoice', move.campaign_id,
                   move.company_id, move.partner_id, move.invoice_date::timestamp,
                   move.amount_untaxed_signed, NULL::int
              FROM account_move move
             WHERE move.campaign_id IS NOT NULL AND move.state = 'posted'
               AND move.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
            """
        )

    def _select_payments(self):
        """An invoice counts as paid by the share of it that is, a credit note at once;
        on the day of the last payment, or of the invoice while a part is open.
        """
        return SQL(
            """
            SELECT move.id::bigint * 10 + 8, 'paid', move.campaign_id,
                   move.company_id, move.partner_id,
                   COALESCE(move.crm_paid_date, move.invoice_date)::timestamp,
                   move.amount_untaxed_signed * paid.share, NULL::int
              FROM account_move move
        CROSS JOIN LATERAL (
                SELECT CASE WHEN move.move_type = 'out_refund'
                              OR move.amount_total = 0 THEN 1
                       ELSE 1 - move.amount_residual / move.amount_total
                       END AS share
                   ) paid
             WHERE move.campaign_id IS NOT NULL AND move.state = 'posted'
               AND move.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
               AND paid.share != 0
            """
        )
