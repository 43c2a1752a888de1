from typing import NamedTuple

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import email_normalize_all

from ..privacy_sections.privacy_section import PrivacySection

# Kinds of fields that say something by themselves.
TOLD_TYPES = {
    "char",
    "text",
    "html",
    "integer",
    "float",
    "monetary",
    "boolean",
    "date",
    "datetime",
    "selection",
    "many2one",
    "many2many",
    "json",
}
# Fields of the ORM and of stock's machinery.
UNTOLD_FIELDS = {"write_uid", "write_date", "create_uid", "access_token", "message_ids"}


class PrivacySubject(NamedTuple):
    """A person: contacts, and the addresses that are nobody else's."""

    partners: models.BaseModel
    emails: tuple[str, ...]
    phones: tuple[str, ...]
    shared_emails: tuple[str, ...]


class CrmPrivacyRequestSections(models.Model):
    """Where data of a person lies: the sections, contributed by each addon."""

    _inherit = "crm.privacy.request"

    # ------------------------------------------------------------
    # Person
    # ------------------------------------------------------------

    def _get_subject(self):
        """Return the person: the contact and all below it, archived ones too.

        :rtype: PrivacySubject
        """
        partners = self.env["res.partner"].sudo().with_context(active_test=False)
        partners = partners.search([("id", "child_of", self.partner_id.ids)])
        emails = {
            email
            for partner in partners
            for email in email_normalize_all(partner.email or "")
        }
        others = partners.search(
            [("email_normalized", "in", list(emails)), ("id", "not in", partners.ids)]
        )
        shared = set(others.mapped("email_normalized"))
        # An address that lets someone else log in must not be taken out of his login.
        users = self.env["res.users"].sudo().with_context(active_test=False)
        logins = users.search(
            [("login", "in", list(emails)), ("partner_id", "not in", partners.ids)]
        )
        shared |= set(logins.mapped("login"))
        phones = set(filter(None, partners.mapped("phone_sanitized")))
        phones -= set(
            partners.search(
                [
                    ("phone_sanitized", "in", list(phones)),
                    ("id", "not in", partners.ids),
                ]
            ).mapped("phone_sanitized")
        )
        return PrivacySubject(
            partners,
            tuple(sorted(emails - shared)),
            tuple(sorted(phones)),
            tuple(sorted(shared)),
        )

    # ------------------------------------------------------------
    # Sections
    # ------------------------------------------------------------

    @api.model
    def _get_sections(self):
        """Hook: return where data of persons lies, in the order in which it is told.

        An addon appends the sections of its models. What no section declares and
        points to a contact is told by :meth:`_get_other_sections`.

        :rtype: list[PrivacySection]
        """
        return [
            *self._get_person_sections(),
            *self._get_hub_sections(),
            *self._get_contact_sections(),
            *self._get_document_sections(),
        ]

    @api.model
    def _get_person_sections(self):
        return [
            PrivacySection(
                "res.partner",
                self.env._("Contact"),
                partner_fields=("id",),
                erasure="keep",
                reason=self.env._(
                    "Anonymised and archived. Name and postal address stay where "
                    "documents have to be kept by law."
                ),
            ),
            PrivacySection(
                "res.partner.bank", self.env._("Bank accounts"), erasure="delete"
            ),
            PrivacySection(
                "res.users",
                self.env._("Portal account"),
                fields=("login", "create_date", "login_date", "lang", "tz"),
                erasure="keep",
                reason=self.env._("Closed: the login is anonymised and can't be used."),
            ),
        ]

    @api.model
    def _get_hub_sections(self):
        return [
            PrivacySection(
                "crm.customer.profile", self.env._("Profile"), erasure="purge"
            ),
            PrivacySection(
                "crm.customer.stage", self.env._("Lifecycle stages"), erasure="purge"
            ),
            PrivacySection(
                "crm.segment.member", self.env._("Segments"), erasure="purge"
            ),
            PrivacySection(
                "crm.customer.event",
                self.env._("Events"),
                partner_fields=("partner_id", "contact_id"),
                fields=("type_id", "category", "date", "value", "campaign_id"),
                erasure="purge",
            ),
            PrivacySection(
                "crm.customer.event.total",
                self.env._("Events per month"),
                erasure="purge",
            ),
            PrivacySection(
                "crm.outside.event", self.env._("Outside events"), erasure="purge"
            ),
            PrivacySection(
                "crm.outside.reference",
                self.env._("References of outside sources"),
                erasure="purge",
            ),
            PrivacySection(
                "crm.identity.candidate",
                self.env._("Doubtful matches"),
                erasure="purge",
                exported=False,
            ),
            PrivacySection(
                "crm.identity.match",
                self.env._("Matches of outside sources"),
                partner_fields=("partner_id",),
                email_fields=("email",),
                erasure="purge",
            ),
            PrivacySection(
                "crm.privacy.request",
                self.env._("Requests of the person"),
                fields=("name", "kind", "date_received", "state", "date_done", "note"),
                erasure="clear",
                cleared=("note",),
                reason=self.env._("Proof that the requests were answered."),
            ),
        ]

    @api.model
    def _get_contact_sections(self):
        return [
            PrivacySection("crm.consent", self.env._("Consents"), erasure="purge"),
            PrivacySection(
                "crm.consent.preference",
                self.env._("Contact preferences"),
                erasure="purge",
            ),
            PrivacySection(
                "crm.consent.log", self.env._("Proof of consents"), erasure="purge"
            ),
            PrivacySection(
                "crm.contact.hold", self.env._("Messages held back"), erasure="purge"
            ),
            PrivacySection(
                "crm.campaign.member", self.env._("Campaigns"), erasure="purge"
            ),
            PrivacySection(
                "crm.campaign.call",
                self.env._("Calls of campaigns"),
                fields=("campaign_id", "user_id"),
                erasure="purge",
            ),
            # Their steps and calls go with them.
            PrivacySection(
                "crm.journey.participant",
                self.env._("Journeys"),
                partner_fields=("partner_id", "contact_id"),
                fields=(
                    "journey_id",
                    "step_id",
                    "state",
                    "note",
                    "date_entered",
                    "date_goal",
                    "date_ended",
                ),
                erasure="purge",
            ),
            PrivacySection(
                "mailing.trace",
                self.env._("Mailings received"),
                email_fields=("email",),
                fields=(
                    "mass_mailing_id",
                    "campaign_id",
                    "email",
                    "trace_status",
                    "sent_datetime",
                    "open_datetime",
                    "reply_datetime",
                    "links_click_datetime",
                ),
                erasure="clear",
                cleared=("email", "partner_id"),
                reason=self.env._("Figures of the mailings, without the person."),
            ),
            PrivacySection(
                "link.tracker.click",
                self.env._("Links clicked"),
                partner_fields=("mailing_trace_id.partner_id",),
                fields=("link_id", "create_date", "ip", "country_id"),
                erasure="clear",
                cleared=("ip",),
                reason=self.env._("Figures of the mailings, without the person."),
            ),
            PrivacySection(
                "mailing.contact",
                self.env._("Mailing lists"),
                partner_fields=(),
                email_fields=("email_normalized",),
                erasure="delete",
            ),
            PrivacySection(
                "mail.blacklist",
                self.env._("E-mail blacklist"),
                partner_fields=(),
                email_fields=("email",),
                fields=("email", "create_date"),
                erasure="purge",
            ),
            PrivacySection(
                "phone.blacklist",
                self.env._("Phone blacklist"),
                partner_fields=(),
                fields=("number", "create_date"),
                erasure="purge",
            ),
            PrivacySection("sms.sms", self.env._("Text messages"), erasure="purge"),
            PrivacySection(
                "mail.message",
                self.env._("Messages"),
                partner_fields=(),
                fields=("date", "subject", "body", "author_id", "email_from"),
                erasure="delete",
                reason=self.env._(
                    "Messages on documents that are kept stay with them."
                ),
            ),
            PrivacySection(
                "ir.attachment",
                self.env._("Files"),
                partner_fields=(),
                fields=("name", "mimetype", "file_size", "create_date"),
                erasure="delete",
                reason=self.env._("Files of documents that are kept stay with them."),
            ),
            PrivacySection(
                "calendar.attendee", self.env._("Meetings"), email_fields=("email",)
            ),
            PrivacySection(
                "mail.activity",
                self.env._("Activities"),
                partner_fields=("crm_partner_id",),
                domain=(("res_model", "!=", "crm.privacy.request"),),
                fields=("activity_type_id", "summary", "note", "date_deadline"),
                erasure="delete",
            ),
            PrivacySection(
                "rating.rating",
                self.env._("Ratings"),
                fields=("rating", "feedback", "create_date"),
                erasure="clear",
                cleared=("feedback", "partner_id"),
                reason=self.env._("The score counts on, without the person."),
            ),
        ]

    @api.model
    def _get_document_sections(self):
        law = self.env._(
            "Accounting documents have to be kept by law (GDPR, article 17 (3) b)."
        )
        sections = [
            PrivacySection(
                "crm.lead",
                self.env._("Leads and opportunities"),
                email_fields=("email_normalized",),
                erasure="clear",
                cleared=(
                    *("name", "partner_name", "contact_name", "email_from"),
                    *("email_normalized", "email_cc", "email_domain_criterion"),
                    *("phone", "phone_sanitized", "website", "function", "referred"),
                    *("street", "street2", "zip", "city", "description"),
                    *("score_reasons", "lead_grade"),
                ),
                reason=self.env._("Stage and amount count on, without the person."),
            ),
            PrivacySection(
                "sale.order",
                self.env._("Quotations"),
                partner_fields=("partner_id", "partner_invoice_id"),
                domain=(("state", "!=", "sale"),),
                erasure="clear",
                cleared=("note", "client_order_ref", "signed_by"),
                reason=self.env._("Products and amounts count on, without the person."),
            ),
            PrivacySection(
                "sale.order",
                self.env._("Orders"),
                partner_fields=(
                    "partner_id",
                    "partner_invoice_id",
                    "partner_shipping_id",
                ),
                domain=(("state", "=", "sale"),),
                erasure="keep",
                reason=law,
            ),
            PrivacySection(
                "sale.order.line",
                self.env._("Order lines"),
                partner_fields=("order_partner_id",),
                fields=("order_id", "name", "product_uom_qty", "price_total"),
                erasure="keep",
                reason=law,
            ),
            PrivacySection(
                "account.move",
                self.env._("Invoices"),
                partner_fields=("partner_id", "partner_shipping_id"),
                domain=(("move_type", "!=", "entry"),),
                fields=(
                    *("name", "move_type", "invoice_date", "invoice_date_due", "ref"),
                    *("state", "amount_total", "amount_residual", "currency_id"),
                    *("payment_state", "narration"),
                ),
                erasure="keep",
                reason=law,
            ),
            PrivacySection(
                "account.move",
                self.env._("Journal entries"),
                domain=(("move_type", "=", "entry"),),
                fields=("name", "date", "ref", "amount_total", "currency_id"),
                erasure="keep",
                reason=law,
            ),
            PrivacySection(
                "account.payment",
                self.env._("Payments"),
                fields=("name", "date", "amount", "currency_id", "state", "memo"),
                erasure="keep",
                reason=law,
            ),
            PrivacySection(
                "payment.transaction",
                self.env._("Online payments"),
                erasure="keep",
                reason=law,
            ),
            PrivacySection(
                "payment.token",
                self.env._("Saved payment methods"),
                erasure="clear",
                cleared=("payment_details",),
                reason=self.env._("Without the details of the payment method."),
            ),
        ]
        return sections

    @api.model
    def _get_exempt_models(self):
        """Hook: return models that point to contacts and need no section, with reason.

        :return: reasons by model
        :rtype: dict[str, str]
        """
        return {
            "crm.customer.profile.refresh": "a queue without data, emptied in minutes",
            "crm.campaign.report": "a view of campaign members",
            "crm.customer.stage.report": "a view of lifecycle stages",
            "account.move.line": "told with the invoices",
            "mail.followers": "links only; deleted",
            "mail.notification": "links only; deleted",
            "mail.message.reaction": "goes with its message",
            "discuss.channel.member": "links only",
            "discuss.channel.rtc.session": "lives as long as a call",
            "calendar.filters": "preferences of the user who looks",
            "res.company": "not a person; its contact can't be erased",
            "mail.push.device": "a device of a user; goes with the account",
            "res.users.settings.volumes": "preferences of the user who listens",
        }

    @api.model
    def _get_other_sections(self, sections):
        """Return sections of whatever else points to a contact, such as other apps'.

        Their records are told as they are. An erasure leaves them, without addresses
        and names in their texts.
        """
        known = {section.model for section in sections} | set(self._get_exempt_models())
        others = []
        for model_name in sorted(self.env.registry):
            model = self.env[model_name]
            if model_name in known or model._transient or not model._auto:
                continue
            names = self._get_partner_field_names(model)
            if names and not model._abstract:
                others.append(
                    PrivacySection(
                        model_name,
                        model._description,
                        partner_fields=names,
                        erasure="clear",
                        reason=self.env._(
                            "Stays, without the person's addresses in its texts."
                        ),
                    )
                )
        return others

    @api.model
    def _get_partner_field_names(self, model):
        return tuple(
            name
            for name, field in model._fields.items()
            if field.type == "many2one"
            and field.comodel_name == "res.partner"
            and field.store
            and not field.inherited
        )

    @api.model
    def _get_all_sections(self):
        """Return every section whose model is installed."""
        sections = [s for s in self._get_sections() if s.model in self.env]
        return sections + self._get_other_sections(sections)

    # ------------------------------------------------------------
    # Records
    # ------------------------------------------------------------

    def _find_records(self, section, subject):
        """Return the records of a section that are about the person."""
        model = self.env[section.model].sudo().with_context(active_test=False)
        finder = getattr(self, f"_find_{section.model.replace('.', '_')}", None)
        if finder:
            return finder(model, section, subject)
        about = [
            Domain(path, "in", subject.partners.ids) for path in section.partner_fields
        ]
        about += [
            Domain(name, "=ilike", _escape_like(email))
            for name in section.email_fields
            for email in subject.emails
        ]
        if not about:
            return model
        return model.search(Domain.OR(about) & Domain(list(section.domain)))

    def _find_phone_blacklist(self, model, _section, subject):
        return model.search([("number", "in", subject.phones)])

    def _find_mail_message(self, model, _section, subject):
        """Messages of the person, and those on records that are about him."""
        domain = Domain("author_id", "in", subject.partners.ids)
        domain |= Domain("partner_ids", "in", subject.partners.ids)
        domain |= self._get_thread_domain("model", subject)
        shown = Domain("message_type", "!=", "user_notification")
        return model.search(
            domain & shown & Domain("model", "!=", self._name), order="id"
        )

    def _find_ir_attachment(self, model, _section, subject):
        domain = self._get_thread_domain("res_model", subject)
        # Files of fields, such as pictures, are told with the field.
        return model.search(domain & Domain("res_field", "=", False), order="id")

    def _get_thread_domain(self, model_field, subject):
        """Return the domain of what hangs on records that are not kept."""
        domain = Domain(model_field, "=", "res.partner")
        domain &= Domain("res_id", "in", subject.partners.ids)
        for section in self._get_all_sections():
            if section.model in ("mail.message", "ir.attachment", "res.partner"):
                continue
            if section.erasure in ("delete", "clear") and section.model != self._name:
                records = self._find_records(section, subject)
                domain |= Domain(model_field, "=", section.model) & Domain(
                    "res_id", "in", records.ids
                )
        return domain

    @api.model
    def _get_told_fields(self, section):
        """Return the fields of a section that the person is told."""
        model = self.env[section.model]
        if section.fields:
            return [name for name in section.fields if name in model._fields]
        return [
            name
            for name, field in model._fields.items()
            if (field.store or field.related)
            and not field.inherited
            and field.type in TOLD_TYPES
            and name not in UNTOLD_FIELDS
            and not name.startswith(("message_", "activity_"))
        ]


def _escape_like(text):
    return text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
