from odoo import api, fields, models


class CrmCaseCause(models.Model):
    """How the cause of a case was found, and who supplied what it is about."""

    _inherit = "crm.case"

    why_ids = fields.One2many("crm.case.why", "case_id", "Whys", copy=False)
    supplier_id = fields.Many2one(
        "res.partner",
        compute="_compute_supplier_id",
        store=True,
        readonly=False,
        index="btree_not_null",
        tracking=True,
        groups="base.group_user",
        help="Who supplied the product. Complaints are counted for him too.",
    )

    @api.depends("product_id")
    def _compute_supplier_id(self):
        for case in self:
            case.supplier_id = case._get_supplier() or case.supplier_id

    def _get_supplier(self):
        """Return who supplied what the case is about; others know better from lots."""
        self.ensure_one()
        sellers = self.product_id.sudo().seller_ids.filtered(
            lambda seller: seller.company_id in (False, self.company_id)
            or not seller.company_id
        )
        return sellers[:1].partner_id
