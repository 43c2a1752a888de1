from ast import literal_eval

from odoo import fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..journey_steps.splitting import choose, draw


class CrmJourneyStepBranch(models.Model):
    """Steps that part the ways: by conditions or by chance."""

    _inherit = "crm.journey.step"

    profile_domain = fields.Char("If the Customer", default="[]")
    document_domain = fields.Char("And the Document", default="[]")

    # ------------------------------------------------------------
    # Decide
    # ------------------------------------------------------------

    def _get_branch_outcomes(self):
        return {"yes": self.env._("Yes"), "no": self.env._("No")}

    def _get_branch_problems(self):
        if not self.event_type_id and all(
            domain.is_true() for domain in self._get_branch_domains()
        ):
            return [self.env._("say what decides.")]
        try:
            self._search_branch_domains()
        except (ValueError, SyntaxError, KeyError, UserError) as error:
            return [self.env._("the condition is not valid: %s", error)]
        return []

    def _get_branch_domains(self):
        """Return the domains on the profile and on the document."""
        try:
            return [
                Domain(literal_eval(self.profile_domain or "[]")),
                Domain(literal_eval(self.document_domain or "[]")),
            ]
        except (ValueError, SyntaxError) as error:
            raise ValidationError(
                self.env._("%s: the condition is not valid.", self.name)
            ) from error

    def _search_branch_domains(self):
        profile_domain, document_domain = self._get_branch_domains()
        self.env["crm.customer.profile"].sudo()._search(profile_domain)
        self.env[self.document_model]._search(document_domain)

    def _run_branch(self, participants):
        profile_domain, document_domain = self._get_branch_domains()
        chosen = set(participants.ids)
        if not profile_domain.is_true():
            chosen &= participants._select_profiles(profile_domain)
        if not document_domain.is_true():
            chosen &= participants._select_documents(document_domain)
        if self.event_type_id:
            chosen &= set(
                participants._find_events(
                    self.event_type_id,
                    "entry",
                    mailing=self.message_step_id.mailing_id,
                )
            )
        self._move([key for key in participants.ids if key in chosen], "yes")
        self._move([key for key in participants.ids if key not in chosen], "no")

    # ------------------------------------------------------------
    # Split at random
    # ------------------------------------------------------------

    def _get_split_outcomes(self):
        return {edge.outcome: edge.outcome for edge in self.edge_ids.sorted("outcome")}

    def _get_split_problems(self):
        if len(self.edge_ids) < 2:
            return [self.env._("give it two ways or more.")]
        if not sum(self.edge_ids.mapped("weight")):
            return [self.env._("give at least one way a weight above zero.")]
        return []

    def _run_split(self, participants):
        """The way hangs on who it is and on the step alone: a try-out tells it."""
        edges = self.edge_ids.sorted("outcome")
        weights = edges.mapped("weight")
        ids_by_outcome = {outcome: [] for outcome in edges.mapped("outcome")}
        for participant in participants:
            number = draw(f"{participant.res_id}:{participant.occasion}", self.uid)
            outcome = edges[choose(number, weights)].outcome
            ids_by_outcome[outcome].append(participant.id)
        for outcome, ids in ids_by_outcome.items():
            self._move(ids, outcome)
