from odoo import Command, models
from odoo.exceptions import UserError


class CrmCaseCompensationCredit(models.Model):
    """Refunds and credits: a draft credit note of the customer's invoice."""

    _inherit = "crm.case.compensation"

    def _make_refund(self):
        """Credit the chosen products in their quantities."""
        lines = [self._prepare_refund_line(line) for line in self.line_ids]
        return self._create_credit_note(lines)

    def _make_credit(self):
        """Credit an amount: each line of the invoice bears its share, taxes too."""
        invoice = self._check_invoice()
        amount = self.currency_id._convert(
            self.amount, invoice.currency_id, self.company_id, invoice.date
        )
        if invoice.currency_id.compare_amounts(amount, self._get_creditable()) > 0:
            raise UserError(
                self.env._(
                    "%(invoice)s has no more than %(left)s left to credit.",
                    invoice=invoice.name,
                    left=invoice.currency_id.format(self._get_creditable()),
                )
            )
        share = amount / invoice.amount_total
        lines = [
            self._prepare_credit_line(line) | {"price_unit": line.price_unit * share}
            for line in invoice.invoice_line_ids
            if line.display_type == "product"
        ]
        note = self._create_credit_note(lines)
        self._settle_rounding(note, amount)
        return note

    def _check_invoice(self):
        if not self.invoice_id or self.invoice_id.state != "posted":
            raise UserError(
                self.env._("Choose the posted invoice from which to give money back.")
            )
        return self.invoice_id

    def _get_creditable(self):
        """Return what of the invoice was not credited yet."""
        notes = self.invoice_id.reversal_move_ids.filtered(
            lambda move: move.state != "cancel"
        )
        return self.invoice_id.amount_total - sum(notes.mapped("amount_total"))

    def _prepare_refund_line(self, line):
        invoice = self._check_invoice()
        invoiced = line.invoice_line_id & invoice.invoice_line_ids
        invoiced = invoiced or invoice.invoice_line_ids.filtered(
            lambda each: each.product_id == line.product_id
        )
        if not invoiced or line.quantity > sum(invoiced.mapped("quantity")):
            raise UserError(
                self.env._(
                    "%(invoice)s has no %(quantity)g of %(product)s.",
                    invoice=invoice.name,
                    quantity=line.quantity,
                    product=line.product_id.display_name,
                )
            )
        values = self._prepare_credit_line(invoiced[0])
        values["sale_line_ids"] = [Command.set(invoiced[0].sale_line_ids.ids)]
        return values | {"quantity": line.quantity}

    def _prepare_credit_line(self, line):
        return {
            "name": line.name,
            "product_id": line.product_id.id,
            "product_uom_id": line.product_uom_id.id,
            "quantity": line.quantity,
            "price_unit": line.price_unit,
            "discount": line.discount,
            "tax_ids": [Command.set(line.tax_ids.ids)],
            "account_id": line.account_id.id,
            "analytic_distribution": line.analytic_distribution,
        }

    def _create_credit_note(self, lines):
        invoice = self._check_invoice()
        return self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "reversed_entry_id": invoice.id,
                "partner_id": invoice.partner_id.id,
                "partner_shipping_id": invoice.partner_shipping_id.id,
                "fiscal_position_id": invoice.fiscal_position_id.id,
                "currency_id": invoice.currency_id.id,
                "company_id": invoice.company_id.id,
                "journal_id": invoice.journal_id.id,
                "invoice_origin": invoice.name,
                "ref": f"{self.case_id.number} {invoice.name}",
                "invoice_line_ids": [Command.create(line) for line in lines],
            }
        )

    def _settle_rounding(self, note, amount):
        """Let the largest line bear the cents that rounding left over."""
        difference = note.currency_id.round(amount - note.amount_total)
        largest = max(note.invoice_line_ids, key=lambda line: line.price_total)
        if difference and largest.price_total:
            rest = largest.price_total + difference
            largest.price_unit *= rest / largest.price_total
