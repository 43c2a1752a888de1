from odoo import api, fields, models
from odoo.exceptions import UserError

from .utm_campaign import MANAGER_GROUP, USER_GROUP

# A target is behind its pace when less than this share of what the elapsed time would
# ask for is reached.
BEHIND = 0.8
# Rates of few messages say nothing.
FEWEST_DELIVERED = 100


class UtmCampaignControl(models.Model):
    """A campaign under control: approved, on pace, paused or stopped by its rules."""

    _inherit = "utm.campaign"

    state = fields.Selection(
        selection_add=[("running",), ("paused", "Paused"), ("done",)],
        ondelete={"paused": "set default"},
    )
    # Approval
    committed_cost = fields.Monetary(
        compute="_compute_committed_cost",
        groups=USER_GROUP,
        help="What is spent, and what is planned where nothing is spent yet.",
    )
    approved_amount = fields.Monetary(
        "Approved", readonly=True, copy=False, groups=USER_GROUP
    )
    approved_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, groups=USER_GROUP
    )
    approved_on = fields.Datetime(readonly=True, copy=False, groups=USER_GROUP)
    needs_approval = fields.Boolean(
        compute="_compute_needs_approval", groups=USER_GROUP
    )
    approval_note = fields.Char(compute="_compute_needs_approval", groups=USER_GROUP)
    # Stop rules
    stop_on_end = fields.Boolean(
        "End After the Planned End", default=True, groups=USER_GROUP
    )
    stop_on_budget = fields.Boolean("Pause When the Budget Is Spent", groups=USER_GROUP)
    stop_unsubscribe_rate = fields.Float(
        "Pause Above Unsubscribed (%)",
        groups=USER_GROUP,
        help="Of the delivered messages, from 100 on. Zero: never.",
    )
    stop_bounce_rate = fields.Float(
        "Pause Above Bounced (%)",
        groups=USER_GROUP,
        help="Of the sent messages, from 100 on. Zero: never.",
    )
    pace_note = fields.Char("Pace", compute="_compute_pace_note", groups=USER_GROUP)
    pause_reason = fields.Char(readonly=True, copy=False, groups=USER_GROUP)

    # ------------------------------------------------------------
    # Approval
    # ------------------------------------------------------------

    @api.depends("cost_ids.planned", "cost_ids.actual")
    def _compute_committed_cost(self):
        for campaign in self:
            campaign.committed_cost = sum(
                cost.actual or cost.planned for cost in campaign.cost_ids
            )

    @api.depends("budget", "committed_cost", "approved_amount", "company_id")
    def _compute_needs_approval(self):
        for campaign in self:
            company = campaign.company_id or self.env.company
            limit = company.sudo().crm_campaign_approval_amount
            currency = campaign.currency_id or company.currency_id
            asked = campaign._get_amount_to_approve()
            is_large = bool(limit) and currency.compare_amounts(asked, limit) > 0
            is_over = bool(campaign.budget) and (
                currency.compare_amounts(campaign.committed_cost, campaign.budget) > 0
            )
            campaign.needs_approval = (is_large or is_over) and (
                currency.compare_amounts(asked, campaign.approved_amount) > 0
            )
            campaign.approval_note = campaign.needs_approval and self.env._(
                "A manager has to approve %s.", currency.format(asked)
            )

    def _get_amount_to_approve(self):
        return max(self.budget, self.committed_cost)

    def action_ask_approval(self):
        """Give the managers the approval to do."""
        for campaign in self.filtered("needs_approval"):
            campaign._plan_for_managers(
                self.env._("Approve the campaign"), campaign.approval_note
            )

    def action_approve(self):
        """Approve what the campaign costs."""
        if not self.env.user.has_group(MANAGER_GROUP):
            raise UserError(
                self.env._("Only managers of Customer Lifecycle approve campaigns.")
            )
        for campaign in self:
            campaign.sudo().write(
                {
                    "approved_amount": campaign._get_amount_to_approve(),
                    "approved_by_id": self.env.uid,
                    "approved_on": fields.Datetime.now(),
                }
            )
            campaign._get_own_activities().action_feedback()

    def _get_own_activities(self):
        summary = self.env._("Approve the campaign")
        return (
            self.env["mail.activity"]
            .sudo()
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "in", self.ids),
                    ("summary", "=", summary),
                ]
            )
        )

    def _check_approved(self):
        for campaign in self.filtered("needs_approval"):
            raise UserError(
                self.env._(
                    "Campaign %(campaign)s: %(note)s Ask for the approval first.",
                    campaign=campaign.title,
                    note=campaign.approval_note,
                )
            )

    def _plan_for_managers(self, summary, note):
        """Give each manager of the company an activity, unless he has it."""
        self.ensure_one()
        group = self.env.ref(MANAGER_GROUP).sudo()
        users = group.all_user_ids.filtered(
            lambda user: (
                not user.share
                and (not self.company_id or self.company_id in user.company_ids)
            )
        )
        open_activities = self.env["mail.activity"].sudo()
        open_activities = open_activities.search(
            [
                ("res_model", "=", self._name),
                ("res_id", "=", self.id),
                ("summary", "=", summary),
            ]
        )
        for user in users - open_activities.user_id:
            self.env["mail.activity"].sudo().create(
                {
                    "res_model_id": self.env["ir.model"]._get_id(self._name),
                    "res_id": self.id,
                    "activity_type_id": self.env.ref("mail.mail_activity_data_todo").id,
                    "summary": summary,
                    "note": note,
                    "user_id": user.id,
                }
            )

    # ------------------------------------------------------------
    # Start, pause, stop
    # ------------------------------------------------------------

    def action_start(self):
        self.filtered(lambda campaign: campaign.state == "plan")._check_approved()
        return super().action_start()

    def action_pause(self, reason=None):
        """Send nothing more until the campaign is resumed."""
        for campaign in self.filtered(lambda campaign: campaign.state == "running"):
            mailings = campaign._get_mailings_to_send()
            mailings.write({"state": "draft", "is_held_by_campaign": True})
            journeys = campaign._get_journeys("running")
            journeys.write({"state": "paused", "is_held_by_campaign": True})
            campaign.write({"state": "paused"})
            campaign.sudo().pause_reason = reason

    def action_resume(self):
        """Go on where the campaign was paused."""
        for campaign in self.filtered(lambda campaign: campaign.state == "paused"):
            campaign._check_approved()
            campaign.write({"state": "running"})
            campaign.sudo().pause_reason = False
            held = [
                ("campaign_id", "=", campaign.id),
                ("is_held_by_campaign", "=", True),
            ]
            mailings = self.env["mailing.mailing"].sudo().search(held)
            mailings.write({"state": "in_queue", "is_held_by_campaign": False})
            journeys = self.env["crm.journey"].sudo().search(held)
            journeys.write({"state": "running", "is_held_by_campaign": False})
            self.env["crm.journey"]._wake()

    def _get_mailings_to_send(self):
        return (
            self.env["mailing.mailing"]
            .sudo()
            .search(
                [
                    ("campaign_id", "in", self.ids),
                    ("state", "in", ("in_queue", "sending")),
                ]
            )
        )

    def _get_journeys(self, state):
        return (
            self.env["crm.journey"]
            .sudo()
            .search([("campaign_id", "in", self.ids), ("state", "=", state)])
        )

    # ------------------------------------------------------------
    # Pace and rules
    # ------------------------------------------------------------

    @api.depends("date_start", "date_end", "state", "target_ids.target")
    def _compute_pace_note(self):
        for campaign in self:
            campaign.pace_note = campaign._get_pace_note()

    def _get_elapsed_share(self):
        """Return the share of the planned time that has passed, None without plan."""
        if not self.date_start or not self.date_end:
            return None
        days = (self.date_end - self.date_start).days + 1
        passed = (fields.Date.context_today(self) - self.date_start).days + 1
        return min(max(passed / days, 0), 1)

    def _get_pace_note(self):
        """Return which targets are behind the pace, or False."""
        self.ensure_one()
        elapsed = self._get_elapsed_share()
        if self.state != "running" or not elapsed:
            return False
        behind = [
            self.env._(
                "%(figure)s: %(actual)g of %(due)g that were due by now",
                figure=dict(target._selection_figure())[target.figure],
                actual=target.actual,
                due=round(target.target * elapsed, 1),
            )
            for target in self.target_ids
            if target.actual < BEHIND * target.target * elapsed
        ]
        return self.env._("Behind: %s.", "; ".join(behind)) if behind else False

    def _get_stop_reason(self):
        """Hook: return why the campaign has to be paused, in words, or nothing."""
        self.ensure_one()
        currency = self.currency_id or self.env.company.currency_id
        allowed = max(self.budget, self.approved_amount)
        spent = currency.compare_amounts(self.actual_cost, allowed) >= 0
        if self.stop_on_budget and self.budget and spent:
            return self.env._("The budget is spent.")
        if self.delivered_count >= FEWEST_DELIVERED:
            rate = 100 * self.unsubscribe_count / self.delivered_count
            if self.stop_unsubscribe_rate and rate > self.stop_unsubscribe_rate:
                return self.env._("%s %% unsubscribed.", round(rate, 1))
        if self.sent_count >= FEWEST_DELIVERED:
            rate = 100 * self.bounce_count / self.sent_count
            if self.stop_bounce_rate and rate > self.stop_bounce_rate:
                return self.env._("%s %% bounced.", round(rate, 1))
        return ""

    def _control(self):
        """End what is over, pause what its rules stop, tell who answers for it."""
        today = fields.Date.context_today(self)
        for campaign in self:
            if campaign.stop_on_end and campaign.date_end and campaign.date_end < today:
                campaign.action_done()
                continue
            campaign._draw_audience()
            reason = campaign._get_stop_reason()
            if reason:
                campaign.action_pause(reason)
                campaign._tell_responsible(self.env._("The campaign is paused"), reason)
            elif campaign.needs_approval:
                campaign.action_ask_approval()
            elif campaign.pace_note:
                campaign._tell_responsible(
                    self.env._("The campaign is behind"), campaign.pace_note
                )

    def _tell_responsible(self, summary, note):
        """Give the responsible an activity, unless he has it."""
        activities = self.env["mail.activity"].sudo()
        user = self.user_id or self.env.ref("base.user_admin")
        domain = [("res_model", "=", self._name), ("res_id", "=", self.id)]
        if activities.search_count([*domain, ("summary", "=", summary)], limit=1):
            return
        activities.create(
            {
                "res_model_id": self.env["ir.model"]._get_id(self._name),
                "res_id": self.id,
                "activity_type_id": self.env.ref("mail.mail_activity_data_todo").id,
                "summary": summary,
                "note": note,
                "user_id": user.id,
            }
        )

    @api.model
    def _cron_control(self):
        """Every hour: new members of the segments join, the rules are asked."""
        campaigns = self.search([("state", "=", "running")])
        self.env["ir.cron"]._commit_progress(remaining=len(campaigns))
        for campaign in campaigns:
            campaign._control()
            self.env["ir.cron"]._commit_progress(1)
