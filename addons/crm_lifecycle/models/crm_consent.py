from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, email_normalize, hash_sign, hmac, verify_hash_signed

# Not a channel: the decision on a purpose that is not about messages.
DATA_USE = "use"
CHANNELS = [
    ("email", "E-mail"),
    ("sms", "SMS"),
    ("phone", "Phone"),
    ("post", "Letter"),
    ("portal", "Portal"),
    (DATA_USE, "Use of data"),
]
CONFIRM_SCOPE = "crm_lifecycle-consent-confirm"
CONFIRM_DAYS = 7


class CrmConsent(models.Model):
    """What a contact has allowed, for a purpose and a channel.

    - ``granted``: a yes that counts until ``date_end``.
    - ``pending``: a yes that counts once the contact has confirmed it by e-mail.
    - neither: a no.

    May we write? :meth:`_filter_allowed` is the question of every sender; it goes to
    the contact policies, which ask this model first. :meth:`_get_allowed_domain` tells
    who has allowed it in principle. The proof of each decision is in the log.
    """

    _name = "crm.consent"
    _description = "Consent"
    _order = "date DESC, id DESC"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner", "Contact", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="partner_id.company_id")
    purpose_id = fields.Many2one(
        "crm.consent.purpose", required=True, ondelete="cascade", index=True
    )
    channel = fields.Selection(CHANNELS, required=True, default="email")
    granted = fields.Boolean(required=True)
    pending = fields.Boolean(
        "To Confirm",
        readonly=True,
        copy=False,
        help="The contact has been asked by e-mail to confirm.",
    )
    state = fields.Selection(
        [
            ("granted", "Allowed"),
            ("pending", "To confirm"),
            ("expired", "Expired"),
            ("refused", "Refused"),
        ],
        compute="_compute_state",
    )
    date = fields.Datetime("Decided on", required=True)
    date_end = fields.Datetime("Valid until", readonly=True, copy=False)
    source = fields.Char(help="Where it was decided, such as a form or a counter.")

    _decision_uniq = models.Constraint(
        "UNIQUE(partner_id, purpose_id, channel)",
        "This contact has decided on this purpose and channel: change that record.",
    )

    @api.depends("granted", "pending", "date_end")
    def _compute_state(self):
        now = self.env.cr.now()
        for consent in self:
            if consent.pending:
                consent.state = "pending"
            elif not consent.granted:
                consent.state = "refused"
            elif consent.date_end and consent.date_end <= now:
                consent.state = "expired"
            else:
                consent.state = "granted"

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        consents = super().create(
            [{"date": self.env.cr.now(), **vals} for vals in vals_list]
        )
        consents._decided(self.env._("Entered by %s.", self.env.user.name), consents)
        return consents

    def write(self, vals):
        if "granted" not in vals:
            return super().write(vals)
        refused = self.filtered(lambda consent: not consent.granted)
        result = super().write({"date": self.env.cr.now(), "pending": False, **vals})
        self._decided(self.env._("Changed by %s.", self.env.user.name), refused)
        return result

    def _decided(self, wording, new):  # pylint: disable=missing-return
        """Finish decisions entered by hand.

        :param new: those that had no yes before: they may have to be confirmed
        """
        for purpose, consents in self.grouped("purpose_id").items():
            date_end = self._get_date_end(purpose, self.env.cr.now())
            super(CrmConsent, consents).write({"date_end": date_end})
        granted = new.filtered("granted")
        pending = granted.browse()
        for (purpose, channel), consents in granted.grouped(
            lambda consent: (consent.purpose_id, consent.channel)
        ).items():
            asked = self._filter_to_confirm(consents.partner_id, purpose, channel)
            pending |= consents.filtered(lambda c, asked=asked: c.partner_id in asked)
        super(CrmConsent, pending).write({"granted": False, "pending": True})
        self._log(wording)
        pending._send_confirmation()
        for (purpose, granted), consents in (
            (self - pending)
            .filtered(lambda consent: consent.channel == "email")
            .grouped(lambda consent: (consent.purpose_id, consent.granted))
            .items()
        ):
            self.env["mailing.subscription"]._follow_decision(
                consents.partner_id, purpose, granted
            )

    def _log(self, wording):
        self.env["crm.consent.log"].sudo().create(
            [
                {
                    "kind": "request" if consent.pending else "decision",
                    "partner_id": consent.partner_id.id,
                    "purpose_id": consent.purpose_id.id,
                    "channel": consent.channel,
                    "granted": consent.granted,
                    "date": consent.date,
                    "source": consent.source,
                    "wording": wording,
                }
                for consent in self
            ]
        )

    # ------------------------------------------------------------
    # Decisions
    # ------------------------------------------------------------

    @api.model
    def _record(
        self,
        partners,
        purpose_code,
        channel,
        granted,
        source,
        wording,
        document=None,
        confirmed=False,
    ):
        """Record the decision of ``partners``, with its proof, in a few statements.

        Where the purpose asks for it, a new yes to e-mails waits for the contact to
        confirm it.

        :param str purpose_code: ``code`` of the purpose
        :param str channel: email, sms, phone, post, portal, or use for a purpose that
            is not about messages
        :param bool granted: whether they said yes
        :param str source: where they decided: a form, an import, the counter
        :param str wording: the words they said yes or no to
        :param document: the record that proves it, such as an order
        :param bool confirmed: the address is known to be theirs, don't ask again
        """
        if not partners:
            return
        purpose = self._get_purpose(purpose_code)
        asked = partners.browse()
        if granted and not confirmed:
            asked = self._filter_to_confirm(partners, purpose, channel)
            asked -= self._filter_granted(asked, purpose, channel)
        proof = (source, wording, document)
        self._upsert(partners - asked, purpose, channel, granted, False, proof)
        pending = self._upsert(asked, purpose, channel, False, True, proof)
        pending._send_confirmation()

    @api.model
    def _upsert(self, partners, purpose, channel, granted, pending, proof):
        if not partners:
            return self.browse()
        now = self.env.cr.now()
        source, wording, document = proof
        date_end = self._get_date_end(purpose, now)
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO crm_consent (partner_id, purpose_id, channel, granted,
                       pending, date, date_end, source,
                       create_uid, create_date, write_uid, write_date)
                SELECT unnest(%s), %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s
                ON CONFLICT (partner_id, purpose_id, channel) DO UPDATE
                   SET granted = excluded.granted, pending = excluded.pending,
                       date = excluded.date, date_end = excluded.date_end,
                       source = excluded.source, write_uid = excluded.write_uid,
                       write_date = excluded.write_date
                RETURNING id
                """,
                partners.ids,
                purpose.id,
                channel,
                granted,
                pending,
                now,
                date_end or None,
                source,
                self.env.uid,
                now,
                self.env.uid,
                now,
            )
        )
        self.invalidate_model()
        kind = "request" if pending else "decision"
        decision = (kind, purpose.id, channel, granted, now, source)
        self.env["crm.consent.log"]._append(partners, decision, wording, document)
        if channel == "email" and not pending:
            self.env["mailing.subscription"]._follow_decision(
                partners, purpose, granted
            )
        return self.browse(consent_id for (consent_id,) in rows)

    @api.model
    def _get_date_end(self, purpose, date):
        """Return until when a yes given at ``date`` counts, or False."""
        if not purpose.sudo().validity_months:
            return False
        return date + relativedelta(months=purpose.sudo().validity_months)

    @api.model
    def _get_purpose(self, code):
        purpose = self.env["crm.consent.purpose"].sudo().search([("code", "=", code)])
        if not purpose:
            raise ValueError(f"There is no consent purpose {code!r}.")
        return purpose

    # ------------------------------------------------------------
    # Confirmation by e-mail
    # ------------------------------------------------------------

    @api.model
    def _filter_to_confirm(self, partners, purpose, channel):
        """Return those of ``partners`` whose yes has to be confirmed by e-mail."""
        purpose = purpose.sudo()
        if channel != "email" or purpose.double_opt_in == "no":
            return partners.browse()
        domain = Domain("id", "in", partners.ids)
        if purpose.double_opt_in == "country":
            countries = purpose.double_opt_in_country_ids
            domain &= Domain("country_id", "in", countries.ids)
        found = partners.sudo().with_context(active_test=False).search(domain)
        return partners.browse(found.ids)

    @api.model
    def _filter_granted(self, partners, purpose, channel):
        """Return those of ``partners`` whose yes counts already."""
        domain = Domain("partner_id", "in", partners.ids)
        domain &= Domain("purpose_id", "=", purpose.id) & Domain(
            "channel", "=", channel
        )
        domain &= Domain("granted", "=", True)
        valid = Domain("date_end", "=", False) | Domain(
            "date_end", ">", self.env.cr.now()
        )
        return partners.browse(self.sudo().search(domain & valid).partner_id.ids)

    def _send_confirmation(self):
        """Ask each contact by e-mail to confirm; who has no address stays pending."""
        template = self.env.ref("crm_lifecycle.mail_template_consent_confirm").sudo()
        reachable = self.sudo().filtered("partner_id.email_normalized")
        if reachable:
            template.send_mail_batch(reachable.ids)

    def _get_confirm_url(self):
        """Return the link that confirms this decision, once and for some days."""
        self.ensure_one()
        token = hash_sign(
            self.env(su=True),
            CONFIRM_SCOPE,
            self._get_confirm_message(),
            expiration_hours=CONFIRM_DAYS * 24,
        )
        return f"{self.get_base_url()}/preferences/confirm/{token}"

    def _get_confirm_message(self):
        """Return what the link is good for: this decision and this address."""
        return [
            self.id,
            fields.Datetime.to_string(self.date),
            self._digest_email(self.partner_id),
        ]

    @api.model
    def _digest_email(self, partner):
        """Return what binds a link to the address it was made for, unreadably."""
        email = email_normalize(partner.email or "") or ""
        return hmac(self.env(su=True), "crm_lifecycle-preference-email", email)[:16]

    @api.model
    def _find_by_confirm_token(self, token):
        """Return the pending decision of a link, or none if it is forged or used."""
        message = self._verify(CONFIRM_SCOPE, token)
        if not message:
            return self.browse()
        consent = self.sudo().browse(message[0]).exists()
        if consent.pending and consent._get_confirm_message() == message:
            return consent
        return self.browse()

    @api.model
    def _verify(self, scope, token):
        """Return what a link says, or None if it is forged, broken or too old."""
        try:
            return verify_hash_signed(self.env(su=True), scope, token)
        except ValueError:
            return None

    def _confirm(self, source):
        """The contact has followed the link: the yes counts from now on."""
        self.ensure_one()
        self._record(
            self.partner_id,
            self.purpose_id.code,
            self.channel,
            True,
            source,
            self.purpose_id._get_wording(self.channel),
            confirmed=True,
        )
        self._lift_blacklist(self.partner_id)

    # ------------------------------------------------------------
    # Stock's blacklists
    # ------------------------------------------------------------

    @api.model
    def _withdraw_addresses(self, channel, addresses, source, wording):
        """Record the no of all contacts behind blacklisted addresses.

        :param str channel: email or sms
        :param addresses: normalised e-mail addresses or sanitised numbers
        """
        name = "email_normalized" if channel == "email" else "phone_sanitized"
        partners = (
            self.env["res.partner"]
            .sudo()
            .with_context(active_test=False)
            .search([(name, "in", list(addresses))])
        )
        for purpose in self._get_refusable_purposes():
            for refused in (channel,) if channel == "email" else ("sms", "phone"):
                self.sudo()._record(
                    partners, purpose.code, refused, False, source, wording
                )

    @api.model
    def _get_refusable_purposes(self):
        """Return what messages a contact may refuse: all but those of a contract."""
        return (
            self.env["crm.consent.purpose"]
            .sudo()
            .search([("kind", "=", "message"), ("basis", "!=", "contract")])
        )

    @api.model
    def _lift_blacklist(self, partner, channel="email"):
        """Lift the stock blacklist: the contact himself said yes again.

        :param str channel: on which he agreed; a number is blocked for calls and
            text messages alike
        """
        partner = partner.sudo()
        message = self.env._("The contact agreed to messages again.")
        email, number = partner.email_normalized, partner.phone_sanitized
        blocked = self.env["mail.blacklist"].sudo()
        if channel == "email" and email:
            if blocked.search_count([("email", "=", email)], limit=1):
                blocked._remove(email, message=message)
        blocked = self.env["phone.blacklist"].sudo()
        if channel in ("sms", "phone") and number:
            if blocked.search_count([("number", "=", number)], limit=1):
                blocked._remove([number], message=message)

    # ------------------------------------------------------------
    # Questions
    # ------------------------------------------------------------

    @api.model
    def _get_allowed_domain(self, purpose_code, channel="email"):
        """Return a domain on ``res.partner``: who has allowed it in principle.

        Whether it is the moment for it is for the contact policies to say.

        :param str purpose_code: ``code`` of the purpose
        :param str channel: email, sms, phone, post, portal or use
        """
        purpose = self._get_purpose(purpose_code)
        if purpose.basis == "contract":
            return Domain.TRUE
        return Domain.custom(
            to_sql=lambda _model, alias, _query: self._allowed_to_sql(
                purpose, channel, SQL.identifier(alias, "id")
            )
        )

    @api.model
    def _allowed_to_sql(self, purpose, channel, partner_id):
        # The decision counts whoever asks, seen by him or not.
        consents = self.sudo()
        column = {
            name: consents._field_to_sql("decision", name)
            for name in ("purpose_id", "channel", "granted", "pending", "date_end")
        }
        if purpose.basis == "consent":
            operator = SQL("EXISTS")
            decided = SQL(
                "%(granted)s AND (%(date_end)s IS NULL OR %(date_end)s > %(now)s)",
                **column,
                now=self.env.cr.now(),
            )
        else:
            operator = SQL("NOT EXISTS")
            decided = SQL(
                "NOT %(granted)s AND %(pending)s IS NOT TRUE",
                granted=column["granted"],
                pending=column["pending"],
            )
        return SQL(
            """%s (SELECT FROM crm_consent decision
                    WHERE decision.partner_id = %s AND %s = %s AND %s = %s AND %s)""",
            operator,
            partner_id,
            column["purpose_id"],
            purpose.id,
            column["channel"],
            channel,
            decided,
        )

    @api.model
    def _filter_allowed(
        self, partners, purpose_code, channel="email", sender=None, document=None
    ):
        """Return those of ``partners`` who may be written to now.

        Every sender asks here or, to know why not, ``crm.contact.policy._ask``.

        :param str purpose_code: ``code`` of the purpose
        :param str channel: email, sms, phone, post, portal or use
        :param str sender: who asks, see ``crm.contact.policy._ask``
        :param document: what is sent, see ``crm.contact.policy._ask``
        """
        return (
            self.env["crm.contact.policy"]
            ._ask(partners, purpose_code, channel, sender, document)
            .allowed
        )
