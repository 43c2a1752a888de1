from ast import literal_eval
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

# Documents are dated back, and events are captured late by sweeps: what is captured now
# and happened longer ago is history that was read in, and lets nobody enter.
LOOK_BACK = timedelta(days=7)


class CrmJourneyEntry(models.Model):
    """Who enters a journey, found in one statement per journey."""

    _inherit = "crm.journey"

    @api.model
    def _enrol_all(self):
        """Let everybody enter whose occasion has come; return how many did."""
        journeys = self.sudo().search([("state", "=", "running")])
        return sum(journey._enrol() for journey in journeys)

    def _enrol(self):
        """Let customers enter this journey; doing it twice enters nobody twice."""
        self.ensure_one()
        if self.trigger == "manual":
            return 0
        now = self.env.cr.now()
        since = now - LOOK_BACK
        if self.trigger == "date":
            since = max(since, self.start_date)
        return self._insert_participants(self._select_occasions(since, now))

    def action_enrol(self, res_ids):
        """Let records enter by hand or from a program, whatever starts the journey.

        The conditions of the journey hold for them too.

        :param list res_ids: ids of the journey's documents; of contacts where it runs
            per customer
        :return: number of new participants
        """
        self.ensure_one()
        self.check_access("write")
        if self.state != "running":
            raise UserError(
                self.env._("Start journey %s first: nobody enters now.", self.name)
            )
        model = self.env[self._get_document_model_name()]
        documents = model.browse(res_ids).exists()
        documents.check_access("read")
        self.sudo()._profile_newcomers(documents)
        count = self.sudo()._insert_participants(self._select_by_hand(documents))
        self._wake()
        return count

    def _profile_newcomers(self, documents):
        """Make profiles of those who have none yet: nothing has happened to them."""
        contacts = documents
        if documents._name != "res.partner":
            names = documents._mail_get_partner_fields()
            contacts = documents.mapped(names[0]) if names else self.env["res.partner"]
        customers = contacts.commercial_partner_id
        profiles = self.env["crm.customer.profile"].with_company(self.company_id)
        known = profiles.search(
            [
                ("partner_id", "in", customers.ids),
                ("company_id", "=", self.company_id.id),
            ]
        )
        profiles._refresh(customers - known.partner_id)

    def _get_event_type(self):
        """Return the type of the event that lets customers enter."""
        codes = ("segment_entered", "segment_left")
        if self.trigger in codes:
            xml_id = f"crm_lifecycle.crm_customer_event_type_{self.trigger}"
            return self.env.ref(xml_id).sudo()
        if self.trigger == "event":
            return self.event_type_id.sudo()
        return self.env["crm.customer.event.type"].sudo()

    def _get_entry_queries(self):
        """Return the queries of the event's documents and of the profiles that enter.

        The first is None where any document will do.
        """
        self.ensure_one()
        profile_domain = Domain(literal_eval(self.profile_domain or "[]"))
        profile_domain &= Domain("company_id", "=", self.company_id.id)
        profiles = self.env["crm.customer.profile"].sudo()._search(profile_domain)
        domain = Domain(literal_eval(self.event_domain or "[]"))
        if self.trigger in ("segment_entered", "segment_left"):
            domain &= Domain("segment_id", "=", self.segment_id.id)
        event_type = self._get_event_type()
        if not event_type or (domain.is_true() and not self._get_key_field_name()):
            return None, profiles
        return event_type._get_fact_model()._search(domain), profiles

    def _get_key_field_name(self):
        if self.keyed_by == "customer":
            return None
        return self.key_field_id.sudo().name or None

    def _select_occasions(self, since, until):
        """Return the SQL of the occasions to enter in a period.

        Columns: ``partner_id``, ``contact_id``, ``company_id``, ``document_id``,
        ``event_id``, ``date`` and ``occasion``.
        """
        if self.trigger == "date":
            return self._select_dates(since, until)
        return self._select_events(since, until)

    def _select_events(self, since, until):
        documents, _profiles = self._get_entry_queries()
        document, condition = SQL("event.res_id"), SQL("TRUE")
        key_name = self._get_key_field_name()
        if key_name:
            model = self._get_event_type()._get_fact_model()
            key = model._field_to_sql(documents.table, key_name, documents)
            own = SQL.identifier(documents.table, "id")
            documents.add_where(SQL("%s = event.res_id", own))
            document = documents.subselect(key)
        elif documents is not None:
            condition = SQL("event.res_id IN %s", documents.subselect())
        if self.keyed_by == "customer":
            document = SQL("event.partner_id")
        return SQL(
            """
            SELECT event.partner_id,
                   COALESCE(event.contact_id, event.partner_id) AS contact_id,
                   event.company_id, %(document)s AS document_id, event.id AS event_id,
                   event.date, 'event ' || event.id AS occasion
              FROM crm_customer_event event
             WHERE event.type_id = %(type)s AND event.company_id = %(company)s
               AND event.date >= %(since)s AND event.date <= %(until)s
               AND event.id > %(mark)s AND %(condition)s
            """,
            # Many events are dated to the day: their order tells what came after.
            mark=0 if self.env.context.get("journey_dry_run") else self.start_mark,
            document=document,
            type=self._get_event_type().id,
            company=self.company_id.id,
            since=since,
            until=until,
            condition=condition,
        )

    def _select_dates(self, since, until):
        """Return the SQL of the customers whose date has come in the period."""
        column = SQL.identifier("profile", self.date_field_id.sudo().name)
        due = SQL("%s::date + %s", column, self.date_offset)
        if self.is_yearly:
            day = SQL("%s + make_interval(years => number)", due)
            due = SQL(
                """(SELECT %(day)s FROM generate_series(
                        extract(year FROM %(until)s::date)::int
                        - extract(year FROM %(due)s)::int - 1,
                        extract(year FROM %(until)s::date)::int
                        - extract(year FROM %(due)s)::int) number
                     WHERE number >= 0 AND %(day)s <= %(until)s
                     ORDER BY number DESC LIMIT 1)""",
                day=day,
                due=due,
                until=until,
            )
        return SQL(
            """
            SELECT partner_id, partner_id AS contact_id, company_id,
                   partner_id AS document_id, NULL::int AS event_id,
                   GREATEST(due::timestamp, %(since)s) AS date,
                   'date ' || due::date AS occasion
              FROM (SELECT profile.partner_id, profile.company_id, %(due)s AS due
                      FROM crm_customer_profile profile
                     WHERE profile.company_id = %(company)s AND %(column)s IS NOT NULL
                   ) dated
             WHERE due::date >= %(since)s::date AND due::date <= %(until)s::date
            """,
            due=due,
            column=column,
            company=self.company_id.id,
            since=since,
            until=until,
        )

    def _select_by_hand(self, documents):
        """Return the SQL of an occasion for each of ``documents``."""
        now = self.env.cr.now()
        rows = []
        for document in documents:
            contact = document
            if documents._name != "res.partner":
                names = documents._mail_get_partner_fields()
                contact = document[names[0]] if names else contact.browse()
            if contact:
                customer = contact.commercial_partner_id
                key = customer if self.keyed_by == "customer" else document
                rows.append((customer.id, contact.id, key.id))
        columns = [list(column) for column in zip(*rows, strict=True)] or [[], [], []]
        return SQL(
            """
            SELECT partner_id, contact_id, %s AS company_id, document_id,
                   NULL::int AS event_id, %s::timestamp AS date, %s AS occasion
              FROM unnest(%s::int[], %s::int[], %s::int[])
                   given (partner_id, contact_id, document_id)
            """,
            self.company_id.id,
            now,
            f"hand {fields.Datetime.to_string(now)}",
            *columns,
        )

    def _insert_participants(self, occasions):
        """Make participants of the occasions that may enter; return how many."""
        self.ensure_one()
        self.env.flush_all()
        _documents, profiles = self._get_entry_queries()
        once = SQL("") if self.reentry == "always" else SQL("DISTINCT ON (document_id)")
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO crm_journey_participant (journey_id, version_id, step_id,
                       partner_id, contact_id, company_id, res_model, res_id, event_id,
                       event_mark, occasion, state, date_entered, due_date, visit)
                SELECT %(once)s %(journey)s, %(version)s, %(step)s, partner_id,
                       contact_id, company_id, %(model)s, document_id, event_id,
                       COALESCE(event_id, %(mark)s), occasion, 'active', %(entered)s,
                       %(entered)s, 0
                  FROM (%(occasions)s) entry
                 WHERE document_id IS NOT NULL
                   AND EXISTS (
                    SELECT 1 FROM crm_customer_profile profile
                     WHERE profile.partner_id = entry.partner_id
                       AND profile.company_id = entry.company_id
                       AND profile.id IN %(profiles)s)
                   AND NOT %(excluded)s
                   AND NOT EXISTS (
                    SELECT 1 FROM crm_journey_participant earlier
                     WHERE earlier.journey_id = %(journey)s
                       AND earlier.res_id = entry.document_id AND %(bars)s)
                 ORDER BY document_id, date
                ON CONFLICT DO NOTHING
                RETURNING id
                """,
                once=once,
                journey=self.id,
                version=self.version_id.id,
                step=self.version_id.start_step_id.id or None,
                model=self._get_document_model_name(),
                mark=self._get_last_event_id(),
                entered=self._get_entry_date(),
                occasions=occasions,
                profiles=profiles.subselect(),
                excluded=self._excluded_to_sql(),
                bars=self._get_bar_to_entering(),
            )
        )
        self.env["crm.journey.participant"].invalidate_model()
        return len(rows)

    def _get_entry_date(self):
        """A journey that is tried out on the past enters when the event was."""
        if self.env.context.get("journey_dry_run"):
            return SQL("entry.date")
        return SQL("%s", self.env.cr.now())

    def _excluded_to_sql(self):
        """Return the SQL condition under which a customer must not enter."""
        excluded = SQL("FALSE")
        if self.excluded_segment_ids:
            excluded = SQL(
                """EXISTS (SELECT 1 FROM crm_segment_member member
                    WHERE member.segment_id = ANY(%s) AND member.date_left IS NULL
                      AND member.partner_id = entry.partner_id
                      AND member.company_id = entry.company_id)""",
                self.excluded_segment_ids.ids,
            )
        if self.campaign_id.sudo().control_share:
            control = self.campaign_id._control_to_sql(SQL("entry.partner_id"))
            excluded = SQL("(%s OR %s)", excluded, control)
        return excluded

    def _get_bar_to_entering(self):
        """Return the SQL condition under which an earlier run forbids another."""
        if self.reentry == "never":
            return SQL("TRUE")
        if self.reentry == "always":
            return SQL("FALSE")
        return SQL(
            "(earlier.date_ended IS NULL OR earlier.date_ended > entry.date - %s)",
            timedelta(self.reentry_days),
        )
