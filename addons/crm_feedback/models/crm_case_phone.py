from odoo import api, fields, models

ORDER_LIMIT = 5


class CrmCasePhone(models.Model):
    """What the agent sees of the caller while he takes the call."""

    _inherit = "crm.case"

    caller_case_ids = fields.Many2many(
        "crm.case", compute="_compute_caller", groups="base.group_user"
    )
    caller_order_ids = fields.Many2many(
        "sale.order", compute="_compute_caller", groups="base.group_user"
    )

    @api.depends("partner_id")
    def _compute_caller(self):
        orders = self.env["sale.order"]
        may_read_orders = orders.has_access("read")
        for case in self:
            customer = case.partner_id.commercial_partner_id
            case.caller_case_ids = self._find_caller_cases(case, customer)
            case.caller_order_ids = may_read_orders and orders.search(
                [("partner_id", "child_of", customer.ids), ("state", "=", "sale")],
                order="date_order desc",
                limit=ORDER_LIMIT,
            )

    @api.model
    def _find_caller_cases(self, case, customer):
        return self.search(
            [
                ("commercial_partner_id", "in", customer.ids),
                ("stage_kind", "in", ("open", "waiting")),
                ("id", "!=", case._origin.id),
            ],
            limit=ORDER_LIMIT,
        )

    def action_take_call(self):
        """The call is noted: go on with the case."""
        return self._get_form_action()
