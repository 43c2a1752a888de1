import numpy as np
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from ..analysis_results import quality_table

PARAMETERS = (
    "note",
    "user_id",
    "date",
    "date_from",
    "date_to",
    "horizon_months",
    "discount_rate",
    "margin_rate",
    "is_trial",
    "is_current",
    "method",
    "customer_count",
    "duration",
)


class CrmAnalyticsRunCompare(models.TransientModel):
    """Two runs of one kind side by side: parameters, quality, what it changes."""

    _name = "crm.analytics.run.compare"
    _description = "Compare Analyses"

    first_id = fields.Many2one("crm.analytics.run", required=True)
    kind = fields.Selection(related="first_id.kind")
    second_id = fields.Many2one("crm.analytics.run", required=True)
    comparison = fields.Html(compute="_compute_comparison", sanitize=False)
    first_charts = fields.Json("Charts (1)", related="first_id.charts")
    second_charts = fields.Json("Charts (2)", related="second_id.charts")

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        runs = self.env["crm.analytics.run"].browse(
            self.env.context.get("active_ids", [])
        )
        if len(runs) == 1:
            runs += self._get_run_before(runs)
        if len(runs) != 2 or len(set(runs.mapped("kind"))) != 1:
            raise UserError(self.env._("Choose two analyses of the same kind."))
        first, second = runs.sorted("id")
        return {**values, "first_id": first.id, "second_id": second.id}

    def _get_run_before(self, run):
        return run.search(
            [
                ("kind", "=", run.kind),
                ("company_id", "=", run.company_id.id),
                ("id", "<", run.id),
                ("state", "=", "done"),
            ],
            limit=1,
        )

    @api.depends("first_id", "second_id")
    def _compute_comparison(self):
        for comparison in self:
            runs = comparison.first_id + comparison.second_id
            parts = [
                comparison._make_table(
                    self.env._("Parameters"), runs, comparison._get_parameter_rows(runs)
                ),
                comparison._make_table(
                    self.env._("Quality"), runs, comparison._get_quality_rows(runs)
                ),
                comparison._make_table(
                    self.env._("Results"), runs, comparison._get_result_rows(runs)
                ),
            ]
            comparison.comparison = Markup("").join(parts)

    def _make_table(self, title, runs, rows):
        head = Markup("<tr><th>%s</th>%s</tr>") % (
            title,
            Markup("").join(
                Markup("<th class='text-end'>%s</th>") % run.display_name
                for run in runs
            ),
        )
        body = Markup("").join(
            Markup("<tr%s><td>%s</td>%s</tr>")
            % (
                Markup(" class='table-warning'") if len(set(figures)) > 1 else "",
                label,
                Markup("").join(
                    Markup("<td class='text-end'>%s</td>") % figure
                    for figure in figures
                ),
            )
            for label, *figures in rows
        )
        return (
            Markup("<table class='table table-sm'>%s<tbody>%s</tbody></table>")
            % (head, body)
            if rows
            else Markup("")
        )

    def _get_parameter_rows(self, runs):
        labels = runs.fields_get(PARAMETERS, ["string"])
        return [
            (labels[name]["string"], *(self._say(run, name) for run in runs))
            for name in PARAMETERS
            if any(run[name] for run in runs)
        ]

    def _say(self, run, name):
        field = run._fields[name]
        if field.type == "boolean":
            return self.env._("yes") if run[name] else self.env._("no")
        if field.type in ("integer", "float"):
            return quality_table.format_figure(run[name])
        if field.type == "datetime":
            return format_datetime(self.env, run[name]) if run[name] else ""
        return field.convert_to_display_name(run[name], run) or ""

    def _get_quality_rows(self, runs):
        labels = runs._get_quality_labels()
        figures = [quality_table.flatten(run.quality or {}) for run in runs]
        keys = dict.fromkeys(key for figure in figures for key in figure)
        keys = quality_table.in_order_of(labels, keys)
        return [
            (
                labels.get(key, key),
                *(quality_table.format_figure(figure.get(key)) for figure in figures),
            )
            for key in keys
        ]

    def _get_result_rows(self, runs):
        """Say of each column its mean, or how many have which value, and what moved."""
        rows = runs[0]._compare_rows(runs[1])
        columns = [run.sudo().result_ids._get_all_columns() for run in runs]
        if not all(columns):
            return rows
        for name in columns[0]:
            if name == "profile_id" or name not in columns[1]:
                continue
            label = (
                self.env["crm.customer.profile"]
                ._fields[name]
                .get_description(self.env, ["string"])["string"]
            )
            figures = [self._say_values(name, column[name]) for column in columns]
            rows.append((label, *figures))
            rows.append((self._say_moved(label), "", self._count_moved(columns, name)))
        return rows

    @api.model
    def _get_words(self, name):
        field = self.env["crm.customer.profile"]._fields[name]
        if field.type != "selection":
            return {}
        return dict(field._description_selection(self.env))

    def _say_values(self, name, values):
        field = self.env["crm.customer.profile"]._fields[name]
        if field.type != "many2one":
            return _summarise(values, self._get_words(name))
        ids, counts = np.unique(values[np.isfinite(values)], return_counts=True)
        order = np.argsort(-counts, kind="stable")[:3]
        records = self.env[field.comodel_name].browse(ids[order].astype(int).tolist())
        return ", ".join(
            f"{record.display_name} {count}"
            for record, count in zip(records.exists(), counts[order], strict=False)
        )

    def _say_moved(self, label):
        return self.env._("%(column)s: customers that differ", column=label)

    def _count_moved(self, columns, name):
        _ids, first, second = np.intersect1d(
            columns[0]["profile_id"], columns[1]["profile_id"], return_indices=True
        )
        before, after = columns[0][name][first], columns[1][name][second]
        if before.dtype.kind == "f":
            moved = ~np.isclose(before, after, rtol=0.01, equal_nan=True)
        else:
            moved = before != after
        return self.env._(
            "%(moved)s of %(all)s", moved=int(moved.sum()), all=moved.size
        )


def _summarise(values, words):
    """Return the mean of numbers, the most frequent values of words.

    :param dict words: ``{value: what the user reads}``
    """
    if values.dtype.kind in "fiu":
        known = values[np.isfinite(values)]
        return quality_table.format_figure(float(known.mean()) if known.size else None)
    names, counts = np.unique(values.astype(str), return_counts=True)
    order = np.argsort(-counts)[:3]
    return ", ".join(
        f"{words.get(names[place], names[place])} {counts[place]}" for place in order
    )
