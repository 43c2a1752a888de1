from odoo import api, fields, models
from odoo.tools import SQL, email_normalize, hmac

SCOPE = "crm_lifecycle-privacy-suppression"


class CrmPrivacySuppression(models.Model):
    """Addresses of erased people, unreadable: a later import must not write to them.

    Only a keyed hash is kept (HMAC-SHA256 with the secret of the database): it says of
    an address that comes back whether it is one of them, but not which there are.
    """

    _name = "crm.privacy.suppression"
    _description = "Suppressed Address"
    _order = "id DESC"
    _rec_name = "digest"

    digest = fields.Char(required=True, readonly=True)
    channel = fields.Selection(
        [("email", "E-mail"), ("phone", "Phone")], required=True, readonly=True
    )
    date = fields.Date("Erased on", required=True, readonly=True)
    request_id = fields.Many2one(
        "crm.privacy.request", readonly=True, index=True, ondelete="restrict"
    )

    _digest_uniq = models.UniqueIndex("(digest)")

    @api.model
    def _digest(self, address):
        return hmac(self.env(su=True), SCOPE, address)

    @api.model
    def _suppress(self, subject, request):
        """Remember the addresses of a person who is about to be erased."""
        addresses = [("email", email) for email in subject.emails]
        addresses += [("phone", phone) for phone in subject.phones]
        digests = {self._digest(address): channel for channel, address in addresses}
        known = self.sudo().search([("digest", "in", list(digests))])
        for digest in known.mapped("digest"):
            digests.pop(digest)
        self.sudo().create(
            [
                {
                    "digest": digest,
                    "channel": channel,
                    "date": fields.Date.context_today(self),
                    "request_id": request.id,
                }
                for digest, channel in digests.items()
            ]
        )

    @api.model
    def _filter_suppressed(self, addresses):
        """Return those of ``addresses`` (normalised) that belong to erased people."""
        if not addresses or not self.env.execute_query(
            SQL("SELECT FROM crm_privacy_suppression LIMIT 1")
        ):
            return []
        by_digest = {self._digest(address): address for address in addresses}
        found = self.sudo().search([("digest", "in", list(by_digest))])
        return [by_digest[digest] for digest in found.mapped("digest")]

    @api.model
    def _block_again(self, emails):
        """Put addresses that came back on the blacklist.

        :param list emails: addresses as they were entered
        """
        normalized = {email_normalize(email or "") for email in emails} - {False, ""}
        blacklist = self.env["mail.blacklist"].sudo()
        for email in self._filter_suppressed(sorted(normalized)):
            blacklist._add(
                email,
                message=self.env._("This person was erased at his own request."),
            )
