from odoo import Command, fields, models
from odoo.exceptions import UserError


class CrmCaseCompensation(models.Model):
    """Goods that come back: the return of the delivery they went out with."""

    _inherit = "crm.case.compensation"

    with_return = fields.Boolean(
        "Goods Come Back", help="A return of the delivery is made as well."
    )
    return_picking_id = fields.Many2one(
        "stock.picking", "Return", readonly=True, copy=False, index="btree_not_null"
    )

    def _selection_kind(self):
        return [
            *super()._selection_kind(),
            ("return", self.env._("Return without refund")),
        ]

    def _check_request(self):
        result = super()._check_request()
        if (self.kind == "return" or self.with_return) and not self.reason.strip():
            raise UserError(self.env._("Say why the goods come back."))
        return result

    def _make_refund(self):
        note = super()._make_refund()
        self._take_goods_back()
        return note

    def _make_replacement(self):
        order = super()._make_replacement()
        self._take_goods_back()
        return order

    def _make_return(self):
        self.with_return = True
        self._take_goods_back()
        return self.return_picking_id

    def _take_goods_back(self):
        """Make the return of the chosen products, if they come back."""
        if not self.with_return:
            return
        quantities = self._get_returned_moves()
        delivery = self._get_single_delivery(quantities)
        wizard = self.env["stock.return.picking"].create(
            {
                "picking_id": delivery.id,
                "product_return_moves": [
                    Command.create(
                        {
                            "move_id": move.id,
                            "product_id": move.product_id.id,
                            "quantity": quantity,
                        }
                    )
                    for move, quantity in quantities.items()
                ],
            }
        )
        self.return_picking_id = wizard._create_return()
        self.return_picking_id.origin = f"{self.case_id.number} {delivery.name}"
        self.return_picking_id.message_post(
            body=self.reason, subtype_xmlid="mail.mt_note"
        )

    def _get_returned_moves(self):
        """Return the quantity that comes back of each delivered move."""
        quantities = {}
        for line in self.line_ids:
            move = line._get_delivered_move()
            if not move:
                raise UserError(
                    self.env._(
                        "%s was not delivered yet: nothing can come back.",
                        line.product_id.display_name,
                    )
                )
            quantities[move] = quantities.get(move, 0) + line.quantity
        for move, quantity in quantities.items():
            if quantity > move.quantity:
                raise UserError(
                    self.env._(
                        "No more than %(quantity)g of %(product)s were delivered.",
                        quantity=move.quantity,
                        product=move.product_id.display_name,
                    )
                )
        return quantities

    def _get_single_delivery(self, quantities):
        deliveries = self.env["stock.picking"].union(
            *(move.picking_id for move in quantities)
        )
        if len(deliveries) != 1:
            raise UserError(
                self.env._(
                    "These products came with several deliveries: make a return for "
                    "each."
                )
            )
        return deliveries
