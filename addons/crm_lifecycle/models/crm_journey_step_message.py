from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from .crm_contact_hold import LASTING_REASONS

SENDER = "journey"
# When a message is held for a reason that has no known end.
ASK_AGAIN = timedelta(hours=4)


class CrmJourneyStepMessage(models.Model):
    """Messages to customers, by mailings of stock.

    Consent and contact policies are asked at the moment of sending. Who is held waits
    at the step for his moment, who may never be written to goes the other way.
    """

    _inherit = "crm.journey.step"

    mailing_id = fields.Many2one(
        "mailing.mailing",
        "Message",
        ondelete="restrict",
        index="btree_not_null",
        domain="[('mailing_model_id.model', 'in', ('res.partner', document_model)), "
        "('is_journey_message', '=', True)]",
        context={"default_is_journey_message": True},
    )
    message_body = fields.Html(
        related="mailing_id.body_html", string="Text of the Message"
    )
    message_days = fields.Integer(
        "Waits At Most (days)",
        default=7,
        help="A message that is held for longer, by quiet hours or because the "
        "customer got enough others, is not sent any more.",
    )

    @api.model
    def _get_message_kinds(self):
        """Return the kinds of steps that write to customers."""
        return ("message",)

    def _get_message_outcomes(self):
        return {"next": self.env._("Sent"), "not_sent": self.env._("Not sent")}

    def _get_message_problems(self):
        problems = self._get_missing_problem("mailing_id")
        mailing = self.mailing_id
        if mailing and mailing.mailing_model_real not in self._get_message_models():
            problems.append(
                self.env._(
                    "the message %(mailing)s is for %(model)s, and the journey has "
                    "none of these.",
                    mailing=mailing.subject,
                    model=mailing.mailing_model_id.name,
                )
            )
        return problems

    def _get_message_models(self):
        return ("res.partner", self.journey_id._get_document_model_name())

    def copy_data(self, default=None):
        """A new version has messages of its own: the old ones are what was sent."""
        data = super().copy_data(default)
        for step, vals in zip(self, data, strict=True):
            if step.mailing_id:
                mailing = step.mailing_id.copy({"name": step.mailing_id.name})
                vals["mailing_id"] = mailing.id
        return data

    # ------------------------------------------------------------
    # Sending
    # ------------------------------------------------------------

    def _run_message(self, participants):
        participants = self._drop_without_contact(participants)
        # The next to the same person is asked about when this one counts.
        by_person = participants.grouped("contact_id").values()
        participants = participants.browse(group[0].id for group in by_person)
        answer = self._ask_about(participants, SENDER, self.journey_id)
        self._move_refused(participants, answer)
        allowed = participants.filtered(
            lambda participant: participant.contact_id in answer.allowed
        )
        unsent = self._send(allowed)
        for reason in set(unsent.values()):
            ids = [key for key in allowed.ids if unsent.get(key) == reason]
            self._move(ids, "not_sent", reason)
        self._move([key for key in allowed.ids if key not in unsent], "next")
        self._hold(participants - allowed, answer)

    def _try_message(self, participants):
        """Tell from today's decisions who would get it."""
        participants = self._drop_without_contact(participants)
        answer = self._ask_about(participants)
        refused = self._move_refused(participants, answer)
        self._move((participants - refused).ids, "next")

    def _drop_without_contact(self, participants):
        unknown = participants.filtered(lambda participant: not participant.contact_id)
        self._move(unknown.ids, "not_sent", self.env._("There is nobody to write to."))
        return participants - unknown

    def _ask_about(self, participants, sender=None, document=None):
        policies = self.env["crm.contact.policy"].with_company(self.company_id)
        purpose, channel = self._get_purpose_and_channel()
        return policies._ask(
            participants.contact_id, purpose, channel, sender, document
        )

    def _get_purpose_and_channel(self):
        """Return for what and by which channel the customer is written to."""
        mailing = self.mailing_id
        return mailing._get_purpose().code, mailing._get_consent_channel()

    def _move_refused(self, participants, answer):
        """Those who may never be written to go the other way, with the reason."""
        refused = participants.browse()
        policies = self.env["crm.contact.policy"]
        for reason in set(answer.held.values()) & {*LASTING_REASONS}:
            group = participants.filtered(
                lambda participant, reason=reason: (
                    answer.held.get(participant.contact_id.id) == reason
                )
            )
            label = policies._get_reason_label(reason)
            self._move(group.ids, "not_sent", label)
            refused |= group
        return refused

    def _hold(self, participants, answer):
        """Let those who are held wait for their moment, but not for ever."""
        participants = participants.filtered(
            lambda participant: answer.held.get(participant.contact_id.id)
            not in (None, *LASTING_REASONS)
        )
        now = self.env.cr.now()
        longest = timedelta(days=self.message_days)
        expired = participants.filtered(
            lambda participant: participant.date_waiting
            and participant.date_waiting + longest <= now
        )
        self._move(expired.ids, "not_sent", self.env._("It was held for too long."))
        waiting = participants - expired
        untils = self._get_hold_ends(waiting.contact_id)
        policies = self.env["crm.contact.policy"]
        self._stay(
            {
                participant.id: max(
                    untils.get(participant.contact_id.id) or now + ASK_AGAIN,
                    now + timedelta(minutes=1),
                )
                for participant in waiting
            },
            {
                participant.id: policies._get_reason_label(
                    answer.held[participant.contact_id.id]
                )
                for participant in waiting
            },
        )

    def _get_hold_ends(self, contacts):
        """Return until when each contact is held by this journey's questions."""
        domain = Domain("res_model", "=", "crm.journey")
        domain &= Domain("res_id", "=", self.journey_id.id)
        domain &= Domain("partner_id", "in", contacts.ids)
        domain &= Domain("state", "=", "waiting")
        holds = self.env["crm.contact.hold"].sudo().search(domain)
        return {hold.partner_id.id: hold.date_until for hold in holds}

    def _send(self, participants):
        """Hand the messages over to the queue.

        :return: why it took none, by id of the participant
        :rtype: dict[int, str]
        """
        if not participants:
            return {}
        mailing = self.mailing_id.with_company(self.company_id)
        by_contact = mailing.mailing_model_real == "res.partner"
        mailing._send_to(
            participants.contact_id.ids if by_contact else participants.mapped("res_id")
        )
        return {}
