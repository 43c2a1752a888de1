from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

SENDER = "mailing"


class MailingMailing(models.Model):
    """Mailings wait for contacts whom the policies hold, and go to them later."""

    _inherit = "mailing.mailing"

    held_count = fields.Integer(
        "Held",
        compute="_compute_held_count",
        groups="crm_lifecycle.crm_lifecycle_group_user",
    )

    def _compute_held_count(self):
        counts = dict(
            self.env["crm.contact.hold"]._read_group(
                self._get_hold_domain() & Domain("state", "=", "waiting"),
                ["res_id"],
                ["__count"],
            )
        )
        for mailing in self:
            mailing.held_count = counts.get(mailing.id, 0)

    def _get_hold_domain(self):
        domain = Domain("res_model", "=", self._name)
        return domain & Domain("res_id", "in", self.ids)

    def action_view_held(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_lifecycle.crm_contact_hold_action"
        )
        action["domain"] = list(self._get_hold_domain())
        return action

    # ------------------------------------------------------------
    # Recipients
    # ------------------------------------------------------------

    def _get_recipients_domain(self):
        return super()._get_recipients_domain() & self._get_policy_domain()

    def _get_policy_domain(self):
        """Return a domain on contacts: those whom no policy holds at this moment."""
        if self.mailing_model_real != "res.partner":
            return Domain.TRUE
        return self.env["crm.contact.policy"]._get_contactable_domain(
            self._get_purpose().code, self._get_consent_channel(), SENDER
        )

    def _get_consent_channel(self):
        return "sms" if self.mailing_type == "sms" else "email"

    def _get_remaining_recipients(self):
        """Stock asks for them when it sends: the moment to list who is held."""
        if self.mailing_model_real == "res.partner" and self.state != "draft":
            self._list_held_recipients()
        return super()._get_remaining_recipients()

    def _list_held_recipients(self):
        """List whom the policies hold among those who would get the mailing."""
        policies = self.env["crm.contact.policy"]
        purpose = self._get_purpose()
        if purpose.basis == "contract":
            return
        channel = self._get_consent_channel()
        audience = super()._get_recipients_domain()
        audience &= self.env["crm.consent"]._get_allowed_domain(purpose.code, channel)
        query = self.env["res.partner"].sudo()._search(audience)
        contact_id = SQL.identifier(query.table, "id")
        query.add_where(
            SQL(
                """NOT EXISTS (SELECT FROM mailing_trace trace
                    WHERE trace.mass_mailing_id = %s AND trace.model = 'res.partner'
                      AND trace.res_id = %s)""",
                self.id,
                contact_id,
            )
        )
        circumstances = policies._get_circumstances(purpose, channel, SENDER)
        answers = policies._answer_to_sql(query.select(), circumstances)
        policies._list_held(circumstances, answers, self)

    def _release_contact_holds(self, partners):
        """The moment has come for contacts who were held: send it to them."""
        self.ensure_one()
        if self.state == "done":
            sent = self.mailing_trace_ids.filtered(
                lambda trace: trace.model == "res.partner"
            ).mapped("res_id")
            left = partners.filtered(lambda partner: partner.id not in sent)
            if left:
                self._action_send_mail(left.ids)
