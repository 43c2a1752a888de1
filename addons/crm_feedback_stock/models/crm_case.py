from odoo import api, fields, models


class CrmCase(models.Model):
    """The delivery and the lot that a case is about."""

    _inherit = "crm.case"

    picking_id = fields.Many2one(
        "stock.picking",
        "Delivery",
        index="btree_not_null",
        check_company=True,
        help="The delivery that the case is about.",
    )
    lot_id = fields.Many2one(
        "stock.lot",
        "Lot or Serial Number",
        compute="_compute_lot_id",
        store=True,
        readonly=False,
        index="btree_not_null",
        tracking=True,
        check_company=True,
    )

    @api.depends("line_ids.lot_id")
    def _compute_lot_id(self):
        for case in self:
            case.lot_id = case.line_ids.lot_id[:1] or case.lot_id

    @api.model
    def _get_taken_over_fields(self):
        return [*super()._get_taken_over_fields(), "picking_id", "lot_id"]

    @api.model
    def _get_similarities(self):
        return {
            "picking_id": self.env._("same delivery"),
            "lot_id": self.env._("same lot"),
            **super()._get_similarities(),
        }

    def _get_warranty_start(self):
        """The warranty runs from the day of delivery, once there is one."""
        lines = self.line_ids.filtered(lambda line: line.product_id == self.product_id)
        moves = lines[:1]._get_delivered_move() if lines else self._get_delivered_move()
        if moves:
            return fields.Date.to_date(moves.date)
        return super()._get_warranty_start()

    def _get_delivered_move(self):
        """Return the move that brought the case's product, if it is done."""
        pickings = self.picking_id | self.sale_order_id.picking_ids
        return pickings.move_ids.filtered(
            lambda move: move.product_id == self.product_id
            and move.state == "done"
            and move.picking_id.picking_type_code == "outgoing"
        )[:1]
