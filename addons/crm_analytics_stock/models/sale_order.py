from odoo import fields, models


class SaleOrder(models.Model):
    """What was promised, kept apart from what is planned now."""

    _inherit = "sale.order"

    customer_requested_date = fields.Datetime(
        "Requested by Customer",
        copy=False,
        help="When the customer wants the goods. The perfect order can be measured "
        "against it, or against what was promised.",
    )
    first_promise_date = fields.Datetime(
        "First Promise",
        readonly=True,
        copy=False,
        help="The delivery date when the order was confirmed; later changes of the "
        "schedule do not move it.",
    )

    def action_confirm(self):
        result = super().action_confirm()
        for order in self:
            if not order.first_promise_date:
                order.first_promise_date = order.commitment_date or order.expected_date
        return result
