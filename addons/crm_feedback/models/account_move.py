from odoo import Command, fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    case_ids = fields.One2many(
        "crm.case",
        "invoice_id",
        "Cases",
        groups="crm_feedback.crm_feedback_group_user",
    )
    case_count = fields.Integer(
        "Number of Cases",
        compute="_compute_case_count",
        groups="crm_feedback.crm_feedback_group_user",
    )

    def _compute_case_count(self):
        counts = dict(
            self.env["crm.case"]._read_group(
                [("invoice_id", "in", self.ids)], ["invoice_id"], ["__count"]
            )
        )
        for move in self:
            move.case_count = counts.get(move, 0)

    def action_open_cases(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_feedback.crm_case_action"
        )
        action["domain"] = [("invoice_id", "=", self.id)]
        action["context"] = self.action_open_case()["context"]
        return action

    def action_open_case(self):
        """Open a case about the invoice, its lines prefilled."""
        self.ensure_one()
        return self.env["crm.case"]._get_opening_action(
            {
                "partner_id": self.partner_id.id,
                "invoice_id": self.id,
                "sale_order_id": self.line_ids.sale_line_ids.order_id[:1].id,
                "company_id": self.company_id.id,
                "case_type": "billing_dispute",
                "line_ids": self._prepare_case_line_commands(),
            }
        )

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
