from odoo import models
from odoo.exceptions import UserError

# What the new case has in common with the one it comes from.
SHARED = (
    "partner_id",
    "email_from",
    "phone",
    "company_id",
    "channel",
    "severity",
    "sale_order_id",
    "invoice_id",
)


class CrmCaseSplit(models.Model):
    """A second matter in a case gets a case of its own."""

    _inherit = "crm.case"

    def _split(self, values, messages, lines):
        """Open a case for a part of this one.

        :param dict values: of the new case
        :param messages: ``mail.message`` of this case that move there
        :param lines: ``crm.case.line`` of this case that move there
        :return: the new case
        """
        self.ensure_one()
        self.check_access("write")
        if messages.filtered(lambda m: (m.model, m.res_id) != (self._name, self.id)):
            raise UserError(self.env._("Only messages of %s can move.", self.number))
        new = self.create(self._prepare_split_values(values))
        messages.sudo().write({"res_id": new.id})
        messages.sudo().attachment_ids.filtered(
            lambda file: (file.res_model, file.res_id) == (self._name, self.id)
        ).write({"res_id": new.id})
        lines.write({"case_id": new.id})
        new.message_subscribe(self.sudo().message_partner_ids.ids)
        self._note_split(new)
        return new

    def _prepare_split_values(self, values):
        shared = {
            name: self[name].id if self._fields[name].relational else self[name]
            for name in SHARED
        }
        return {**shared, **values}

    def _note_split(self, new):
        links = self.env["crm.case.link"]
        links.search(
            [("case_id", "=", new.id), ("other_case_id", "=", self.id)]
        ).unlink()
        links.create({"case_id": new.id, "other_case_id": self.id, "kind": "related"})
        self._note(self.env._("A part of this case goes on as %s.", new.display_name))
        new._note(self.env._("Split from %s.", self.display_name))
