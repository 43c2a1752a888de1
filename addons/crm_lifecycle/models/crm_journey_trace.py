from odoo import fields, models


class CrmJourneyTrace(models.Model):
    """A step that a participant has done, and what came of it.

    The number of the visit makes doing it twice impossible.
    """

    _name = "crm.journey.trace"
    _description = "Journey Trace"
    _order = "date DESC, id DESC"
    _log_access = False
    _rec_name = "step_id"

    participant_id = fields.Many2one(
        "crm.journey.participant", required=True, ondelete="cascade", index=True
    )
    journey_id = fields.Many2one("crm.journey", required=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    step_id = fields.Many2one(
        "crm.journey.step", required=True, ondelete="cascade", index=True
    )
    visit = fields.Integer(required=True, help="How many steps were done before.")
    outcome = fields.Char(required=True)
    date = fields.Datetime(required=True)
    detail = fields.Char()

    _visit_uniq = models.UniqueIndex("(participant_id, visit)")
    _journey_idx = models.Index("(journey_id, date)")
