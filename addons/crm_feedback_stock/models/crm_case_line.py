from odoo import fields, models


class CrmCaseLine(models.Model):
    _inherit = "crm.case.line"

    move_id = fields.Many2one(
        "stock.move", "Delivered by", index="btree_not_null", check_company=True
    )
    lot_id = fields.Many2one(
        "stock.lot",
        "Lot or Serial Number",
        index="btree_not_null",
        check_company=True,
        domain="[('product_id', '=', product_id)]",
    )

    def _get_delivered_move(self):
        """Return the move that brought this product to the customer, if done."""
        self.ensure_one()
        candidates = (
            self.move_id
            | self.sale_line_id.move_ids
            | self.case_id.picking_id.move_ids
            | self.case_id.sale_order_id.picking_ids.move_ids
        )
        return candidates.filtered(
            lambda move: move.product_id == self.product_id
            and move.state == "done"
            and move.picking_id.picking_type_code == "outgoing"
        )[:1]
