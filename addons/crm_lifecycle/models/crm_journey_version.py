from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmJourneyVersion(models.Model):
    """The steps of a journey as they were published at one time.

    Published steps don't change: a change draws a new version, and who is on the way
    finishes the one he entered or is moved over by hand.
    """

    _name = "crm.journey.version"
    _description = "Journey Version"
    _order = "journey_id, number DESC"
    _rec_name = "number"

    journey_id = fields.Many2one(
        "crm.journey", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="journey_id.company_id", store=True)
    number = fields.Integer(required=True, default=1)
    state = fields.Selection(
        [("draft", "Draft"), ("published", "Published"), ("retired", "Retired")],
        required=True,
        default="draft",
    )
    step_ids = fields.One2many("crm.journey.step", "version_id", copy=True)
    start_step_id = fields.Many2one("crm.journey.step", ondelete="restrict")

    _number_uniq = models.Constraint(
        "UNIQUE(journey_id, number)", "This version of the journey is there already."
    )

    @api.depends("journey_id.name", "number")
    def _compute_display_name(self):
        for version in self:
            version.display_name = f"{version.journey_id.name} ({version.number})"

    def _check_complete(self):
        """Raise an error that names the steps that can't work as they are."""
        self.ensure_one()
        if not self.start_step_id:
            raise UserError(
                self.env._("Journey %s has no first step.", self.journey_id.name)
            )
        problems = [
            f"{step.name}: {problem}"
            for step in self.step_ids
            for problem in step._get_problems()
        ]
        if problems:
            raise UserError("\n".join(problems))
