from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.crm_lifecycle.experiments.control_group import (
    Group,
    mean_difference,
    rate_difference,
)

# Customers in each group, below which a difference says nothing.
FEWEST = 10
NOBODY = Group(0, 0, 0.0, 0.0)
DAYS_A_YEAR = 365


class CrmChurnWarningEffect(models.Model):
    """What acting brought beyond the hold-out: saved margin, with its interval.

    Each customer counts once, with his first alert whose horizon has passed, whatever
    was done: only so are both groups alike (intention to treat).
    """

    _inherit = "crm.churn.warning"

    judged_count = fields.Integer(
        "Judged",
        compute="_compute_effect",
        help="Customers who were acted on and whose horizon has passed.",
    )
    holdout_count = fields.Integer("In the Hold-Out", compute="_compute_effect")
    back_rate = fields.Float("Came Back (%)", compute="_compute_effect", digits=(16, 1))
    holdout_back_rate = fields.Float(
        "Came Back of the Hold-Out (%)", compute="_compute_effect", digits=(16, 1)
    )
    mean_margin = fields.Monetary("Margin per Customer", compute="_compute_effect")
    holdout_mean_margin = fields.Monetary(
        "Margin per Customer of the Hold-Out", compute="_compute_effect"
    )
    saved_margin = fields.Monetary(
        compute="_compute_effect",
        help="What the customers who were acted on brought within the horizon beyond "
        "the hold-out, after the discounts given.",
    )
    saved_margin_low = fields.Monetary("At Least", compute="_compute_effect")
    saved_margin_high = fields.Monetary("At Most", compute="_compute_effect")
    verdict = fields.Selection(
        [
            ("works", "Works"),
            ("none", "No effect shown"),
            ("harms", "Harms"),
            ("too_few", "Too few to tell"),
        ],
        compute="_compute_effect",
    )
    verdict_note = fields.Char(compute="_compute_effect")
    effect_chart = fields.Json(compute="_compute_effect")
    replay_note = fields.Char(
        readonly=True,
        copy=False,
        help="What those listed brought afterwards, in truth.",
    )

    @api.depends("alert_ids.is_measured", "alert_ids.margin_after")
    def _compute_effect(self):
        groups = self._read_effect_groups() if self.ids else {}
        for warning in self:
            acted = groups.get((warning.id, False), NOBODY)
            holdout = groups.get((warning.id, True), NOBODY)
            difference = mean_difference(acted, holdout)
            verdict = warning._get_verdict(acted, holdout, difference)
            scale = acted.customers if difference else 0
            value, low, high = difference or (0, 0, 0)
            warning.judged_count = acted.customers
            warning.holdout_count = holdout.customers
            warning.back_rate = 100 * acted.rate
            warning.holdout_back_rate = 100 * holdout.rate
            warning.mean_margin = acted.mean
            warning.holdout_mean_margin = holdout.mean
            warning.saved_margin = scale * value
            warning.saved_margin_low = scale * low
            warning.saved_margin_high = scale * high
            warning.verdict = verdict
            warning.verdict_note = warning._get_verdict_note(verdict, acted, holdout)
            warning.effect_chart = warning._get_effect_chart(acted, holdout)

    def _read_effect_groups(self):
        """Return customers and margin of those acted on and of the hold-out.

        :rtype: dict[tuple[int, bool], Group]
        """
        self.env["crm.churn.alert"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT warning_id, is_holdout, count(*),
                       count(*) FILTER (WHERE came_back),
                       sum(margin)::float8, sum(margin ^ 2)::float8
                  FROM (
                    SELECT DISTINCT ON (warning_id, partner_id)
                           warning_id, is_holdout IS TRUE AS is_holdout,
                           COALESCE(margin_after, 0) AS margin,
                           order_id IS NOT NULL OR margin_after > 0 AS came_back
                      FROM crm_churn_alert
                     WHERE warning_id IN %s AND is_measured
                     ORDER BY warning_id, partner_id, date_opened, id) judged
                 GROUP BY warning_id, is_holdout
                """,
                tuple(self.ids),
            )
        )
        return {
            (warning_id, is_holdout): Group(*figures)
            for warning_id, is_holdout, *figures in rows
        }

    @api.model
    def _get_verdict(self, acted, holdout, difference):
        if min(acted.customers, holdout.customers) < FEWEST or not difference:
            return "too_few"
        if not difference.is_proven:
            return "none"
        return "works" if difference.value > 0 else "harms"

    def _get_verdict_note(self, verdict, acted, holdout):
        if self.state == "replay" and verdict != "too_few":
            return self.env._(
                "Nobody was contacted in this replay: what the groups differ by is "
                "chance, and so the interval should hold zero."
            )
        if verdict == "too_few":
            return self.env._(
                "%(acted)s customers acted on and %(holdout)s in the hold-out have "
                "been judged: it takes %(fewest)s of each at least.",
                acted=acted.customers,
                holdout=holdout.customers,
                fewest=FEWEST,
            )
        rate = rate_difference(acted, holdout)
        notes = {
            "works": self.env._(
                "Who was acted on brought more than the hold-out, and by more than "
                "chance allows."
            ),
            "none": self.env._(
                "The difference may be chance: the groups are too small yet, or acting "
                "changes little."
            ),
            "harms": self.env._(
                "Who was acted on brought less than the hold-out, and by more than "
                "chance allows: stop, or change what is done."
            ),
        }
        return self.env._(
            "%(note)s Came back: %(acted)s %% against %(holdout)s %% (difference "
            "%(low)s to %(high)s points).",
            note=notes[verdict],
            acted=f"{100 * acted.rate:.0f}",
            holdout=f"{100 * holdout.rate:.0f}",
            low=f"{100 * rate.low:.0f}",
            high=f"{100 * rate.high:.0f}",
        )

    def _get_effect_chart(self, acted, holdout):
        """Return the mean margin of both groups, each with its interval of 95 %."""
        acted_on = self.env._("Acted on")
        if self.state == "replay":
            acted_on = self.env._("Not held out")
        labels = (acted_on, self.env._("Hold-out"))
        bars = []
        for label, group in zip(labels, (acted, holdout), strict=True):
            if not group.customers:
                return False
            # The interval of one mean: its difference to a group that is zero.
            zero = Group(group.customers, 0, 0.0, 0.0)
            spread = mean_difference(group, zero) or (group.mean,) * 3
            bars.append(
                {
                    "label": self.env._(
                        "%(label)s (%(count)s customers)",
                        label=label,
                        count=group.customers,
                    ),
                    "value": round(group.mean, 2),
                    "low": round(max(spread[1], 0), 2),
                    "high": round(spread[2], 2),
                }
            )
        return {
            "title": self.env._("Margin per customer within the horizon"),
            "bars": bars,
        }

    # ------------------------------------------------------------
    # Replay
    # ------------------------------------------------------------

    def action_replay(self):
        """Make the list of one horizon ago from the facts known then, and judge it.

        Nobody is contacted: it tells how much less those listed bought in truth, and
        that the comparison with the hold-out finds nothing where nothing was done.
        """
        self.ensure_one()
        self.check_access("write")
        # A day more: the horizon has passed for all of them.
        moment = self.env.cr.now() - timedelta(days=self.horizon_days + 1)
        replay = self.copy(
            {
                "name": self.env._(
                    "%(name)s: replay from %(day)s",
                    name=self.name,
                    day=fields.Date.to_string(moment.date()),
                ),
                "active": True,
            }
        )
        replay.sudo()._replay(moment)
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": replay.id,
            "views": [(False, "form")],
        }

    def _replay(self, moment):
        self.state = "replay"
        candidates = self._find_candidates(moment)
        if not candidates:
            raise UserError(
                self.env._("Nobody would have been on the list at that time.")
            )
        self._open_alerts(candidates, moment)
        self._close_alerts()
        self.replay_note = self._get_replay_note(moment)

    def _get_replay_note(self, moment):
        """Say what those listed brought afterwards of what they used to, and others.

        Others are those watched then and not listed: the season is the same for both.
        """
        listed = self.alert_ids
        usual = sum(listed.mapped("margin_at_stake")) * self.horizon_days / DAYS_A_YEAR
        others, before, after = self._read_margin_of_others(moment)
        other_usual = before * self.horizon_days / DAYS_A_YEAR
        return self.env._(
            "In the %(days)s days after, the %(listed)s customers listed brought "
            "%(share)s %% of what they used to bring in that time; the %(others)s "
            "others %(other_share)s %%. %(lost)s of those listed ordered nothing.",
            days=self.horizon_days,
            listed=len(listed),
            share=round(100 * sum(listed.mapped("margin_after")) / usual),
            others=others,
            other_share=round(100 * after / other_usual) if other_usual else 0,
            lost=len(listed.filtered(lambda alert: alert.state == "lost")),
        )

    def _read_margin_of_others(self, moment):
        """Return number, margin of the year before and of the horizon after."""
        self.env.flush_all()
        end = fields.Datetime.to_datetime(moment.date())
        [row] = self.env.execute_query(
            SQL(
                """
                WITH other AS MATERIALIZED (
                    SELECT watched.partner_id FROM (%(watched)s) watched
                     WHERE NOT EXISTS (SELECT FROM crm_churn_alert alert
                                        WHERE alert.warning_id = %(warning)s
                                          AND alert.partner_id = watched.partner_id))
                SELECT count(*), COALESCE(sum(before.margin), 0)::float8,
                       COALESCE(sum(after.margin), 0)::float8
                  FROM other
             LEFT JOIN (%(before)s) before USING (partner_id)
             LEFT JOIN (%(after)s) after USING (partner_id)
                """,
                watched=self._get_watched_query(moment),
                warning=self.id,
                before=self._get_margin_query(
                    SQL("other"), moment - relativedelta(months=12), moment
                ),
                after=self._get_margin_query(
                    SQL("other"), moment, end + timedelta(days=self.horizon_days + 1)
                ),
            )
        )
        return row
