from odoo import models
from odoo.exceptions import UserError


class CrmCaseCompensation(models.Model):
    """A repair order of the product that the case is about."""

    _inherit = "crm.case.compensation"

    def _selection_kind(self):
        return [*super()._selection_kind(), ("repair", self.env._("Repair"))]

    def _check_request(self):
        result = super()._check_request()
        if self.kind == "repair" and len(self.line_ids) != 1:
            raise UserError(
                self.env._("Choose the one product to repair; each has its own order.")
            )
        return result

    def _make_repair(self):
        return self.env["repair.order"].create(self._prepare_repair_values())

    def _prepare_repair_values(self):
        line, case = self.line_ids, self.case_id
        return {
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "product_id": line.product_id.id,
            "product_qty": line.quantity,
            "product_uom": line.product_id.uom_id.id,
            "lot_id": (line.lot_id or case.lot_id).id,
            "under_warranty": case.warranty_state == "in",
            "internal_notes": f"{case.display_name}: {self.reason}",
        }
