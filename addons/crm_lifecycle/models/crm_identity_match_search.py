from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL

from ..outside_events.resolution import Match, resolve

# Of the contacts that share an identifier so many are looked at: more are doubt anyway.
CONTACTS_PER_IDENTIFIER = 20
# Doubtful identities looked at again in one transaction.
LOOK_AGAIN_BATCH = 1_000


class CrmIdentityMatchSearch(models.Model):
    """Finding of whom outside sources speak, for many people in a few statements."""

    _inherit = "crm.identity.match"

    @api.model
    def _identify(self, source, people):
        """Tell who ``people`` are; put those in doubt on the review list.

        :param source: the ``crm.outside.source`` that speaks of them
        :param dict people: :class:`Person` by fingerprint
        :return: ``(partner id, match id)`` by fingerprint, one of them None. Who is
            nobody and shall be refused is missing.
        :rtype: dict
        """
        listed = self._find_listed(source, people)
        decided = {
            match.fingerprint: (match.partner_id.id or None, match.id)
            for match in listed
            # A contact that was deleted since is no decision any more.
            if match.state == "ignored" or (match.state == "done" and match.partner_id)
        }
        left = {key: people[key] for key in people if key not in decided}
        resolutions = self._resolve(source, left)
        self._create_newcomers(source, left, resolutions)
        found = {
            key: resolution.contact
            for key, resolution in resolutions.items()
            if resolution.contact
        }
        self._learn_references(source, left, found)
        self._clear(listed.filtered(lambda m: m.fingerprint in found), found)
        doubtful = {
            key: (left[key], resolution)
            for key, resolution in resolutions.items()
            if not resolution.contact
            and (resolution.doubt != "unknown" or left[key].unknown != "reject")
        }
        queued = self._queue(source, doubtful)
        return {
            **decided,
            **{key: (partner_id, None) for key, partner_id in found.items()},
            **{key: (None, match_id) for key, match_id in queued.items()},
        }

    @api.model
    def _find_listed(self, source, people):
        """Return the records of the review list about ``people``, decided or not."""
        return self.sudo().search_fetch(
            [
                ("source_id", "=", source.id),
                ("fingerprint", "in", list(people)),
            ],
            ["fingerprint", "state", "partner_id"],
        )

    def _clear(self, matches, partner_ids):
        """Close the doubts that have become clear, attach their events.

        :param dict partner_ids: ids of the contacts by fingerprint
        """
        for match in matches:
            match.partner_id = partner_ids[match.fingerprint]
        if matches:
            matches._close("done")
            matches._settle()

    @api.model
    def _resolve(self, source, people):
        """Return the :class:`Resolution` of each of ``people``, by fingerprint."""
        matches = defaultdict(list)
        for key, *match in self._find_contacts(source, people):
            matches[key].append(Match(*match))
        return {
            key: resolve(matches[key], source._get_weak_kinds(person.identity))
            for key, person in people.items()
        }

    @api.model
    def _find_contacts(self, source, people):
        """Return ``(fingerprint, kind, contact id, customer id)`` in one statement."""
        if not people:
            return []
        self.env["res.partner"].flush_model()
        identities = [person.identity for person in people.values()]
        columns = zip(*identities, strict=True)
        return self.env.execute_query(
            SQL(
                """
                SELECT given.fingerprint, found.kind, found.id, found.customer
                  FROM unnest(%s::text[], %s) AS
                       given (fingerprint, email, phone, vat, reference)
                 CROSS JOIN LATERAL (%s) found
                """,
                list(people),
                SQL(", ").join(SQL("%s::text[]", list(column)) for column in columns),
                SQL(" UNION ALL ").join(self._get_contact_queries(source)),
            )
        )

    @api.model
    def _get_contact_queries(self, source):
        """Return a query for each identifier, over the columns of ``given``."""
        conditions = [
            ("email", SQL("partner.email_normalized = NULLIF(given.email, '')")),
            ("phone", SQL("partner.phone_sanitized = NULLIF(given.phone, '')")),
            # The expression of the index res_partner_crm_vat_idx.
            (
                "vat",
                SQL(
                    "upper(regexp_replace(partner.vat, '[^a-zA-Z0-9]', '', 'g'))"
                    " = NULLIF(given.vat, '')"
                ),
            ),
            (
                "reference",
                SQL(
                    "partner.id = (SELECT partner_id FROM crm_outside_reference"
                    " WHERE source_id = %s AND reference = given.reference)",
                    source.id,
                ),
            ),
        ]
        if source.knows_partner_ref:
            conditions.append(
                ("reference", SQL("partner.ref = NULLIF(given.reference, '')"))
            )
        return [
            SQL(
                """
                (SELECT %s AS kind, partner.id,
                        COALESCE(partner.commercial_partner_id, partner.id) AS customer
                   FROM res_partner partner
                  WHERE %s AND partner.active
                    AND COALESCE(partner.company_id, %s) = %s
                  LIMIT %s)
                """,
                kind,
                condition,
                source.company_id.id,
                source.company_id.id,
                CONTACTS_PER_IDENTIFIER,
            )
            for kind, condition in conditions
        ]

    # ------------------------------------------------------------
    # New contacts
    # ------------------------------------------------------------

    @api.model
    def _create_newcomers(self, source, people, resolutions):
        """Make the contacts of those whom nobody is, where their events say so.

        Two identities with an identifier in common may be one person: the first gets
        the contact, the others are looked up again. ``resolutions`` are brought up to
        date.
        """
        unknown = {
            key: people[key]
            for key, resolution in resolutions.items()
            if resolution.doubt == "unknown" and people[key].unknown == "create"
        }
        if not unknown:
            return
        self._serialize_creation(source)
        seen, first = set(), {}
        for key, person in unknown.items():
            pairs = person.identity.pairs()
            if seen.isdisjoint(pairs):
                first[key] = person
            seen |= pairs
        partners = (
            self.env["res.partner"]
            .with_context(tracking_disable=True, no_vat_validation=True)
            .create([self._prepare_contact(person) for person in first.values()])
        )
        created = dict(zip(first, partners.ids, strict=True))
        self._learn_references(source, people, created)
        resolutions |= self._resolve(source, unknown)
        for key, partner_id in created.items():
            resolutions[key] = resolutions[key]._replace(contact=partner_id)

    @api.model
    def _serialize_creation(self, source):
        """Let one request at a time make contacts in a company.

        Two at once would both find nobody and make the same contact twice. Who comes
        second waits here, fails as PostgreSQL's snapshot is too old, and is run again
        by Odoo; then it finds the contact.
        """
        self.env.execute_query(
            SQL(
                "UPDATE crm_outside_source SET write_date = %s WHERE company_id = %s"
                " RETURNING id",
                self.env.cr.now(),
                source.company_id.id,
            )
        )

    @api.model
    def _learn_references(self, source, people, partner_id_by_key):
        references = {
            people[key].identity.reference: partner_id
            for key, partner_id in partner_id_by_key.items()
            if people[key].identity.reference
        }
        self.env["crm.outside.reference"]._learn(source, references)

    # ------------------------------------------------------------
    # Review list
    # ------------------------------------------------------------

    @api.model
    def _queue(self, source, doubtful):
        """Put the doubtful on the review list, with their candidates.

        :param dict doubtful: person and resolution by fingerprint
        :return: ids of the list's records by fingerprint
        """
        if not doubtful:
            return {}
        ids = dict(self._upsert(source, doubtful))
        rows = [
            (ids[key], partner_id, ",".join(kinds))
            for key, (_person, resolution) in doubtful.items()
            for partner_id, kinds in resolution.candidates
        ]
        self.env["crm.identity.candidate"]._replace(list(ids.values()), rows)
        self.invalidate_model()
        return ids

    @api.model
    def _upsert(self, source, doubtful):
        now = self.env.cr.now()
        rows = [
            (
                source.id,
                key,
                person.name or None,
                *(value or None for value in person.identity),
                person.country_id,
                resolution.doubt,
                "open",
                *(self.env.uid, now, self.env.uid, now),
            )
            for key, (person, resolution) in doubtful.items()
        ]
        return self.env.execute_query(
            SQL(
                """
                INSERT INTO crm_identity_match (source_id, fingerprint, name, email,
                       phone, vat, reference, country_id, doubt, state, create_uid,
                       create_date, write_uid, write_date)
                VALUES %s
                ON CONFLICT (source_id, fingerprint) DO UPDATE
                   SET doubt = excluded.doubt, state = excluded.state,
                       write_date = excluded.write_date,
                       name = COALESCE(crm_identity_match.name, excluded.name)
                RETURNING fingerprint, id
                """,
                SQL(", ").join(SQL("%s", row) for row in rows),
            )
        )

    def _look_again(self):
        """Decide what has become clear in the meantime, renew the candidates."""
        for source, matches in self.grouped("source_id").items():
            people = {match.fingerprint: match._get_person() for match in matches}
            resolutions = self._resolve(source, people)
            found = {
                key: resolution.contact
                for key, resolution in resolutions.items()
                if resolution.contact
            }
            self._clear(matches.filtered(lambda m, f=found: m.fingerprint in f), found)
            doubtful = {
                key: (people[key], resolution)
                for key, resolution in resolutions.items()
                if key not in found
            }
            self._queue(source, doubtful)

    @api.model
    def _cron_look_again(self):
        """Look at all open doubts, in committed batches."""
        commit = self.env["ir.cron"]._commit_progress
        remaining = self.search([("state", "=", "open")], order="id")
        commit(remaining=len(remaining))
        for start in range(0, len(remaining), LOOK_AGAIN_BATCH):
            batch = remaining[start : start + LOOK_AGAIN_BATCH]
            batch._look_again()
            if not commit(len(batch)):
                return
