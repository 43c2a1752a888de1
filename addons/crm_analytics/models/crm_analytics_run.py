import logging
import time
from datetime import timedelta

import numpy as np

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, split_every

from ..engine import bg_nbd, churn, customer_value, gamma_gamma, rfm

_logger = logging.getLogger(__name__)

# Profiles per UPDATE: about half a second each.
WRITE_BATCH = 20_000
DAYS_OF_A_MONTH = 365.25 / 12
COLUMN_ARRAYS = {
    "integer": SQL("int4[]"),
    "float": SQL("float8[]"),
    "monetary": SQL("numeric[]"),
    "selection": SQL("varchar[]"),
}


class CrmAnalyticsRun(models.Model):
    """One analysis of all customers of a company: what was run, how well it did.

    The results are columns of the customer profile, written in batches; a run that was
    killed is taken up by the next scheduled action.
    """

    _name = "crm.analytics.run"
    _description = "Analysis"
    _order = "id DESC"

    kind = fields.Selection(
        [
            ("rfm", "RFM segments"),
            ("clv", "Customer lifetime value"),
            ("churn", "Churn"),
        ],
        required=True,
        default="rfm",
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    user_id = fields.Many2one(
        "res.users", "Run by", default=lambda self: self.env.uid, readonly=True
    )
    horizon_months = fields.Integer(
        "Horizon (months)",
        required=True,
        default=12,
        help="How far the forecast looks.",
    )
    discount_rate = fields.Float(
        default=10, help="Per cent a year, by which a later margin is worth less."
    )
    margin_rate = fields.Float(
        "Margin",
        default=100,
        help="Per cent of the revenue that is margin. 100 makes the value a revenue.",
    )
    state = fields.Selection(
        [("draft", "Waiting"), ("done", "Done"), ("failed", "Failed")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
    )
    date = fields.Datetime("Run on", readonly=True, copy=False)
    duration = fields.Float("Seconds", readonly=True, copy=False)
    customer_count = fields.Integer("Customers", readonly=True, copy=False)
    method = fields.Char(readonly=True, copy=False)
    summary = fields.Text("Result", readonly=True, copy=False)
    quality = fields.Json(readonly=True, copy=False)

    _horizon_positive = models.Constraint(
        "CHECK(horizon_months BETWEEN 1 AND 120)",
        "The horizon must be between 1 and 120 months.",
    )

    @api.depends("kind", "date")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for run in self:
            label = labels.get(run.kind, "")
            day = fields.Date.to_string(run.date)
            run.display_name = f"{label} {day}" if day else label

    # ------------------------------------------------------------
    # Running
    # ------------------------------------------------------------

    def action_run(self):
        """Run the analyses now and write the results to the profiles."""
        for run in self:
            run._run()

    def _run(self):
        self.ensure_one()
        started = time.monotonic()
        customers = self._read_customers(fields.Datetime.now())
        if not customers["profile_id"].size:
            self._finish(started, 0, self.env._("none"), self._say_no_orders(), {})
            return
        method, summary, quality, columns = getattr(self, f"_analyse_{self.kind}")(
            customers
        )
        self._write_columns(customers["profile_id"], columns)
        self._finish(started, customers["profile_id"].size, method, summary, quality)

    def _finish(self, started, count, method, summary, quality):
        self.write(
            {
                "state": "done",
                "date": self.env.cr.now(),
                "duration": time.monotonic() - started,
                "customer_count": count,
                "method": method,
                "summary": summary,
                "quality": quality,
            }
        )

    def _say_no_orders(self):
        return self.env._(
            "There is no confirmed order yet: confirm orders, let the profiles refresh "
            "and run the analysis again."
        )

    def _read_customers(self, cutoff):
        """Return what each customer had bought at ``cutoff``, one array a column.

        Orders of one day are one purchase. Times are in days, amounts in the
        company's currency, untaxed.

        :param datetime cutoff: later orders are not known yet
        Who objects to profiling is neither scored nor learned from.

        :return: ``profile_id``, ``frequency`` (repeat purchases), ``recency`` (first to
            last), ``age`` (since the first), ``order_count``, ``revenue`` and
            ``repeat_value`` (mean of the repeat purchases)
        :rtype: dict[str, numpy.ndarray]
        """
        self.env.flush_all()
        names = (
            "profile_id",
            "frequency",
            "recency",
            "age",
            "order_count",
            "revenue",
            "repeat_value",
        )
        rows = self.env.execute_query(
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
                cutoff=cutoff,
                profiled=self.env["crm.customer.profile"]._profiled_to_sql(
                    SQL("contact.commercial_partner_id")
                ),
            )
        )
        table = np.array(rows, dtype=float).reshape(len(rows), len(names))
        return {name: table[:, index] for index, name in enumerate(names)}

    def _write_columns(self, profile_ids, columns):
        """Write the results onto the profiles, in a few statements."""
        profile = self.env["crm.customer.profile"]
        positions = range(profile_ids.size)
        for batch in split_every(WRITE_BATCH, positions, list):
            part = slice(batch[0], batch[-1] + 1)
            arrays = [SQL("unnest(%s::int4[])", profile_ids[part].astype(int).tolist())]
            for name in columns:
                kind = COLUMN_ARRAYS[profile._fields[name].type]
                values = columns[name][part].tolist()
                arrays.append(SQL("unnest(%s::%s)", values, kind))
            self.env.execute_query(
                SQL(
                    """
                    UPDATE crm_customer_profile profile
                       SET analytics_date = %s, %s
                      FROM (SELECT %s) result (profile_id, %s)
                     WHERE profile.id = result.profile_id
                    RETURNING profile.id
                    """,
                    self.env.cr.now(),
                    SQL(", ").join(
                        SQL(
                            "%s = result.%s", SQL.identifier(name), SQL.identifier(name)
                        )
                        for name in columns
                    ),
                    SQL(", ").join(arrays),
                    SQL(", ").join(map(SQL.identifier, columns)),
                )
            )
        profile.invalidate_model([*columns, "analytics_date"])

    # ------------------------------------------------------------
    # Analyses: each returns method, summary, quality figures and columns
    # ------------------------------------------------------------

    def _analyse_rfm(self, customers):
        recency = rfm.quintiles(customers["recency"] - customers["age"])
        frequency = rfm.quintiles(customers["order_count"])
        monetary = rfm.quintiles(customers["revenue"])
        cells = rfm.cell_names(recency, frequency, monetary)
        names, counts = np.unique(cells.astype(str), return_counts=True)
        quality = dict(zip(names.tolist(), counts.tolist(), strict=True))
        columns = {
            "rfm_recency_score": recency,
            "rfm_frequency_score": frequency,
            "rfm_monetary_score": monetary,
            "rfm_segment": cells,
        }
        best = quality.get("champions", 0)
        summary = self.env._(
            "%(count)s customers, %(best)s of them champions.",
            count=recency.size,
            best=best,
        )
        return self.env._("Quintiles"), summary, quality, columns

    def _analyse_clv(self, customers):
        buying = [customers[name] for name in ("frequency", "recency", "age")]
        try:
            model = bg_nbd.fit(*buying)
            spending = gamma_gamma.fit(
                customers["frequency"], customers["repeat_value"]
            )
        except bg_nbd.FitError as error:
            return self._analyse_clv_plainly(customers, error)
        horizon = self.horizon_months * DAYS_OF_A_MONTH
        discounted = customer_value.discounted_purchases(
            model,
            *buying,
            self.horizon_months,
            self.discount_rate / 100,
            DAYS_OF_A_MONTH,
        )
        value = gamma_gamma.expected_value(
            spending, customers["frequency"], customers["repeat_value"]
        )
        columns = {
            "clv": np.round(discounted * value * self.margin_rate / 100, 2),
            "expected_orders": bg_nbd.expected_purchases(model, *buying, horizon),
            "probability_alive": bg_nbd.probability_alive(model, *buying),
        }
        quality = {
            "bg_nbd": dict(
                zip(("r", "alpha", "a", "b"), model.parameters, strict=True)
            ),
            "bg_nbd_standard_errors": _finite(model.standard_errors),
            "bg_nbd_log_likelihood": model.log_likelihood,
            "gamma_gamma": dict(zip("pqv", spending.parameters, strict=True)),
        }
        summary = self.env._(
            "%(orders)s orders and a value of %(value)s expected within %(months)s "
            "months.",
            orders=round(columns["expected_orders"].sum()),
            value=self.company_id.currency_id.format(columns["clv"].sum()),
            months=self.horizon_months,
        )
        return self.env._("BG/NBD and gamma-gamma"), summary, quality, columns

    def _analyse_clv_plainly(self, customers, error):
        """Without a model: each customer goes on as he did, and the user is told."""
        months = self.horizon_months
        plain = [months, DAYS_OF_A_MONTH]
        count, age = customers["order_count"], customers["age"]
        value = customer_value.plain_value(count, customers["revenue"], age, *plain)
        columns = {
            "clv": np.round(value * self.margin_rate / 100, 2),
            "expected_orders": customer_value.plain_value(count, count, age, *plain),
        }
        summary = self.env._(
            "Too little data for a model (%(reason)s): each customer is expected to go "
            "on as before.",
            reason=str(error),
        )
        return self.env._("Past average"), summary, {"reason": str(error)}, columns

    def _analyse_churn(self, customers):
        learned = self._learn_churn()
        if learned:
            model, quality = learned
            probability = churn.predict(model, _get_features(customers))
            method = self.env._("Logistic regression")
            summary = self.env._(
                "AUC %(auc)s on %(count)s customers of a later period; the tenth most "
                "at risk left %(lift)s times as often as the average.",
                auc=f"{quality.auc:.3f}",
                count=quality.customers,
                lift=f"{quality.lift:.2f}",
            )
            figures = quality._asdict()
        else:
            method, summary, figures, probability = self._get_plain_churn(customers)
        risk = np.select(
            [probability < 1 / 3, probability <= 2 / 3], ["low", "medium"], "high"
        )
        columns = {"churn_probability": probability, "churn_risk": risk}
        return method, summary, figures, columns

    def _learn_churn(self):
        """Train on the period before the last one, judge on the last, train on it.

        :return: the model and its quality; nothing when there is too little history
        """
        now = fields.Datetime.now()
        horizon = timedelta(days=self.horizon_months * DAYS_OF_A_MONTH)
        periods = []
        for start in (now - 2 * horizon, now - horizon):
            before = self._read_customers(start)
            after = self._read_customers(start + horizon)
            known = _get_features(before)
            later = dict(zip(after["profile_id"], after["order_count"], strict=True))
            silent = np.array(
                [
                    later[profile_id] == orders
                    for profile_id, orders in zip(
                        before["profile_id"], before["order_count"], strict=True
                    )
                ],
                dtype=bool,
            )
            if not churn.is_enough(silent):
                return None
            periods.append((known, silent))
        (old_known, old_silent), (new_known, new_silent) = periods
        forecast = churn.predict(churn.train(old_known, old_silent), new_known)
        quality = churn.judge(forecast, new_silent)
        return churn.train(new_known, new_silent), quality

    def _get_plain_churn(self, customers):
        """Without two periods to learn from: by the rhythm of repeat buying."""
        buying = [customers[name] for name in ("frequency", "recency", "age")]
        horizon = self.horizon_months * DAYS_OF_A_MONTH
        try:
            model = bg_nbd.fit(*buying)
        except bg_nbd.FitError as error:
            silence = customers["age"] - customers["recency"]
            summary = self.env._(
                "Too little data for a model (%(reason)s): the risk grows with the "
                "time since the last order.",
                reason=str(error),
            )
            probability = 1 - np.exp(-silence / horizon)
            return self.env._("Time since last order"), summary, {}, probability
        summary = self.env._(
            "Too little history to learn from what happened: the risk is that of the "
            "repeat-buying model, not validated."
        )
        probability = bg_nbd.probability_of_silence(model, *buying, horizon)
        return self.env._("BG/NBD"), summary, {}, probability

    # ------------------------------------------------------------
    # Jobs
    # ------------------------------------------------------------

    @api.model
    def _cron_run(self):
        """Run every analysis of every company; what was begun and killed is first."""
        waiting = self.search([("state", "=", "draft")], order="id")
        waiting += self._prepare_nightly_runs()
        commit = self.env["ir.cron"]._commit_progress
        commit(remaining=len(waiting))
        for run in waiting:
            run._run_guarded()
            if not commit(1):
                return
        self.env.ref("crm_lifecycle.ir_cron_refresh_segments")._trigger()

    def _run_guarded(self):
        try:
            with self.env.cr.savepoint():
                self._run()
        except Exception as error:
            _logger.exception("Analysis %s failed", self.id)
            self.write(
                {"state": "failed", "summary": str(error), "date": self.env.cr.now()}
            )

    @api.model
    def _prepare_nightly_runs(self):
        """Make tonight's runs, with the parameters of the last run of their kind.

        A run that failed is tried again the next night, not at once.
        """
        runs = self.browse()
        today = fields.Datetime.to_datetime(fields.Date.context_today(self))
        for company in self.env["res.company"].search(Domain.TRUE):
            for kind, _label in self._fields["kind"].selection:
                last = self.search(
                    [("kind", "=", kind), ("company_id", "=", company.id)], limit=1
                )
                if not last:
                    runs += self.create({"kind": kind, "company_id": company.id})
                elif last.state != "draft" and (last.date or last.write_date) < today:
                    runs += last.copy()
        return runs

    @api.autovacuum
    def _gc_old_runs(self):
        """Keep the last hundred runs of each kind and company."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM (SELECT id, row_number() OVER (
                    PARTITION BY kind, company_id ORDER BY id DESC) AS place
                  FROM crm_analytics_run) run WHERE place > 100
                """
            )
        )
        self.browse(run_id for (run_id,) in rows).unlink()


def _get_features(customers):
    return churn.features(
        customers["frequency"],
        customers["recency"],
        customers["age"],
        customers["revenue"],
    )


def _finite(numbers):
    return [number if np.isfinite(number) else None for number in numbers]
