from odoo import api, fields, models


class CrmCaseAbsence(models.Model):
    """A time in which an agent is not there. What he has goes to others."""

    _name = "crm.case.absence"
    _description = "Absence of an Agent"
    _order = "date_from desc, id"
    _rec_name = "date_from"

    agent_id = fields.Many2one(
        "crm.case.agent", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="agent_id.company_id", store=True, index=True)
    date_from = fields.Datetime("From", required=True)
    date_to = fields.Datetime("To", required=True)
    note = fields.Char()

    _dates_in_order = models.Constraint(
        "CHECK (date_from < date_to)", "An absence ends after it has begun."
    )

    @api.model_create_multi
    def create(self, vals_list):
        absences = super().create(vals_list)
        absences._follow()
        return absences

    def write(self, vals):
        result = super().write(vals)
        self._follow()
        return result

    def unlink(self):
        result = super().unlink()
        self._follow()
        return result

    def _follow(self):
        """Look at the queues soon: somebody has left, or is back."""
        self.env.ref("crm_feedback.ir_cron_drain_queues").sudo()._trigger()
