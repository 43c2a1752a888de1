from datetime import timedelta

from odoo import fields, models
from odoo.tools import plaintext2html


class CrmJourneyStepActivity(models.Model):
    """Steps that bring a colleague in: an activity, a message, a lead, an owner."""

    _inherit = "crm.journey.step"

    assign_to = fields.Selection(
        [
            ("salesperson", "The salesperson of the document or customer"),
            ("responsible", "The responsible of the journey"),
            ("user", "This user"),
        ],
        "For",
        default="salesperson",
    )
    user_id = fields.Many2one("res.users", ondelete="restrict")
    activity_type_id = fields.Many2one("mail.activity.type", ondelete="restrict")
    activity_days = fields.Integer("Due In (days)", default=1)
    summary = fields.Char(translate=True)
    note = fields.Text(translate=True)
    team_id = fields.Many2one("crm.team", "Sales Team", ondelete="restrict")
    lead_type = fields.Selection(
        [("lead", "Lead"), ("opportunity", "Opportunity")],
        "Create",
        default="opportunity",
    )

    def _get_assignment_problems(self):
        return self._get_missing_problem("user_id") if self.assign_to == "user" else []

    _get_activity_problems = _get_assignment_problems
    _get_assign_problems = _get_assignment_problems

    def _get_colleague_problems(self):
        problems = self._get_missing_problem("summary")
        return problems + self._get_assignment_problems()

    def _get_users(self, participants):
        """Return the colleague for each participant by id."""
        journey_user = self.journey_id.user_id or self.env.ref("base.user_admin")
        if self.assign_to == "user":
            return dict.fromkeys(participants.ids, self.user_id)
        if self.assign_to == "responsible":
            return dict.fromkeys(participants.ids, journey_user)
        documents = participants._get_documents()
        users = {}
        for participant in participants:
            document = documents[participant.id]
            own = document.user_id if "user_id" in document._fields else None
            if own is not None and own._name != "res.users":
                own = None
            users[participant.id] = own or participant.partner_id.user_id
            users[participant.id] = users[participant.id] or journey_user
        return users

    def _run_activity(self, participants):
        users = self._get_users(participants)
        documents = participants._get_documents()
        deadline = self.env.cr.now().date() + timedelta(days=self.activity_days)
        activity_type = self.activity_type_id or self.env.ref(
            "mail.mail_activity_data_todo"
        )
        values = []
        for participant in participants:
            document = documents[participant.id]
            if "activity_ids" not in document._fields:
                document = participant.partner_id
            values.append(
                {
                    "res_model_id": self.env["ir.model"]._get_id(document._name),
                    "res_id": document.id,
                    "activity_type_id": activity_type.id,
                    "summary": self.summary or self.journey_id.name,
                    "note": plaintext2html(self.note or ""),
                    "date_deadline": deadline,
                    "user_id": users[participant.id].id,
                }
            )
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(
            values
        )
        self._move(participants.ids, "next")

    def _run_colleague(self, participants):
        users = self._get_users(participants)
        documents = participants._get_documents()
        for participant in participants:
            document = documents[participant.id]
            if not hasattr(document, "message_notify"):
                document = participant.partner_id
            document.message_notify(
                partner_ids=users[participant.id].partner_id.ids,
                subject=self.summary,
                body=plaintext2html(self.note or self.summary),
            )
        self._move(participants.ids, "next")

    def _run_assign(self, participants):
        """Make the colleague the salesperson of the customer."""
        users = self._get_users(participants)
        for user, group in participants.grouped(
            lambda participant: users[participant.id]
        ).items():
            group.partner_id.write({"user_id": user.id})
        self._move(participants.ids, "next")

    def _run_lead(self, participants):
        journey = self.journey_id
        users = self._get_users(participants)
        self.env["crm.lead"].create(
            [
                {
                    "name": self.summary or journey.name,
                    "type": self.lead_type,
                    "partner_id": (participant.contact_id or participant.partner_id).id,
                    "user_id": users[participant.id].id,
                    "team_id": self.team_id.id,
                    "campaign_id": journey.campaign_id.id,
                    "company_id": participant.company_id.id,
                    "description": plaintext2html(self.note or ""),
                }
                for participant in participants
            ]
        )
        self._move(participants.ids, "next")
