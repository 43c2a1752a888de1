from odoo import models


class CrmJourneyStepEnd(models.Model):
    """Steps at which a run ends or has reached what it was for."""

    _inherit = "crm.journey.step"

    def _get_exit_outcomes(self):
        return {}

    def _run_exit(self, participants):
        self._move(participants.ids, "next", end="exited")

    def _run_goal(self, participants):
        self._move(participants.ids, "next", end="goal")
