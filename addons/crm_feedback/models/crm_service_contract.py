from odoo import api, fields, models
from odoo.fields import Domain


class CrmServiceContract(models.Model):
    """What service a customer has paid for: when, for what, and how much of it."""

    _name = "crm.service.contract"
    _description = "Service Contract"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date_start desc, id desc"
    _check_company_auto = True

    name = fields.Char("Number", required=True, tracking=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        required=True,
        index=True,
        tracking=True,
        check_company=True,
        help="Covers the customer with all his contacts.",
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id", store=True, index=True
    )
    date_start = fields.Date(
        "Valid from", required=True, default=fields.Date.context_today, tracking=True
    )
    date_end = fields.Date("Valid until", tracking=True, help="Leave empty for no end.")
    state = fields.Selection(
        [("future", "Not started"), ("running", "Running"), ("expired", "Expired")],
        compute="_compute_state",
        search="_search_state",
    )
    product_ids = fields.Many2many("product.product", string="Products")
    categ_ids = fields.Many2many("product.category", string="Product Categories")
    sla_policy_id = fields.Many2one(
        "crm.sla.policy",
        "Service Level Policy",
        index="btree_not_null",
        check_company=True,
        help="Counts for the customer's cases instead of any other policy.",
    )
    entitlement_ids = fields.One2many(
        "crm.service.entitlement", "contract_id", "Entitlements", copy=True
    )
    case_ids = fields.One2many("crm.case", "contract_id", "Cases")
    case_count = fields.Integer(compute="_compute_case_count")
    note = fields.Text("Terms")

    _dates_ordered = models.Constraint(
        "CHECK (date_end IS NULL OR date_end >= date_start)",
        "A contract can't end before it starts.",
    )

    @api.depends("date_start", "date_end")
    def _compute_state(self):
        today = fields.Date.context_today(self)
        for contract in self:
            if contract.date_start and contract.date_start > today:
                contract.state = "future"
            elif contract.date_end and contract.date_end < today:
                contract.state = "expired"
            else:
                contract.state = "running"

    @api.model
    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        domains = {
            "future": Domain("date_start", ">", today),
            "expired": Domain("date_end", "<", today),
            "running": Domain("date_start", "<=", today)
            & (Domain("date_end", "=", False) | Domain("date_end", ">=", today)),
        }
        return Domain.OR(domains[state] for state in value if state in domains)

    def _compute_case_count(self):
        counts = dict(
            self.env["crm.case"]._read_group(
                [("contract_id", "in", self.ids)], ["contract_id"], ["__count"]
            )
        )
        for contract in self:
            contract.case_count = counts.get(contract, 0)

    def action_open_cases(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_feedback.crm_case_action"
        )
        action["domain"] = [("contract_id", "=", self.id)]
        action["context"] = {"default_partner_id": self.partner_id.id}
        return action

    @api.model
    def _find_for_cases(self, cases):
        """Return the contract that covers each case (dict; none: an empty record)."""
        contracts = self.search(
            [
                ("commercial_partner_id", "in", cases.commercial_partner_id.ids),
                ("company_id", "in", cases.company_id.ids),
            ]
        )
        return {
            case: contracts.filtered(lambda each, case=case: each._covers(case))[:1]
            for case in cases
        }

    def _covers(self, case):
        self.ensure_one()
        day = fields.Date.to_date(case.date_received) or fields.Date.today()
        return (
            self.commercial_partner_id == case.commercial_partner_id
            and self.company_id == case.company_id
            and self.date_start <= day
            and (not self.date_end or day <= self.date_end)
            and self._covers_product(case.product_id)
        )

    def _covers_product(self, product):
        if not (self.product_ids or self.categ_ids):
            return True
        path = product.categ_id.parent_path or ""
        return product in self.product_ids or any(
            path.startswith(categ.parent_path) for categ in self.categ_ids
        )
