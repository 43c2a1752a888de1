from odoo import api, fields, models
from odoo.exceptions import UserError

# What a list may show from which customers are taken, and the field that leads to them.
SOURCES = {
    "res.partner": "commercial_partner_id",
    "crm.customer.profile": "partner_id",
    "crm.segment": "id",
}


class CrmJourneyEnrol(models.TransientModel):
    """Put customers into a journey that starts by hand."""

    _name = "crm.journey.enrol"
    _description = "Add to a Journey"

    journey_id = fields.Many2one(
        "crm.journey",
        required=True,
        ondelete="cascade",
        domain=[("state", "=", "running"), ("trigger", "=", "manual")],
    )
    partner_ids = fields.Many2many("res.partner", string="Customers", readonly=True)
    partner_count = fields.Integer("Chosen", compute="_compute_partner_count")

    @api.depends("partner_ids")
    def _compute_partner_count(self):
        for wizard in self:
            wizard.partner_count = len(wizard.partner_ids)

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        path = SOURCES.get(self.env.context.get("active_model"))
        if path and "partner_ids" in fields:
            model = self.env[self.env.context["active_model"]]
            records = model.browse(self.env.context.get("active_ids", []))
            values["partner_ids"] = self._get_customers(records, path).ids
        return values

    def _get_customers(self, records, path):
        if records._name == "crm.segment":
            domain = records._get_partner_domain()
            return self.env["res.partner"].search(domain).commercial_partner_id
        return records.mapped(path)

    def action_enrol(self):
        """Let them enter, as far as the journey's conditions allow."""
        self.ensure_one()
        self.journey_id.check_access("write")
        if not self.partner_ids:
            raise UserError(self.env._("None of these has a customer."))
        entered = self.journey_id.action_enrol(self.partner_ids.ids)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if entered else "warning",
                "message": self.env._(
                    "%(entered)s of %(count)s customers entered %(journey)s.",
                    entered=entered,
                    count=len(self.partner_ids),
                    journey=self.journey_id.name,
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
