import logging
import re
from datetime import timedelta
from typing import NamedTuple

import psycopg2

from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

# Ids of the source table per committed batch of the history: about a second each.
BACKFILL_BATCH = 50_000
# A transaction may write a record long before it commits: a sweep looks back so far.
SWEEP_OVERLAP = timedelta(hours=1)
# Open 360 views are told of changes to so many customers at once, not of a bulk.
LIVE_CUSTOMERS = 50
# What a definition can make PostgreSQL say; a lost lock or connection is not its fault.
STATEMENT_ERRORS = (psycopg2.ProgrammingError, psycopg2.DataError)
# Stands for the ids of the captured records in a compiled definition.
CAPTURED = object()
DEPENDS_ON_DAY = re.compile(r"today|now|context|uid|=\w")


class LiveFacts(NamedTuple):
    """A compiled definition of an event: model, columns, and the SQL of its facts."""

    model_name: str
    columns: tuple[str, ...]
    sql: SQL

    def select(self, ids):
        """Return the SQL of the facts of the records with these ids."""
        params = (ids if param is CAPTURED else param for param in self.sql.params)
        # pylint: disable=sql-injection
        return SQL(self.sql.code, *params, to_flush=self.sql.to_flush)


class CrmCustomerEventType(models.Model):
    """What counts as a customer event, said once for history, live facts and sweeps.

    A type names a model, a domain and the paths to the date, the customer, the value
    and the campaign. They are compiled to one ``INSERT ... SELECT ... ON CONFLICT DO
    NOTHING``, so that capturing the same fact twice changes nothing.
    """

    _name = "crm.customer.event.type"
    _inherit = ["crm.customer.fact.mixin"]
    _description = "Customer Event Type"
    _order = "category, sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        copy=False,
        help="Technical name by which programs capture this event.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    category = fields.Selection(
        [
            ("sale", "Sales"),
            ("billing", "Invoicing"),
            ("delivery", "Delivery"),
            ("marketing", "Marketing"),
            ("lead", "Leads"),
            ("service", "Service"),
            ("feedback", "Feedback"),
            ("loyalty", "Loyalty"),
            ("consent", "Consent"),
            ("relation", "Relationship"),
        ],
        required=True,
        default="sale",
    )
    icon = fields.Char(default="fa-circle", help="Name of a Font Awesome icon.")
    date_path = fields.Char(
        "Date",
        required=True,
        default="create_date",
        help="Field that dates the event, such as date_order.",
    )
    value_path = fields.Char(
        "Value", help="Amount of the event, converted to the company's currency."
    )
    campaign_path = fields.Char("Campaign", help="Path to the campaign it is owed to.")
    occurrence_path = fields.Char(
        "Occurrence",
        help="Only when one document gives several events: the number or date that "
        "tells them apart.",
    )
    document_path = fields.Char(
        "Shown As",
        help="Only when the document itself is a technical one: the path to the "
        "document that the timeline names and opens instead, such as mass_mailing_id.",
    )
    capture = fields.Selection(
        [("live", "At once, by the program"), ("sweep", "By the scheduled action")],
        required=True,
        default="sweep",
        help="Types that a program captures the moment they happen are checked every "
        "night for what imports by-passed; the others are swept every few minutes.",
    )
    retention_months = fields.Integer(
        "Kept for (months)", default=0, help="Zero keeps the events for ever."
    )
    backfill_next_id = fields.Integer("History read up to", readonly=True, copy=False)
    backfill_done = fields.Boolean("History read", readonly=True, copy=False)
    sweep_date = fields.Datetime("Last sweep", readonly=True, copy=False)
    suspended_reason = fields.Text(readonly=True, copy=False)
    event_count = fields.Integer(compute="_compute_event_count")

    _code_uniq = models.Constraint(
        "UNIQUE(code)", "Another event type has this technical name: choose another."
    )

    def _compute_event_count(self):
        counts = dict(
            self.env["crm.customer.event"]._read_group(
                [("type_id", "in", self.ids)], ["type_id"], ["__count"]
            )
        )
        for event_type in self:
            event_type.event_count = counts.get(event_type, 0)

    @api.constrains(
        "model_id",
        "domain",
        "date_path",
        "partner_path",
        "company_path",
        "value_path",
        "campaign_path",
        "occurrence_path",
    )
    def _check_definition(self):
        for event_type in self:
            event_type._compile(Domain.TRUE)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        event_types = super().create(vals_list)
        self._trigger_backfill()
        return event_types

    def write(self, vals):
        self.env.registry.clear_cache()
        definition = {"model_id", "domain", "date_path", "partner_path"}
        if definition & vals.keys():
            vals = {
                **vals,
                "backfill_next_id": 0,
                "backfill_done": False,
                "suspended_reason": False,
            }
        result = super().write(vals)
        if "backfill_done" in vals or vals.get("active"):
            self._trigger_backfill()
        return result

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_backfill(self):
        """Read the whole history again; what is known already is left alone."""
        self.write({"backfill_next_id": 0, "backfill_done": False})

    def action_preview(self):
        """Say how many events the ERP's history would give, without making them."""
        self.ensure_one()
        query, columns = self._compile(Domain.TRUE)
        [(count, first, last)] = self.env.execute_query(
            SQL(
                "SELECT count(*), min(date), max(date) FROM (%s) fact",
                self._select_facts(query, columns),
            )
        )
        message = self.env._(
            "%(count)s events between %(first)s and %(last)s.",
            count=count,
            first=fields.Date.to_string(first) or "-",
            last=fields.Date.to_string(last) or "-",
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"title": self.name, "message": message, "type": "info"},
        }

    def action_open_events(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_lifecycle.crm_customer_event_action"
        )
        action["domain"] = [("type_id", "=", self.id)]
        return action

    # ------------------------------------------------------------
    # Capture
    # ------------------------------------------------------------

    @api.model
    def _capture(self, code, records):
        """Capture the event ``code`` for those of ``records`` that meet its condition.

        Call it in the business method that makes the fact, for the whole recordset:
        it is one statement in the same transaction, and capturing twice is harmless.

        :return: number of new events
        """
        type_id = self._get_id_by_code(code)
        if not type_id or not records:
            return 0
        event_type = self.sudo().browse(type_id)
        facts = event_type._get_live_facts()
        if not facts:
            return event_type._insert_events(Domain("id", "in", records.ids))
        if records._name != facts.model_name:
            raise ValueError(f"Event {code} is about {facts.model_name} records.")
        return event_type._write_events(facts.columns, facts.select(records.ids))

    @tools.ormcache("self.id")
    def _get_live_facts(self):
        """Return the compiled definition to capture records with, or None.

        Kept for as long as no type of event changes. None if it depends on more than
        the definition: on the day, the company or the language.
        """
        ids = Domain.custom(
            to_sql=lambda _model, alias, _query: SQL(
                "%s = ANY(%s)", SQL.identifier(alias, "id"), CAPTURED
            )
        )
        query, columns = self._compile(ids)
        sql = self._select_facts(query, columns)
        fixed = not DEPENDS_ON_DAY.search(self.domain or "") and not any(
            field.company_dependent or field.translate for field in sql.to_flush
        )
        return LiveFacts(self.model_name, tuple(columns), sql) if fixed else None

    @api.model
    def _capture_where(self, code, domain):
        """Capture the event ``code`` for the records of ``domain``, however many.

        :return: number of new events
        """
        type_id = self._get_id_by_code(code)
        return (
            self.sudo().browse(type_id)._insert_events(Domain(domain)) if type_id else 0
        )

    @api.model
    @tools.ormcache("code")
    def _get_id_by_code(self, code):
        """Return the id of the working type ``code``, or False."""
        event_type = self.sudo().search(
            [("code", "=", code), ("suspended_reason", "=", False)], limit=1
        )
        return event_type.id

    def _insert_events(self, scope):
        """Make the events of the facts within ``scope`` that are not known yet.

        Their customers' profiles become stale in the same statement.

        :param Domain scope: limits the facts, on the type's model
        :return: number of new events
        """
        self.ensure_one()
        query, columns = self._compile(scope)
        if query.is_empty():
            return 0
        return self._write_events(columns, self._select_facts(query, columns))

    def _write_events(self, columns, facts):
        """Insert the events of the selected facts; return how many are new."""
        profile = self.env["crm.customer.profile"]
        names = SQL(", ").join(map(SQL.identifier, columns))
        [(count, profile_ids, awake)] = self.env.execute_query(
            SQL(
                """
                WITH new_event AS (
                    INSERT INTO crm_customer_event (%(names)s)
                    SELECT %(names)s FROM (%(facts)s) fact
                     WHERE date IS NOT NULL
                    ON CONFLICT (type_id, res_id, occurrence) DO NOTHING
                    RETURNING partner_id, company_id
                ), stale AS (
                    INSERT INTO crm_customer_profile_refresh (partner_id, company_id)
                    SELECT DISTINCT partner_id, company_id FROM new_event
                    RETURNING partner_id, company_id
                )
                SELECT (SELECT count(*) FROM new_event),
                       ARRAY(SELECT profile.id FROM crm_customer_profile profile
                               JOIN stale USING (partner_id, company_id)
                              LIMIT %(limit)s),
                       %(awake)s
                """,
                names=names,
                facts=facts,
                limit=LIVE_CUSTOMERS + 1,
                awake=profile._is_refresh_awake_sql(),
            )
        )
        if count:
            if not awake:
                profile._wake_refresh()
            self._events_created(profile.browse(profile_ids))
        return count

    def _events_created(self, profiles):
        """Hook: events of this type were made. Tells what works on events.

        :param profiles: the profiles that became stale, a few of them if many did
        """
        if len(profiles) <= LIVE_CUSTOMERS:
            profiles._notify_changed()

    # ------------------------------------------------------------
    # Compilation
    # ------------------------------------------------------------

    def _compile(self, scope):
        """Turn the definition into SQL.

        :param Domain scope: limits the facts, on the type's model
        :return: the query of the facts, and its columns ``{event field: SQL}``
        :raise ValidationError: the definition is wrong; the message says where
        """
        query, contact, company = self._compile_facts(scope)
        model = self._get_fact_model()
        date = self._resolve(model, query, "date_path", ("date", "datetime")).sql
        columns = {
            "type_id": SQL("%s", self.id),
            "partner_id": self._customer_to_sql(query, contact),
            "contact_id": SQL.identifier(contact, "id"),
            "company_id": company,
            "date": SQL("%s::timestamp", date),
            "value": self._value_to_sql(model, query, "value_path", company, date),
            "res_model": SQL("%s", self.model_name),
            "res_id": SQL.identifier(query.table, "id"),
            "occurrence": self._occurrence_to_sql(model, query),
            "campaign_id": self._campaign_to_sql(model, query),
        }
        return query, columns

    @api.model
    def _select_facts(self, query, columns):
        return query.select(
            *(
                SQL("%s AS %s", sql, SQL.identifier(name))
                for name, sql in columns.items()
            )
        )

    def _occurrence_to_sql(self, model, query):
        if not self.occurrence_path:
            return SQL("0")
        column = self._resolve(
            model, query, "occurrence_path", ("integer", "date", "datetime")
        )
        if column.field.type == "integer":
            return SQL("COALESCE(%s, 0)", column.sql)
        return SQL("COALESCE(to_char(%s, 'YYYYMMDD')::int, 0)", column.sql)

    def _campaign_to_sql(self, model, query):
        if not self.campaign_path:
            return SQL("NULL::int")
        return self._resolve(
            model, query, "campaign_path", ("many2one",), comodel="utm.campaign"
        ).sql

    # ------------------------------------------------------------
    # Jobs
    # ------------------------------------------------------------

    @api.model
    def _trigger_backfill(self):
        cron = self.env.ref(
            "crm_lifecycle.ir_cron_backfill_events", raise_if_not_found=False
        )
        if cron:
            cron._trigger()

    @api.model
    def _cron_backfill(self):
        """Read the history of every type that has not been read, batch by batch."""
        types = self.search(
            [("backfill_done", "=", False), ("suspended_reason", "=", False)]
        )
        self._commit_progress(remaining=len(types))
        for event_type in types:
            while not event_type.backfill_done:
                event_type._run_guarded(event_type._backfill_batch)
                if event_type.suspended_reason:
                    break
                if not self._commit_progress(int(event_type.backfill_done)):
                    return

    @api.model
    def _commit_progress(self, processed=0, remaining=None):
        return self.env["ir.cron"]._commit_progress(processed, remaining=remaining)

    def _backfill_batch(self):
        """Read the next range of ids and remember how far it got."""
        self.ensure_one()
        start = self.backfill_next_id
        table = SQL.identifier(self._get_fact_model()._table)
        [(stop,)] = self.env.execute_query(
            SQL(
                "SELECT max(id) FROM "
                "(SELECT id FROM %s WHERE id > %s ORDER BY id LIMIT %s) batch",
                table,
                start,
                BACKFILL_BATCH,
            )
        )
        if stop is None:
            self._write_progress({"backfill_done": True})
            return
        self._insert_events(Domain("id", ">", start) & Domain("id", "<=", stop))
        self._write_progress({"backfill_next_id": stop})

    def _write_progress(self, vals):
        return super().write(vals)

    @api.model
    def _cron_sweep(self):
        """Capture what was written since the last sweep, for the swept types."""
        self.search([("capture", "=", "sweep")])._sweep()

    @api.model
    def _cron_reconcile(self):
        """Capture every night what imports and other programs by-passed."""
        self.search([("capture", "=", "live")])._sweep()

    def _sweep(self):
        types = self.filtered(lambda event_type: not event_type.suspended_reason)
        self._commit_progress(remaining=len(types))
        for event_type in types:
            event_type._run_guarded(event_type._sweep_once)
            if not self._commit_progress(1):
                return

    def _sweep_once(self):
        now = self.env.cr.now()
        scope = Domain.TRUE
        if self.sweep_date and self._get_fact_model()._log_access:
            scope = Domain("write_date", ">=", self.sweep_date - SWEEP_OVERLAP)
        elif not self.backfill_done:
            # The history job reads everything anyway.
            scope = Domain.FALSE
        self._insert_events(scope)
        self._write_progress({"sweep_date": now})

    def _run_guarded(self, work):
        """Run ``work``; a definition that fails is suspended, the others go on."""
        try:
            with self.env.cr.savepoint():
                work()
        except (UserError, ValueError, *STATEMENT_ERRORS) as error:
            _logger.info("Customer event %s suspended: %s", self.code, error)
            self._suspend(str(error))

    def _suspend(self, reason):
        """Stop capturing this type and tell its owner why."""
        self.env.registry.clear_cache()
        return super().write({"suspended_reason": reason})

    def action_resume(self):
        """Check the definition again and read what was missed."""
        self.write({"suspended_reason": False})
        self._check_definition()
        self.action_backfill()
