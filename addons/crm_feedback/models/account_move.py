from odoo import Command, fields, models


class AccountMove(models.Model):
    _name = "account.move"
    _inherit = ["account.move", "crm.case.document.mixin"]

    _case_field = "invoice_id"

    case_ids = fields.One2many(
        "crm.case",
        "invoice_id",
        "Cases",
        groups="crm_feedback.crm_feedback_group_user",
    )

    def _prepare_opening_values(self):
        return super()._prepare_opening_values() | {
            "sale_order_id": self.line_ids.sale_line_ids.order_id[:1].id,
            "case_type": "billing_dispute",
            "line_ids": self._prepare_case_line_commands(),
        }

    def _prepare_case_line_commands(self):
        return [
            Command.create(
                {
                    "product_id": line.product_id.id,
                    "invoice_line_id": line.id,
                    "sale_line_id": line.sale_line_ids[:1].id,
                    "quantity": line.quantity,
                }
            )
            for line in self.invoice_line_ids
            if line.product_id and line.quantity > 0
        ]
