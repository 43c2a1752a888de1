import time
from datetime import datetime
from datetime import time as time_of_day

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_datetime

from ..analysis_results import quality_table

DAYS_OF_A_MONTH = 365.25 / 12


class CrmAnalyticsRun(models.Model):
    """One analysis of all customers of a company: what was run, how well it did.

    A *kind* of analysis is a value added to :attr:`kind` and a method
    ``_analyse_<kind>`` that returns an :class:`~..analysis_results.outcome.Outcome`.
    The columns of the outcome are kept with the run, and written to the profiles
    unless it is a *trial* or another run is *pinned*. The run whose columns the
    profiles carry is the *current* one of its kind.
    """

    _name = "crm.analytics.run"
    _description = "Analysis"
    _order = "id DESC"

    kind = fields.Selection([], "Analysis", required=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    user_id = fields.Many2one(
        "res.users",
        "Run by",
        default=lambda self: self.env.uid,
        readonly=True,
        copy=False,
    )
    note = fields.Char(
        copy=False, help="Why it was run, such as what you wanted to try out."
    )
    horizon_months = fields.Integer(
        "Horizon (months)",
        required=True,
        default=12,
        help="How far the forecast looks.",
    )
    parameters = fields.Json(help="Further parameters of this kind of analysis.")
    date_from = fields.Date(
        "Data from", help="Orders before are left out. Empty: all there are."
    )
    date_to = fields.Date(
        "Data to",
        copy=False,
        help="Later orders are left out, as if the analysis had been run on that day. "
        "Empty: up to now.",
    )
    is_trial = fields.Boolean(
        "Trial",
        copy=False,
        help="Compute and compare, but leave the customer profiles as they are.",
    )
    is_current = fields.Boolean(
        "In Use",
        readonly=True,
        copy=False,
        help="The customer profiles carry the results of this run.",
    )
    is_pinned = fields.Boolean(
        "Pinned",
        readonly=True,
        copy=False,
        help="Nightly runs are computed but not used until the pin is taken out.",
    )
    state = fields.Selection(
        [
            ("draft", "New"),
            ("waiting", "Waiting"),
            ("running", "Computing"),
            ("computed", "Being Written"),
            ("done", "Done"),
            ("failed", "Failed"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
    )
    date = fields.Datetime("Run on", readonly=True, copy=False)
    duration = fields.Float("Seconds", readonly=True, copy=False)
    customer_count = fields.Integer("Customers", readonly=True, copy=False)
    written_count = fields.Integer(
        "Written", readonly=True, copy=False, help="Profiles that have their results."
    )
    method = fields.Char(readonly=True, copy=False)
    summary = fields.Text("Result", readonly=True, copy=False)
    quality = fields.Json(readonly=True, copy=False)
    quality_html = fields.Html(
        "Figures of Quality", compute="_compute_quality_html", sanitize=False
    )
    charts = fields.Json(readonly=True, copy=False)
    result_ids = fields.One2many(
        "crm.analytics.result", "run_id", "Results", readonly=True
    )
    has_results = fields.Boolean(compute="_compute_has_results")

    _horizon_positive = models.Constraint(
        "CHECK(horizon_months BETWEEN 1 AND 120)",
        "The horizon must be between 1 and 120 months.",
    )
    _window_not_empty = models.Constraint(
        "CHECK(date_from IS NULL OR date_to IS NULL OR date_from < date_to)",
        "The data must begin before they end.",
    )
    _current_uniq = models.UniqueIndex(
        "(kind, company_id) WHERE is_current",
        "One analysis of a kind is in use at a time.",
    )

    @api.depends("kind", "date", "note")
    @api.depends_context("lang", "tz")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for run in self:
            date = run.date and format_datetime(self.env, run.date, dt_format="short")
            parts = (labels.get(run.kind), date, run.note)
            run.display_name = " ".join(part for part in parts if part)

    @api.depends("quality")
    def _compute_quality_html(self):
        labels = self._get_quality_labels()
        row = Markup("<tr><td>%s</td><td class='text-end'>%s</td></tr>")
        for run in self:
            figures = quality_table.flatten(run.quality or {})
            rows = [
                row % (labels.get(key, key), quality_table.format_figure(figures[key]))
                for key in quality_table.in_order_of(labels, figures)
            ]
            run.quality_html = rows and Markup(
                "<table class='table table-sm w-auto'><tbody>%s</tbody></table>"
            ) % Markup("").join(rows)

    @api.depends("result_ids")
    def _compute_has_results(self):
        rows = (
            self.env["crm.analytics.result"]
            .sudo()
            ._read_group([("run_id", "in", self.ids)], ["run_id"])
        )
        kept = {run.id for (run,) in rows}
        for run in self:
            run.has_results = run.id in kept

    @api.model
    def _get_quality_labels(self):
        """Hook: return ``{key of a figure: label}``, nested keys joined by a dot."""
        return {}

    @api.onchange("date_to")
    def _onchange_date_to(self):
        """An analysis of the past is to learn from, not to act upon."""
        if self.date_to and self.date_to < fields.Date.context_today(self):
            self.is_trial = True

    # ------------------------------------------------------------
    # Running
    # ------------------------------------------------------------

    def action_run(self):
        """Run the analyses now; one that is done is run again beside it.

        Those of many customers run in the background: see
        :meth:`_is_for_background`.

        :return: action that opens the new runs; true if there are none
        """
        self.check_access("write")
        runs = self.browse()
        for run in self:
            is_later = run._is_for_background()
            if run.state == "done":
                run = is_later and run._get_unfinished()[:1] or run.copy()
            if is_later:
                run._run_later()
            else:
                run._run()
            runs += run
        runs._wake_segments()
        if runs == self:
            return True
        return runs._get_records_action(name=self.env._("Analyses"))

    def _run(self):
        self._compute_results()
        while self.state == "computed":
            self._write_next_results()

    def _compute_results(self):
        """Analyse and keep the results; writing them to the profiles comes next."""
        self.ensure_one()
        started = time.monotonic()
        if not hasattr(self, f"_analyse_{self.kind}"):
            raise UserError(self.env._("No addon knows this analysis any more."))
        outcome = getattr(self, f"_analyse_{self.kind}")()
        self.result_ids.sudo().unlink()
        self._keep_results(outcome)
        is_applied = self._is_applied() and bool(outcome.columns or outcome.rows)
        self.write(
            {
                "state": "computed" if is_applied else "done",
                "date": self.env.cr.now(),
                "duration": time.monotonic() - started,
                "customer_count": len(outcome.profile_ids),
                "written_count": 0,
                "method": outcome.method,
                "summary": outcome.summary,
                "quality": outcome.quality,
                "charts": list(outcome.charts),
            }
        )

    # ------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------

    def _get_cutoff(self):
        """Return the time after which nothing is known to the analysis."""
        if self.date_to:
            return datetime.combine(self.date_to, time_of_day.max)
        return fields.Datetime.now()

    def _get_begun_sql(self):
        """Return the condition on ``so`` that leaves out orders before the data."""
        if not self.date_from:
            return SQL("TRUE")
        return SQL("so.date_order >= %s", self.date_from)

    def _read_customers(self, cutoff=None):
        """Return what each customer had bought at ``cutoff``, one array a column.

        Orders of one day are one purchase. Times are in days, amounts in the
        company's currency, untaxed. Who objects to profiling is neither scored nor
        learned from.

        :param datetime cutoff: later orders are not known yet; by default the end of
            the run's data
        :return: ``profile_id``, ``frequency`` (repeat purchases), ``recency`` (first to
            last), ``age`` (since the first), ``order_count``, ``revenue`` and
            ``repeat_value`` (mean of the repeat purchases)
        :rtype: dict[str, numpy.ndarray]
        """
        names = (
            "profile_id",
            "frequency",
            "recency",
            "age",
            "order_count",
            "revenue",
            "repeat_value",
        )
        table = self._read_table(
            SQL(
                """
                WITH purchase AS (
                    SELECT contact.commercial_partner_id AS partner_id,
                           so.date_order::date AS day, count(*) AS orders,
                           sum(so.amount_untaxed
                               / COALESCE(NULLIF(so.currency_rate, 0), 1)) AS value
                      FROM sale_order so
                      JOIN res_partner contact ON contact.id = so.partner_id
                     WHERE so.state = 'sale' AND so.company_id = %(company)s
                       AND so.date_order <= %(cutoff)s
                       AND %(begun)s
                       AND %(profiled)s
                     GROUP BY 1, 2
                ), ranked AS (
                    SELECT *, min(day) OVER (PARTITION BY partner_id) AS first_day
                      FROM purchase
                )
                SELECT profile.id, count(*) - 1, max(day) - min(day),
                       %(cutoff)s::date - min(day), sum(orders), sum(value),
                       COALESCE(avg(value) FILTER (WHERE day > first_day), 0)
                  FROM ranked
                  JOIN crm_customer_profile profile
                    ON profile.partner_id = ranked.partner_id
                   AND profile.company_id = %(company)s
                 GROUP BY profile.id ORDER BY profile.id
                """,
                company=self.company_id.id,
                cutoff=cutoff or self._get_cutoff(),
                begun=self._get_begun_sql(),
                profiled=self.env["crm.customer.profile"]._profiled_to_sql(
                    SQL("contact.commercial_partner_id")
                ),
            ),
            len(names),
        )
        return dict(zip(names, table, strict=True))
