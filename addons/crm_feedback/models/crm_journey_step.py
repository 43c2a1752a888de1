from odoo import api, fields, models
from odoo.tools import plaintext2html


class CrmJourneyStep(models.Model):
    """Steps that open a case, or ask the customer for feedback."""

    _inherit = "crm.journey.step"

    kind = fields.Selection(
        selection_add=[
            ("survey", "Ask for feedback"),
            ("activity",),
            ("case", "Open a case"),
            ("webhook",),
        ],
        ondelete={"survey": "cascade", "case": "cascade"},
    )
    feedback_program_id = fields.Many2one(
        "crm.feedback.program",
        domain="[('moment', '=', 'journey'), "
        "('company_id', 'in', (False, company_id))]",
        ondelete="restrict",
        help="Its survey, its invitation, and what follows from an unhappy answer.",
    )
    case_type = fields.Selection(
        selection=lambda self: self.env["crm.case"]._fields["case_type"].selection,
        default="request",
    )
    case_severity = fields.Selection(
        selection=lambda self: self.env["crm.case"]._fields["severity"].selection,
        default="1",
    )
    case_team_id = fields.Many2one(
        "crm.case.team",
        domain="[('company_id', 'in', (False, company_id))]",
        ondelete="restrict",
        help="Empty: the routing rules choose it.",
    )
    case_category_id = fields.Many2one("crm.case.category", ondelete="restrict")

    @api.model
    def _get_kinds(self):
        return {
            **super()._get_kinds(),
            "survey": ("fa-star-half-o", "send"),
            "case": ("fa-life-ring", "change"),
        }

    # ------------------------------------------------------------
    # Surveys: messages to customers as well
    # ------------------------------------------------------------

    @api.model
    def _get_message_kinds(self):
        return (*super()._get_message_kinds(), "survey")

    def _get_survey_outcomes(self):
        return {"next": self.env._("Asked"), "not_sent": self.env._("Not asked")}

    def _get_survey_problems(self):
        return self._get_missing_problem("feedback_program_id")

    def _get_survey_text(self):
        return self.feedback_program_id.name or ""

    def _run_survey(self, participants):
        self._run_message(self._drop_without_address(participants))

    def _try_survey(self, participants):
        self._try_message(self._drop_without_address(participants))

    def _drop_without_address(self, participants):
        participants = self._drop_without_contact(participants)
        without = participants.filtered(
            lambda participant: not participant.contact_id.email_normalized
        )
        self._move(without.ids, "not_sent", self.env._("There is no e-mail address."))
        return participants - without

    def _get_purpose_and_channel(self):
        if self.kind == "survey":
            return self.feedback_program_id.purpose_id.code, "email"
        return super()._get_purpose_and_channel()

    def _send(self, participants):
        if self.kind != "survey":
            return super()._send(participants)
        program = self.feedback_program_id.with_company(self.company_id)
        rested = program._filter_rested(participants.contact_id)
        program._send_invitations(
            [program._prepare_invitation_values(contact) for contact in rested]
        )
        tired = participants.filtered(
            lambda participant: participant.contact_id not in rested
        )
        reason = self.env._("Asked within %s days already.", program.fatigue_days)
        return dict.fromkeys(tired.ids, reason)

    # ------------------------------------------------------------
    # Cases
    # ------------------------------------------------------------

    def _get_case_problems(self):
        problems = self._get_missing_problem("case_type")
        return problems + self._get_missing_problem("summary")

    def _get_case_text(self):
        return self.summary or ""

    def _run_case(self, participants):
        documents = participants._get_documents()
        self.env["crm.case"].with_company(self.company_id).create(
            [
                self._prepare_case_values(participant, documents[participant.id])
                for participant in participants
            ]
        )
        self._move(participants.ids, "next")

    def _prepare_case_values(self, participant, document):
        """Return the values of the case, about the document where it is an order or
        an invoice."""
        vals = {
            "name": self.summary,
            "description": plaintext2html(self.note or ""),
            "case_type": self.case_type,
            "severity": self.case_severity or "1",
            "category_id": self.case_category_id.id,
            "partner_id": (participant.contact_id or participant.partner_id).id,
            "company_id": self.company_id.id,
            "campaign_id": self.journey_id.campaign_id.id,
            "channel": "internal",
        }
        if self.case_team_id:
            vals["team_id"] = self.case_team_id.id
        about = {"sale.order": "sale_order_id", "account.move": "invoice_id"}
        if document._name in about:
            vals[about[document._name]] = document.id
        return vals
