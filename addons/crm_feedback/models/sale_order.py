from odoo import fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    case_count = fields.Integer(
        "Cases",
        compute="_compute_case_count",
        groups="crm_feedback.crm_feedback_group_user",
    )

    def _compute_case_count(self):
        counts = dict(
            self.env["crm.case"]._read_group(
                [("sale_order_id", "in", self.ids)], ["sale_order_id"], ["__count"]
            )
        )
        for order in self:
            order.case_count = counts.get(order, 0)

    def action_open_cases(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_feedback.crm_case_action"
        )
        action["domain"] = [("sale_order_id", "=", self.id)]
        action["context"] = {
            "default_sale_order_id": self.id,
            "default_partner_id": self.partner_id.id,
            "default_case_type": "complaint",
        }
        return action

    def action_open_case(self):
        """Open a case about the order, its lines prefilled."""
        self.ensure_one()
        return self._get_case_action(self.order_line)

    def _get_case_action(self, lines):
        self.ensure_one()
        return self.env["crm.case"]._get_opening_action(
            {
                "partner_id": self.partner_id.id,
                "sale_order_id": self.id,
                "company_id": self.company_id.id,
                "case_type": "complaint",
                "line_ids": lines._prepare_case_line_commands(),
            }
        )
