import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL, split_every

from ..profile_metrics.wanted_customers import WantedCustomers

# Customers per statement when events made some stale: about a second at a million.
REFRESH_BATCH = 10_000
# Pages of changed figures per committed batch of a full refresh: some 20,000 rows.
PAGES_PER_BATCH = 1_000
# Of a batch that collides with the refresh after an event.
BATCH_ATTEMPTS = 5
# So long a queue is done by one pass over everything, if it holds a tenth of all.
LONG_QUEUE = 20_000
NUMERIC_TYPES = ("integer", "float", "monetary")


class CrmCustomerProfileFigures(models.Model):
    """How the figures of the profile are computed.

    They come from *metric sources*, SQL contributed by each addon through
    :meth:`_get_metric_sources`, joined to one statement. After an event it runs for
    the customers concerned. Every night, and after a bulk, it runs for all: one
    reading pass that keeps the figures that differ from the profile, then committed
    batches that write them. Killed at any point it starts again and finds less to do.
    """

    _inherit = "crm.customer.profile"

    # ------------------------------------------------------------
    # Sources
    # ------------------------------------------------------------

    @api.model
    def _get_metric_sources(self, customers):
        """Hook: return the sources of the profile's figures.

        :param WantedCustomers customers: SQL, ``SELECT partner_id, company_id`` of
            those to refresh; a source limits itself to them, best by the conditions
            that it gives, or it would read the whole ERP each time
        :rtype: list[MetricSource]
        """
        return self._get_custom_sources(customers)

    @api.model
    def _get_custom_sources(self, customers):
        """The metrics that consultants defined in the interface."""
        metrics = self.env["crm.customer.metric"].search([("field_id", "!=", False)])
        return [
            metric._get_metric_source(customers)
            for metric in metrics
            if metric.column in self._fields
        ]

    @api.model
    def _get_months_ago(self, months):
        return SQL("%s::timestamp - make_interval(months => %s)", self._now(), months)

    @api.model
    def _now(self):
        return self.env.cr.now()

    # ------------------------------------------------------------
    # Computation
    # ------------------------------------------------------------

    @api.model
    def _select_figures(self, customers, sources, condition):
        """Return SQL of the figures of customers, beside those that are stored.

        :param SQL condition: which rows of the profile, alias ``customer``
        :return: columns ``id``, the figures, and ``old_...`` for each of them
        """
        names = [name for source in sources for name in source.columns]
        old = (
            SQL(
                "customer.%s AS %s", SQL.identifier(name), SQL.identifier(f"old_{name}")
            )
            for name in [*names, "lifecycle_stage"]
        )
        known = {*names, "id", "partner_id", "company_id"}
        asked = self.env["crm.customer.stage.rule"]._get_all()._get_columns()
        others = (
            SQL("customer.%s", SQL.identifier(name))
            for name in sorted(asked - known)
            if name in self._fields and self._fields[name].store
        )
        return SQL(
            """
            SELECT figures.*, %(stage)s AS lifecycle_stage
              FROM (SELECT customer.id, customer.partner_id, customer.company_id,
                           %(columns)s
                      FROM crm_customer_profile customer %(joins)s
                     WHERE %(condition)s) figures
              JOIN res_company company ON company.id = figures.company_id
            """,
            stage=self._get_stage_sql(),
            columns=SQL(", ").join([*old, *others, *map(self._figure_to_sql, sources)]),
            joins=SQL(" ").join(map(self._join_source, sources)),
            condition=condition,
        )

    def _figure_to_sql(self, source):
        """Return the columns of a source, of the types in which they are stored."""
        alias = f"source_{source.name}"
        columns = []
        for name in source.columns:
            value = SQL.identifier(alias, name)
            if self._fields[name].type in NUMERIC_TYPES:
                value = SQL("COALESCE(%s, 0)", value)
            # pylint: disable=sql-injection
            kind = SQL(self._fields[name]._column_type[1])
            columns.append(SQL("%s::%s AS %s", value, kind, SQL.identifier(name)))
        return SQL(", ").join(columns)

    @api.model
    def _join_source(self, source):
        alias = SQL.identifier(f"source_{source.name}")
        keys = ("partner_id", "company_id") if source.per_company else ("partner_id",)
        same = (
            SQL("%s.%s = customer.%s", alias, SQL.identifier(key), SQL.identifier(key))
            for key in keys
        )
        return SQL(
            "LEFT JOIN (%s) %s (%s) ON %s",
            source.query,
            alias,
            SQL(", ").join(map(SQL.identifier, (*keys, *source.columns))),
            SQL(" AND ").join(same),
        )

    @api.model
    def _write_figures(self, figures, names, moment):
        """Write computed figures, and the moves between stages, in one statement.

        Profiles refreshed after ``moment`` are newer and left alone.

        :param SQL figures: rows of ``id``, the columns ``names`` and
            ``old_lifecycle_stage``
        :return: number of profiles written
        """
        self.env["crm.customer.stage"].flush_model()
        [(count, new_ids, move_ids)] = self.env.execute_query(
            SQL(
                """
                WITH refreshed AS (
                    UPDATE crm_customer_profile profile
                       SET refresh_date = %(moment)s, %(assignments)s
                      FROM (%(figures)s) figures
                     WHERE profile.id = figures.id
                       AND (profile.refresh_date IS NULL
                            OR profile.refresh_date <= %(moment)s)
                 RETURNING profile.id, profile.partner_id, profile.company_id,
                           figures.old_lifecycle_stage AS previous,
                           profile.lifecycle_stage AS stage
                ), %(moves)s
                SELECT (SELECT count(*) FROM refreshed),
                       ARRAY(SELECT id FROM refreshed WHERE previous IS NULL),
                       ARRAY(SELECT id FROM entered)
                """,
                moment=moment,
                assignments=SQL(", ").join(
                    SQL("%s = figures.%s", SQL.identifier(name), SQL.identifier(name))
                    for name in [*names, "lifecycle_stage"]
                ),
                figures=figures,
                moves=self.env["crm.customer.stage"]._get_moves_sql(moment),
            )
        )
        stays = self.env["crm.customer.stage"]
        if new_ids:
            stays._write_past(new_ids, moment)
        stays.browse(move_ids)._capture_moves()
        return count

    # ------------------------------------------------------------
    # Some customers
    # ------------------------------------------------------------

    @api.model
    def _refresh(self, partners=None):
        """Bring profiles up to date.

        :param partners: the customers (or their contacts), all companies; without it
            those whom new events made stale, at most one batch
        :return: number of profiles refreshed
        """
        if partners is None:
            return len(self._refresh_stale())
        self = self.sudo()
        self.env.flush_all()
        customers = self._ensure_profiles(partners.commercial_partner_id)
        for batch in split_every(REFRESH_BATCH, customers, list):
            self._refresh_profiles(*zip(*batch, strict=True))
        self.invalidate_model()
        return len(customers)

    @api.model
    def _refresh_stale(self):
        """Refresh a batch of the customers whom new events made stale.

        :return: ids of their profiles
        """
        self = self.sudo()
        self.env.flush_all()
        customers = self._claim_stale(REFRESH_BATCH)
        if customers:
            self._refresh_profiles(*zip(*customers, strict=True))
        self.invalidate_model()
        return [profile_id for profile_id, *_customer in customers]

    @api.model
    def _claim_stale(self, limit):
        """Take stale customers off the queue, making the profiles that are missing.

        Two workers never take the same row: the second skips what the first holds. A
        customer who is there several times is taken once, whole.

        :return: ``(profile id, partner id, company id)`` of each
        """
        return self.env.execute_query(
            SQL(
                """
                WITH next AS (
                    SELECT partner_id, company_id FROM crm_customer_profile_refresh
                     ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
                ), claimed AS (
                    DELETE FROM crm_customer_profile_refresh
                     WHERE (partner_id, company_id) IN (SELECT * FROM next)
                    RETURNING partner_id, company_id
                ), stale AS (
                    SELECT DISTINCT claimed.*, profile.id FROM claimed
                      LEFT JOIN crm_customer_profile profile
                          USING (partner_id, company_id)
                ), made AS (
                    INSERT INTO crm_customer_profile (partner_id, company_id)
                    SELECT partner_id, company_id FROM stale WHERE id IS NULL
                     ORDER BY partner_id, company_id
                    ON CONFLICT (partner_id, company_id) DO NOTHING
                    RETURNING id, partner_id, company_id
                )
                SELECT id, partner_id, company_id FROM stale WHERE id IS NOT NULL
                 UNION ALL SELECT * FROM made
                """,
                limit,
            )
        )

    @api.model
    def _ensure_profiles(self, partners):
        """Return the profiles of ``partners``, making the missing ones.

        :return: ``(profile id, partner id, company id)`` of each
        """
        if not partners:
            return []
        self.env.execute_query(
            SQL(
                """
                INSERT INTO crm_customer_profile (partner_id, company_id)
                SELECT partner.id, COALESCE(partner.company_id, %s)
                  FROM res_partner partner
                 WHERE partner.id IN %s AND partner.crm_is_erased IS NOT TRUE
                ON CONFLICT (partner_id, company_id) DO NOTHING
                RETURNING id
                """,
                self.env.company.id,
                partners._ids,
            )
        )
        return self.env.execute_query(
            SQL(
                "SELECT id, partner_id, company_id FROM crm_customer_profile "
                "WHERE partner_id IN %s",
                partners._ids,
            )
        )

    @api.model
    def _refresh_profiles(self, ids, partner_ids, company_ids):
        """Compute every column of some profiles in one statement."""
        customers = WantedCustomers(
            SQL(
                "SELECT * FROM unnest(%s::int[], %s::int[]) "
                "AS wanted (partner_id, company_id)",
                list(partner_ids),
                list(company_ids),
            )
        )
        sources = self._get_metric_sources(customers)
        condition = SQL("customer.id = ANY(%s::int[])", list(ids))
        self._write_figures(
            self._select_figures(customers, sources, condition),
            [name for source in sources for name in source.columns],
            self._now(),
        )

    # ------------------------------------------------------------
    # All customers
    # ------------------------------------------------------------

    @api.model
    def _refresh_all(self):
        """Bring all profiles up to date, those of the whole queue included.

        Commits. The time a scheduled action should take is not asked for: to begin
        again would cost more than to go on.

        :return: number of profiles whose figures had changed
        """
        self = self.sudo()
        self.env.flush_all()
        commit = self.env["ir.cron"]._commit_progress
        self._make_missing_profiles()
        commit()
        moment = self._now()
        self._write_missing_past(moment)
        run = self.env["crm.customer.profile.run"]._begin()
        names = self._find_changed_figures()
        remaining = run.changed_count = self._count_changed_figures()
        commit(remaining=remaining)
        for start in range(0, self._count_changed_pages(), PAGES_PER_BATCH):
            done = self._write_batch(names, start, moment)
            remaining = max(remaining - done, 0)
            commit(done, remaining=remaining)
        self._forget_stale()
        run._end()
        commit(remaining, remaining=0)
        self.invalidate_model()
        return run.changed_count

    @api.model
    def _make_missing_profiles(self):
        made = self.env.execute_query(
            SQL(
                """
                INSERT INTO crm_customer_profile (partner_id, company_id)
                SELECT DISTINCT partner_id, company_id
                  FROM crm_customer_profile_refresh stale
                 WHERE NOT EXISTS (
                    SELECT 1 FROM crm_customer_profile profile
                     WHERE profile.partner_id = stale.partner_id
                       AND profile.company_id = stale.company_id)
                 ORDER BY partner_id, company_id
                ON CONFLICT (partner_id, company_id) DO NOTHING
                RETURNING id
                """
            )
        )
        if len(made) > REFRESH_BATCH:
            # Without its size PostgreSQL would take a plan for an empty table.
            self.env.cr.execute("ANALYZE crm_customer_profile")

    @api.model
    def _write_missing_past(self, moment):
        """Give a history to the profiles that have a stage and none."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT profile.id FROM crm_customer_profile profile
                 WHERE profile.lifecycle_stage IS NOT NULL AND NOT EXISTS (
                    SELECT 1 FROM crm_customer_stage stay
                     WHERE stay.partner_id = profile.partner_id
                       AND stay.company_id = profile.company_id)
                """
            )
        )
        for batch in split_every(REFRESH_BATCH, (row[0] for row in rows), list):
            self.env["crm.customer.stage"]._write_past(batch, moment)

    @api.model
    def _find_changed_figures(self):
        """Compute the figures of all, keep those that differ in a temporary table.

        The rows of the queue that this answers are kept as well.

        :return: names of the columns
        """
        customers = WantedCustomers(
            SQL("SELECT partner_id, company_id FROM crm_customer_profile"),
            everyone=True,
        )
        sources = self._get_metric_sources(customers)
        names = [name for source in sources for name in source.columns]
        columns = [*names, "lifecycle_stage"]
        self.env.cr.execute(
            SQL(
                """
                DROP TABLE IF EXISTS crm_profile_changed, crm_profile_answered;
                CREATE TEMP TABLE crm_profile_answered AS
                SELECT id FROM crm_customer_profile_refresh;
                CREATE TEMP TABLE crm_profile_changed AS
                SELECT id, old_lifecycle_stage, %(columns)s FROM (%(figures)s) figures
                 WHERE (%(old)s) IS DISTINCT FROM (%(columns)s)
                """,
                columns=SQL(", ").join(map(SQL.identifier, columns)),
                old=SQL(", ").join(SQL.identifier(f"old_{name}") for name in columns),
                figures=self._select_figures(customers, sources, SQL("TRUE")),
            )
        )
        self.env.cr.execute("ANALYZE crm_profile_changed, crm_profile_answered")
        return names

    @api.model
    def _count_changed_figures(self):
        [(count,)] = self.env.execute_query(
            SQL("SELECT count(*) FROM crm_profile_changed")
        )
        return count

    @api.model
    def _count_changed_pages(self):
        [(pages,)] = self.env.execute_query(
            SQL(
                "SELECT pg_relation_size('crm_profile_changed') "
                "/ current_setting('block_size')::int"
            )
        )
        return pages

    @api.model
    def _write_batch(self, names, start, moment):
        """Write a batch; again if an event's refresh wrote one of its profiles."""
        for _attempt in range(BATCH_ATTEMPTS - 1):
            try:
                return self._write_changed_figures(names, start, moment)
            except psycopg2.extensions.TransactionRollbackError:
                self._roll_back()
        return self._write_changed_figures(names, start, moment)

    @api.model
    def _roll_back(self):
        # The temporary tables are committed: they stay.
        self.env.cr.rollback()

    @api.model
    def _write_changed_figures(self, names, start, moment):
        """Write the changed figures of some pages of the temporary table."""
        figures = SQL(
            "SELECT * FROM crm_profile_changed "
            "WHERE ctid >= %s::tid AND ctid < %s::tid",
            f"({start},0)",
            f"({start + PAGES_PER_BATCH},0)",
        )
        return self._write_figures(figures, names, moment)

    @api.model
    def _forget_stale(self):
        """Take those off the queue who were on it before the pass began."""
        self.env.cr.execute(
            """
            DELETE FROM crm_customer_profile_refresh
             WHERE id IN (SELECT id FROM crm_profile_answered);
            DROP TABLE crm_profile_changed, crm_profile_answered
            """
        )

    # ------------------------------------------------------------
    # Jobs
    # ------------------------------------------------------------

    @api.model
    def _cron_refresh(self):
        """Refresh the stale profiles batch by batch; they move between segments."""
        commit = self.env["ir.cron"]._commit_progress
        queue = self.env["crm.customer.profile.refresh"]
        if self._is_queue_long():
            self._get_job("ir_cron_refresh_all_profiles")._trigger()
            return
        commit(remaining=queue.search_count([]))
        while profile_ids := self._refresh_stale():
            self.env["crm.segment"]._update_members(profile_ids)
            if not commit(len(profile_ids), remaining=queue.search_count([])):
                break

    @api.model
    def _cron_refresh_all(self):
        """Refresh all profiles once a day: the passing of time changes figures, too.

        And whenever somebody asked for it or so many are stale that it is cheaper.
        """
        today = fields.Datetime.to_datetime(fields.Date.context_today(self))
        if self._is_queue_long() or self.env["crm.customer.profile.run"]._is_due(today):
            self._refresh_all()
            self._get_job("ir_cron_refresh_segments")._trigger()

    @api.model
    def _is_queue_long(self):
        stale = self.env["crm.customer.profile.refresh"].search_count([])
        return stale > LONG_QUEUE and stale * 10 > self.sudo().search_count([])

    @api.model
    def _make_all_stale(self):
        """Have all profiles refreshed soon: a definition of theirs has changed."""
        self.env["crm.customer.profile.run"]._ask()
        self._get_job("ir_cron_refresh_all_profiles")._trigger()

    @api.model
    def _get_job(self, name):
        return self.env.ref(f"crm_lifecycle.{name}").sudo()

    @api.model
    def _wake_refresh(self):
        """Let the scheduled refresh run soon; once, however many facts ask for it."""
        [(awake,)] = self.env.execute_query(
            SQL("SELECT %s", self._is_refresh_awake_sql())
        )
        if not awake:
            self._get_job("ir_cron_refresh_profiles")._trigger()

    @api.model
    def _is_refresh_awake_sql(self):
        """Return SQL that says whether the scheduled refresh will run soon anyway."""
        return SQL(
            "EXISTS (SELECT FROM ir_cron_trigger WHERE cron_id = %s)",
            self.env["ir.model.data"]._xmlid_to_res_id(
                "crm_lifecycle.ir_cron_refresh_profiles"
            ),
        )
