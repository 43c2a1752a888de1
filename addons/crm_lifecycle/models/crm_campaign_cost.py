from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError

from .utm_campaign import MANAGER_GROUP


class CrmCampaignCost(models.Model):
    """A cost of a campaign: what was planned for it and what it came to.

    The actual cost is entered by hand or taken from the line of a vendor bill.
    """

    _name = "crm.campaign.cost"
    _description = "Campaign Cost"
    _order = "date, id"
    _check_company_auto = True

    campaign_id = fields.Many2one(
        "utm.campaign", required=True, ondelete="cascade", index=True
    )
    name = fields.Char("Description", required=True)
    kind = fields.Selection(
        [
            ("media", "Advertising"),
            ("creation", "Creation"),
            ("print", "Print"),
            ("postage", "Dispatch"),
            ("incentive", "Incentives"),
            ("event", "Event"),
            ("staff", "Own work"),
            ("other", "Other"),
        ],
        required=True,
        default="media",
    )
    date = fields.Date(default=fields.Date.context_today)
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company_id",
        store=True,
        precompute=True,
        index=True,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    planned = fields.Monetary()
    actual = fields.Monetary(
        compute="_compute_actual", store=True, readonly=False, precompute=True
    )
    bill_line_id = fields.Many2one(
        "account.move.line",
        "Vendor Bill Line",
        check_company=True,
        index="btree_not_null",
        ondelete="set null",
        groups="account.group_account_invoice,account.group_account_readonly",
        domain="[('parent_state', '=', 'posted'), ('display_type', '=', 'product'),"
        " ('move_id.move_type', 'in', ('in_invoice', 'in_refund', 'in_receipt'))]",
        help="Posted line of a vendor bill: the actual cost is its untaxed amount.",
    )

    is_billed = fields.Boolean(
        compute="_compute_is_billed",
        compute_sudo=True,
        help="The actual cost comes from a vendor bill.",
    )

    @api.depends("campaign_id.company_id")
    def _compute_company_id(self):
        for cost in self:
            cost.company_id = cost.campaign_id.company_id or self.env.company

    @api.depends("bill_line_id.balance", "bill_line_id.parent_state")
    def _compute_actual(self):
        for cost in self:
            line = cost.bill_line_id
            if not line:
                cost.actual = cost.actual or 0
            else:
                cost.actual = line.balance if line.parent_state == "posted" else 0

    @api.depends("bill_line_id")
    def _compute_is_billed(self):
        for cost in self:
            cost.is_billed = bool(cost.bill_line_id)

    @api.constrains("actual", "bill_line_id", "campaign_id")
    def _check_budget(self):
        """Refuse a cost that neither budget nor approval cover, unless a manager
        enters it.

        What bills bring is not refused: the accountant would be in the way of
        the marketer's fault. The campaign shows the excess.
        """
        if self.env.uid == SUPERUSER_ID or self.env.user.has_group(MANAGER_GROUP):
            return
        spent_by_campaign = dict(
            self.sudo()._read_group(
                [("campaign_id", "in", self.campaign_id.ids)],
                ["campaign_id"],
                ["actual:sum"],
            )
        )
        for campaign, spent in spent_by_campaign.items():
            currency = campaign.currency_id or self.env.company.currency_id
            if not campaign.budget:
                continue
            allowed = max(campaign.budget, campaign.approved_amount)
            if currency.compare_amounts(spent, allowed) > 0:
                raise UserError(
                    self.env._(
                        "With this cost, campaign %(campaign)s would have spent "
                        "%(spent)s, and %(allowed)s are allowed. Enter it as planned "
                        "first and press Ask for Approval: once a manager has approved "
                        "it you can enter what it came to.",
                        campaign=campaign.title,
                        spent=currency.format(spent),
                        allowed=currency.format(allowed),
                    )
                )

    @api.model
    def _book_lines(self, campaign, lines):
        """Enter lines of vendor bills as costs, each once.

        A planned cost with the same description, or the only one that is still open,
        takes a line; for the others there are new costs.
        """
        lines -= self.search([("bill_line_id", "in", lines.ids)]).bill_line_id
        waiting = campaign.cost_ids.filtered(
            lambda cost: not cost.bill_line_id and not cost.actual
        )
        for line in lines:
            alike = waiting.filtered(lambda cost, line=line: cost._is_named(line))
            if not alike and len(waiting) == len(lines) == 1:
                alike = waiting
            cost = alike[:1]
            waiting -= cost
            if cost:
                cost.bill_line_id = line
            else:
                self.create(self._prepare_cost(campaign, line))

    def _is_named(self, line):
        return self.name.strip().lower() == (line.name or "").strip().lower()

    @api.model
    def _prepare_cost(self, campaign, line):
        return {
            "campaign_id": campaign.id,
            "name": line.name or line.move_id.name,
            "kind": "other",
            "date": line.move_id.invoice_date or line.date,
            "bill_line_id": line.id,
        }
