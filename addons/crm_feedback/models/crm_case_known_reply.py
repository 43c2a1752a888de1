import re

from odoo import api, models

# Looks like the number of a case: letters and at least three digits.
NUMBER = re.compile(r"\b[A-Za-z]{2,}[-/]?\d{3,}\b")


class CrmCaseKnownReply(models.Model):
    """E-mails that name a case in their subject belong to it.

    Many programs answer without the headers that say to what: their answer to an
    acknowledgement would open a case, that would be acknowledged, and so on.
    """

    _inherit = "crm.case"

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        case = self._find_named_case(msg_dict)
        if case:
            case.message_update(msg_dict)
            return case
        return super().message_new(msg_dict, custom_values=custom_values)

    @api.model
    def _find_named_case(self, msg_dict):
        """Return the sender's own case that the subject names, or none."""
        numbers = NUMBER.findall(msg_dict.get("subject") or "")
        sender = self.env["res.partner"].browse(msg_dict.get("author_id"))
        if not (numbers and sender):
            return self.browse()
        case = self.search(
            [
                ("number", "in", numbers),
                ("commercial_partner_id", "=", sender.commercial_partner_id.id),
            ],
            limit=1,
        )
        return case.merged_into_id or case
