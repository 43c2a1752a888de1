from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..churn_signals.signal_kind import SignalKind

# Orders of so many months make the customer's own rhythm.
RHYTHM_MONTHS = 24
# Three gaps are four orders: below that nobody has a rhythm.
FEWEST_GAPS = 3
# Who orders every other day is not lost after four.
SHORTEST_SILENCE = 14
# Baskets that are compared: the newest with those before.
NEW_BASKETS = 3
BASKETS = 12
FEWEST_OLD_BASKETS = 3
# "Now" is the last half year, "a year ago" the twelve months before it.
NEW_MONTHS = 6
OLD_MONTHS = 18
# Invoices on each side, below which a mean says nothing.
FEWEST_INVOICES = 2


class CrmChurnWarningSignal(models.Model):
    """What a warning takes as a sign that a customer is leaving.

    A kind of signal is a value of ``kind`` and two methods named after it, as kinds of
    journey steps are: ``_get_<kind>_query(moment)`` returns SQL of the customers for
    whom it fires, ``_tell_<kind>(figures)`` the sentence for one of them.
    """

    _name = "crm.churn.warning.signal"
    _description = "Churn Signal"
    _order = "is_on DESC, weight DESC, id"
    _rec_name = "kind"

    warning_id = fields.Many2one(
        "crm.churn.warning", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="warning_id.company_id", store=True)
    kind = fields.Selection(
        [
            ("rhythm", "Own rhythm broken"),
            ("basket", "Smaller baskets"),
            ("payment", "Pays later"),
            ("price", "Pays higher prices"),
            ("complaint", "Open complaint"),
            ("unhappy", "Unhappy answer"),
            ("predicted", "Predicted to leave"),
        ],
        "Signal",
        required=True,
    )
    is_on = fields.Boolean("Counts", default=True)
    threshold = fields.Float(
        "From",
        compute="_compute_defaults",
        store=True,
        readonly=False,
        precompute=True,
        digits=(16, 1),
    )
    weight = fields.Integer(
        compute="_compute_defaults",
        store=True,
        readonly=False,
        precompute=True,
        help="Added to the score of each customer for whom the signal fires.",
    )
    unit = fields.Char(compute="_compute_explanation")
    explanation = fields.Char("What Is Compared", compute="_compute_explanation")
    is_available = fields.Boolean(
        "Available",
        compute="_compute_explanation",
        help="Whether the figures that the signal reads exist in this database.",
    )

    _kind_uniq = models.Constraint(
        "UNIQUE(warning_id, kind)", "A warning has each signal once."
    )
    _threshold_positive = models.Constraint(
        "CHECK(threshold > 0)", "A signal fires from more than zero on."
    )
    _weight_positive = models.Constraint(
        "CHECK(weight > 0)",
        "A signal adds at least one: switch it off if it is not to count.",
    )

    @api.depends("kind")
    def _compute_defaults(self):
        kinds = self._get_kinds()
        for signal in self:
            kind = kinds.get(signal.kind)
            signal.threshold = kind.threshold if kind else 1
            signal.weight = kind.weight if kind else 1

    @api.depends("kind")
    @api.depends_context("lang")
    def _compute_explanation(self):
        kinds = self._get_kinds()
        for signal in self:
            kind = kinds.get(signal.kind)
            signal.unit = kind and kind.unit
            signal.explanation = kind and kind.explanation
            signal.is_available = bool(kind and kind.is_available)

    # ------------------------------------------------------------
    # Kinds
    # ------------------------------------------------------------

    @api.model
    def _get_kinds(self):
        """Hook: return the kinds of signals with their defaults.

        :rtype: dict[str, SignalKind]
        """
        profile_fields = self.env["crm.customer.profile"]._fields
        return {
            "rhythm": SignalKind(
                2,
                self.env._("times his own rhythm"),
                self.env._(
                    "Days since the last order with the usual days between his orders "
                    "of two years (four order days or more)."
                ),
                weight=2,
            ),
            "basket": SignalKind(
                30,
                self.env._("% smaller"),
                self.env._("The last three orders with up to nine before them."),
            ),
            "payment": SignalKind(
                10,
                self.env._("days later"),
                self.env._(
                    "Days after the due date: invoices due in the last six months "
                    "with those of the twelve months before."
                ),
            ),
            "price": SignalKind(
                8,
                self.env._("% more"),
                self.env._(
                    "What he pays for the same products: the last six months with the "
                    "twelve months before."
                ),
            ),
            "complaint": SignalKind(
                1,
                self.env._("open complaints"),
                self.env._("Complaints that are not solved yet."),
                is_available="open_complaint_count" in profile_fields,
            ),
            "unhappy": SignalKind(
                6,
                self.env._("of 10 or less"),
                self.env._("His latest answer, whether he would recommend us."),
                is_available="last_nps" in profile_fields,
            ),
            "predicted": SignalKind(
                66,
                self.env._("% chance to leave"),
                self.env._("The churn model of the analyses."),
                weight=2,
                is_available="churn_probability" in profile_fields,
            ),
        }

    def _get_query(self, moment):
        """Return SQL of the customers for whom this signal fires, or None.

        Called where ``watched`` is a table with the ``partner_id`` of the customers
        who are looked at.

        :param datetime moment: what happened later is not known yet
        :return: SQL that selects ``partner_id`` and ``figures`` (jsonb), at most one
            row for each customer; None if nothing is known of that moment
        """
        self.ensure_one()
        return getattr(self, f"_get_{self.kind}_query")(moment)

    @api.model
    def _tell(self, kind, figures):
        """Return the reason in words, in the language of the reader.

        :param dict figures: as the signal's query gave them
        """
        tell = getattr(self, f"_tell_{kind}", None)
        # The addon that brought the signal may be gone.
        return tell(figures) if tell else kind

    def _get_orders_sql(self, moment, months):
        """Return SQL of the confirmed orders of those watched, with their amounts."""
        return SQL(
            """
            SELECT watched.partner_id, so.id, so.date_order,
                   so.amount_untaxed / COALESCE(NULLIF(so.currency_rate, 0), 1)
                   AS amount
              FROM watched
              JOIN res_partner contact
                ON contact.commercial_partner_id = watched.partner_id
              JOIN sale_order so ON so.partner_id = contact.id
             WHERE so.state = 'sale' AND so.company_id = %(company)s
               AND so.date_order < %(moment)s AND so.date_order >= %(since)s
            """,
            company=self.company_id.id,
            moment=moment,
            since=moment - relativedelta(months=months),
        )

    # ------------------------------------------------------------
    # Own rhythm
    # ------------------------------------------------------------

    def _get_rhythm_query(self, moment):
        return SQL(
            """
            SELECT partner_id,
                   jsonb_build_object('days', round(rhythm), 'silent', silent)
                   AS figures
              FROM (
                SELECT partner_id, count(gap) AS gaps,
                       percentile_cont(0.5) WITHIN GROUP (ORDER BY gap)::numeric
                       AS rhythm,
                       %(day)s::date - max(day) AS silent
                  FROM (
                    SELECT partner_id, day,
                           day - lag(day) OVER (PARTITION BY partner_id ORDER BY day)
                           AS gap
                      FROM (SELECT DISTINCT partner_id, date_order::date AS day
                              FROM (%(orders)s) confirmed) days) gaps
                 GROUP BY partner_id) rhythm
             WHERE gaps >= %(gaps)s AND silent >= %(shortest)s
               AND silent >= rhythm * %(threshold)s
            """,
            day=moment.date(),
            orders=self._get_orders_sql(moment, RHYTHM_MONTHS),
            gaps=FEWEST_GAPS,
            shortest=SHORTEST_SILENCE,
            threshold=self.threshold,
        )

    @api.model
    def _tell_rhythm(self, figures):
        return self.env._(
            "Orders every %(days)s days as a rule; nothing for %(silent)s days",
            days=figures["days"],
            silent=figures["silent"],
        )

    # ------------------------------------------------------------
    # Baskets
    # ------------------------------------------------------------

    def _get_basket_query(self, moment):
        return SQL(
            """
            SELECT partner_id,
                   jsonb_build_object('drop', round(100 * (1 - recent / before)))
                   AS figures
              FROM (
                SELECT partner_id,
                       avg(amount) FILTER (WHERE place <= %(new)s) AS recent,
                       avg(amount) FILTER (WHERE place > %(new)s) AS before,
                       count(*) FILTER (WHERE place > %(new)s) AS others
                  FROM (
                    SELECT partner_id, amount,
                           row_number() OVER (PARTITION BY partner_id
                                                  ORDER BY date_order DESC, id DESC)
                           AS place
                      FROM (%(orders)s) confirmed) placed
                 WHERE place <= %(baskets)s GROUP BY partner_id) baskets
             WHERE others >= %(fewest)s AND before > 0
               AND recent <= before * (1 - %(threshold)s / 100.0)
            """,
            new=NEW_BASKETS,
            baskets=BASKETS,
            fewest=FEWEST_OLD_BASKETS,
            orders=self._get_orders_sql(moment, RHYTHM_MONTHS),
            threshold=self.threshold,
        )

    @api.model
    def _tell_basket(self, figures):
        return self.env._(
            "The last three baskets are %(drop)s %% smaller than before",
            drop=figures["drop"],
        )

    # ------------------------------------------------------------
    # Payment
    # ------------------------------------------------------------

    def _get_payment_query(self, moment):
        """An invoice that is not paid yet is late by the days until today."""
        return SQL(
            """
            SELECT partner_id,
                   jsonb_build_object('days', round(recent - before)) AS figures
              FROM (
                SELECT partner_id, avg(late) FILTER (WHERE is_new) AS recent,
                       avg(late) FILTER (WHERE NOT is_new) AS before,
                       count(*) FILTER (WHERE is_new) AS new_count,
                       count(*) FILTER (WHERE NOT is_new) AS old_count
                  FROM (%(invoices)s) invoice GROUP BY partner_id) payment
             WHERE new_count >= %(fewest)s AND old_count >= %(fewest)s
               AND recent - before >= %(threshold)s
            """,
            invoices=self._get_invoices_sql(moment),
            fewest=FEWEST_INVOICES,
            threshold=self.threshold,
        )

    def _get_invoices_sql(self, moment):
        """Return SQL of the invoices that were due, each with its days of delay."""
        return SQL(
            """
            SELECT watched.partner_id,
                   move.invoice_date_due > %(split)s AS is_new,
                   CASE WHEN move.payment_state IN ('paid', 'in_payment')
                             AND payment.paid_on <= %(day)s
                        THEN payment.paid_on ELSE %(day)s END - move.invoice_date_due
                   AS late
              FROM watched
              JOIN account_move move ON move.commercial_partner_id = watched.partner_id
         LEFT JOIN LATERAL (
                SELECT max(part.max_date) AS paid_on
                  FROM account_move_line line
                  JOIN account_partial_reconcile part ON part.debit_move_id = line.id
                 WHERE line.move_id = move.id) payment ON TRUE
             WHERE move.state = 'posted' AND move.move_type = 'out_invoice'
               AND move.company_id = %(company)s AND move.payment_state != 'reversed'
               AND move.invoice_date_due <= %(day)s
               AND move.invoice_date_due > %(since)s
               AND (payment.paid_on IS NOT NULL
                    OR move.payment_state NOT IN ('paid', 'in_payment'))
            """,
            split=moment.date() - relativedelta(months=NEW_MONTHS),
            since=moment.date() - relativedelta(months=OLD_MONTHS),
            day=moment.date(),
            company=self.company_id.id,
        )

    @api.model
    def _tell_payment(self, figures):
        return self.env._(
            "Pays %(days)s days later than a year ago", days=figures["days"]
        )

    # ------------------------------------------------------------
    # Price
    # ------------------------------------------------------------

    def _get_price_query(self, moment):
        """What he bought of late, at his prices of today and of a year ago."""
        return SQL(
            """
            SELECT partner_id,
                   jsonb_build_object('rise', round(100 * (paid / earlier - 1)))
                   AS figures
              FROM (
                SELECT partner_id, sum(new_amount) AS paid,
                       sum(new_quantity * old_amount / old_quantity) AS earlier
                  FROM (%(products)s) product
                 WHERE new_quantity > 0 AND old_quantity > 0 AND old_amount > 0
                 GROUP BY partner_id) prices
             WHERE paid >= earlier * (1 + %(threshold)s / 100.0)
            """,
            products=self._get_prices_sql(moment),
            threshold=self.threshold,
        )

    def _get_prices_sql(self, moment):
        """Return SQL of what each customer bought of each product, now and earlier."""
        return SQL(
            """
            SELECT confirmed.partner_id, line.product_id,
                   sum(bought.amount) FILTER (WHERE bought.is_new) AS new_amount,
                   sum(bought.quantity) FILTER (WHERE bought.is_new) AS new_quantity,
                   sum(bought.amount) FILTER (WHERE NOT bought.is_new) AS old_amount,
                   sum(bought.quantity) FILTER (WHERE NOT bought.is_new)
                   AS old_quantity
              FROM (%(orders)s) confirmed
              JOIN sale_order so ON so.id = confirmed.id
              JOIN sale_order_line line ON line.order_id = confirmed.id
              JOIN product_product product ON product.id = line.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id
         LEFT JOIN uom_uom sold_in ON sold_in.id = line.product_uom_id
         LEFT JOIN uom_uom stored_in ON stored_in.id = template.uom_id
        CROSS JOIN LATERAL (
                SELECT line.price_subtotal
                       / COALESCE(NULLIF(so.currency_rate, 0), 1) AS amount,
                       line.product_uom_qty
                       * COALESCE(sold_in.factor / stored_in.factor, 1) AS quantity,
                       confirmed.date_order >= %(split)s AS is_new) bought
             WHERE line.display_type IS NULL AND line.is_downpayment IS NOT TRUE
               AND line.reward_id IS NULL
             GROUP BY confirmed.partner_id, line.product_id
            """,
            orders=self._get_orders_sql(moment, OLD_MONTHS),
            split=moment - relativedelta(months=NEW_MONTHS),
        )

    @api.model
    def _tell_price(self, figures):
        return self.env._(
            "Pays %(rise)s %% more for the same products than a year ago",
            rise=figures["rise"],
        )

    # ------------------------------------------------------------
    # Figures of other addons
    # ------------------------------------------------------------

    def _get_profile_query(self, moment, columns, condition, figures):
        """Return SQL over columns of the profile that another addon may bring.

        They tell of today only: None for the past or where a column is missing.
        """
        profiles = self.env["crm.customer.profile"]
        known = all(name in profiles._fields for name in columns)
        if not known or moment.date() < fields.Date.context_today(self):
            return None
        profiles.flush_model([*columns, "partner_id", "company_id"])
        return SQL(
            """
            SELECT profile.partner_id, jsonb_build_object(%(figures)s) AS figures
              FROM watched JOIN crm_customer_profile profile USING (partner_id)
             WHERE profile.company_id = %(company)s AND %(condition)s
            """,
            figures=figures,
            company=self.company_id.id,
            condition=condition,
        )

    def _get_complaint_query(self, moment):
        return self._get_profile_query(
            moment,
            ["open_complaint_count"],
            SQL("profile.open_complaint_count >= %s", self.threshold),
            SQL("'count', profile.open_complaint_count"),
        )

    @api.model
    def _tell_complaint(self, figures):
        if figures["count"] == 1:
            return self.env._("A complaint is open")
        return self.env._("%(count)s complaints are open", count=figures["count"])

    def _get_unhappy_query(self, moment):
        return self._get_profile_query(
            moment,
            ["last_nps", "nps_category"],
            # Without an answer the column is zero.
            SQL(
                "profile.nps_category IS NOT NULL AND profile.last_nps <= %s",
                self.threshold,
            ),
            SQL("'score', round(profile.last_nps::numeric)"),
        )

    @api.model
    def _tell_unhappy(self, figures):
        return self.env._(
            "Would hardly recommend us: %(score)s of 10", score=figures["score"]
        )

    def _get_predicted_query(self, moment):
        has_reasons = "churn_reason_codes" in self.env["crm.customer.profile"]._fields
        columns = ["churn_probability"]
        figures = SQL("'risk', round(100 * profile.churn_probability::numeric)")
        if has_reasons:
            columns.append("churn_reason_codes")
            figures = SQL("%s, 'codes', profile.churn_reason_codes", figures)
        return self._get_profile_query(
            moment,
            columns,
            SQL("profile.churn_probability * 100 >= %s", self.threshold),
            figures,
        )

    @api.model
    def _tell_predicted(self, figures):
        profiles = self.env["crm.customer.profile"]
        words = {}
        if hasattr(profiles, "_get_churn_reason_words"):
            words = profiles._get_churn_reason_words()
        codes = (figures.get("codes") or "").split(",")
        reasons = ", ".join(words[code] for code in codes if code in words)
        if not reasons:
            return self.env._(
                "Leaves with a chance of %(risk)s %% by the analysis",
                risk=figures["risk"],
            )
        return self.env._(
            "Leaves with a chance of %(risk)s %% by the analysis: %(reasons)s",
            risk=figures["risk"],
            reasons=reasons,
        )
