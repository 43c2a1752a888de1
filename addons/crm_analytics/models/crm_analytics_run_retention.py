import numpy as np

from odoo import api, fields, models
from odoo.tools import SQL

from ..analysis_results import charts
from ..analysis_results.outcome import Outcome
from ..engine import survival
from .crm_analytics_run import DAYS_OF_A_MONTH

COHORTS = 24
MONTHS_AFTER = 12
CURVE_MONTHS = 36


class CrmAnalyticsRun(models.Model):
    """Retention: how long customers stay, why they left, what keeping them is worth.

    A customer has left who has been silent for longer than the company's limit for
    *lapsed*; the last order is when he left.
    """

    _inherit = "crm.analytics.run"

    kind = fields.Selection(
        selection_add=[("retention", "Retention")], ondelete={"retention": "cascade"}
    )
    retention_gain = fields.Float(
        "Better Retention (%)",
        default=5,
        help="What if so much more of the customers stayed?",
    )

    @api.model
    def _get_quality_labels(self):
        return {
            **super()._get_quality_labels(),
            "retention_customers": self.env._("Customers"),
            "retention_left": self.env._("Have left"),
            "retention_12": self.env._("Still there after 12 months (%)"),
            "retention_12_low": self.env._("At least, 95 % sure (%)"),
            "retention_12_high": self.env._("At most, 95 % sure (%)"),
            "retention_lost_margin": self.env._("Margin a year lost with who left"),
            "retention_worth": self.env._("Margin a year of better retention"),
        }

    def _analyse_retention(self):
        customers = self._read_customers()
        if not customers["profile_id"].size:
            return self._say_nothing_to_analyse()
        has_left = customers["age"] - customers["recency"] > (
            self.company_id.crm_lapsed_days
        )
        duration = np.where(has_left, customers["recency"], customers["age"])
        curve = survival.product_limit(duration / DAYS_OF_A_MONTH, has_left)
        ids = customers["profile_id"][has_left].astype(int).tolist()
        causes, worth = self._read_lost_margin(ids), self._read_worth_of_retention()
        year = [100 * float(share) for share in survival.share_at(curve, 12)]
        quality = {
            "retention_customers": int(has_left.size),
            "retention_left": int(has_left.sum()),
            "retention_12": year[0],
            "retention_12_low": year[1],
            "retention_12_high": year[2],
            "retention_lost_margin": sum(margin for _label, margin in causes),
            "retention_worth": sum(margin for _label, margin in worth),
        }
        return Outcome(
            self.env._("Product-limit estimate"),
            self._say_retention(quality),
            quality,
            [
                self._get_cohort_chart(),
                self._get_survival_chart(curve),
                self._get_bars("retention_causes", self._say_causes(), causes),
                self._get_bars("retention_worth", self._say_worth(), worth),
            ],
            customers["profile_id"],
        )

    def _say_retention(self, quality):
        return self.env._(
            "%(share)s %% are still there after 12 months (%(low)s to %(high)s %%); "
            "%(gain)s %% better retention is worth %(worth)s a year.",
            share=f"{quality['retention_12']:.1f}",
            low=f"{quality['retention_12_low']:.1f}",
            high=f"{quality['retention_12_high']:.1f}",
            gain=f"{self.retention_gain:g}",
            worth=self.company_id.currency_id.format(quality["retention_worth"]),
        )

    def _say_causes(self):
        return self.env._("Margin a year lost, by what happened before")

    def _say_worth(self):
        return self.env._(
            "Margin a year of %s %% better retention, by RFM segment",
            f"{self.retention_gain:g}",
        )

    def _get_bars(self, key, title, bars):
        labels, values = [label for label, _ in bars], [value for _, value in bars]
        series = [(self.env._("Margin"), values, False)]
        return charts.line_chart(key, title, labels, series, kind="bar")

    def _get_survival_chart(self, curve):
        months = range(CURVE_MONTHS + 1)
        lines = np.array([survival.share_at(curve, month) for month in months]).T * 100
        return charts.line_chart(
            "retention_survival",
            self.env._("Customers still there (%), with its interval"),
            months,
            [
                (self.env._("Still there"), lines[0], False),
                (self.env._("At least"), lines[1], True),
                (self.env._("At most"), lines[2], True),
            ],
            self.env._("Months since the first order"),
        )

    # ------------------------------------------------------------
    # Cohorts
    # ------------------------------------------------------------

    def _get_cohort_chart(self):
        rows = self._read_cohorts()
        cohorts = sorted({month for month, _later, _count in rows})[-COHORTS:]
        counts = {(month, later): count for month, later, count in rows}
        last = fields.Date.to_date(self._get_cutoff()).replace(day=1)
        cells = [
            [
                100 * counts.get((month, later), 0) / counts[month, 0]
                if _months_between(month, last) >= later
                else None
                for later in range(MONTHS_AFTER + 1)
            ]
            for month in cohorts
        ]
        return charts.grid_chart(
            "retention_cohorts",
            self.env._("Customers by month of their first order: ordered again (%)"),
            [f"{month:%Y-%m} ({counts[month, 0]})" for month in cohorts],
            range(MONTHS_AFTER + 1),
            cells,
            self.env._("Months later"),
            self.env._("First order"),
        )

    def _read_cohorts(self):
        """Return rows of first month, months later, customers who ordered then."""
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                """
                WITH active AS (
                    SELECT DISTINCT contact.commercial_partner_id AS partner_id,
                           date_trunc('month', so.date_order)::date AS month
                      FROM sale_order so
                      JOIN res_partner contact ON contact.id = so.partner_id
                     WHERE so.state = 'sale' AND so.company_id = %(company)s
                       AND so.date_order <= %(cutoff)s AND %(begun)s AND %(profiled)s
                ), placed AS (
                    SELECT month, min(month) OVER (PARTITION BY partner_id) AS first
                      FROM active
                )
                SELECT first, (date_part('year', age(month, first)) * 12
                               + date_part('month', age(month, first)))::int, count(*)
                  FROM placed GROUP BY 1, 2 ORDER BY 1, 2
                """,
                company=self.company_id.id,
                cutoff=self._get_cutoff(),
                begun=self._get_begun_sql(),
                profiled=self.env["crm.customer.profile"]._profiled_to_sql(
                    SQL("contact.commercial_partner_id")
                ),
            )
        )

    # ------------------------------------------------------------
    # Money
    # ------------------------------------------------------------

    @api.model
    def _get_defection_causes(self):
        """Hook: return ``(label, SQL condition on profile)``; the first that holds
        names the cause. Events come from all addons."""
        return [
            (
                self.env._("Complaint or other case"),
                self._get_event_sql(SQL("type.category = 'service'")),
            ),
            (
                self.env._("Late delivery or return"),
                self._get_event_sql(
                    SQL("type.code IN ('delivery_late', 'delivery_returned')")
                ),
            ),
            (
                self.env._("Price: bought mostly at a discount"),
                SQL("profile.discounted_share >= 0.5"),
            ),
            (
                self.env._("Nobody got in touch since"),
                SQL(
                    "(profile.last_contact_by_us IS NULL"
                    " OR profile.last_contact_by_us <= profile.last_order_date)"
                ),
            ),
        ]

    @api.model
    def _get_event_sql(self, condition):
        """Return whether such an event was near the last order or later."""
        return SQL(
            """EXISTS (SELECT 1 FROM crm_customer_event event
                         JOIN crm_customer_event_type type ON type.id = event.type_id
                        WHERE event.partner_id = profile.partner_id
                          AND event.date >= profile.last_order_date - interval '30 day'
                          AND %s)""",
            condition,
        )

    def _get_yearly_margin_sql(self):
        """Return the margin a year while he was a customer; without one, revenue."""
        return SQL(
            """COALESCE(NULLIF(profile.margin, 0), profile.revenue, 0)
               / GREATEST(date_part('epoch', profile.last_order_date
                                             - profile.first_order_date)
                          / (86400 * 365.25), 1)"""
        )

    def _read_lost_margin(self, profile_ids):
        causes = self._get_defection_causes()
        whens = SQL(" ").join(
            SQL("WHEN %s THEN %s", condition, place)
            for place, (_label, condition) in enumerate(causes)
        )
        labels = [*(label for label, _condition in causes), self.env._("Unknown")]
        rows = self.env.execute_query(
            SQL(
                """
                SELECT CASE %s ELSE %s END AS cause, sum(%s)::float8
                  FROM crm_customer_profile profile WHERE profile.id = ANY(%s)
                 GROUP BY 1 ORDER BY 1
                """,
                whens,
                len(causes),
                self._get_yearly_margin_sql(),
                profile_ids,
            )
        )
        return [(labels[place], margin or 0) for place, margin in rows]

    def _read_worth_of_retention(self):
        """Return what better retention brings, by RFM segment, most first."""
        field = self.env["crm.customer.profile"]._fields["rfm_segment"]
        cells = [key for key, _label in field.selection]
        cell, margin, leaving = self._read_table(
            SQL(
                """
                SELECT array_position(%s::varchar[], profile.rfm_segment), %s,
                       profile.churn_probability
                  FROM crm_customer_profile profile
                 WHERE profile.company_id = %s AND profile.rfm_segment = ANY(%s)
                   AND profile.churn_probability IS NOT NULL
                """,
                cells,
                self._get_yearly_margin_sql(),
                self.company_id.id,
                cells,
            ),
            3,
        )
        if not cell.size:
            return []
        worth = survival.worth_of_retention(margin, leaving, self.retention_gain / 100)
        sums = np.bincount(cell.astype(int) - 1, worth, len(cells))
        labels = dict(field._description_selection(self.env))
        return [
            (labels[cells[at]], float(sums[at]))
            for at in np.argsort(-sums, kind="stable")
            if (cell == at + 1).any()
        ]


def _months_between(first, last):
    return (last.year - first.year) * 12 + last.month - first.month
