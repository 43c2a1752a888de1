from collections import Counter
from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, split_every

from odoo.addons.crm_lifecycle.journey_steps.splitting import draw

# Alerts per committed batch: with an activity each, about two seconds.
ALERT_BATCH = 500
# The limit of an owner is per week; Mondays are not to the minute seven days apart.
WEEK = timedelta(days=6)


class Candidate(NamedTuple):
    """A customer whom a warning would put on the list.

    :param list facts: dicts with ``kind``, ``weight`` and ``figures`` of each signal
        that fired, the heaviest first
    :param str source: what the stake is: ``margin``, ``assumed`` or the column of a
        forecast
    """

    partner_id: int
    owner_id: int
    team_id: int
    score: int
    facts: list
    stake: float
    source: str


class CrmChurnWarningRun(models.Model):
    """The weekly list: who is leaving, found in one statement, and given to owners.

    Batches of alerts are committed with all that is done for them. A run that was
    stopped goes on where it was: who has an open alert is not found again.
    """

    _inherit = "crm.churn.warning"

    # ------------------------------------------------------------
    # Finding
    # ------------------------------------------------------------

    def _find_candidates(self, moment=None):
        """Return who is leaving by the signals, most money at stake first.

        :param datetime moment: look as of then, default now
        :rtype: list[Candidate]
        """
        self.ensure_one()
        moment = moment or self.env.cr.now()
        self.env.flush_all()
        fired = self._get_fired_query(moment)
        if not fired:
            return []
        rows = self.env.execute_query(
            SQL(
                """
                WITH watched AS MATERIALIZED (%(watched)s),
                     candidate AS MATERIALIZED (
                    SELECT partner_id, sum(weight)::int AS score,
                           jsonb_agg(jsonb_build_object(
                               'kind', kind, 'weight', weight, 'figures', figures)
                               ORDER BY weight DESC, kind) AS facts
                      FROM (%(fired)s) fired
                     GROUP BY partner_id HAVING sum(weight) >= %(min_score)s)
                SELECT candidate.partner_id, watched.owner_id, watched.team_id,
                       candidate.score, candidate.facts,
                       round(stake.stake::numeric, 2)::float8, stake.source
                  FROM candidate
                  JOIN watched USING (partner_id)
                  JOIN (%(stakes)s) stake USING (partner_id)
                 WHERE stake.stake > 0 AND stake.stake >= %(min_stake)s
                 ORDER BY stake.stake DESC, candidate.partner_id
                """,
                watched=self._get_watched_query(moment),
                fired=fired,
                min_score=self.min_score,
                stakes=self._get_stake_query(moment),
                min_stake=self.min_stake,
            )
        )
        return [Candidate(*row) for row in rows]

    def _get_fired_query(self, moment):
        """Return SQL of who each signal fires for, None if there is no signal."""
        queries = [
            SQL(
                """SELECT partner_id, %s::text AS kind, %s AS weight, figures
                     FROM (%s) signal""",
                signal.kind,
                signal.weight,
                query,
            )
            for signal in self._get_active_signals()
            if (query := signal._get_query(moment))
        ]
        return SQL(" UNION ALL ").join(queries) if queries else None

    def _get_watched_query(self, moment):
        """Return SQL of the customers who are looked at, each with his owner.

        Without those who object to profiling, who have an open alert of this warning
        or had one shortly before.
        """
        profiles = self.env["crm.customer.profile"].sudo()
        query = profiles._search(self._get_watched_domain())
        profile = query.table
        partner_id = SQL.identifier(profile, "partner_id")
        query.add_where(profiles._profiled_to_sql(partner_id))
        query.add_where(self._ordered_to_sql(partner_id, moment))
        query.add_where(self._unwarned_to_sql(partner_id, moment))
        query.add_join(
            "JOIN",
            "customer",
            "res_partner",
            SQL("customer.active AND customer.id = %s", partner_id),
        )
        seller = SQL("seller.id = customer.user_id AND seller.active")
        query.add_join("LEFT JOIN", "seller", "res_users", seller)
        team = SQL(
            "team.id = COALESCE(%s, (SELECT sale_team_id FROM res_users"
            " WHERE id = customer.user_id))",
            SQL.identifier(profile, "team_id"),
        )
        query.add_join("LEFT JOIN", "team", "crm_team", team)
        leader = SQL("leader.id = team.user_id AND leader.active")
        query.add_join("LEFT JOIN", "leader", "res_users", leader)
        return query.select(
            partner_id,
            SQL(
                "COALESCE(CASE WHEN seller.share IS NOT TRUE THEN seller.id END,"
                " leader.id, %s) AS owner_id",
                self.user_id.id,
            ),
            SQL("team.id AS team_id"),
        )

    def _get_watched_domain(self):
        domain = Domain("company_id", "=", self.company_id.id)
        if self.segment_ids:
            members = self.env["crm.segment.member"].sudo()
            query = members._search(
                [
                    ("segment_id", "in", self.segment_ids.ids),
                    ("company_id", "=", self.company_id.id),
                    ("date_left", "=", False),
                ]
            )
            domain &= Domain(
                "partner_id",
                "in",
                query.subselect(SQL.identifier(query.table, "partner_id")),
            )
        return domain

    def _ordered_to_sql(self, partner_id, moment):
        """Return the SQL condition that the customer has not left long ago."""
        return SQL(
            """
            EXISTS (SELECT FROM res_partner buyer
                      JOIN sale_order so ON so.partner_id = buyer.id
                     WHERE buyer.commercial_partner_id = %(partner)s
                       AND so.state = 'sale' AND so.company_id = %(company)s
                       AND so.date_order < %(moment)s AND so.date_order >= %(since)s)
            """,
            partner=partner_id,
            company=self.company_id.id,
            moment=moment,
            since=moment - timedelta(days=self.max_silence_days),
        )

    def _unwarned_to_sql(self, partner_id, moment):
        """Return the SQL condition that no alert is open or was until lately."""
        return SQL(
            """
            NOT EXISTS (SELECT FROM crm_churn_alert alert
                         WHERE alert.warning_id = %(warning)s
                           AND alert.partner_id = %(partner)s
                           AND (alert.date_closed IS NULL
                                OR alert.date_closed > %(cooled)s))
            """,
            warning=self.id,
            partner=partner_id,
            cooled=moment.date() - timedelta(days=self.cooldown_days),
        )

    # ------------------------------------------------------------
    # The list
    # ------------------------------------------------------------

    def _watch(self):
        """Open this week's alerts, act on them, tell the owners.

        :return: number of new alerts, without those that are only watched
        """
        self.ensure_one()
        self._close_alerts()
        commit = self.env["ir.cron"]._commit_progress
        listed = self._limit(self._find_candidates())
        acted_on = 0
        for batch in split_every(ALERT_BATCH, listed, list):
            alerts = self._open_alerts(batch)
            acted = alerts.filtered(lambda alert: not alert.is_holdout)
            self._act(acted)
            acted_on += len(acted)
            commit()
        self._tell_owners()
        self.write({"date_last": self.env.cr.now()})
        self.date_next = self.state == "running" and self._get_monday()
        return acted_on

    def _limit(self, candidates):
        """Return those who are on this week's list: so many of each owner.

        What was opened within the week counts, so that a second run adds nothing.
        """
        candidates = self._give_owners(candidates)
        if not self.owner_limit:
            return candidates
        since = self.env.cr.now() - WEEK
        taken = Counter(
            dict(
                (user.id, count)
                for user, count in self.env["crm.churn.alert"]
                .sudo()
                ._read_group(
                    [("warning_id", "=", self.id), ("date_opened", ">", since)],
                    ["user_id"],
                    ["__count"],
                )
            )
        )
        listed = []
        for candidate in candidates:
            if taken[candidate.owner_id] < self.owner_limit:
                taken[candidate.owner_id] += 1
                listed.append(candidate)
        return listed

    def _give_owners(self, candidates):
        """Owners who may not see alerts give theirs to the owner of the others."""
        alerts = self.env["crm.churn.alert"]
        users = self.env["res.users"].browse({each.owner_id for each in candidates})
        unable = {
            user.id for user in users if not alerts.with_user(user).has_access("read")
        }
        return [
            candidate._replace(owner_id=self.user_id.id)
            if candidate.owner_id in unable
            else candidate
            for candidate in candidates
        ]

    def _open_alerts(self, candidates, moment=None):
        """Make an alert of each candidate; chance decides who is in the hold-out."""
        moment = moment or self.env.cr.now()
        alerts = self.env["crm.churn.alert"].sudo()
        quiet = {"tracking_disable": True, "mail_create_nolog": True}
        return alerts.with_context(mail_create_nosubscribe=True, **quiet).create(
            [self._prepare_alert_values(candidate, moment) for candidate in candidates]
        )

    def _prepare_alert_values(self, candidate, moment):
        is_holdout = self._is_held_out(candidate.partner_id)
        return {
            "warning_id": self.id,
            "partner_id": candidate.partner_id,
            "user_id": candidate.owner_id,
            "team_id": candidate.team_id,
            "date_opened": moment,
            "date_due": moment.date() + timedelta(days=self.horizon_days),
            "score": candidate.score,
            "facts": candidate.facts,
            "main_signal": candidate.facts[0]["kind"],
            "margin_at_stake": candidate.stake,
            "stake_source": candidate.source,
            "is_holdout": is_holdout,
            "is_replay": self.state == "replay",
            "state": "watched" if is_holdout else "open",
        }

    def _is_held_out(self, partner_id):
        """Return whether chance holds the customer out: always the same answer."""
        return 100 * draw(partner_id, f"churn_warning:{self.id}") < self.holdout_share

    def _act(self, alerts):
        """Do what the warning says for alerts that are not held out."""
        alerts = alerts.with_context(tracking_disable=True)
        if self.action == "offer":
            alerts._offer_or_plan()
        else:
            alerts._plan_activities()
        self.env["crm.customer.event.type"]._capture("churn_alert_opened", alerts)

    # ------------------------------------------------------------
    # Closing
    # ------------------------------------------------------------

    @api.model
    def _close_alerts(self):
        """Close the alerts of all warnings whose customer came back, or did not."""
        alerts = self.env["crm.churn.alert"].sudo()
        won = alerts._find_won()
        lost = alerts._find_lost()
        alerts._measure()
        acted = (won | lost).filtered(
            lambda alert: not alert.is_holdout and not alert.is_replay
        )
        acted._end_activities()
        self.env["crm.customer.event.type"]._capture("churn_alert_closed", acted)

    # ------------------------------------------------------------
    # Telling
    # ------------------------------------------------------------

    def _tell_owners(self):
        """Write to each owner once: his new alerts, and what is still open."""
        alerts = self.env["crm.churn.alert"].sudo()
        mine = [("warning_id", "=", self.id), ("is_holdout", "=", False)]
        new = alerts.search([*mine, ("is_listed", "=", False)])
        waiting = alerts.search(
            [
                *mine,
                ("user_id", "in", new.user_id.ids),
                ("state", "=", "open"),
                ("id", "not in", new.ids),
            ]
        ).grouped("user_id")
        for owner, listed in new.grouped("user_id").items():
            self._send_list(owner, listed, waiting.get(owner, alerts))
            listed.is_listed = True
            self.env["ir.cron"]._commit_progress()

    def _send_list(self, owner, listed, waiting):
        warning = self.with_context(lang=owner.lang)
        body = self.env["ir.qweb"]._render(
            "crm_loyalty.crm_churn_warning_list",
            {
                "warning": warning,
                "listed": listed.with_env(warning.env),
                "waiting": waiting.with_env(warning.env),
                "format_amount": warning.currency_id.format,
                "url": f"{warning.get_base_url()}/odoo/my-churn-alerts",
            },
            lang=owner.lang,
        )
        # Not on the warning: owners may not see it.
        warning.env["mail.thread"].message_notify(
            partner_ids=owner.partner_id.ids,
            subject=warning.env._(
                "%(count)s customers to keep, %(amount)s at stake",
                count=len(listed),
                amount=warning.currency_id.format(
                    sum(listed.mapped("margin_at_stake"))
                ),
            ),
            body=body,
        )

    # ------------------------------------------------------------
    # Jobs
    # ------------------------------------------------------------

    @api.model
    def _cron_watch(self):
        """Every day: alerts are closed; on Mondays the new lists are made."""
        commit = self.env["ir.cron"]._commit_progress
        self._close_alerts()
        self.env["crm.churn.alert"].sudo()._plan_stuck_offers()
        today = fields.Date.context_today(self)
        due = self.search([("state", "=", "running"), ("date_next", "<=", today)])
        commit(remaining=len(due))
        for warning in due:
            warning._watch()
            commit(1)
