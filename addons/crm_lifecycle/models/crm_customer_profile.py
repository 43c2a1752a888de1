from odoo import api, fields, models
from odoo.tools import SQL, split_every

from ..profile_metrics.metric_source import MetricSource

# Customers per committed batch: about two seconds on an ERP with a million orders.
REFRESH_BATCH = 10_000
BILLING_GROUPS = "account.group_account_invoice,account.group_account_readonly"
NUMERIC_TYPES = ("integer", "float", "monetary")


class CrmCustomerProfile(models.Model):
    """What is known of a customer (commercial entity) in a company, one row each.

    The figures are filled by *metric sources*, SQL contributed by each addon through
    :meth:`_get_metric_sources`, in one statement per batch of customers.
    """

    _name = "crm.customer.profile"
    _inherit = ["bus.listener.mixin"]
    _description = "Customer Profile"
    _order = "revenue DESC, id"
    _log_access = False
    _rec_name = "partner_id"
    _rec_names_search = ["partner_id"]

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, ondelete="cascade", readonly=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    refresh_date = fields.Datetime("Computed on", readonly=True)
    lifecycle_stage = fields.Selection(
        [
            ("prospect", "Prospect"),
            ("lead", "Lead"),
            ("opportunity", "Opportunity"),
            ("new", "New customer"),
            ("repeat", "Repeat customer"),
            ("loyal", "Loyal customer"),
            ("at_risk", "At risk"),
            ("lapsed", "Lapsed"),
        ],
        readonly=True,
        index=True,
        help="Where the customer stands, from the orders and leads there are. The "
        "limits are set in the settings.",
    )
    user_id = fields.Many2one("res.users", "Salesperson", readonly=True)
    country_id = fields.Many2one("res.country", readonly=True)
    # Buying
    first_order_date = fields.Datetime("First order", readonly=True)
    last_order_date = fields.Datetime("Last order", readonly=True)
    order_count = fields.Integer("Orders", readonly=True)
    revenue = fields.Monetary(
        readonly=True, help="Untaxed amount of all confirmed orders."
    )
    revenue_12m = fields.Monetary(
        "Revenue 12 months", readonly=True, help="Of the last twelve months."
    )
    average_basket = fields.Monetary(readonly=True, help="Revenue per confirmed order.")
    mean_order_interval = fields.Float(
        "Days between orders", readonly=True, help="Mean time between two orders."
    )
    # Paying
    invoiced_amount = fields.Monetary(
        "Invoiced",
        readonly=True,
        groups=BILLING_GROUPS,
        help="Untaxed, less credit notes.",
    )
    open_amount = fields.Monetary(
        "Unpaid", readonly=True, groups=BILLING_GROUPS, help="Open on posted invoices."
    )
    overdue_amount = fields.Monetary("Overdue", readonly=True, groups=BILLING_GROUPS)
    mean_days_late = fields.Float(
        "Days late",
        readonly=True,
        groups=BILLING_GROUPS,
        help="Mean days between due date and last payment, of paid invoices. Negative "
        "when paid early.",
    )
    credit_note_count = fields.Integer(
        "Credit notes", readonly=True, groups=BILLING_GROUPS
    )
    credit_note_amount = fields.Monetary(
        "Credited", readonly=True, groups=BILLING_GROUPS, help="Untaxed."
    )
    # Contact
    event_count = fields.Integer("Customer events", readonly=True)
    last_event_date = fields.Datetime("Last event", readonly=True)
    mailing_count = fields.Integer("Mailings received", readonly=True)
    click_count = fields.Integer("Mailings clicked", readonly=True)
    lead_count = fields.Integer("Open leads", readonly=True)
    segment_member_ids = fields.One2many(
        related="partner_id.crm_segment_member_ids", string="Segments"
    )

    _customer_uniq = models.Constraint(
        "UNIQUE(partner_id, company_id)", "A customer has one profile per company."
    )
    _company_revenue_idx = models.Index("(company_id, revenue DESC)")

    # ------------------------------------------------------------
    # Refresh
    # ------------------------------------------------------------

    @api.model
    def _refresh(self, partners=None):
        """Bring profiles up to date.

        :param partners: the customers (or their contacts), all companies; without it
            those whom new events made stale, at most one batch
        :return: number of profiles refreshed
        """
        self = self.sudo()
        self.env.flush_all()
        if partners is None:
            ids = self._claim_stale(REFRESH_BATCH)
        else:
            ids = self._ensure_profiles(partners.commercial_partner_id)
        for batch in split_every(REFRESH_BATCH, ids, list):
            self._refresh_profiles(batch)
        self.invalidate_model()
        return len(ids)

    @api.model
    def _claim_stale(self, limit):
        """Take stale customers off the queue; return the ids of their profiles.

        Two workers never take the same row: the second skips what the first holds. A
        customer who is there several times is taken once, whole.
        """
        rows = self.env.execute_query(
            SQL(
                """
                WITH next AS (
                    SELECT partner_id, company_id FROM crm_customer_profile_refresh
                     ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
                ), claimed AS (
                    DELETE FROM crm_customer_profile_refresh
                     WHERE (partner_id, company_id) IN (SELECT * FROM next)
                    RETURNING partner_id, company_id
                )
                INSERT INTO crm_customer_profile (partner_id, company_id)
                SELECT DISTINCT partner_id, company_id FROM claimed
                 ORDER BY partner_id, company_id
                ON CONFLICT (partner_id, company_id)
                DO UPDATE SET partner_id = excluded.partner_id
                RETURNING id
                """,
                limit,
            )
        )
        return [profile_id for (profile_id,) in rows]

    @api.model
    def _ensure_profiles(self, partners):
        """Return the ids of the profiles of ``partners``, making the missing ones."""
        if not partners:
            return []
        self.env.execute_query(
            SQL(
                """
                INSERT INTO crm_customer_profile (partner_id, company_id)
                SELECT partner.id, COALESCE(partner.company_id, %s)
                  FROM res_partner partner WHERE partner.id IN %s
                ON CONFLICT (partner_id, company_id) DO NOTHING
                RETURNING id
                """,
                self.env.company.id,
                partners._ids,
            )
        )
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM crm_customer_profile WHERE partner_id IN %s",
                partners._ids,
            )
        )
        return [profile_id for (profile_id,) in rows]

    @api.model
    def _refresh_profiles(self, profile_ids):
        """Compute every column of the profiles in one statement, then their stage."""
        profiles = SQL("(SELECT unnest(%s))", profile_ids)
        customers = SQL(
            "SELECT partner_id, company_id FROM crm_customer_profile WHERE id IN %s",
            profiles,
        )
        sources = self._get_metric_sources(customers)
        self.env.execute_query(
            SQL(
                """
                UPDATE crm_customer_profile profile
                   SET refresh_date = %(now)s, %(assignments)s
                  FROM crm_customer_profile customer %(joins)s
                 WHERE customer.id IN %(profiles)s AND profile.id = customer.id
                RETURNING profile.id
                """,
                now=self.env.cr.now(),
                assignments=SQL(", ").join(self._get_assignments(sources)),
                joins=SQL(" ").join(map(self._join_source, sources)),
                profiles=profiles,
            )
        )
        self._refresh_lifecycle_stage(profiles)

    def _get_assignments(self, sources):
        for source in sources:
            for name in source.columns:
                value = SQL.identifier(f"source_{source.name}", name)
                if self._fields[name].type in NUMERIC_TYPES:
                    value = SQL("COALESCE(%s, 0)", value)
                yield SQL("%s = %s", SQL.identifier(name), value)

    @api.model
    def _join_source(self, source):
        names = ("partner_id", "company_id", *source.columns)
        alias = SQL.identifier(f"source_{source.name}")
        return SQL(
            "LEFT JOIN (%s) %s (%s) ON %s.partner_id = customer.partner_id "
            "AND %s.company_id = customer.company_id",
            source.query,
            alias,
            SQL(", ").join(map(SQL.identifier, names)),
            alias,
            alias,
        )

    @api.model
    def _get_metric_sources(self, customers):
        """Hook: return the sources of the profile's figures.

        :param SQL customers: ``SELECT partner_id, company_id`` of those to refresh;
            a source limits itself to them, or it would read the whole ERP each time
        :rtype: list[MetricSource]
        """
        return [
            self._get_identity_source(customers),
            self._get_order_source(customers),
            self._get_invoice_source(customers),
            self._get_payment_source(customers),
            self._get_event_source(customers),
            self._get_lead_source(customers),
            *self._get_custom_sources(customers),
        ]

    @api.model
    def _get_custom_sources(self, customers):
        """The metrics that consultants defined in the interface."""
        metrics = self.env["crm.customer.metric"].search([("field_id", "!=", False)])
        return [
            metric._get_metric_source(customers)
            for metric in metrics
            if metric.column in self._fields
        ]

    @api.model
    def _get_identity_source(self, customers):
        query = SQL(
            """
            SELECT customer.partner_id, customer.company_id, partner.country_id,
                   partner.user_id
              FROM (%s) customer JOIN res_partner partner
                ON partner.id = customer.partner_id
            """,
            customers,
        )
        return MetricSource("identity", ("country_id", "user_id"), query)

    @api.model
    def _get_order_source(self, customers):
        query = SQL(
            """
            SELECT contact.commercial_partner_id, so.company_id,
                   min(so.date_order), max(so.date_order), count(*),
                   sum(so.amount_untaxed / COALESCE(NULLIF(so.currency_rate, 0), 1)),
                   sum(so.amount_untaxed / COALESCE(NULLIF(so.currency_rate, 0), 1))
                       FILTER (WHERE so.date_order > %(now)s - interval '12 months'),
                   avg(so.amount_untaxed / COALESCE(NULLIF(so.currency_rate, 0), 1)),
                   CASE WHEN count(*) > 1 THEN
                       extract(epoch FROM max(so.date_order) - min(so.date_order))
                       / 86400 / (count(*) - 1) END
              FROM sale_order so
              JOIN res_partner contact ON contact.id = so.partner_id
             WHERE so.state = 'sale'
               AND (contact.commercial_partner_id, so.company_id) IN (%(customers)s)
             GROUP BY contact.commercial_partner_id, so.company_id
            """,
            now=self.env.cr.now(),
            customers=customers,
        )
        columns = (
            "first_order_date",
            "last_order_date",
            "order_count",
            "revenue",
            "revenue_12m",
            "average_basket",
            "mean_order_interval",
        )
        return MetricSource("orders", columns, query)

    @api.model
    def _get_invoice_source(self, customers):
        query = SQL(
            """
            SELECT commercial_partner_id, company_id,
                   sum(amount_untaxed_signed),
                   sum(amount_residual_signed),
                   sum(amount_residual_signed)
                       FILTER (WHERE invoice_date_due < %(today)s),
                   count(*) FILTER (WHERE move_type = 'out_refund'),
                   -sum(amount_untaxed_signed)
                       FILTER (WHERE move_type = 'out_refund')
              FROM account_move
             WHERE state = 'posted' AND move_type IN ('out_invoice', 'out_refund')
               AND (commercial_partner_id, company_id) IN (%(customers)s)
             GROUP BY commercial_partner_id, company_id
            """,
            today=fields.Date.context_today(self),
            customers=customers,
        )
        columns = (
            "invoiced_amount",
            "open_amount",
            "overdue_amount",
            "credit_note_count",
            "credit_note_amount",
        )
        return MetricSource("invoices", columns, query)

    @api.model
    def _get_payment_source(self, customers):
        query = SQL(
            """
            SELECT commercial_partner_id, company_id, avg(paid_on - invoice_date_due)
              FROM (
                SELECT move.id, move.commercial_partner_id, move.company_id,
                       move.invoice_date_due, max(payment.max_date) AS paid_on
                  FROM account_move move
                  JOIN account_move_line line ON line.move_id = move.id
                  JOIN account_partial_reconcile payment
                    ON payment.debit_move_id = line.id
                 WHERE move.state = 'posted' AND move.move_type = 'out_invoice'
                   AND move.payment_state IN ('paid', 'in_payment')
                   AND (move.commercial_partner_id, move.company_id) IN (%s)
                 GROUP BY move.id) paid
             GROUP BY commercial_partner_id, company_id
            """,
            customers,
        )
        return MetricSource("payments", ("mean_days_late",), query)

    @api.model
    def _get_event_source(self, customers):
        query = SQL(
            """
            SELECT event.partner_id, event.company_id, count(*), max(event.date),
                   count(*) FILTER (WHERE type.code = 'mailing_sent'),
                   count(*) FILTER (WHERE type.code = 'mailing_clicked')
              FROM crm_customer_event event
              JOIN crm_customer_event_type type ON type.id = event.type_id
             WHERE (event.partner_id, event.company_id) IN (%s)
             GROUP BY event.partner_id, event.company_id
            """,
            customers,
        )
        columns = ("event_count", "last_event_date", "mailing_count", "click_count")
        return MetricSource("events", columns, query)

    @api.model
    def _get_lead_source(self, customers):
        query = SQL(
            """
            SELECT contact.commercial_partner_id, customer.company_id, count(*)
              FROM crm_lead lead
              JOIN res_partner contact ON contact.id = lead.partner_id
              JOIN (%s) customer
                ON customer.partner_id = contact.commercial_partner_id
               AND customer.company_id = COALESCE(lead.company_id, customer.company_id)
             WHERE lead.active AND lead.won_status = 'pending'
             GROUP BY contact.commercial_partner_id, customer.company_id
            """,
            customers,
        )
        return MetricSource("leads", ("lead_count",), query)

    @api.model
    def _refresh_lifecycle_stage(self, profiles):
        """Set the stage from the figures and the limits of each company."""
        self.env.execute_query(
            SQL(
                """
                UPDATE crm_customer_profile profile SET lifecycle_stage = CASE
                    WHEN order_count = 0 AND EXISTS (
                        SELECT 1 FROM crm_lead lead
                          JOIN res_partner contact ON contact.id = lead.partner_id
                         WHERE contact.commercial_partner_id = profile.partner_id
                           AND lead.active AND lead.type = 'opportunity'
                           AND lead.won_status = 'pending') THEN 'opportunity'
                    WHEN order_count = 0 AND lead_count > 0 THEN 'lead'
                    WHEN order_count = 0 THEN 'prospect'
                    WHEN last_order_date < %(now)s
                        - make_interval(days => company.crm_lapsed_days) THEN 'lapsed'
                    WHEN last_order_date < %(now)s
                        - make_interval(days => company.crm_at_risk_days) THEN 'at_risk'
                    WHEN order_count >= company.crm_loyal_orders THEN 'loyal'
                    WHEN order_count > 1 THEN 'repeat'
                    ELSE 'new' END
                  FROM res_company company
                 WHERE company.id = profile.company_id AND profile.id IN %(profiles)s
                RETURNING profile.id
                """,
                now=self.env.cr.now(),
                profiles=profiles,
            )
        )

    @api.model
    def _wake_refresh(self):
        """Let the scheduled refresh run soon; once, however many facts ask for it."""
        cron_id = self.env["ir.model.data"]._xmlid_to_res_id(
            "crm_lifecycle.ir_cron_refresh_profiles"
        )
        triggers = self.env["ir.cron.trigger"].sudo()
        if not triggers.search_count([("cron_id", "=", cron_id)], limit=1):
            self.env["ir.cron"].browse(cron_id)._trigger()

    def _notify_changed(self):
        """Tell the 360 views that are open on these customers to read again."""
        for profile in self:
            profile._bus_send("crm_lifecycle.customer_changed", {"id": profile.id})

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_open_360(self):
        """Open the 360 view of this customer."""
        self.ensure_one()
        return {
            "type": "ir.actions.client",
            "tag": "crm_lifecycle.customer_360",
            "name": self.partner_id.display_name,
            "params": {"profile_id": self.id},
            "context": {"active_id": self.id},
        }

    def action_refresh(self):
        self._refresh(self.partner_id)

    def action_open_events(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_lifecycle.crm_customer_event_action"
        )
        action["domain"] = [
            ("partner_id", "=", self.partner_id.id),
            ("company_id", "=", self.company_id.id),
        ]
        return action

    # ------------------------------------------------------------
    # Jobs
    # ------------------------------------------------------------

    @api.model
    def _cron_refresh(self):
        """Refresh the stale profiles batch by batch, then wake the segments."""
        commit = self.env["ir.cron"]._commit_progress
        queue = self.env["crm.customer.profile.refresh"]
        commit(remaining=queue.search_count([]))
        refreshed = False
        while done := self._refresh():
            refreshed = True
            if not commit(done, remaining=queue.search_count([])):
                break
        if refreshed:
            self.env.ref("crm_lifecycle.ir_cron_refresh_segments")._trigger()

    @api.model
    def _cron_refresh_all(self):
        """Make every profile stale: the passing of time changes figures, too."""
        today = fields.Date.context_today(self)
        self._make_all_stale(fields.Datetime.to_datetime(today))

    @api.model
    def _make_all_stale(self, before=None):
        """Queue the profiles that were refreshed before a time, all without one."""
        before = before or self.env.cr.now()
        self.env.execute_query(
            SQL(
                """
                INSERT INTO crm_customer_profile_refresh (partner_id, company_id)
                SELECT partner_id, company_id FROM crm_customer_profile profile
                 WHERE refresh_date <= %s AND NOT EXISTS (
                    SELECT 1 FROM crm_customer_profile_refresh stale
                     WHERE stale.partner_id = profile.partner_id
                       AND stale.company_id = profile.company_id)
                RETURNING id
                """,
                before,
            )
        )
        self._wake_refresh()
