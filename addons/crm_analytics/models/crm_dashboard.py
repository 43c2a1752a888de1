from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import formatLang

RISK_TONES = {"low": "success", "medium": "warning", "high": "danger"}


class CrmDashboard(models.AbstractModel):
    """The figures of the dashboard: customers, value, risk, in the user's companies.

    Read with the user's own rights. Other addons add tiles through :meth:`_get_tiles`.
    """

    _name = "crm.dashboard"
    _description = "CRM Dashboard"

    @api.model
    def get_dashboard(self, months=12):
        """Return what the dashboard shows.

        :param int months: how far back the revenue goes
        :return: ``tiles`` and ``charts``; each bar of a chart has the domain of the
            documents behind it
        :rtype: dict
        :raise AccessError: the user may not read customer profiles
        """
        profiles = self.env["crm.customer.profile"]
        profiles.check_access("read")
        totals = self._get_totals()
        return {
            "tiles": sorted(self._get_tiles(totals), key=lambda tile: tile["sequence"]),
            "charts": [
                self._get_revenue_chart(months),
                self._get_profile_chart(
                    "lifecycle_stage", self.env._("Customers by stage")
                ),
                self._get_profile_chart("rfm_segment", self.env._("RFM segments")),
                self._get_risk_chart(),
            ],
        }

    @api.model
    def _get_totals(self):
        """Return the sums over all profiles, in one query."""
        aggregates = {
            "customers": "__count",
            "revenue_12m": "revenue_12m:sum",
            "clv": "clv:sum",
            "analysed": "analytics_date:max",
        }
        rows = self.env["crm.customer.profile"]._read_grouping_sets(
            [("order_count", ">", 0), ("company_id", "in", self.env.companies.ids)],
            [[], ["churn_risk"]],
            list(aggregates.values()),
        )
        totals = dict(zip(aggregates, rows[0][0], strict=True)) if rows[0] else {}
        risk = {row[0]: row[3] for row in rows[1]}
        repeat = self.env["crm.customer.profile"].search_count(
            [("order_count", ">", 1), ("company_id", "in", self.env.companies.ids)]
        )
        return {**totals, "repeat": repeat, "value_at_risk": risk.get("high") or 0}

    @api.model
    def _get_tiles(self, totals):
        """Hook: return the tiles of the dashboard.

        :param dict totals: sums over the profiles of customers with an order
        :return: dicts with ``key``, ``label``, ``value`` (formatted), ``icon``,
            ``sequence``, ``detail`` and ``action`` (a window action or False)
        :rtype: list[dict]
        """
        customers = totals.get("customers") or 0
        repeat = totals["repeat"] / customers if customers else 0
        return [
            self._prepare_tile(
                "customers",
                self.env._("Customers"),
                f"{customers:n}",
                "fa-users",
                10,
                domain=[("order_count", ">", 0)],
            ),
            self._prepare_tile(
                "revenue",
                self.env._("Revenue 12 months"),
                self._format_amount(totals.get("revenue_12m")),
                "fa-line-chart",
                20,
                domain=[("revenue_12m", ">", 0)],
            ),
            self._prepare_tile(
                "repeat",
                self.env._("Bought again"),
                f"{repeat:.1%}",
                "fa-refresh",
                30,
                domain=[("order_count", ">", 1)],
            ),
            self._prepare_tile(
                "clv",
                self.env._("Customer equity"),
                self._format_amount(totals.get("clv")),
                "fa-diamond",
                40,
                detail=self.env._("value expected of all customers"),
                domain=[("clv", ">", 0)],
            ),
            self._prepare_tile(
                "value_at_risk",
                self.env._("Value at high risk"),
                self._format_amount(totals["value_at_risk"]),
                "fa-heartbeat",
                50,
                tone="danger" if totals["value_at_risk"] else "",
                domain=[("churn_risk", "=", "high")],
            ),
        ]

    @api.model
    def _prepare_tile(
        self, key, label, value, icon, sequence, detail="", tone="", domain=None
    ):
        action = self._get_profile_action(label, domain) if domain else False
        return {
            "key": key,
            "label": label,
            "value": value,
            "icon": icon,
            "sequence": sequence,
            "detail": detail,
            "tone": tone,
            "action": action,
        }

    @api.model
    def _get_profile_action(self, name, domain):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "crm.customer.profile",
            "views": [(False, "list"), (False, "form")],
            "domain": domain,
        }

    @api.model
    def _format_amount(self, amount):
        currency = self.env.company.currency_id
        number = formatLang(self.env, round(amount or 0), digits=0)
        parts = [currency.symbol, number]
        return " ".join(parts if currency.position == "before" else reversed(parts))

    @api.model
    def _get_revenue_chart(self, months):
        """Confirmed orders of each month, read with the user's rights on orders."""
        end = fields.Date.context_today(self).replace(day=1)
        start = end - relativedelta(months=months - 1)
        orders = self.env["sale.order"]
        rows = []
        if orders.has_access("read"):
            rows = orders._read_group(
                [
                    ("state", "=", "sale"),
                    ("date_order", ">=", start),
                    ("company_id", "in", self.env.companies.ids),
                ],
                ["date_order:month"],
                ["amount_untaxed:sum"],
            )
        value_by_month = {month.strftime("%Y-%m"): value for month, value in rows}
        bars = []
        for number in range(months):
            month = start + relativedelta(months=number)
            label = month.strftime("%Y-%m")
            following = month + relativedelta(months=1)
            domain = [
                ("state", "=", "sale"),
                ("date_order", ">=", fields.Date.to_string(month)),
                ("date_order", "<", fields.Date.to_string(following)),
            ]
            value = value_by_month.get(label, 0)
            bars.append({"label": label, "value": value, "domain": domain})
        return {
            "key": "revenue",
            "title": self.env._("Revenue by month"),
            "type": "bar",
            "model": "sale.order",
            "bars": bars,
        }

    @api.model
    def _get_profile_chart(self, field_name, title, aggregate="__count", kind="bar"):
        """Return a chart of the profiles by a selection field."""
        profiles = self.env["crm.customer.profile"]
        rows = profiles._read_group(
            [(field_name, "!=", False), ("company_id", "in", self.env.companies.ids)],
            [field_name],
            [aggregate],
        )
        value_by_key = dict(rows)
        bars = [
            {
                "label": label,
                "value": value_by_key[key],
                "domain": [(field_name, "=", key)],
            }
            for key, label in profiles._fields[field_name]._description_selection(
                self.env
            )
            if key in value_by_key
        ]
        return {
            "key": field_name,
            "title": title,
            "type": kind,
            "model": "crm.customer.profile",
            "bars": bars,
        }

    @api.model
    def _get_risk_chart(self):
        title = self.env._("Lifetime value by churn risk")
        chart = self._get_profile_chart("churn_risk", title, "clv:sum", "doughnut")
        for bar in chart["bars"]:
            [(_name, _operator, risk)] = bar["domain"]
            bar["tone"] = RISK_TONES[risk]
        return chart
