import numpy as np

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL

from ..engine import contact_assignment, uplift

FEATURES = (
    "order_count",
    "revenue",
    "revenue_12m",
    "average_basket",
    "mean_order_interval",
    "discounted_share",
    "days_since_order",
)


class CrmContactPlan(models.Model):
    """Who gets which campaign, so that the expected margin is greatest.

    The value of a contact is the margin it is expected to add, less its cost. It is
    learned from campaigns that had a control group (two models, calibrated); of those
    without, or with too few customers, it is the share of buyers that past campaigns
    had above the control group, the same for all, or a rate entered by hand.
    """

    _name = "crm.contact.plan"
    _description = "Contact Plan"
    _order = "id DESC"

    name = fields.Char(required=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    state = fields.Selection(
        [("draft", "Draft"), ("computed", "Computed"), ("applied", "Applied")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
    )
    cap = fields.Integer("Contacts per Customer", required=True, default=1)
    budget = fields.Monetary(help="For all contacts together. Zero: no limit.")
    offer_ids = fields.One2many(
        "crm.contact.plan.offer", "plan_id", "Campaigns", copy=True
    )
    line_ids = fields.One2many("crm.contact.plan.line", "plan_id", "Contacts")
    line_count = fields.Integer("Contacts Chosen", readonly=True, copy=False)
    is_learned = fields.Boolean(compute="_compute_is_learned")
    charts = fields.Json(compute="_compute_charts")
    expected_margin = fields.Monetary(
        readonly=True, copy=False, help="Margin added, less the cost of the contacts."
    )
    plain_margin = fields.Monetary(
        "Best Customers First",
        readonly=True,
        copy=False,
        help="What the plain rule would bring with the same limits: the customers with "
        "the highest revenue first.",
    )
    cost = fields.Monetary(readonly=True, copy=False)
    gap = fields.Float(
        "At Most Missed (%)",
        readonly=True,
        copy=False,
        help="No plan brings more than so much above this one.",
    )
    budget_price = fields.Float(
        "Worth of More Budget",
        readonly=True,
        copy=False,
        help="Margin that one more unit of money for contacts would bring.",
    )

    _cap_positive = models.Constraint(
        "CHECK(cap > 0)", "A customer gets at least one contact."
    )
    _budget_positive = models.Constraint(
        "CHECK(budget >= 0)", "A budget can't be negative."
    )

    @api.depends("offer_ids.tenth_ids")
    def _compute_is_learned(self):
        for plan in self:
            plan.is_learned = bool(plan.offer_ids.tenth_ids)

    @api.depends("offer_ids.charts")
    def _compute_charts(self):
        for plan in self:
            plan.charts = [
                chart for offer in plan.offer_ids for chart in offer.charts or []
            ]

    # ------------------------------------------------------------
    # Computing
    # ------------------------------------------------------------

    def action_compute(self):
        """Choose the contacts."""
        for plan in self:
            plan._compute_contacts()

    def _compute_contacts(self):
        self.ensure_one()
        if not self.offer_ids:
            raise UserError(self.env._("Add the campaigns to choose from."))
        for offer in self.offer_ids.filtered(lambda offer: offer.order_margin <= 0):
            raise UserError(
                self.env._(
                    "%s: enter the margin of an order. The products sold have no cost "
                    "to take it from.",
                    offer.campaign_id.title,
                )
            )
        customers, known, worth = self._read_customers()
        if not customers.size:
            raise UserError(
                self.env._(
                    "Nobody in the audience of these campaigns may be written to: look "
                    "at the segments of each campaign, and at whether their customers "
                    "want marketing e-mails."
                )
            )
        value = np.column_stack(
            [offer._get_values(customers, known) for offer in self.offer_ids]
        )
        limits = {
            "cost": np.array(self.offer_ids.mapped("contact_cost"), float),
            "cap": self.cap,
            "budget": self.budget or np.inf,
            "capacity": np.array(
                [offer.capacity or np.inf for offer in self.offer_ids], float
            ),
        }
        result = contact_assignment.assign(value, **limits)
        plain = contact_assignment.assign_best_first(
            worth, self._get_plain_order(value), value, **limits
        )
        self._write_lines(customers, value, result.chosen)
        self.write(
            {
                "state": "computed",
                "line_count": int(result.chosen.sum()),
                "expected_margin": result.value,
                "plain_margin": sum(value[pair] for pair in plain),
                "cost": result.cost,
                "gap": 100 * result.gap,
                "budget_price": result.price,
            }
        )

    def _read_customers(self):
        """Return ids, what is known, and revenue of all who may get a contact.

        :rtype: tuple[array (n,), array (n, k), array (n,)]
        """
        partners = self.env["res.partner"].sudo()
        domains = [offer._get_domain() for offer in self.offer_ids]
        query = partners._search(fields.Domain.OR(domains))
        rows = self._read_features(query.subselect())
        if not rows:
            return np.array([], int), np.empty((0, len(FEATURES))), np.array([])
        figures = np.array(rows, float)
        return figures[:, 0].astype(int), figures[:, 2:], figures[:, 1]

    def _read_features(self, partners, date=None):
        """Return rows of id, revenue and :data:`FEATURES` of customers, by id."""
        return self.env.execute_query(
            SQL(
                """
                SELECT partner_id, COALESCE(revenue, 0), COALESCE(order_count, 0),
                       COALESCE(revenue, 0), COALESCE(revenue_12m, 0),
                       COALESCE(average_basket, 0), COALESCE(mean_order_interval, 0),
                       COALESCE(discounted_share, 0),
                       COALESCE(extract(epoch FROM %(now)s - last_order_date) / 86400,
                                9999)
                  FROM crm_customer_profile
                 WHERE company_id = %(company)s AND partner_id IN %(partners)s
                 ORDER BY partner_id
                """,
                now=self.env.cr.now(),
                company=self.company_id.id,
                partners=partners,
            )
        )

    def _get_plain_order(self, value):
        """Return the campaigns as the plain rule takes them: best on average first."""
        allowed = np.where(np.isfinite(value), value, np.nan)
        means = [
            np.nanmean(column) if np.isfinite(column).any() else -np.inf
            for column in allowed.T
        ]
        return np.argsort(-np.array(means)).tolist()

    def _write_lines(self, customers, value, chosen):
        self.line_ids.sudo().unlink()
        rows, columns = np.nonzero(chosen)
        offers = self.offer_ids
        self.env["crm.contact.plan.line"].sudo().create(
            [
                {
                    "plan_id": self.id,
                    "partner_id": int(customers[row]),
                    "campaign_id": offers[int(column)].campaign_id.id,
                    "value": float(value[row, column]),
                    "cost": offers[int(column)].contact_cost,
                }
                for row, column in zip(rows, columns, strict=True)
            ]
        )

    # ------------------------------------------------------------
    # Applying
    # ------------------------------------------------------------

    def action_apply(self):
        """Make the chosen customers the audience of their campaigns.

        Each campaign gets a segment by hand with its customers, in place of its own.
        """
        for plan in self:
            if plan.state != "computed":
                raise UserError(self.env._("Compute the plan first."))
            started = plan.offer_ids.campaign_id.filtered(
                lambda campaign: campaign.state != "plan"
            )
            if started:
                raise UserError(
                    self.env._(
                        "%s has started: its audience is fixed.",
                        ", ".join(started.mapped("title")),
                    )
                )
            for offer in plan.offer_ids:
                plan._apply_to(offer.campaign_id)
            plan.state = "applied"

    def _apply_to(self, campaign):
        lines = self.line_ids.filtered(lambda line: line.campaign_id == campaign)
        segment = self.env["crm.segment"].create(
            {"name": f"{self.name}: {campaign.title}", "kind": "static"}
        )
        self.env["crm.segment.member"].sudo().create(
            [
                {
                    "segment_id": segment.id,
                    "partner_id": partner.id,
                    "company_id": self.company_id.id,
                }
                for partner in lines.partner_id
            ]
        )
        campaign.segment_ids = [Command.set(segment.ids)]

    def action_open_tenths(self):
        """Show how well the uplift was told."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_analytics.crm_contact_plan_tenth_action"
        )
        action["domain"] = [("offer_id", "in", self.offer_ids.ids)]
        return action

    def action_open_lines(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_analytics.crm_contact_plan_line_action"
        )
        action["domain"] = [("plan_id", "=", self.id)]
        return action

    @api.model
    def _fit_uplift(self, campaigns):
        """Learn from past campaigns with a control group who buys because of them.

        :return: the model and how good it is, or None with too little history
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT NOT member.is_control, bought.revenue IS NOT NULL,
                       COALESCE(before.order_count, 0), COALESCE(before.revenue, 0),
                       COALESCE(before.revenue_12m, 0),
                       COALESCE(before.revenue / NULLIF(before.order_count, 0), 0),
                       COALESCE(before.span / NULLIF(before.order_count - 1, 0), 0), 0,
                       COALESCE(before.days_since, 9999)
                  FROM crm_campaign_member member
                  JOIN utm_campaign campaign ON campaign.id = member.campaign_id
             LEFT JOIN LATERAL (%(bought)s) bought ON TRUE
             LEFT JOIN LATERAL (
                    SELECT count(*) AS order_count, sum(amount) AS revenue,
                           sum(amount) FILTER (WHERE so.date_order
                               >= member.date_drawn - interval '1 year') AS revenue_12m,
                           extract(epoch FROM max(so.date_order) - min(so.date_order))
                               / 86400 AS span,
                           extract(epoch FROM member.date_drawn - max(so.date_order))
                               / 86400 AS days_since
                      FROM res_partner contact
                      JOIN (SELECT *, amount_untaxed / COALESCE(
                                NULLIF(currency_rate, 0), 1) AS amount
                              FROM sale_order) so ON so.partner_id = contact.id
                     WHERE contact.commercial_partner_id = member.partner_id
                       AND so.state = 'sale' AND so.date_order < member.date_drawn
                ) before ON TRUE
                 WHERE member.campaign_id IN %(campaigns)s
                 ORDER BY member.id
                """,
                bought=self.env["utm.campaign"]._member_orders_to_sql(),
                campaigns=tuple(campaigns.ids) or (0,),
            )
        )
        figures = np.array(rows, float)
        if not figures.size or not uplift.is_enough(figures[:, 0], figures[:, 1]):
            return None
        return uplift.fit(figures[:, 2:], figures[:, 0].astype(bool), figures[:, 1])
