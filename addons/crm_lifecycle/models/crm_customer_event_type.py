import re
from datetime import datetime
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

# Open 360 views are told of changes to so many customers at once, not of a bulk.
LIVE_CUSTOMERS = 50
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
    _inherit = ["crm.customer.fact.mixin", "mail.thread", "mail.activity.mixin"]
    _description = "Customer Event Type"
    _order = "category, sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        compute="_compute_code",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        copy=False,
        help="Technical name by which programs capture this event. Made of the name "
        "if you give none.",
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
            ("communication", "Communication"),
            ("relation", "Relationship"),
        ],
        required=True,
        default="sale",
    )
    icon = fields.Char(
        "Symbol", default="fa-circle", help="Name of a Font Awesome icon."
    )
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
    by_time = fields.Boolean(
        "Becomes True With Time",
        help="Nobody writes anything when it happens, such as when an invoice falls "
        "due: looked for once a day, by its date.",
    )
    repeats = fields.Selection(
        [("yearly", "Every year")],
        help="Comes round every year on this day, from the first year after it on.",
    )
    retention_months = fields.Integer(
        "Kept for (months)",
        default=0,
        help="Older events are rolled into monthly totals and deleted. Zero keeps them "
        "for ever.",
    )
    expired_before = fields.Datetime(
        readonly=True,
        copy=False,
        help="Events before this date are in the monthly totals: they are not read "
        "again.",
    )
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        default=lambda self: self.env.user,
        help="Gets an activity when the definition does not work any more.",
    )
    event_count = fields.Integer(compute="_compute_event_count")

    _code_uniq = models.Constraint(
        "UNIQUE(code)", "Another event type has this technical name: choose another."
    )

    @api.depends("name")
    def _compute_code(self):
        """Return the name as a technical one, with a number if it is taken."""
        taken = set()
        for event_type in self.filtered(lambda kind: kind.name and not kind.code):
            label = re.sub(r"\W+", "_", event_type.name.lower(), flags=re.ASCII)
            label = label.strip("_") or "event"
            code, number = label, 1
            while code in taken or self._is_code_taken(code):
                number += 1
                code = f"{label}_{number}"
            taken.add(code)
            event_type.code = code

    def _is_code_taken(self, code):
        types = self.sudo().with_context(active_test=False)
        return bool(types.search_count([("code", "=", code)], limit=1))

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
        "document_path",
    )
    def _check_definition(self):
        for event_type in self:
            event_type._compile(Domain.TRUE)

    @api.constrains("repeats", "occurrence_path")
    def _check_repeats(self):
        for event_type in self:
            if event_type.repeats and event_type.occurrence_path:
                raise ValidationError(
                    self.env._(
                        "%s comes round every year: the year tells its events apart, "
                        "leave the occurrence empty.",
                        event_type.name,
                    )
                )

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

    def action_activate(self):
        """Begin to capture; the history is read in the background."""
        self.write({"active": True})

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
        try:
            facts = event_type._get_live_facts()
        except (UserError, ValueError, KeyError) as error:
            # Whoever confirms an order is not to blame for it.
            event_type._suspend(str(error))
            return 0
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

    def _insert_events(self, scope, since=None):
        """Make the events of the facts within ``scope`` that are not known yet.

        Their customers' profiles become stale in the same statement.

        :param Domain scope: limits the facts, on the type's model
        :param datetime since: of what comes round every year, only from then on
        :return: number of new events
        """
        self.ensure_one()
        query, columns = self._compile(scope)
        if query.is_empty():
            return 0
        facts = self._select_facts(query, columns)
        if self.repeats:
            facts = self._repeat_facts(facts, columns, since)
        return self._write_events(columns, facts)

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
                     WHERE date IS NOT NULL AND date >= %(kept_from)s
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
                kept_from=self._get_kept_from(),
                limit=LIVE_CUSTOMERS + 1,
                awake=profile._is_refresh_awake_sql(),
            )
        )
        if count:
            if not awake:
                profile._wake_refresh()
            self._events_created(profile.browse(profile_ids))
        return count

    def _get_kept_from(self):
        """Return the date from which on events of this type are kept."""
        months, expired_before = self._get_retention()
        kept_from = expired_before or datetime.min
        if months:
            kept_from = max(kept_from, self.env.cr.now() - relativedelta(months=months))
        return kept_from

    @tools.ormcache("self.id")
    def _get_retention(self):
        return self.retention_months, self.expired_before

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
        contacts = self.env["res.partner"].sudo()
        erased = contacts._field_to_sql(contact, "crm_is_erased", query)
        query.add_where(SQL("%s IS NOT TRUE", erased))
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

    def _select_facts(self, query, columns):
        names = [
            SQL("%s AS %s", sql, SQL.identifier(name)) for name, sql in columns.items()
        ]
        if self.repeats:
            made = self._get_fact_model()._log_access
            known = SQL.identifier(query.table, "create_date") if made else SQL("NULL")
            names.append(SQL("%s::timestamp AS known_from", known))
        return query.select(*names)

    @api.model
    def _repeat_facts(self, facts, columns, since):
        """Return the SQL of each fact's anniversaries up to today.

        One a year, the 29th of February being the 28th in other years; none before the
        document was made, nor before ``since``.
        """
        day = SQL("fact.date + make_interval(years => number)")
        others = [name for name in columns if name not in ("date", "occurrence")]
        return SQL(
            """
            SELECT %(others)s, %(day)s AS date,
                   extract(year FROM %(day)s)::int AS occurrence
              FROM (%(facts)s) fact, LATERAL generate_series(
                   1, extract(year FROM age(%(now)s::timestamp, fact.date))::int) number
             WHERE fact.date IS NOT NULL AND %(day)s <= %(now)s
               AND %(day)s >= GREATEST(fact.known_from, %(since)s::timestamp)
            """,
            others=SQL(", ").join(SQL.identifier("fact", name) for name in others),
            day=day,
            facts=facts,
            now=self.env.cr.now(),
            since=since,
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
