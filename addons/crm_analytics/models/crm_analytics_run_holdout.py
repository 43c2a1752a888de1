from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.crm_lifecycle.experiments import control_group


class CrmAnalyticsRun(models.Model):
    """What recommendations bring: told from a group to whom nothing is recommended."""

    _inherit = "crm.analytics.run"

    @api.model
    def _get_quality_labels(self):
        groups = (
            ("shown", self.env._("recommended to")),
            ("held_out", self.env._("comparison group")),
        )
        labels = super()._get_quality_labels()
        for group, words in groups:
            labels |= {
                f"holdout.{group}.customers": self.env._("Customers, %s", words),
                f"holdout.{group}.lines": self.env._("Lines a quotation, %s", words),
                f"holdout.{group}.value": self.env._("Margin a quotation, %s", words),
            }
        for name, words in (
            ("lines", self.env._("More lines a quotation")),
            ("value", self.env._("More margin a quotation")),
        ):
            labels |= {
                f"holdout.more_{name}": words,
                f"holdout.more_{name}_low": self.env._("%s, at least (95 %%)", words),
                f"holdout.more_{name}_high": self.env._("%s, at most (95 %%)", words),
            }
        return labels

    def _analyse_recommendation(self):
        outcome = super()._analyse_recommendation()
        if not self.company_id.recommendation_holdout:
            return outcome
        figures = self._compare_with_holdout()
        return outcome._replace(
            quality={**outcome.quality, "holdout": figures},
            summary=f"{outcome.summary} {self._say_holdout(figures)}",
        )

    def _compare_with_holdout(self):
        """Return how the quotations of both groups differ.

        A customer counts once, with the mean of his quotations: he, not the quotation,
        was drawn into his group. Margin where products have a cost, else the amount.
        """
        groups = {"shown": [], "held_out": []}
        for customer, lines, value in self._read_quotations():
            groups["shown" if customer else "held_out"].append((lines, value))
        figures = {
            group: {
                "customers": len(rows),
                "lines": _get_mean([lines for lines, _value in rows]),
                "value": _get_mean([value for _lines, value in rows]),
            }
            for group, rows in groups.items()
        }
        for place, name in enumerate(("lines", "value")):
            shown, held_out = (
                _sum_up([row[place] for row in groups[group]]) for group in groups
            )
            more = control_group.mean_difference(shown, held_out)
            if more:
                figures[f"more_{name}"] = more.value
                figures[f"more_{name}_low"] = more.low
                figures[f"more_{name}_high"] = more.high
        return figures

    def _read_quotations(self):
        """Return per customer whether he is recommended to, and his means."""
        company = self.company_id
        orders = self.env["sale.order"]
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT contact.commercial_partner_id, avg(lines.number)::float8,
                       avg(%(value)s / COALESCE(NULLIF(so.currency_rate, 0), 1))::float8
                  FROM sale_order so
                  JOIN res_partner contact ON contact.id = so.partner_id
                  CROSS JOIN LATERAL (
                      SELECT count(*) AS number FROM sale_order_line line
                       WHERE line.order_id = so.id AND line.display_type IS NULL
                         AND line.is_downpayment IS NOT TRUE) lines
                 WHERE so.company_id = %(company)s AND so.state != 'cancel'
                   AND so.create_date >= %(since)s AND so.create_date <= %(cutoff)s
                   AND %(profiled)s
                 GROUP BY 1
                """,
                value=SQL("COALESCE(so.margin, 0)")
                if "margin" in orders._fields
                else SQL("so.amount_untaxed"),
                company=company.id,
                since=company.recommendation_holdout_date or fields.Datetime.now(),
                cutoff=self._get_cutoff(),
                profiled=self.env["crm.customer.profile"]._profiled_to_sql(
                    SQL("contact.commercial_partner_id")
                ),
            )
        )
        customers = self.env["res.partner"].browse(row[0] for row in rows)
        shown = self.env["crm.product.recommendation"]._filter_recommended_to(
            customers, company
        )
        shown_ids = set(shown.ids)
        return [(row[0] in shown_ids, row[1], row[2]) for row in rows]

    def _say_holdout(self, figures):
        if "more_value" not in figures:
            return self.env._(
                "In the comparison group, to whom nothing is recommended, there are "
                "too few quotations to say what recommendations bring."
            )
        return self.env._(
            "Quotations of customers to whom products are recommended have %(lines)s "
            "lines and %(value)s margin more than those of the comparison group "
            "(95 %% sure: %(low)s to %(high)s). %(verdict)s",
            lines=f"{figures['more_lines']:+.2f}",
            value=self.company_id.currency_id.format(figures["more_value"]),
            low=self.company_id.currency_id.format(figures["more_value_low"]),
            high=self.company_id.currency_id.format(figures["more_value_high"]),
            verdict=self._judge_holdout(figures),
        )

    def _judge_holdout(self, figures):
        if figures["more_value_low"] > 0:
            return self.env._("They work.")
        if figures["more_value_high"] < 0:
            return self.env._("They do harm.")
        return self.env._("No effect is shown yet.")


def _get_mean(values):
    return sum(values) / len(values) if values else 0.0


def _sum_up(values):
    """Return the values of a group's customers as a comparison reads them."""
    squares = sum(value * value for value in values)
    return control_group.Group(len(values), len(values), sum(values), squares)
