from odoo import models
from odoo.exceptions import UserError


class MailingContact(models.Model):
    _inherit = "mailing.contact"

    def action_open_customer_360(self):
        """Open the 360 view of the customer who has this e-mail address.

        Several customers with the address are offered for choice.

        :raise UserError: no contact has it
        """
        self.ensure_one()
        partners = self.env["res.partner"]
        if self.email_normalized:
            partners = partners.search(
                [("email_normalized", "=", self.email_normalized)]
            )
        if not partners:
            raise UserError(
                self.env._(
                    "Nobody among the contacts has the e-mail address of %(name)s. "
                    "Create a contact with it, or correct the address, and the 360 "
                    "view opens from here.",
                    name=self.display_name,
                )
            )
        if len(partners.commercial_partner_id) == 1:
            return partners[:1].action_open_customer_360()
        action = self.env["ir.actions.client"]._for_xml_id(
            "crm_lifecycle.crm_customer_360_action"
        )
        return {**action, "params": {"search": self.email_normalized}}
