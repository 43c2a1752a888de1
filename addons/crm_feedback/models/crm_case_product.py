from odoo import api, fields, models


class CrmCaseProduct(models.Model):
    """What the case is about among the things sold, and what they are worth."""

    _inherit = "crm.case"

    line_ids = fields.One2many(
        "crm.case.line", "case_id", "Products", copy=True, groups="base.group_user"
    )
    product_id = fields.Many2one(
        "product.product",
        compute="_compute_product_id",
        store=True,
        readonly=False,
        index="btree_not_null",
        tracking=True,
        check_company=True,
        help="The product that the case is about; with several, the first of them.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    value_at_stake = fields.Monetary(
        compute="_compute_value_at_stake",
        store=True,
        readonly=False,
        groups="base.group_user",
        help="Value of the products, else of the invoice, else of the order.",
    )
    customer_facts = fields.Char(
        "Worth Knowing",
        compute="_compute_customer_facts",
        groups="crm_lifecycle.crm_lifecycle_group_user",
        help="What the customer's profile says: stage, revenue, tier, value.",
    )

    @api.depends("line_ids.product_id")
    def _compute_product_id(self):
        for case in self:
            case.product_id = case.line_ids[:1].product_id or case.product_id

    @api.depends("line_ids.amount", "invoice_id", "sale_order_id")
    def _compute_value_at_stake(self):
        for case in self:
            case.value_at_stake = sum(case.line_ids.mapped("amount")) or (
                case._get_document_value()
            )

    def _get_document_value(self):
        """Return the total of the invoice, else of the order."""
        self.ensure_one()
        document = self.invoice_id or self.sale_order_id
        if not document:
            return self.value_at_stake
        return document.currency_id._convert(
            document.amount_total,
            self.company_id.currency_id,
            self.company_id,
            fields.Date.context_today(self),
        )

    @api.depends("commercial_partner_id", "company_id")
    def _compute_customer_facts(self):
        profiles = self.env["crm.customer.profile"].search(
            [
                ("partner_id", "in", self.commercial_partner_id.ids),
                ("company_id", "in", self.company_id.ids),
            ]
        )
        facts = {
            (profile.partner_id, profile.company_id): profile._get_case_facts()
            for profile in profiles
        }
        for case in self:
            rows = facts.get((case.commercial_partner_id, case.company_id), [])
            case.customer_facts = " · ".join(f"{name}: {value}" for name, value in rows)

    @api.model
    def _get_opening_action(self, values):
        """Return the action that opens the form of a new case with these values."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Case"),
            "res_model": "crm.case",
            "views": [(False, "form")],
            "context": {f"default_{name}": value for name, value in values.items()},
        }
