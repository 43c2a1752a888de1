from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

# Stock makes the invitations one by one while the user waits: some 100 a second.
MOST_RECIPIENTS = 1_000
PURPOSE = "survey"


class SurveyInvite(models.TransientModel):
    """A survey may be sent to the members of segments who allow surveys."""

    _inherit = "survey.invite"

    crm_segment_ids = fields.Many2many(
        "crm.segment",
        string="Segments",
        groups="crm_lifecycle.crm_lifecycle_group_user",
        help="Their members get the survey as well, if they have an e-mail address and "
        "may be asked now.",
    )
    has_segments = fields.Boolean(compute="_compute_has_segments", compute_sudo=True)
    segment_recipient_count = fields.Integer(
        compute="_compute_segment_recipient_count",
        groups="crm_lifecycle.crm_lifecycle_group_user",
    )
    held_note = fields.Text("Not Asked", compute="_compute_held_note")

    @api.depends("crm_segment_ids")
    def _compute_has_segments(self):
        for invite in self:
            invite.has_segments = bool(invite.crm_segment_ids)

    @api.depends("crm_segment_ids")
    def _compute_segment_recipient_count(self):
        partners = self.env["res.partner"]
        for invite in self:
            invite.segment_recipient_count = (
                partners.search_count(invite._get_segment_domain())
                if invite.crm_segment_ids
                else 0
            )

    @api.depends("partner_ids", "survey_id")
    def _compute_held_note(self):
        get_label = self.env["crm.contact.policy"]._get_reason_label
        for invite in self:
            partners = invite.partner_ids._origin
            held = invite._ask(partners).held
            invite.held_note = "\n".join(
                f"{partner.name or partner.email}: {get_label(held[partner.id])}"
                for partner in partners
                if partner.id in held
            )

    def _ask(self, partners):
        """Ask who may be invited now. Exams are taken, not declined."""
        purpose = "service" if self.survey_id.survey_type == "assessment" else PURPOSE
        return self.env["crm.contact.policy"]._ask(partners, purpose)

    def _get_segment_domain(self):
        """Return a domain on contacts: members who may be asked by e-mail now."""
        return Domain.AND(
            [
                self.crm_segment_ids._origin._get_partner_domain(),
                [("email_normalized", "!=", False)],
                self.env["crm.consent"]._get_allowed_domain(PURPOSE, "email"),
                self.env["crm.contact.policy"]._get_contactable_domain(
                    PURPOSE, "email"
                ),
            ]
        )

    def action_invite(self):
        """Add the members of the segments to the recipients."""
        self.ensure_one()
        if self.sudo().crm_segment_ids:
            self.partner_ids |= self._get_segment_partners()
        return super().action_invite()

    def _prepare_answers(self, partners, emails):
        """Who was picked by hand and may not be asked now is left out."""
        allowed = self._ask(partners).allowed
        if partners and not allowed and not emails:
            raise UserError(
                self.env._(
                    "None of them may be asked at this time:\n%s",
                    self.held_note or self.env._("see their preferences"),
                )
            )
        return super()._prepare_answers(allowed, emails)

    def _get_segment_partners(self):
        partners = self.env["res.partner"].search(
            self._get_segment_domain(), limit=MOST_RECIPIENTS + 1
        )
        if len(partners) > MOST_RECIPIENTS:
            raise UserError(
                self.env._(
                    "More than %s members can be asked. Send them a mailing with the "
                    "link of the survey instead.",
                    MOST_RECIPIENTS,
                )
            )
        if not partners and not self.partner_ids and not self.emails:
            raise UserError(
                self.env._("None of the members may be asked by e-mail at this time.")
            )
        return partners

    def _send_mail(self, answer):
        """Who is asked may decline the next time: stock ties the mail to no answer."""
        mail = super()._send_mail(answer)
        if answer.partner_id and self.survey_id.survey_type != "assessment":
            purpose = self.env["crm.consent"]._get_purpose(PURPOSE)
            mail.body_html = mail._add_preference_link(
                mail.body_html, answer.partner_id, purpose
            )
        return mail
