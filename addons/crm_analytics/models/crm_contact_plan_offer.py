import numpy as np

from odoo import api, fields, models
from odoo.fields import Domain

from ..analysis_results import charts
from ..engine import uplift


class CrmContactPlanOffer(models.Model):
    """A campaign to choose from: what a contact costs, and what it brings."""

    _name = "crm.contact.plan.offer"
    _description = "Contact Plan Campaign"
    _order = "plan_id, sequence, id"

    plan_id = fields.Many2one(
        "crm.contact.plan", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(related="plan_id.company_id", store=True)
    currency_id = fields.Many2one(related="plan_id.currency_id")
    campaign_id = fields.Many2one(
        "utm.campaign",
        required=True,
        ondelete="cascade",
        domain="[('state', '=', 'plan'), ('company_id', 'in', (False, company_id))]",
    )
    contact_cost = fields.Monetary("Cost of a Contact")
    capacity = fields.Integer("At Most", help="Contacts. Zero: no limit.")
    order_margin = fields.Monetary(
        "Margin of an Order",
        compute="_compute_order_margin",
        store=True,
        readonly=False,
        precompute=True,
        help="What a buyer brings. Filled from the orders of the last twelve months.",
    )
    uplift_rate = fields.Float(
        "Uplift (points)",
        help="Share of the contacted who buy because of the campaign, where past "
        "campaigns are too few to learn it for each customer. Zero: as of past "
        "campaigns with a control group.",
    )
    charts = fields.Json(readonly=True, copy=False)
    tenth_ids = fields.One2many("crm.contact.plan.tenth", "offer_id", "Tenths")
    method = fields.Char("Uplift From", readonly=True, copy=False)

    _campaign_uniq = models.Constraint(
        "UNIQUE(plan_id, campaign_id)", "A campaign is in a plan once."
    )
    _cost_positive = models.Constraint(
        "CHECK(contact_cost >= 0 AND capacity >= 0)",
        "Costs and limits can't be negative.",
    )

    @api.depends("plan_id.company_id")
    def _compute_order_margin(self):
        """Take the mean margin of an order from the profiles of the company."""
        for offer in self:
            company = offer.plan_id.company_id or self.env.company
            [(margin, orders)] = (
                self.env["crm.customer.profile"]
                .sudo()
                ._read_group(
                    [("company_id", "=", company.id)],
                    [],
                    ["margin:sum", "order_count:sum"],
                )
            )
            offer.order_margin = (margin or 0) / orders if orders else 0

    def _get_domain(self):
        """Return a domain on ``res.partner``: who may get this campaign."""
        campaign = self.campaign_id.sudo()
        return Domain.AND(
            [
                campaign._get_audience_domain(),
                ~campaign._get_control_domain(),
                self.env["crm.consent"]._get_allowed_domain("marketing", "email"),
            ]
        )

    def _get_values(self, customers, known):
        """Return what a contact of each customer is worth; ``-inf``: not allowed.

        :param customers: ids, shape (n,)
        :param known: figures of each, shape (n, k)
        """
        partners = self.env["res.partner"].sudo()
        allowed = partners.search(self._get_domain()).ids
        gained = self._get_uplift(known) * self.order_margin - self.contact_cost
        return np.where(np.isin(customers, allowed), gained, -np.inf)

    def _get_uplift(self, known):
        """Return the chance, for each customer, that he buys because of the contact."""
        campaign = self.campaign_id
        past = campaign._get_past_campaigns()
        fitted = self.plan_id._fit_uplift(past) if not self.uplift_rate else None
        self.sudo().tenth_ids.unlink()
        self.charts = False
        if fitted:
            model, quality = fitted
            self._keep_tenths(quality)
            self.charts = [self._get_qini_chart(quality)]
            self.method = self.env._("Learned from past campaigns (%s)", len(past))
            return uplift.predict(model, known)
        rate = self.uplift_rate / 100
        if self.uplift_rate:
            self.method = self.env._("Entered")
        else:
            rate = self._get_past_uplift(past)
            self.method = self.env._("The mean of past campaigns (%s)", len(past))
        return np.full(known.shape[0], rate)

    def _keep_tenths(self, quality):
        """Write down what the contact added in each tenth of unseen customers."""
        self.env["crm.contact.plan.tenth"].sudo().create(
            [
                {"offer_id": self.id, "tenth": number, "uplift": 100 * gain}
                for number, gain in enumerate(quality.deciles, 1)
                if gain == gain
            ]
        )

    def _get_qini_chart(self, quality):
        """Return the Qini curve of unseen customers, the best to contact first."""
        shares, gains = np.array(quality.shares), 100 * np.array(quality.gains)
        return charts.line_chart(
            f"qini_{self.id}",
            self.env._(
                "%(campaign)s: buyers gained per 100 customers (Qini %(qini).4f, by "
                "chance 0)",
                campaign=self.campaign_id.title,
                qini=quality.qini,
            ),
            [f"{share:.0%}" for share in shares],
            [
                (self.env._("The best first"), gains, False),
                (self.env._("Any of them"), shares * gains[-1], True),
            ],
            self.env._("Share of the customers who are contacted"),
        )

    def _get_past_uplift(self, past):
        """Return the share of buyers that past campaigns added, as a fraction."""
        compared = past.filtered("control_size")
        contacted = sum(compared.mapped("contacted_size"))
        return (
            sum(campaign.incremental_buyers for campaign in compared) / contacted
            if contacted
            else 0.0
        )
