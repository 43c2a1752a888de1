import re

from odoo import api, models
from odoo.tools import html2plaintext

# Documents are looked for in so much of a message, and so many words of it.
TEXT_MAX = 5_000
WORDS_MAX = 50
# Has a digit, and is longer than a quantity.
NUMBER = re.compile(r"(?<![\w/-])(?=[\w/-]*\d)[\w/-]{4,40}(?![\w/-])")


class CrmCaseNamedOrder(models.Model):
    """A customer who writes about an order or invoice by its number: it is found."""

    _inherit = "crm.case"

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        case = super().message_new(msg_dict, custom_values=custom_values)
        if not (case.sale_order_id or case.invoice_id):
            case._find_named_documents()
        return case

    def _find_named_documents(self):
        """Note the customer's own order or invoice that the case names."""
        self.ensure_one()
        numbers = self._get_named_numbers()
        if not (numbers and self.commercial_partner_id):
            return
        domain = [
            ("name", "in", numbers),
            ("company_id", "=", self.company_id.id),
            ("partner_id", "child_of", self.commercial_partner_id.id),
        ]
        invoice = (
            self.env["account.move"]
            .sudo()
            .search(
                [*domain, ("move_type", "in", ("out_invoice", "out_refund"))], limit=1
            )
        )
        order = self.env["sale.order"].sudo().search(domain, limit=1)
        order = order or invoice.line_ids.sale_line_ids.order_id[:1]
        if order or invoice:
            self.sudo().write(self._prepare_named_values(order, invoice))

    def _get_named_numbers(self):
        text = f"{self.name or ''} {html2plaintext(self.description or '')}"
        words = NUMBER.findall(text[:TEXT_MAX])[:WORDS_MAX]
        return [*words, *(word.upper() for word in words)]

    def _prepare_named_values(self, order, invoice):
        """One line of goods is what he means; of several he has to say which."""
        values = {"sale_order_id": order.id, "invoice_id": invoice.id}
        lines = order.order_line.filtered("product_id")
        if len(lines) == 1:
            values["line_ids"] = lines._prepare_case_line_commands()
        return values
