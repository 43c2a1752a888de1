from odoo import api, models

from ..ledger.allocation import exact
from ..ledger.taking_back import RuleShare


class SaleOrderLine(models.Model):
    """Rewards claimed, changed or removed on an order that is confirmed already.

    Stock moves the card from here; the context tells the ledger for which order.
    """

    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        spending = [vals for vals in vals_list if vals.get("points_cost")]
        order_ids = {vals.get("order_id") for vals in spending}
        if len(order_ids) > 1:
            return self.browse().concat(*(self.create([vals]) for vals in vals_list))
        if not spending:
            return super().create(vals_list)
        order = self.env["sale.order"].browse(order_ids)
        lines = super(SaleOrderLine, self._tell_order(order)).create(vals_list)
        return lines.with_env(self.env)

    def write(self, vals):
        if "points_cost" not in vals:
            return super().write(vals)
        for order, lines in self.grouped("order_id").items():
            super(SaleOrderLine, lines._tell_order(order)).write(vals)
        return True

    def unlink(self):
        if not self.coupon_id:
            return super().unlink()
        for order, lines in self.grouped("order_id").items():
            super(SaleOrderLine, lines._tell_order(order)).unlink()
        return True

    def _tell_order(self, order):
        facts = {"order_id": order.id, "company_id": order.company_id.id}
        return self.with_context(points_facts=facts)

    def _get_rule_share(self, rule):
        """Return what a rule counted in these lines, and what of it was credited.

        :rtype: RuleShare
        """
        credited = self.invoice_lines.filtered(
            lambda line: line.parent_state == "posted"
            and line.move_type == "out_refund"
        )
        if rule.reward_point_mode == "money":
            ordered = sum(self.mapped("price_total"))
            returned = sum(credited.mapped("price_total"))
        else:
            ordered = sum(self.mapped("product_uom_qty"))
            returned = sum(self._get_credited_quantity(line) for line in credited)
        whole = rule.reward_point_mode == "order"
        factor = exact(rule.reward_point_amount)
        return RuleShare(
            points=factor if whole else factor * exact(ordered),
            ordered=exact(ordered),
            returned=exact(returned),
            divisible=not whole,
        )

    @api.model
    def _get_credited_quantity(self, credited):
        order_line = credited.sale_line_ids[:1]
        return credited.product_uom_id._compute_quantity(
            credited.quantity, order_line.product_uom_id, round=False
        )
