from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .crm_contact_hold import LASTING_REASONS

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
        listed = self.state != "draft"
        if self.mailing_model_real == "res.partner" and listed:
            self._list_held_recipients()
        return self._hold_back(super()._get_remaining_recipients(), listed=listed)

    def _action_send_mail(self, res_ids=None):
        """Recipients who were picked by hand may be held as well."""
        for mailing in self:
            chosen = res_ids and mailing._hold_back(res_ids)
            if res_ids and not chosen:
                raise UserError(
                    self.env._(
                        "All of these recipients are held at this time: see the list "
                        "of held messages for the reasons."
                    )
                )
            super(MailingMailing, mailing)._action_send_mail(chosen)
        return True

    def _hold_back(self, res_ids, listed=True):
        """Return ``res_ids`` without those whose contact is held at this moment.

        Leads, orders and contacts of lists are held by the address they are written
        to. Who said no is left to the sending, which notes that he has opted out.
        """
        if not res_ids or self._get_purpose().basis == "contract":
            return res_ids
        contacts_by_id = self._get_contacts_of_recipients(res_ids)
        contacts = self.env["res.partner"].union(*contacts_by_id.values())
        hindered = self._get_hindered(contacts, listed)
        return [
            res_id
            for res_id in res_ids
            if not contacts_by_id.get(res_id, contacts.browse()) & hindered
        ]

    def _get_contacts_of_recipients(self, res_ids):
        """Return the contacts behind recipients: by address, else by their field.

        :rtype: dict[int, res.partner]
        """
        partners = self.env["res.partner"].sudo().with_context(active_test=False)
        records = self.env[self.mailing_model_real].sudo().browse(res_ids)
        if records._name == partners._name:
            return {partner.id: partner for partner in partners.browse(res_ids)}
        is_sms = self._get_consent_channel() == "sms"
        name = "phone_sanitized" if is_sms else "email_normalized"
        if name not in records._fields:
            [link] = records._mail_get_partner_fields()[:1] or [None]
            if not link:
                return {}
            return {record.id: partners.browse(record[link].ids) for record in records}
        addresses = set(filter(None, records.mapped(name)))
        by_address = partners.search_fetch(
            [(name, "in", list(addresses))], [name]
        ).grouped(name)
        return {
            record.id: by_address[record[name]]
            for record in records
            if record[name] in by_address
        }

    def _get_hindered(self, contacts, listed):
        """Return those of ``contacts`` for whom it is not the moment.

        :param bool listed: whether they get a line among the held messages
        """
        policies = self.env["crm.contact.policy"]
        purpose, channel = self._get_purpose(), self._get_consent_channel()
        circumstances = policies._get_circumstances(purpose, channel, SENDER)
        asked = SQL("SELECT unnest(%s::int[]) AS id", contacts.ids)
        rows = policies._hindrances_of(asked, circumstances)
        waiting = [row for row in rows if row[1] not in LASTING_REASONS]
        if listed and waiting:
            policies._list_rows(circumstances, waiting, self)
        return contacts.browse(partner_id for partner_id, _reason, _until in waiting)

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
        if self.state != "done":
            return
        if self.mailing_model_real == "res.partner":
            recipients = partners.ids
        else:
            contacts_by_id = self._get_contacts_of_recipients(self._get_recipients())
            recipients = [
                res_id
                for res_id, contacts in contacts_by_id.items()
                if contacts & partners
            ]
        sent = set(self.mailing_trace_ids.mapped("res_id"))
        left = [res_id for res_id in recipients if res_id not in sent]
        if left:
            self._action_send_mail(left)
