from odoo import fields, models


class CrmCaseDispatchSlot(models.TransientModel):
    """A time at which a technician can come."""

    _name = "crm.case.dispatch.slot"
    _description = "Free Time"
    _order = "date_start, id"

    dispatch_id = fields.Many2one(
        "crm.case.dispatch", required=True, index=True, ondelete="cascade"
    )
    user_id = fields.Many2one("res.users", "Technician", required=True)
    date_start = fields.Datetime("From", required=True)

    def action_choose(self):
        """Plan the visit at this time."""
        self.ensure_one()
        wizard = self.dispatch_id
        wizard._check_free(self)
        visit = self.env["crm.case.visit"].create(
            {
                "case_id": wizard.case_id.id,
                "user_id": self.user_id.id,
                "date_start": self.date_start,
                "duration": wizard.duration,
                "instructions": wizard.instructions,
            }
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.case.visit",
            "res_id": visit.id,
            "views": [(False, "form")],
        }
