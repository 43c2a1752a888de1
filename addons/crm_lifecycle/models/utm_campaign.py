from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

USER_GROUP = "crm_lifecycle.crm_lifecycle_group_user"
MANAGER_GROUP = "crm_lifecycle.crm_lifecycle_group_manager"
# The control group is drawn on the first 32 bits of a hash.
HASH_RANGE = 2**32


class UtmCampaign(models.Model):
    """A campaign: planned, run for an audience, kept within its budget, measured.

    The audience are the members of the segments without those of the excluded ones.
    A share of it, the control group, gets nothing from the campaign, so that its
    effect can be told from what would have happened anyway.
    """

    _name = "utm.campaign"
    _inherit = ["utm.campaign", "mail.thread", "mail.activity.mixin"]

    state = fields.Selection(
        [("plan", "Planned"), ("running", "Running"), ("done", "Done")],
        "Progress",
        default="plan",
        copy=False,
    )
    objective = fields.Selection(
        [
            ("acquire", "Acquire customers"),
            ("convert", "Convert leads"),
            ("retain", "Retain customers"),
            ("win_back", "Win back customers"),
            ("cross_sell", "Cross-sell"),
        ],
        help="What the campaign is for.",
    )
    date_start = fields.Date("Planned start")
    date_end = fields.Date("Planned end")
    plan_note = fields.Html("Plan", help="Offer, message, who does what.")
    # Audience
    segment_ids = fields.Many2many(
        "crm.segment",
        "utm_campaign_crm_segment_rel",
        "campaign_id",
        "segment_id",
        "Segments",
        groups=USER_GROUP,
        help="The campaign is for the members of any of these segments.",
    )
    excluded_segment_ids = fields.Many2many(
        "crm.segment",
        "utm_campaign_crm_excluded_segment_rel",
        "campaign_id",
        "segment_id",
        "Excluded Segments",
        groups=USER_GROUP,
        help="Members of these segments get nothing from the campaign.",
    )
    control_share = fields.Float(
        "Control Group",
        groups=USER_GROUP,
        help="Share of the audience, drawn at random, that gets nothing from the "
        "campaign. Comparing the others with it shows what the campaign brought.",
    )
    member_ids = fields.One2many(
        "crm.campaign.member", "campaign_id", "Audience", groups=USER_GROUP
    )
    member_count = fields.Integer(
        "In Audience", compute="_compute_member_count", groups=USER_GROUP
    )
    control_count = fields.Integer(
        "In Control Group", compute="_compute_member_count", groups=USER_GROUP
    )
    unreachable_count = fields.Integer(
        "Without Consent", compute="_compute_member_count", groups=USER_GROUP
    )
    # Control
    budget = fields.Monetary(groups=USER_GROUP)
    cost_ids = fields.One2many(
        "crm.campaign.cost", "campaign_id", "Costs", groups=USER_GROUP
    )
    planned_cost = fields.Monetary(compute="_compute_costs", groups=USER_GROUP)
    actual_cost = fields.Monetary(compute="_compute_costs", groups=USER_GROUP)
    budget_left = fields.Monetary(compute="_compute_costs", groups=USER_GROUP)
    budget_warning = fields.Char(compute="_compute_budget_warning", groups=USER_GROUP)
    target_ids = fields.One2many(
        "crm.campaign.target", "campaign_id", "Targets", copy=True, groups=USER_GROUP
    )

    _control_share_range = models.Constraint(
        "CHECK(control_share >= 0 AND control_share < 100)",
        "The control group is a share of the audience from 0 to below 100 %.",
    )
    _budget_positive = models.Constraint(
        "CHECK(budget >= 0)", "A budget can't be negative."
    )
    _dates_ordered = models.Constraint(
        "CHECK(date_end >= date_start)", "A campaign can't end before it starts."
    )

    def _compute_member_count(self):
        rows = self.env["crm.campaign.member"]._read_group(
            [("campaign_id", "in", self.ids)],
            ["campaign_id", "is_control", "is_allowed"],
            ["__count"],
        )
        for campaign in self:
            groups = [row[1:] for row in rows if row[0] == campaign]
            campaign.member_count = sum(count for *_flags, count in groups)
            campaign.control_count = sum(
                count for control, _, count in groups if control
            )
            campaign.unreachable_count = sum(
                count for _, allowed, count in groups if not allowed
            )

    @api.depends("budget", "cost_ids.planned", "cost_ids.actual")
    def _compute_costs(self):
        for campaign in self:
            campaign.planned_cost = sum(campaign.cost_ids.mapped("planned"))
            campaign.actual_cost = sum(campaign.cost_ids.mapped("actual"))
            campaign.budget_left = campaign.budget - campaign.actual_cost

    @api.depends("budget", "planned_cost", "actual_cost")
    def _compute_budget_warning(self):
        for campaign in self:
            campaign.budget_warning = campaign._get_budget_warning()

    def _get_budget_warning(self):
        """Return what is wrong with the costs, or False."""
        self.ensure_one()
        currency = self.currency_id or self.env.company.currency_id
        if not self.budget:
            return False
        if currency.compare_amounts(self.actual_cost, self.budget) > 0:
            return self.env._(
                "The costs exceed the budget by %s.",
                currency.format(self.actual_cost - self.budget),
            )
        if currency.compare_amounts(self.planned_cost, self.budget) > 0:
            return self.env._(
                "The planned costs exceed the budget by %s.",
                currency.format(self.planned_cost - self.budget),
            )
        return False

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        self._check_locked(vals)
        return super().write(vals)

    def _check_locked(self, vals):
        """Refuse changes that would undo the plan behind the manager's back."""
        if self.env.su or self.env.user.has_group(MANAGER_GROUP):
            self._check_control_share(vals)
            return
        if "state" in vals and not self.env.user.has_group(USER_GROUP):
            raise AccessError(
                self.env._("Only users of Customer Lifecycle start and end campaigns.")
            )
        if vals.get("state") == "plan" and any(c.state != "plan" for c in self):
            raise UserError(
                self.env._("Ask a manager to put a campaign back to its plan.")
            )
        if "budget" in vals and any(c.state != "plan" or c.actual_cost for c in self):
            raise UserError(
                self.env._(
                    "The campaign has begun or costs are booked: ask a manager to "
                    "change the budget."
                )
            )
        self._check_control_share(vals)

    def _check_control_share(self, vals):
        share = vals.get("control_share")
        if share is None:
            return
        if any(c.state != "plan" and c.control_share != share for c in self.sudo()):
            raise UserError(
                self.env._(
                    "The control group is drawn when the campaign starts and can't be "
                    "changed after that: the comparison would be worth nothing."
                )
            )

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_start(self):
        """Draw the audience with its control group and start."""
        self.action_draw_audience()
        self.filtered(lambda campaign: campaign.state != "running").write(
            {"state": "running"}
        )

    def action_done(self):
        self.write({"state": "done"})

    def action_plan(self):
        """Put the campaign back to its plan."""
        self.write({"state": "plan"})

    def action_draw_audience(self):
        """Find the audience now, as the segments stand."""
        self.env["crm.campaign.member"].check_access("read")
        self._draw_audience()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "%(count)s customers are in the audience.",
                    count=self.env["crm.campaign.member"].search_count(
                        [("campaign_id", "in", self.ids)]
                    ),
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_open_members(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_lifecycle.crm_campaign_member_action"
        )
        action["domain"] = [("campaign_id", "=", self.id)]
        return action

    def action_open_report(self):
        """Show day by day what the campaign sent and what came of it."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_lifecycle.crm_campaign_report_action"
        )
        action["domain"] = [("campaign_id", "=", self.id)]
        return action

    def action_open_costs(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_lifecycle.crm_campaign_cost_action"
        )
        action["domain"] = [("campaign_id", "=", self.id)]
        action["context"] = {"default_campaign_id": self.id}
        return action

    # ------------------------------------------------------------
    # Audience
    # ------------------------------------------------------------

    def _draw_audience(self):
        """Write down who is in the audience, who of them in the control group.

        As long as the campaign is planned the audience is drawn afresh; once it runs,
        those who became members of its segments meanwhile are added.
        """
        for campaign in self.sudo():
            if campaign.state == "plan":
                campaign.member_ids.unlink()
            if campaign.segment_ids:
                self.env["crm.campaign.member"]._draw(campaign)

    def _get_audience_domain(self):
        """Return a domain on ``res.partner``: the audience with the control group."""
        self.ensure_one()
        campaign = self.sudo()
        domain = campaign._get_segment_domain(campaign.segment_ids)
        domain &= ~campaign._get_segment_domain(campaign.excluded_segment_ids)
        return domain & Domain("company_id", "in", [False, *campaign.company_id.ids])

    def _get_segment_domain(self, segments):
        """Return a domain on ``res.partner``: members of ``segments`` now.

        A customer has a stay per company: only those of the campaign's company count.
        """
        if not segments:
            return Domain.FALSE
        domain = Domain("segment_id", "in", segments.ids)
        domain &= Domain("date_left", "=", False)
        if self.company_id:
            domain &= Domain("company_id", "=", self.company_id.id)
        query = self.env["crm.segment.member"].sudo()._search(domain)
        return Domain(
            "id", "in", query.subselect(SQL.identifier(query.table, "partner_id"))
        )

    def _get_control_domain(self):
        """Return a domain on ``res.partner``: those whom chance puts into the control
        group, the same ones however often and wherever it is asked.
        """
        self.ensure_one()
        if not self.sudo().control_share:
            return Domain.FALSE
        return Domain.custom(
            to_sql=lambda _model, alias, _query: self._control_to_sql(
                SQL.identifier(alias, "id")
            )
        )

    def _control_to_sql(self, partner_id):
        """Return the SQL condition that the customer is in the control group."""
        return SQL(
            "('x' || substr(md5(%s || ':' || %s), 1, 8))::bit(32)::bigint < %s",
            str(self._origin.id),
            partner_id,
            round(self.sudo().control_share / 100 * HASH_RANGE),
        )
