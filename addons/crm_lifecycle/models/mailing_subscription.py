from odoo import api, models
from odoo.fields import Domain


class MailingSubscription(models.Model):
    """Opting out of a list is a no to the purpose of the list, and the other way round.

    A mailing list has no contacts of ours but addresses: the contacts who have the
    address are meant.
    """

    _inherit = "mailing.subscription"

    @api.model_create_multi
    def create(self, vals_list):
        subscriptions = super().create(vals_list)
        subscriptions.filtered("opt_out")._withdraw_consents()
        return subscriptions

    def write(self, vals):
        before = self.filtered("opt_out")
        result = super().write(vals)
        (self.filtered("opt_out") - before)._withdraw_consents()
        return result

    def _withdraw_consents(self):
        """Record the no of the contacts who have these addresses."""
        consents = self.env["crm.consent"].sudo()
        for purpose, subscriptions in (
            self.sudo()
            .grouped(lambda subscription: subscription.list_id._get_purpose())
            .items()
        ):
            emails = subscriptions.contact_id.mapped("email_normalized")
            partners = self._find_partners(emails)
            if partners and purpose.basis != "contract":
                consents._record(
                    partners,
                    purpose.code,
                    "email",
                    False,
                    self.env._("Mailing list"),
                    self.env._(
                        "Opted out of %s.",
                        ", ".join(subscriptions.list_id.mapped("name")),
                    ),
                    document=subscriptions.list_id[0],
                )

    @api.model
    def _find_partners(self, emails):
        partners = self.env["res.partner"].sudo().with_context(active_test=False)
        return partners.search([("email_normalized", "in", list(filter(None, emails)))])

    @api.model
    def _follow_decision(self, partners, purpose, granted):
        """Opt the addresses of ``partners`` out of the purpose's lists, or in again."""
        emails = set(filter(None, partners.sudo().mapped("email_normalized")))
        if not emails:
            return
        domain = Domain("contact_id.email_normalized", "in", list(emails))
        domain &= Domain("opt_out", "=", granted)
        subscriptions = self.sudo().search(domain)
        subscriptions.filtered(
            lambda subscription: subscription.list_id._get_purpose() == purpose
        ).write({"opt_out": not granted})
