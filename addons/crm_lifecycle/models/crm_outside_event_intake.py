import json

from odoo import api, models
from odoo.tools import SQL, email_normalize

from ..outside_events.identity import Person
from ..outside_events.reading import Catalog, Refusal, read_fact

# What the columns of the insert statement are called in its JSON parameter.
FACT_COLUMNS = SQL(
    "key text, type_id int, name text, date timestamp, value numeric,"
    " currency_id int, campaign_id int, partner_id int, match_id int, url text,"
    " data jsonb"
)


class CrmOutsideEventIntake(models.Model):
    """Taking what an outside source sends, in a number of statements that does not
    depend on the number of events."""

    _inherit = "crm.outside.event"

    @api.model
    def _receive(self, source, items):
        """Take the events of one request.

        :param source: the ``crm.outside.source`` that sends them
        :param list items: the events, as parsed from JSON
        :return: for each item, in the same order, a dict with ``key`` and ``status``:
            ``created``, ``duplicate``, ``review`` or ``rejected``, then with
            ``reason`` and ``message``
        :rtype: list[dict]
        """
        self = self.sudo().with_company(source.company_id)
        results, facts = self._read_items(source, items)
        self._drop_known(source, facts, results)
        owners = self._find_owners(source, facts)
        self._refuse_strangers(facts, owners, results)
        created = self._insert_facts(source, facts.values(), owners)
        for index, fact in facts.items():
            if fact.key not in created:
                results[index]["status"] = "duplicate"
            elif not owners[fact.identity.fingerprint][0]:
                results[index]["status"] = "review"
        self.browse(created.values())._capture_facts()
        self._log_request(source, results)
        return results

    @api.model
    def _read_items(self, source, items):
        """Return the results so far and the facts by their place in ``items``."""
        catalog = self._get_catalog(source, items)
        results, facts, keys = [], {}, set()
        for index, item in enumerate(items):
            key = item.get("key") if isinstance(item, dict) else None
            result = {"key": key if isinstance(key, str) else None, "status": "created"}
            results.append(result)
            try:
                fact = read_fact(item, catalog)
            except Refusal as refusal:
                self._reject(result, refusal.reason, str(refusal))
                continue
            if fact.unreadable:
                result["ignored"] = list(fact.unreadable)
            if fact.key in keys:
                result["status"] = "duplicate"
                continue
            keys.add(fact.key)
            facts[index] = fact
        return results, facts

    @api.model
    def _reject(self, result, reason, message):
        result.update(status="rejected", reason=reason, message=message)

    @api.model
    def _get_catalog(self, source, items):
        """Look up the names that occur in ``items``, each kind in one query."""
        named = {
            name: {
                item[name].strip()
                for item in items
                if isinstance(item, dict) and isinstance(item.get(name), str)
            }
            for name in ("currency", "campaign", "country")
        }
        types = self.env["crm.customer.event.type"].search_fetch(
            [("model_name", "=", self._name)], ["code"]
        )
        return Catalog(
            types={event_type.code: event_type.id for event_type in types},
            currencies=self._find_ids("res.currency", "name", named["currency"]),
            campaigns=self._find_ids("utm.campaign", "name", named["campaign"]),
            countries=self._find_ids("res.country", "code", named["country"]),
            normalize_email=email_normalize,
            normalize_phone=self._get_phone_normalizer(source),
            now=self.env.cr.now(),
        )

    @api.model
    def _find_ids(self, model_name, field_name, values):
        if not values:
            return {}
        records = self.env[model_name].search_fetch(
            [(field_name, "in", list(values))], [field_name]
        )
        return {record[field_name]: record.id for record in records}

    @api.model
    def _get_phone_normalizer(self, source):
        """Return a function of number and country id that returns E.164 or nothing."""
        own = source.company_id.country_id
        countries = self.env["res.country"]

        def normalize(number, country_id):
            country = countries.browse(country_id) if country_id else own
            return self._phone_format_number(number, country)

        return normalize

    @api.model
    def _drop_known(self, source, facts, results):
        """Take out of ``facts`` those that were sent before."""
        keys = [fact.key for fact in facts.values()]
        known = {
            key
            for (key,) in self.env.execute_query(
                SQL(
                    "SELECT key FROM crm_outside_event"
                    " WHERE source_id = %s AND key = ANY(%s)",
                    source.id,
                    keys,
                )
            )
        }
        for index in [index for index, fact in facts.items() if fact.key in known]:
            results[index]["status"] = "duplicate"
            del facts[index]

    @api.model
    def _find_owners(self, source, facts):
        """Return ``(partner id, match id)`` of the facts' people by fingerprint."""
        types = self.env["crm.customer.event.type"].browse(
            {fact.type_id for fact in facts.values()}
        )
        policies = {event_type.id: event_type.unknown_customer for event_type in types}
        people = {}
        for fact in facts.values():
            key = fact.identity.fingerprint
            policy = policies[fact.type_id]
            person = Person(fact.identity, fact.customer_name, fact.country_id, policy)
            people[key] = person.merged_with(people.get(key))
        return self.env["crm.identity.match"]._identify(source, people)

    @api.model
    def _refuse_strangers(self, facts, owners, results):
        """Take out of ``facts`` those about nobody we know, where the type says so."""
        for index, fact in list(facts.items()):
            if fact.identity.fingerprint not in owners:
                self._reject(
                    results[index], "unknown_customer", "No contact is known by this."
                )
                del facts[index]

    @api.model
    def _insert_facts(self, source, facts, owners):
        """Insert the facts; return the ids of the new ones by key."""
        if not facts:
            return {}
        rows = [self._prepare_row(fact, owners) for fact in facts]
        self.env["crm.identity.match"].flush_model()
        now = self.env.cr.now()
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    INSERT INTO crm_outside_event (source_id, company_id, key, type_id,
                           name, date, value, currency_id, campaign_id, partner_id,
                           match_id, url, data, create_uid, create_date, write_uid,
                           write_date)
                    SELECT %(source)s, %(company)s, key, type_id, name, date, value,
                           COALESCE(currency_id, %(currency)s), campaign_id,
                           partner_id, match_id, url, data, %(uid)s, %(now)s, %(uid)s,
                           %(now)s
                      FROM jsonb_to_recordset(%(rows)s::jsonb) AS fact (%(columns)s)
                    ON CONFLICT (source_id, key) DO NOTHING
                    RETURNING key, id
                    """,
                    source=source.id,
                    company=source.company_id.id,
                    currency=source.company_id.currency_id.id,
                    uid=self.env.uid,
                    now=now,
                    rows=json.dumps(rows),
                    columns=FACT_COLUMNS,
                )
            )
        )

    @api.model
    def _prepare_row(self, fact, owners):
        partner_id, match_id = owners[fact.identity.fingerprint]
        return {
            "key": fact.key,
            "type_id": fact.type_id,
            "name": fact.name or None,
            "date": fact.date.isoformat(),
            "value": fact.value,
            "currency_id": fact.currency_id,
            "campaign_id": fact.campaign_id,
            "partner_id": partner_id,
            "match_id": match_id,
            "url": fact.url or None,
            "data": fact.data and json.loads(fact.data),
        }

    @api.model
    def _log_request(self, source, results):
        counts = {
            status: sum(result["status"] == status for result in results)
            for status in ("created", "duplicate", "review", "rejected")
        }
        self.env["crm.outside.request"].create(
            {
                "source_id": source.id,
                "date": self.env.cr.now(),
                # A request without events costs something, too.
                "event_count": max(1, len(results)),
                **{f"{status}_count": count for status, count in counts.items()},
                "rejected_reason": next(
                    (r["message"] for r in results if r["status"] == "rejected"), False
                ),
            }
        )
