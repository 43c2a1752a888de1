from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

CHANNELS = [
    ("email", "E-mail"),
    ("sms", "SMS"),
    ("phone", "Phone"),
    ("post", "Letter"),
]


class CrmConsent(models.Model):
    """What a contact has allowed, for a purpose and a channel.

    The one place that every sender asks, see :meth:`_filter_allowed` and
    :meth:`_get_allowed_domain`. The proof of each decision is in the log.
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
    date = fields.Datetime("Decided on", required=True)
    source = fields.Char(help="Where it was decided, such as a form or a counter.")

    _decision_uniq = models.Constraint(
        "UNIQUE(partner_id, purpose_id, channel)",
        "This contact has decided on this purpose and channel: change that record.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        consents = super().create(
            [{"date": self.env.cr.now(), **vals} for vals in vals_list]
        )
        consents._log(self.env._("Entered by %s.", self.env.user.name))
        return consents

    def write(self, vals):
        if "granted" in vals:
            vals = {"date": self.env.cr.now(), **vals}
        result = super().write(vals)
        if "granted" in vals:
            self._log(self.env._("Changed by %s.", self.env.user.name))
        return result

    def _log(self, wording):
        self.env["crm.consent.log"].sudo().create(
            [
                {
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

    @api.model
    def _record(self, partners, purpose_code, channel, granted, source, wording):
        """Record the decision of ``partners``, with its proof, in two statements.

        :param str purpose_code: ``code`` of the purpose
        :param str channel: email, sms, phone or post
        :param bool granted: whether they said yes
        :param str source: where they decided: a form, an import, the counter
        :param str wording: the words they said yes or no to
        """
        if not partners:
            return
        purpose = self._get_purpose(purpose_code)
        now = self.env.cr.now()
        decision = (purpose.id, channel, granted, now, source)
        self.flush_model()
        self.env.execute_query(
            SQL(
                """
                INSERT INTO crm_consent (partner_id, purpose_id, channel, granted,
                       date, source, create_uid, create_date, write_uid, write_date)
                SELECT unnest(%s), %s, %s, %s, %s, %s, %s, %s, %s, %s
                ON CONFLICT (partner_id, purpose_id, channel) DO UPDATE
                   SET granted = excluded.granted, date = excluded.date,
                       source = excluded.source, write_uid = excluded.write_uid,
                       write_date = excluded.write_date
                RETURNING id
                """,
                partners.ids,
                *decision,
                self.env.uid,
                now,
                self.env.uid,
                now,
            )
        )
        self.invalidate_model()
        self.env["crm.consent.log"]._append(partners, decision, wording)

    @api.model
    def _get_purpose(self, code):
        purpose = self.env["crm.consent.purpose"].sudo().search([("code", "=", code)])
        if not purpose:
            raise ValueError(f"There is no consent purpose {code!r}.")
        return purpose

    @api.model
    def _get_allowed_domain(self, purpose_code, channel="email"):
        """Return a domain on ``res.partner``: who may be written to.

        :param str purpose_code: ``code`` of the purpose
        :param str channel: email, sms, phone or post
        """
        purpose = self._get_purpose(purpose_code)
        if purpose.basis == "contract":
            return Domain.TRUE
        wanted = purpose.basis == "consent"
        decided = self.sudo()._search(
            [
                ("purpose_id", "=", purpose.id),
                ("channel", "=", channel),
                ("granted", "=", wanted),
            ]
        )
        # Not a plain path: the decision counts whoever asks, seen by him or not.
        partners = decided.subselect(SQL.identifier(decided.table, "partner_id"))
        operator = SQL("IN") if wanted else SQL("NOT IN")
        return Domain.custom(
            to_sql=lambda model, alias, _query: SQL(
                "%s %s %s", SQL.identifier(alias, "id"), operator, partners
            )
        )

    @api.model
    def _filter_allowed(self, partners, purpose_code, channel="email"):
        """Return those of ``partners`` who may be written to. Every sender asks here.

        :param str purpose_code: ``code`` of the purpose
        :param str channel: email, sms, phone or post
        """
        domain = Domain("id", "in", partners.ids)
        domain &= self._get_allowed_domain(purpose_code, channel)
        return (
            partners.sudo()
            .with_context(active_test=False)
            .search(domain, order="id")
            .with_env(partners.env)
        )
