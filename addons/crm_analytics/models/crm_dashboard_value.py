from odoo import api, models


class CrmDashboard(models.AbstractModel):
    """The board of value and retention: grid, equity, migration, who leaves."""

    _inherit = "crm.dashboard"

    @api.model
    def _get_boards(self):
        boards = super()._get_boards()
        if self.env["crm.analytics.run"].has_access("read"):
            boards.append(("value", self.env._("Value and Retention"), 60))
        return boards

    @api.model
    def _get_tiles(self, scope):
        tiles = super()._get_tiles(scope)
        if scope.board == "value":
            tiles += [
                tile
                for tile in self._get_customer_tiles(scope)
                if tile["key"] in ("customers", "clv", "value_at_risk")
            ]
        return tiles

    @api.model
    def _get_charts(self, scope):
        charts = super()._get_charts(scope)
        if scope.board == "value":
            charts += [
                self._get_value_grid(scope),
                self._get_equity_chart(scope),
                self._get_migration_grid(
                    scope, "value_class", self.env._("Value classes"), 30
                ),
                self._get_migration_grid(
                    scope, "rfm_segment", self.env._("RFM segments"), 40
                ),
                *self._get_retention_charts(scope),
            ]
        return charts

    @api.model
    def _get_value_grid(self, scope):
        """Return the customers by value and risk; a cell opens them."""
        rows = self.env["crm.customer.summary"]._read_group(
            [
                *self._get_summary_domain(scope),
                ("value_class", "!=", False),
                ("churn_risk", "!=", False),
            ],
            ["value_class", "churn_risk"],
            ["customer_count:sum", "clv:sum"],
        )
        figures = {(value, risk): (count, clv) for value, risk, count, clv in rows}
        values, risks = (
            self._get_choices("value_class"),
            self._get_choices("churn_risk"),
        )
        cells = [
            [
                self._prepare_cell(
                    figures.get((value, risk), (0, 0))[0],
                    [("value_class", "=", value), ("churn_risk", "=", risk)],
                    scope,
                    f"{value_label} / {risk_label}",
                )
                for risk, risk_label in risks
            ]
            for value, value_label in values
        ]
        return self._prepare_grid(
            "value_risk",
            self.env._("Customers by value and risk"),
            [label for _key, label in values],
            [label for _key, label in risks],
            cells,
            10,
            self.env._("Value"),
            self.env._("Risk to leave"),
        )

    @api.model
    def _get_choices(self, name):
        profile = self.env["crm.customer.profile"]
        return profile._fields[name]._description_selection(self.env)

    @api.model
    def _prepare_cell(self, value, domain, scope, label):
        return {
            "value": value,
            "label": label,
            "domain": [*domain, *scope.of_companies()],
        }

    @api.model
    def _prepare_grid(
        self, key, title, rows, columns, cells, sequence, y_title="", x_title="", **more
    ):
        """Return a table shaded by its numbers; cells may open profiles."""
        return {
            "key": key,
            "title": title,
            "type": "grid",
            "model": "crm.customer.profile",
            "rows": rows,
            "columns": columns,
            "cells": cells,
            "sequence": sequence,
            "y_title": y_title,
            "x_title": x_title,
            **more,
        }

    @api.model
    def _get_equity_chart(self, scope):
        """Return the sum of the lifetime values at the end of each month."""
        rows = self.env["crm.customer.summary"]._read_group(
            [*scope.of_companies(), *scope.within("month")],
            ["month:month"],
            ["clv:sum"],
        )
        bars = [
            {
                "label": month.strftime("%Y-%m"),
                "value": clv or 0,
                "domain": [("month", "=", str(month)), *scope.of_companies()],
            }
            for month, clv in rows
        ]
        return self._prepare_chart(
            "equity",
            self.env._("Customer equity by month"),
            bars,
            20,
            "crm.customer.summary",
            note=self.env._("One figure a month, from the first analysis on."),
        )

    @api.model
    def _get_migration_grid(self, scope, dimension, title, sequence):
        """Return who went from where to where in the last month of the days."""
        moves = self.env["crm.customer.migration"]
        domain = [*scope.of_companies(), ("dimension", "=", dimension)]
        newest = moves.search([*domain, ("month", "<=", str(scope.date_to))], limit=1)
        # The profiles remember where they began in the last month alone.
        is_last = newest == moves.search(domain, limit=1)
        rows = moves._read_group(
            [*domain, ("month", "=", newest.month)],
            ["from_class", "to_class"],
            ["customer_count:sum"],
        )
        figures = {(start, end): count for start, end, count in rows}
        ends = self._get_choices(dimension)
        if any(not (start and end) for start, end in figures):
            ends = [*ends, (False, self.env._("None"))]
        month = newest.month.strftime("%Y-%m") if newest else ""
        opening = {"rfm_segment": "opening_rfm_segment"}.get(
            dimension, "opening_value_class"
        )
        cells = [
            [
                self._prepare_cell(
                    figures.get((start, end), 0),
                    [(opening, "=", start), (dimension, "=", end)],
                    scope,
                    f"{start_label} → {end_label}",
                )
                if is_last
                else {"value": figures.get((start, end), 0)}
                for end, end_label in ends
            ]
            for start, start_label in ends
        ]
        return self._prepare_grid(
            f"migration_{dimension}",
            self.env._("%(what)s: moves of %(month)s", what=title, month=month),
            [label for _key, label in ends],
            [label for _key, label in ends],
            cells,
            sequence,
            self.env._("Start of the month"),
            self.env._("End of the month"),
            muted_diagonal=True,
            is_empty=not newest,
        )

    @api.model
    def _get_retention_charts(self, scope):
        """Return the charts of the last analysis of retention."""
        run = self.env["crm.analytics.run"].search(
            [
                ("kind", "=", "retention"),
                ("state", "=", "done"),
                ("is_trial", "=", False),
                *scope.of_companies(),
            ],
            limit=1,
        )
        return [
            {
                **chart,
                "sequence": 50 + place,
                "model": False,
                "note": "" if place else run.summary,
            }
            for place, chart in enumerate(run.charts or [])
        ]
