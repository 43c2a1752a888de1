from odoo import api, models


class CrmCaseCause(models.Model):
    """Who supplied a lot is whom it was received from."""

    _inherit = "crm.case"

    @api.depends("lot_id")
    def _compute_supplier_id(self):
        return super()._compute_supplier_id()

    def _get_supplier(self):
        self.ensure_one()
        if not self.lot_id:
            return super()._get_supplier()
        receipt = (
            self.env["stock.move.line"]
            .sudo()
            .search(
                [
                    ("lot_id", "=", self.lot_id.id),
                    ("state", "=", "done"),
                    ("location_id.usage", "=", "supplier"),
                    ("picking_id.partner_id", "!=", False),
                ],
                order="date desc",
                limit=1,
            )
        )
        partner = receipt.picking_id.partner_id.commercial_partner_id
        return partner or super()._get_supplier()
