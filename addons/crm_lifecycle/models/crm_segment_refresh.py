from psycopg2.errors import SerializationFailure

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

# Scores depend on all customers: a few of them can't be judged by themselves.
KINDS_OF_ALL = ("formula",)


class CrmSegmentRefresh(models.Model):
    """Keeping the members of segments: who enters, who leaves, and when.

    A refresh reads the rule once. Is the result what it was after the last refresh, by
    number and fingerprint, nothing else is done; otherwise one statement compares it
    with the members. Entering and leaving are facts of their own, captured as events.
    """

    _inherit = "crm.segment"

    member_ids = fields.One2many(
        "crm.segment.member",
        "segment_id",
        "Members",
        domain=[("date_left", "=", False)],
    )
    member_count = fields.Integer("Number of members", compute="_compute_member_count")
    refresh_date = fields.Datetime("Members found on", readonly=True, copy=False)
    refresh_error = fields.Text(readonly=True, copy=False)
    fingerprint = fields.Char(
        readonly=True,
        copy=False,
        help="Of the profiles that the rule wanted at the last refresh. Empty: the "
        "members may differ from them.",
    )

    @api.depends("member_ids.date_left")
    def _compute_member_count(self):
        counts = dict(
            self.env["crm.segment.member"]._read_group(
                [("segment_id", "in", self.ids), ("date_left", "=", False)],
                ["segment_id"],
                ["__count"],
            )
        )
        for segment in self:
            segment.member_count = counts.get(segment, 0)

    def _rule_changed(self):
        """The members are no longer what the rule wants."""
        self.sudo()._forget_fingerprint()
        self._trigger_refresh()

    @api.model
    def _trigger_refresh(self):
        job = self.env.ref(
            "crm_lifecycle.ir_cron_refresh_segments", raise_if_not_found=False
        )
        # Not there yet while the addon is being installed.
        if job:
            job.sudo()._trigger()

    def _forget_fingerprint(self):  # pylint: disable=missing-return
        known = self.filtered("fingerprint")
        if known:
            super().write({"fingerprint": False})

    # ------------------------------------------------------------
    # All customers
    # ------------------------------------------------------------

    def _refresh_members(self):
        """Let members enter and leave as the rule says.

        :return: number of customers who entered, number who left
        """
        entered = left = 0
        now = self.env.cr.now()
        changed = self.browse()
        for segment in self.filtered(lambda segment: segment.kind != "static").sudo():
            segment.env.flush_all()
            query = segment._search_wanted(segment._get_profile_domain())
            fingerprint = segment._take_fingerprint(query)
            if fingerprint != segment.fingerprint:
                moves = segment._move_members(query, SQL("TRUE"), now)
                entered, left = entered + moves[0], left + moves[1]
                changed |= segment
            segment.write(
                {
                    "fingerprint": fingerprint,
                    "refresh_date": now,
                    "refresh_error": False,
                }
            )
        self.env["crm.segment.size"].sudo()._record(self, changed)
        return entered, left

    def _search_wanted(self, domain):
        profiles = (
            self.env["crm.customer.profile"].sudo().with_context(active_test=False)
        )
        return profiles._search(domain)

    def _take_fingerprint(self, query):
        """Return number and fingerprint of the profiles, whatever their order."""
        profile_id = SQL.identifier(query.table, "id")
        hashed = SQL("hashint8extended(%s, 0)", profile_id)
        # The order is of no use, and PostgreSQL would sort for it.
        query.order = None
        [row] = self.env.execute_query(
            query.select(
                SQL("count(*)"), SQL("bit_xor(%s)", hashed), SQL("sum(%s)", profile_id)
            )
        )
        return "/".join(map(str, row))

    def _move_members(self, query, scope, now):
        """Compare the profiles of ``query`` with the members, and move who differs.

        A full join reads each side once, however many customers the planner expects.

        :param SQL scope: condition on ``member``: whose membership is in question
        :return: number of customers who entered, number who left
        """
        self.ensure_one()
        query.order = None
        [(entered, left)] = self.env.execute_query(
            SQL(
                """
                WITH wanted (partner_id, company_id) AS MATERIALIZED (%(wanted)s),
                differing AS MATERIALIZED (
                    SELECT member.id AS member_id, wanted.partner_id, wanted.company_id
                      FROM (SELECT id, partner_id, company_id
                              FROM crm_segment_member member
                             WHERE segment_id = %(segment)s AND date_left IS NULL
                               AND %(scope)s) member
                 FULL JOIN wanted ON wanted.partner_id = member.partner_id
                                 AND wanted.company_id = member.company_id
                     WHERE member.id IS NULL OR wanted.partner_id IS NULL
                ), gone AS (
                    UPDATE crm_segment_member SET date_left = %(now)s
                     WHERE id IN (SELECT member_id FROM differing)
                    RETURNING id
                ), came AS (
                    INSERT INTO crm_segment_member
                           (segment_id, partner_id, company_id, date_entered)
                    SELECT %(segment)s, partner_id, company_id, %(now)s
                      FROM differing WHERE member_id IS NULL
                    ON CONFLICT (segment_id, partner_id, company_id)
                          WHERE date_left IS NULL DO NOTHING
                    RETURNING id
                )
                SELECT (SELECT count(*) FROM came), (SELECT count(*) FROM gone)
                """,
                wanted=query.select(
                    SQL.identifier(query.table, "partner_id"),
                    SQL.identifier(query.table, "company_id"),
                ),
                segment=self.id,
                scope=scope,
                now=now,
            )
        )
        if entered or left:
            self.env["crm.segment.member"].invalidate_model()
            self.invalidate_recordset(["member_ids", "member_count"])
            self._capture_moves(entered, left, now)
        return entered, left

    def _capture_moves(self, entered, left, now):
        """Make the events of those who entered or left at ``now``."""
        event_type = self.env["crm.customer.event.type"]
        for moved, code, date in (
            (entered, "segment_entered", "date_entered"),
            (left, "segment_left", "date_left"),
        ):
            if moved:
                event_type._capture_where(
                    code, [("segment_id", "=", self.id), (date, "=", now)]
                )

    # ------------------------------------------------------------
    # A few customers
    # ------------------------------------------------------------

    @api.model
    def _update_members(self, profile_ids):
        """Let these customers enter and leave the segments by their new figures.

        Scores, which depend on all customers, wait for the scheduled refresh.

        :param list profile_ids: ids of profiles that were refreshed
        """
        if not profile_ids:
            return
        segments = self.sudo().search(
            [
                ("kind", "not in", ("static", *KINDS_OF_ALL)),
                ("refresh_error", "=", False),
            ]
        )
        now = self.env.cr.now()
        customers = SQL(
            "SELECT partner_id, company_id FROM crm_customer_profile "
            "WHERE id = ANY(%s)",
            list(profile_ids),
        )
        scope = SQL("(member.partner_id, member.company_id) IN (%s)", customers)
        for segment in segments:
            if segment._depends_on_all():
                continue
            try:
                with self.env.cr.savepoint():
                    domain = segment._get_profile_domain(customers)
                    query = segment._search_wanted(domain)
                    query.add_where(
                        SQL(
                            "%s = ANY(%s)",
                            SQL.identifier(query.table, "id"),
                            list(profile_ids),
                        )
                    )
                    if any(segment._move_members(query, scope, now)):
                        segment._forget_fingerprint()
            except SerializationFailure:
                # Another worker moves its members: the refresh of all follows.
                self._trigger_refresh()
            except (UserError, ValueError, KeyError) as error:
                segment.refresh_error = str(error)

    def _profiling_decided(self, profiles):
        """Let customers leave or enter the segments by rule, scores included, who
        have just decided on profiling.
        """
        if not profiles:
            return
        now = self.env.cr.now()
        scope = SQL(
            "(member.partner_id, member.company_id) IN "
            "(SELECT partner_id, company_id FROM crm_customer_profile WHERE id IN %s)",
            profiles._ids,
        )
        segments = self.search(
            [("kind", "!=", "static"), ("refresh_error", "=", False)]
        )
        self.env.flush_all()
        for segment in segments:
            try:
                with self.env.cr.savepoint():
                    query = segment._search_wanted(segment._get_profile_domain())
                    query.add_where(
                        SQL(
                            "%s IN %s", SQL.identifier(query.table, "id"), profiles._ids
                        )
                    )
                    if any(segment._move_members(query, scope, now)):
                        segment._forget_fingerprint()
            except (UserError, ValueError, KeyError) as error:
                segment.refresh_error = str(error)

    def _depends_on_all(self):
        """Tell whether the rule, or one it refers to, needs all customers."""
        return self.kind in KINDS_OF_ALL or any(
            segment._depends_on_all() for segment in self._get_referred()
        )

    # ------------------------------------------------------------
    # Jobs
    # ------------------------------------------------------------

    @api.model
    def _cron_refresh(self):
        """Refresh the segments one by one; a broken rule does not stop the others."""
        segments = self.search([("kind", "!=", "static")])
        commit = self.env["ir.cron"]._commit_progress
        commit(remaining=len(segments))
        for segment in segments:
            try:
                with self.env.cr.savepoint():
                    segment._refresh_members()
            except (UserError, ValueError, KeyError) as error:
                segment.refresh_error = str(error)
            if not commit(1):
                break
        by_hand = self.search([("kind", "=", "static")])
        self.env["crm.segment.size"]._record(by_hand, by_hand)
