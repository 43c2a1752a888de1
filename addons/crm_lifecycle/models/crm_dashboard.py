from typing import NamedTuple

import pytz
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import formatLang


class DashboardScope(NamedTuple):
    """What a board is asked for.

    :param board: key of the board, such as ``sales``
    :param date_from: first day, a date
    :param date_to: last day, a date
    :param company_ids: among the user's companies
    """

    board: str
    date_from: object
    date_to: object
    company_ids: list

    def within(self, field_name):
        """Return the domain of a date or datetime field within the days."""
        return [
            (field_name, ">=", str(self.date_from)),
            (field_name, "<=", str(self.date_to)),
        ]

    def of_companies(self, field_name="company_id"):
        return [(field_name, "in", self.company_ids)]


class CrmDashboard(models.AbstractModel):
    """Hook: boards, tiles and charts of the dashboard that ``crm_analytics`` shows.

    Every addon adds its own, also one that does not depend on ``crm_analytics``. All
    is read with the user's own rights: nothing here uses ``sudo``.
    """

    _name = "crm.dashboard"
    _description = "CRM Dashboard"

    @api.model
    def _get_boards(self):
        """Return the boards that the user may open: ``(key, label, sequence)``."""
        return []

    @api.model
    def _get_tiles(self, scope):
        """Return the tiles of the board ``scope.board``.

        :param DashboardScope scope: board, days, companies
        :return: made by :meth:`_prepare_tile`
        :rtype: list[dict]
        """
        return []

    @api.model
    def _get_charts(self, scope):
        """Return the charts of the board ``scope.board``.

        :param DashboardScope scope: board, days, companies
        :return: made by :meth:`_prepare_chart`
        :rtype: list[dict]
        """
        return []

    @api.model
    def _prepare_tile(
        self,
        key,
        label,
        value,
        icon,
        sequence,
        detail="",
        tone="",
        domain=None,
        model="crm.customer.profile",
    ):
        """Return a tile that opens the documents of ``model`` within ``domain``."""
        is_open = domain is not None and self.env[model].has_access("read")
        return {
            "key": key,
            "label": label,
            "value": value,
            "icon": icon,
            "sequence": sequence,
            "detail": detail,
            "tone": tone,
            "action": is_open and self._get_list_action(label, domain, model),
        }

    @api.model
    def _get_list_action(self, name, domain, model):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "views": [(False, "list"), (False, "form")],
            "domain": domain,
        }

    @api.model
    def _prepare_chart(
        self, key, title, bars, sequence, model, kind="bar", note="", target=None
    ):
        """Return a chart whose bars open the documents of ``model``.

        :param bars: dicts with ``label``, ``value``, ``domain`` and perhaps ``tone``
        :param kind: ``bar``, ``line`` or ``doughnut``
        :param target: value at which a line is drawn across the bars
        """
        return {
            "key": key,
            "title": title,
            "type": kind,
            "model": model,
            "bars": bars,
            "sequence": sequence,
            "note": note,
            "target": target,
        }

    @api.model
    def _get_group_chart(
        self,
        key,
        title,
        sequence,
        model,
        domain,
        field_name,
        aggregate="__count",
        kind="bar",
        is_ranked=True,
    ):
        """Return a chart of documents grouped by a field, with the user's rights.

        Groups by selection, relation, or month (``date:month``), at most twenty.

        :param is_ranked: the greatest first, else in the order of the groups; months
            are always in theirs, with those between that have no document
        """
        documents = self.env[model]
        rows = []
        if documents.has_access("read"):
            rows = documents._read_group(domain, [field_name], [aggregate])
        if ":month" in field_name:
            rows = self._fill_months(rows)
        else:
            if is_ranked:
                rows = sorted(rows, key=lambda row: -(row[1] or 0))
            rows = rows[:20]
        name = field_name.split(":")[0]
        bars = [
            {
                "label": self._get_group_label(documents, name, group),
                "value": value or 0,
                "domain": [*domain, *self._get_bar_domain(documents, name, group)],
            }
            for group, value in rows
        ]
        return self._prepare_chart(key, title, bars, sequence, model, kind)

    @api.model
    def _fill_months(self, rows):
        """Return the rows with the months in between, in which nothing happened."""
        value_by_month = dict(rows)
        undated = (
            [(False, value_by_month.pop(False))] if False in value_by_month else []
        )
        filled, last = [], max(value_by_month, default=None)
        month = min(value_by_month, default=None)
        while month is not None and month <= last:
            filled.append((month, value_by_month.get(month, 0)))
            month += relativedelta(months=1)
        return filled + undated

    @api.model
    def _get_summary_group_chart(
        self,
        key,
        title,
        sequence,
        summary,
        domain,
        scope,
        field_name,
        measure="document_count",
        kind="bar",
    ):
        """Return the chart of :meth:`_get_group_chart` of documents summed up by day.

        :param str summary: model that inherits ``crm.document.summary.mixin``
        :param domain: of the documents, without the days, which are those of ``scope``
        :param str field_name: field of the documents; the date for one bar a month
        """
        summary = self.env[summary]
        documents = self.env[summary._summary_of]
        is_date = field_name == summary._summary_date
        rows = summary._read_days(
            domain,
            ["day:month" if is_date else field_name],
            [measure],
            scope.date_from,
            scope.date_to,
        )
        if is_date:
            # A month as those of documents that are grouped by a time.
            rows = self._fill_months(
                [(fields.Datetime.to_datetime(month), value) for month, value in rows]
            )
        else:
            rows = sorted(rows, key=lambda row: -row[1])[:20]
        within = [
            *summary._summary_domain,
            *domain,
            *scope.within(summary._summary_date),
        ]
        bars = [
            {
                "label": self._get_group_label(documents, field_name, group),
                "value": value,
                "domain": [
                    *within,
                    *self._get_bar_domain(documents, field_name, group),
                ],
            }
            for group, value in rows
        ]
        return self._prepare_chart(key, title, bars, sequence, documents._name, kind)

    @api.model
    def _get_group_label(self, documents, name, group):
        field = documents._fields[name]
        if field.type == "selection":
            labels = dict(field._description_selection(self.env))
            return labels.get(group) or self.env._("None")
        if field.relational:
            return group.display_name or self.env._("None")
        return group.strftime("%Y-%m") if group else self.env._("None")

    @api.model
    def _get_bar_domain(self, documents, name, group):
        field = documents._fields[name]
        if field.relational:
            return [(name, "=", group.id)]
        if field.type in ("date", "datetime") and group:
            limits = (group, group + relativedelta(months=1))
            if field.type == "datetime":
                # The month is that of the user's time zone, the column has UTC.
                limits = [
                    self.env.tz.localize(limit)
                    .astimezone(pytz.utc)
                    .replace(tzinfo=None)
                    for limit in limits
                ]
            return [(name, ">=", str(limits[0])), (name, "<", str(limits[1]))]
        return [(name, "=", group)]

    @api.model
    def _format_amount(self, amount):
        currency = self.env.company.currency_id
        number = formatLang(self.env, round(amount or 0), digits=0)
        parts = [currency.symbol, number]
        # The sign stays beside its number at the end of a line.
        space = "\N{NO-BREAK SPACE}"
        return space.join(parts if currency.position == "before" else reversed(parts))

    @api.model
    def _format_count(self, number):
        return formatLang(self.env, round(number or 0), digits=0)

    @api.model
    def _format_share(self, part, whole):
        return (
            f"{formatLang(self.env, 100 * part / whole, digits=1)}%" if whole else "–"
        )
