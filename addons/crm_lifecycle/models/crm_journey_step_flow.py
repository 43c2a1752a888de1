from odoo import models
from odoo.tools import format_duration


class CrmJourneyStepFlow(models.Model):
    """Steps as the flow shows and connects them."""

    _inherit = "crm.journey.step"

    def action_connect(self, outcome, target_id):
        """Let an outcome lead to another step of the version; to none: the end."""
        self.ensure_one()
        edge = self.edge_ids.filtered(lambda edge: edge.outcome == outcome)
        if edge:
            edge.target_id = target_id
        elif target_id:
            edge.create(
                {"step_id": self.id, "outcome": outcome, "target_id": target_id}
            )
        return True

    def action_add_way(self):
        """Give a random split one more way."""
        self.ensure_one()
        taken = set(self.edge_ids.mapped("outcome"))
        outcome = next(letter for letter in "ABCDEFGHIJ" if letter not in taken)
        self.env["crm.journey.edge"].create({"step_id": self.id, "outcome": outcome})

    def _get_text(self):
        """Return the step's setting in a few words."""
        self.ensure_one()
        method = getattr(self, f"_get_{self.kind}_text", None)
        return method() if method else ""

    def _get_message_text(self):
        return self.mailing_id.subject or ""

    def _get_wait_text(self):
        if self.wait_mode == "slot":
            days = dict(self._fields["wait_weekday"]._description_selection(self.env))
            day = days.get(self.wait_weekday, "")
            return f"{day} {format_duration(self.wait_hour)}".strip()
        if self.wait_mode == "date":
            return self.wait_field_id.sudo().field_description or ""
        if self.wait_mode == "best":
            return self._get_label("wait_mode")
        return self._get_period_text()

    def _get_period_text(self):
        if self.wait_number == 1:
            return {
                "minutes": self.env._("1 minute"),
                "hours": self.env._("1 hour"),
                "days": self.env._("1 day"),
                "weeks": self.env._("1 week"),
                "months": self.env._("1 month"),
            }[self.wait_unit]
        return f"{self.wait_number} {self._get_label('wait_unit').lower()}"

    def _get_wait_event_text(self):
        name = self.event_type_id.sudo().name or ""
        return self.env._(
            "%(event)s, at most %(period)s", event=name, period=self._get_period_text()
        )

    def _get_branch_text(self):
        return self.event_type_id.sudo().name or ""

    def _get_split_text(self):
        weights = self.edge_ids.sorted("outcome").mapped("weight")
        whole = sum(weights) or 1
        return " : ".join(f"{weight / whole:.0%}" for weight in weights)

    def _get_activity_text(self):
        return self.summary or self.activity_type_id.name or ""

    _get_colleague_text = _get_activity_text
    _get_lead_text = _get_activity_text

    def _get_segment_text(self):
        return (
            f"{self._get_label('segment_operation')} {self.segment_id.name}"
            if self.segment_id
            else ""
        )

    def _get_tag_text(self):
        return ", ".join(self.tag_ids.mapped("name"))

    def _get_field_text(self):
        field = self.field_id.sudo().field_description
        return f"{field} = {self.field_value or ''}" if field else ""

    def _get_webhook_text(self):
        return self.webhook_url or ""

    def _get_action_text(self):
        return self.action_id.sudo().name or ""

    def _get_label(self, name):
        labels = dict(self._fields[name]._description_selection(self.env))
        return labels.get(self[name], "")
