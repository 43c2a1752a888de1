from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

OPEN_STATES = ("open", "acted_on", "watched")


class CrmChurnAlert(models.Model):
    """A customer who is leaving by the signals of a warning, and what came of it.

    It is *open* until its owner acts on it, *acted on* until the customer orders again
    (*won back*) or the horizon passes without (*lost*). Who knows better says that the
    customer is *not at risk*. Alerts of the hold-out are only *watched*.
    """

    _name = "crm.churn.alert"
    _description = "Churn Alert"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "margin_at_stake DESC, id"
    _rec_name = "partner_id"
    _mail_post_access = "read"

    warning_id = fields.Many2one(
        "crm.churn.warning",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(
        related="warning_id.company_id", store=True, precompute=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users",
        "Owner",
        required=True,
        index=True,
        tracking=True,
        domain="[('share', '=', False)]",
        ondelete="restrict",
    )
    team_id = fields.Many2one(
        "crm.team", "Sales Team", readonly=True, ondelete="set null"
    )
    state = fields.Selection(
        [
            ("open", "To Do"),
            ("acted_on", "Acted On"),
            ("won", "Won Back"),
            ("lost", "Lost"),
            ("dismissed", "Not at Risk"),
            ("watched", "Only Watched"),
        ],
        "Status",
        required=True,
        readonly=True,
        default="open",
        tracking=True,
        group_expand=True,
        index=True,
    )
    date_opened = fields.Datetime(
        "Opened on", required=True, readonly=True, default=fields.Datetime.now
    )
    date_due = fields.Date(
        "Judged on",
        required=True,
        readonly=True,
        help="Who has ordered by this day is won back.",
    )
    date_closed = fields.Date("Closed on", readonly=True)
    # Why
    score = fields.Integer(
        readonly=True, aggregator="avg", help="Sum of the weights of the signals."
    )
    facts = fields.Json("Figures of the Signals", readonly=True)
    main_signal = fields.Selection(
        selection="_selection_main_signal", readonly=True, help="The heaviest one."
    )
    signal_count = fields.Integer("Signals", compute="_compute_reasons")
    reasons = fields.Text(compute="_compute_reasons")
    # How much
    margin_at_stake = fields.Monetary(readonly=True)
    stake_source = fields.Char(readonly=True, export_string_translation=False)
    stake_note = fields.Char(
        "Money at Stake Is", compute="_compute_stake_note", help="What was counted."
    )
    # What came of it
    action_note = fields.Char("What Was Done", readonly=True)
    dismiss_reason = fields.Char("Why Not at Risk", readonly=True, tracking=True)
    order_id = fields.Many2one(
        "sale.order",
        "Won by",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="The first order after the alert.",
    )
    margin_after = fields.Monetary(
        "Margin Within the Horizon",
        readonly=True,
        help="Of the orders from the alert to the end of the horizon, after discounts.",
    )
    is_measured = fields.Boolean(readonly=True)
    is_holdout = fields.Boolean(
        "Hold-Out", readonly=True, help="Drawn by chance: nobody is told, nothing done."
    )
    is_replay = fields.Boolean("Replay", readonly=True)
    is_listed = fields.Boolean("In a Weekly List", readonly=True)

    _open_uniq = models.UniqueIndex(
        "(warning_id, partner_id) WHERE date_closed IS NULL",
        "The customer has an open alert of this warning.",
    )
    _cooldown_idx = models.Index("(warning_id, partner_id, date_closed)")

    @api.model
    def _get_open_states(self):
        """Return the states in which it is not decided yet what comes of it."""
        return OPEN_STATES

    @api.model
    def _selection_main_signal(self):
        kinds = self.env["crm.churn.warning.signal"]._fields["kind"]
        return kinds._description_selection(self.env)

    @api.depends("facts")
    @api.depends_context("lang")
    def _compute_reasons(self):
        signals = self.env["crm.churn.warning.signal"]
        for alert in self:
            facts = alert.facts or []
            alert.signal_count = len(facts)
            alert.reasons = "\n".join(
                signals._tell(fact["kind"], fact["figures"]) for fact in facts
            )

    @api.depends("stake_source")
    @api.depends_context("lang")
    def _compute_stake_note(self):
        labels = dict(self.env["crm.churn.warning"]._selection_stake_by())
        margin = labels["margin"]
        for alert in self:
            alert.stake_note = labels.get(alert.stake_source, margin)
            if alert.stake_source == "assumed":
                alert.stake_note = self.env._(
                    "%(margin)s, products without a cost at %(share)s %% of their "
                    "price",
                    margin=margin,
                    share=f"{alert.sudo().warning_id.assumed_margin:g}",
                )

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_call(self):
        """Plan the call of the customer for today, or bring it forward to today."""
        alerts = self._get_actionable()
        alerts._plan_activities(fields.Date.context_today(self))
        alerts._set_acted_on(self.env._("Call planned"))

    def action_make_offer(self):
        """Send the customer the offer of the warning, inside his discount room."""
        for alert in self._get_actionable():
            alert._make_offer()

    def action_dismiss(self):
        """Ask why the customer is not at risk."""
        alerts = self._get_actionable()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Not at Risk"),
            "res_model": "crm.churn.alert.dismiss",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_alert_ids": alerts.ids},
        }

    def action_open_360(self):
        """Open the 360 view of the customer."""
        self.ensure_one()
        profile = self.env["crm.customer.profile"].search(
            [
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
            ]
        )
        if not profile:
            raise UserError(
                self.env._("You have no access to the profile of this customer.")
            )
        return profile.action_open_360()

    def _get_actionable(self):
        """Return the open ones, with all rights, if the user may act on them.

        Nobody writes alerts by hand: only what the buttons do is allowed.
        """
        self.check_access("read")
        alerts = self.sudo()
        is_manager = self.env.user.has_group("crm_loyalty.crm_loyalty_group_manager")
        for alert in alerts:
            if alert.is_holdout:
                raise UserError(
                    self.env._(
                        "%s is in the hold-out, which is only watched: otherwise "
                        "nobody could tell what acting brings.",
                        alert.partner_id.display_name,
                    )
                )
            if not (is_manager or alert._is_for(self.env.user)):
                raise AccessError(
                    self.env._(
                        "Only the owner of the alert, the leader of his team and "
                        "managers of Loyalty act on it."
                    )
                )
        return alerts.filtered(lambda alert: alert.state in ("open", "acted_on"))

    def _is_for(self, user):
        leaders = self.team_id.user_id | self.user_id.sale_team_id.user_id
        return user in (self.user_id | leaders)

    def _dismiss(self, reason):
        """Close alerts whose customers are not at risk."""
        alerts = self._get_actionable()
        alerts.write(
            {
                "state": "dismissed",
                "dismiss_reason": reason,
                "date_closed": fields.Date.context_today(self),
            }
        )
        alerts._end_activities()
        self.env["crm.customer.event.type"]._capture("churn_alert_closed", alerts)

    def _set_acted_on(self, note):
        self.write({"state": "acted_on", "action_note": note})

    # ------------------------------------------------------------
    # Activities
    # ------------------------------------------------------------

    def _plan_activities(self, deadline=None, note=""):
        """Give each owner the activity of the warning, one per alert, without a mail.

        :param str note: stands above the reasons
        """
        planned = self.env["mail.activity"].search(
            [("res_model", "=", self._name), ("res_id", "in", self.ids)]
        )
        if deadline:
            later = planned.filtered(lambda each: each.date_deadline > deadline)
            later.date_deadline = deadline
        due = self.filtered(lambda alert: alert.id not in planned.mapped("res_id"))
        activities = self.env["mail.activity"].with_context(
            mail_activity_quick_update=True
        )
        activities.create(
            [alert._prepare_activity_values(deadline, note) for alert in due]
        )

    def _prepare_activity_values(self, deadline, note):
        warning = self.warning_id
        lang = self.user_id.lang
        alert = self.with_context(lang=lang)
        today = fields.Date.context_today(self)
        lines = [*filter(None, [note]), *alert.reasons.split("\n"), alert.stake_note]
        return {
            "res_model_id": self.env["ir.model"]._get_id(self._name),
            "res_id": self.id,
            "activity_type_id": warning.activity_type_id.id
            or self.env.ref("mail.mail_activity_data_todo").id,
            "user_id": self.user_id.id,
            "date_deadline": deadline
            or fields.Date.add(today, days=warning.activity_days),
            "summary": alert.env._(
                "Keep the customer: %(amount)s at stake",
                amount=self.currency_id.format(self.margin_at_stake),
            ),
            "note": Markup("<br/>").join(lines),
        }

    def _end_activities(self):
        """What was planned for these alerts has come to its end."""
        self.env["mail.activity"].search(
            [("res_model", "=", self._name), ("res_id", "in", self.ids)]
        ).unlink()

    # ------------------------------------------------------------
    # Closing
    # ------------------------------------------------------------

    @api.model
    def _find_won(self):
        """Close the alerts whose customer has ordered since, in one statement."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE crm_churn_alert alert
                   SET state = 'won', order_id = back.order_id, date_closed = back.day,
                       write_date = %(now)s
                  FROM (
                    SELECT DISTINCT ON (alert.id) alert.id, so.id AS order_id,
                           so.date_order::date AS day
                      FROM crm_churn_alert alert
                      JOIN res_partner contact
                        ON contact.commercial_partner_id = alert.partner_id
                      JOIN sale_order so ON so.partner_id = contact.id
                     WHERE alert.date_closed IS NULL AND so.state = 'sale'
                       AND so.company_id = alert.company_id
                       AND so.date_order > alert.date_opened
                       AND so.date_order < alert.date_due + 1
                     ORDER BY alert.id, so.date_order, so.id) back
                 WHERE back.id = alert.id
                RETURNING alert.id
                """,
                now=self.env.cr.now(),
            )
        )
        return self._browse_changed(rows)

    @api.model
    def _find_lost(self):
        """Close the alerts whose horizon has passed without an order."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE crm_churn_alert
                   SET state = 'lost', date_closed = date_due, write_date = %s
                 WHERE date_closed IS NULL AND date_due < %s
                RETURNING id
                """,
                self.env.cr.now(),
                fields.Date.context_today(self),
            )
        )
        return self._browse_changed(rows)

    def _browse_changed(self, rows):
        alerts = self.browse(sorted(alert_id for (alert_id,) in rows))
        alerts.invalidate_recordset(flush=False)
        alerts.warning_id.invalidate_recordset()
        return alerts

    @api.model
    def _measure(self):
        """Write the margin of the horizon on alerts whose horizon has passed."""
        over = self.search(
            [
                ("is_measured", "=", False),
                ("date_due", "<", fields.Date.context_today(self)),
            ]
        )
        self.env.flush_all()
        for warning, alerts in over.grouped("warning_id").items():
            self.env.execute_query(
                SQL(
                    """
                    UPDATE crm_churn_alert alert
                       SET margin_after = COALESCE(after.margin, 0), is_measured = TRUE
                      FROM crm_churn_alert measured
                 LEFT JOIN (%(margins)s) after ON after.alert_id = measured.id
                     WHERE measured.id IN %(alerts)s AND alert.id = measured.id
                    RETURNING alert.id
                    """,
                    margins=warning._get_margin_after_query(),
                    alerts=alerts._ids,
                )
            )
        over.invalidate_recordset(flush=False)
