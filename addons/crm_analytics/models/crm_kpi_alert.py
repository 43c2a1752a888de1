from odoo import api, fields, models
from odoo.fields import Domain

from .crm_kpi import COUNTING


class CrmKpi(models.Model):
    """Every night: measure, write down, and open an activity for what is off target."""

    _inherit = "crm.kpi"

    @api.model
    def _cron_snapshot(self):
        """Take a snapshot a day; a figure that is red opens one activity a month."""
        kpis = self.search(Domain("parent_id", "=", False))
        commit = self.env["ir.cron"]._commit_progress
        commit(remaining=len(kpis))
        for kpi in kpis:
            family = kpi | kpi.part_ids
            family.action_snapshot()
            for each in family:
                each._alert()
            if not commit(1):
                return

    def _alert(self):
        """Open one activity for the owner, with the probable cause."""
        first = fields.Date.context_today(self).replace(day=1)
        month = self.month_ids.filtered(lambda line: line.month == first)
        if self.light != "red" or not self.user_id or month.has_alerted:
            return
        month.sudo().has_alerted = True
        if self.activity_ids:
            return
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            user_id=self.user_id.id,
            summary=self.env._("%(kpi)s is off target", kpi=self.name),
            note=self._say_alert(),
        )

    def _say_alert(self):
        return self.env["ir.qweb"]._render(
            "crm_analytics.crm_kpi_alert",
            {
                "kpi": self,
                "actual": f"{self.actual:,.6g}",
                "target": f"{self.current_target:,.6g}",
                "variance": f"{self.variance:+.0f} %",
                "cause": self._get_probable_cause(),
            },
        )

    def _get_probable_cause(self):
        """Name the group that is furthest on the wrong side of the month before.

        :return: a sentence; empty without a field to look by, or without a date
        """
        cause = self.sudo().cause_field_id
        if not cause or not self.sudo().date_field_id or self.aggregate == "share":
            return ""
        this_month = fields.Date.context_today(self).replace(day=1)
        last_month = fields.Date.subtract(this_month, months=1)
        now = self._measure_by(cause.name, this_month)
        before = self._measure_by(cause.name, last_month)
        sign = 1 if self.direction == "up" else -1
        # Of no documents a sum is 0, an average is unknown.
        is_known = self.aggregate in COUNTING
        losses = {
            group: sign * (before.get(group, 0) - now.get(group, 0))
            for group in {**now, **before}
            if is_known or (group in now and group in before)
        }
        worst = max(losses, key=losses.get, default=None)
        if worst is None or losses[worst] <= 0:
            return ""
        return self.env._(
            "%(field)s %(group)s: %(now)s, %(before)s in the month before",
            field=cause.field_description,
            group=worst or self.env._("none"),
            now=f"{now.get(worst, 0):,.6g}",
            before=f"{before.get(worst, 0):,.6g}",
        )

    def _measure_by(self, name, first):
        """Return the figure of each group, by the group's label."""
        model = self.env[self.sudo().model_name].sudo()
        following = fields.Date.add(first, months=1)
        rows = model._read_group(
            self._get_measured_domain(first, following), [name], [self._get_aggregate()]
        )
        field = model._fields[name]
        if field.type == "selection":
            labels = dict(field._description_selection(self.env))
            return {labels.get(group, ""): value or 0 for group, value in rows}
        return {group.display_name or "": value or 0 for group, value in rows}
