from odoo import api, fields, models


class CrmCaseContract(models.Model):
    """The service contract that covers the case, and what it entitles to."""

    _inherit = "crm.case"

    contract_id = fields.Many2one(
        "crm.service.contract",
        compute="_compute_contract_id",
        store=True,
        readonly=False,
        index="btree_not_null",
        tracking=True,
        check_company=True,
        domain="[('commercial_partner_id', '=', commercial_partner_id)]",
        groups="base.group_user",
    )
    coverage = fields.Text(
        compute="_compute_coverage",
        groups="base.group_user",
        help="What the contract entitles to, and what is left of it.",
    )

    @api.depends("commercial_partner_id", "product_id", "company_id", "date_received")
    def _compute_contract_id(self):
        found = self.env["crm.service.contract"]._find_for_cases(self)
        for case in self:
            case.contract_id = found[case]

    @api.depends("contract_id.entitlement_ids")
    def _compute_coverage(self):
        for case in self:
            entitlements = case.contract_id.entitlement_ids
            case.coverage = "\n".join(each._get_text() for each in entitlements)

    @api.model
    def _get_service_level_fields(self):
        return super()._get_service_level_fields() | {
            "contract_id",
            "partner_id",
            "product_id",
        }
