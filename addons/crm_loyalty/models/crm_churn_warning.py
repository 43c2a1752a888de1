from dateutil.relativedelta import MO, relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

MANAGER_GROUP = "crm_loyalty.crm_loyalty_group_manager"


class CrmChurnWarning(models.Model):
    """An early warning of customers who are leaving, and what is done about it.

    Every week it looks for customers by its *signals*, opens an *alert* for each, and
    gives it to its owner. A share of the alerts, the *hold-out*, is only watched, so
    that what the others bring can be told from what would have come anyway.
    """

    _name = "crm.churn.warning"
    _description = "Churn Warning"
    _inherit = ["mail.thread"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
        index=True,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    state = fields.Selection(
        [
            ("draft", "Not Switched On"),
            ("running", "Watching"),
            ("replay", "Replay of the Past"),
        ],
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        tracking=True,
    )
    # Whom
    segment_ids = fields.Many2many(
        "crm.segment",
        "crm_churn_warning_segment_rel",
        "warning_id",
        "segment_id",
        "Only Members Of",
        help="Empty: all customers.",
    )
    max_silence_days = fields.Integer(
        "Has Ordered Within (days)",
        default=365,
        required=True,
        help="Who has ordered nothing for longer has left already: that is for a "
        "campaign to win back, not for an early warning.",
    )
    # When
    signal_ids = fields.One2many(
        "crm.churn.warning.signal", "warning_id", "Signals", copy=True
    )
    min_score = fields.Integer(
        "Score From",
        default=2,
        required=True,
        help="The weights of the signals that fire are added up: an alert is opened "
        "from this sum on.",
    )
    min_stake = fields.Monetary(
        "Money at Stake From", help="Customers with less at stake get no alert."
    )
    owner_limit = fields.Integer(
        "Alerts per Owner and Week",
        default=20,
        help="Those with most at stake first, the others follow the week after. Zero: "
        "no limit.",
    )
    # What
    action = fields.Selection(
        [
            ("activity", "Give the owner an activity"),
            ("offer", "Send the customer an offer"),
        ],
        "What Is Done",
        required=True,
        default="activity",
    )
    activity_type_id = fields.Many2one(
        "mail.activity.type",
        default=lambda self: self.env.ref(
            "crm_loyalty.mail_activity_type_retention", raise_if_not_found=False
        ),
        domain="[('res_model', 'in', (False, 'res.partner', 'crm.churn.alert'))]",
        ondelete="set null",
    )
    activity_days = fields.Integer(
        "To Do Within (days)", default=3, help="Deadline of the activity."
    )
    user_id = fields.Many2one(
        "res.users",
        "Owner of the Others",
        required=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        help="Gets the alerts of customers who have neither a salesperson nor a sales "
        "team with a leader.",
    )
    # Judged
    horizon_days = fields.Integer(
        "Horizon (days)",
        default=90,
        required=True,
        help="Who orders again within so many days is won back, who does not is lost.",
    )
    cooldown_days = fields.Integer(
        "Cool-Down (days)",
        default=60,
        required=True,
        help="No new alert for a customer within so many days after his last one was "
        "closed.",
    )
    holdout_share = fields.Float(
        "Hold-Out (%)",
        default=10,
        digits=(16, 1),
        help="This share of the alerts, drawn by chance, is only watched: nobody is "
        "told of them and nothing is done.",
    )
    date_next = fields.Date(
        "Next List", readonly=True, copy=False, help="The day of the next weekly run."
    )
    date_last = fields.Datetime("Last List", readonly=True, copy=False)
    # Alerts
    alert_ids = fields.One2many("crm.churn.alert", "warning_id", "Alerts")
    alert_count = fields.Integer(compute="_compute_alert_figures")
    open_alert_count = fields.Integer("Open", compute="_compute_alert_figures")
    won_count = fields.Integer("Won Back", compute="_compute_alert_figures")
    lost_count = fields.Integer("Lost", compute="_compute_alert_figures")
    open_stake = fields.Monetary(
        "Money at Stake",
        compute="_compute_alert_figures",
        help="Of the alerts that are open.",
    )

    _holdout_range = models.Constraint(
        "CHECK(holdout_share >= 0 AND holdout_share <= 50)",
        "The hold-out is a share of the alerts from 0 to 50 %.",
    )
    _days_positive = models.Constraint(
        "CHECK(horizon_days > 0 AND max_silence_days > 0)",
        "The horizon and the days since the last order are at least a day.",
    )
    _limits_positive = models.Constraint(
        "CHECK(cooldown_days >= 0 AND activity_days >= 0 AND owner_limit >= 0 "
        "AND min_stake >= 0 AND min_score > 0)",
        "Days, limits and amounts can't be negative, and the score is at least one.",
    )

    @api.depends("alert_ids.state", "alert_ids.margin_at_stake")
    @api.depends_context("uid")
    def _compute_alert_figures(self):
        rows = self.env["crm.churn.alert"]._read_group(
            [("warning_id", "in", self.ids), ("is_holdout", "=", False)],
            ["warning_id", "state"],
            ["__count", "margin_at_stake:sum"],
        )
        figures = {(warning.id, state): values for warning, state, *values in rows}
        open_states = self.env["crm.churn.alert"]._get_open_states()
        for warning in self:
            counts = {
                state: figures.get((warning.id, state), (0, 0))
                for state in dict(
                    self.env["crm.churn.alert"]._fields["state"].selection
                )
            }
            warning.alert_count = sum(count for count, _stake in counts.values())
            warning.open_alert_count = sum(counts[state][0] for state in open_states)
            warning.open_stake = sum(counts[state][1] for state in open_states)
            warning.won_count = counts["won"][0]
            warning.lost_count = counts["lost"][0]

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        warnings = super().create(vals_list)
        warnings._add_missing_signals()
        return warnings

    def _add_missing_signals(self):
        """Add each kind of signal that a warning does not have, as it is by default.

        An addon that brings a kind calls this when it is installed.
        """
        kinds = self.env["crm.churn.warning.signal"]._get_kinds()
        for warning in self:
            known = set(warning.signal_ids.mapped("kind"))
            warning.signal_ids = [
                Command.create({"kind": kind}) for kind in kinds if kind not in known
            ]

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_start(self):
        """Switch the warning on: the first list comes on the next Monday."""
        for warning in self.filtered(lambda warning: warning.state == "draft"):
            if not warning._get_active_signals():
                raise UserError(
                    self.env._("Switch on a signal first: nothing would ever fire.")
                )
            warning.write({"state": "running", "date_next": warning._get_monday()})

    def action_stop(self):
        """Open no more alerts; those that are open are watched to their end."""
        self.filtered(lambda warning: warning.state == "running").write(
            {"state": "draft", "date_next": False}
        )

    def action_watch_now(self):
        """Make this week's list now, and say how many alerts are new."""
        self.check_access("write")
        opened = 0
        for warning in self.sudo():
            if warning.state != "running":
                raise UserError(
                    self.env._("Switch the warning %s on first.", warning.name)
                )
            opened += warning._watch()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if opened else "info",
                "message": self.env._("%s new alerts.", opened)
                if opened
                else self.env._("No new alerts: the list is up to date."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def action_open_alerts(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_loyalty.crm_churn_alert_action"
        )
        action["domain"] = [("warning_id", "=", self.id)]
        action["context"] = {}
        if self.state == "running":
            action["context"] = {"search_default_open": 1, "search_default_acted_on": 1}
        return action

    def action_preview(self):
        """Show who would be on the list today, before the warning is switched on."""
        self.ensure_one()
        preview = self.env["crm.churn.warning.preview"].create({"warning_id": self.id})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("On the List Today"),
            "res_model": preview._name,
            "res_id": preview.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def _get_active_signals(self):
        return self.signal_ids.filtered(
            lambda signal: signal.is_on and signal.is_available
        )

    def _get_monday(self):
        """Return the next Monday; today, if it is one and the list is not made yet."""
        today = fields.Date.context_today(self)
        made = self.date_last and self.date_last.date() >= today
        return today + relativedelta(days=1 if made else 0, weekday=MO(1))
