from datetime import datetime, timedelta

from babel.dates import format_timedelta
from pytz import UTC

from odoo import api, fields, models, tools
from odoo.fields import Domain
from odoo.tools import SQL, formatLang, get_lang, html2plaintext
from odoo.tools.misc import babel_locale_parse, format_date, format_time

from .crm_customer_profile_paying import BILLING_GROUPS

TIMELINE_PAGE = 40
# Events looked at for one page, in so many rounds: who may read few of the documents,
# or looks for a word, gets the page in a constant number of queries.
TIMELINE_ROUNDS = (TIMELINE_PAGE, 400, 2_000)
PREVIEW_LENGTH = 140
EVENT_FIELDS = (
    "type_id",
    "partner_id",
    "contact_id",
    "company_id",
    "date",
    "value",
    "res_model",
    "res_id",
    "campaign_id",
)
# What is read of a document besides its name.
DOCUMENT_FIELDS = {
    "mail.message": ("subject", "body", "model", "res_id"),
    "mail.activity": ("summary", "note", "res_model", "res_id"),
}


class CrmCustomerProfileTimeline(models.Model):
    """The timeline: what happened to a customer, cut by the rights on the documents."""

    _inherit = "crm.customer.profile"

    @api.model
    def get_timeline(self, profile_id, filters=None, before=None):
        """Return a page of the customer's events, newest first.

        Cut by the access rights and rules of the documents: an event is shown to who
        may read the document it is about. The number of queries is bounded whatever
        the length of the history; a page may then be short and ``before`` given.

        :param int profile_id: id of the profile
        :param dict filters: ``category``, ``type_id``, ``since`` and ``until`` (days of
            the user, both included), ``text`` (of the document, the event, the person
            or the campaign)
        :param list before: date and id of the last event looked at, as returned
        :return: ``events`` and ``before`` for the next page (False at the end)
        :rtype: dict
        :raise AccessError: the profile is not for this user
        """
        profile = self.browse(profile_id)
        profile.check_access("read")
        filters = filters or {}
        domain = profile._get_timeline_domain(filters)
        text = (filters.get("text") or "").strip().lower()
        shown = []
        for size in TIMELINE_ROUNDS:
            events = profile._search_timeline(domain, before, size)
            for event, values in self._prepare_timeline_events(events):
                if len(shown) < TIMELINE_PAGE and self._has_text(values, text):
                    shown.append(values)
                    last = event
            if len(shown) == TIMELINE_PAGE:
                return {"events": shown, "before": self._get_cursor(last)}
            if len(events) < size:
                return {"events": shown, "before": False}
            before = self._get_cursor(events[-1])
        return {"events": shown, "before": before}

    @api.model
    def _get_cursor(self, event):
        return [fields.Datetime.to_string(event.date), event.id]

    @api.model
    def _has_text(self, values, text):
        names = ("label", "document", "detail", "contact", "campaign")
        return not text or any(text in values[name].lower() for name in names)

    def _get_timeline_domain(self, filters):
        domain = self._get_event_domain()
        types = self._get_event_types()
        hidden = types.filtered(lambda kind: not self._sees_events_of(kind.model_name))
        if filters.get("category"):
            wanted = types.filtered_domain([("category", "=", filters["category"])])
            domain.append(("type_id", "in", (wanted - hidden).ids))
        elif hidden:
            domain.append(("type_id", "not in", hidden.ids))
        if filters.get("type_id"):
            domain.append(("type_id", "=", filters["type_id"]))
        if filters.get("since"):
            domain.append(("date", ">=", self._get_start_of_day(filters["since"])))
        if filters.get("until"):
            next_day = fields.Date.to_date(filters["until"]) + timedelta(days=1)
            domain.append(("date", "<", self._get_start_of_day(next_day)))
        return domain

    def _get_event_domain(self):
        return [
            ("partner_id", "=", self.partner_id.id),
            ("company_id", "=", self.company_id.id),
        ]

    @api.model
    def _get_start_of_day(self, day):
        start = datetime.combine(fields.Date.to_date(day), datetime.min.time())
        return self.env.tz.localize(start).astimezone(UTC).replace(tzinfo=None)

    @api.model
    def _search_timeline(self, domain, before, limit):
        if before:
            date, event_id = before
            date = datetime.fromisoformat(date)
            domain = [*domain, ("date", "<=", date)]
            domain += ["|", ("date", "<", date), ("id", "<", event_id)]
        events = self.env["crm.customer.event"].sudo()
        return events.search_fetch(domain, EVENT_FIELDS, limit=limit)

    # ------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------

    @api.model
    def _get_shown_documents(self, events):
        """Return the document that is shown of each event that the user may see.

        A technical document, such as the copy of a mailing, is shown as the mailing:
        the user must be allowed to read both. A document that was deleted is still told
        to who may read its kind, as an empty record.

        :return: documents by event, in the order of the events
        """
        target_by_event = self._get_targets(events)
        ids_by_model = {}
        for model_name, document_id in target_by_event.values():
            ids_by_model.setdefault(model_name, set()).add(document_id)
        readable, gone = {}, {}
        for name, ids in ids_by_model.items():
            ids.discard(False)
            readable[name] = self._read_documents(name, ids)
            missing = readable[name].browse(ids) - readable[name]
            gone[name] = missing - missing.exists()
        shown = {}
        for event, (name, document_id) in target_by_event.items():
            if document_id in readable[name]._ids:
                document = readable[name].browse(document_id)
                shown[event] = document.with_prefetch(readable[name]._ids)
            elif not document_id or document_id in gone[name]._ids:
                shown[event] = readable[name].browse()
        return shown

    @api.model
    def _get_targets(self, events):
        """Return the model and id of what stands for the document of each event.

        Events about kinds of document that the user may not read are left out. The id
        is False where a technical document is gone.
        """
        targets, technical = {}, {}
        for event in events:
            if not self._sees_events_of(event.res_model):
                continue
            targets[event] = (event.res_model, event.res_id)
            if event.type_id.document_path:
                technical.setdefault(event.type_id, []).append(event)
        if not technical:
            return targets
        known, model_by_type = self._read_targets(technical)
        gone = self._find_gone(technical, known)
        for event_type, type_events in technical.items():
            for event in type_events:
                target_id = known.get((event_type.id, event.res_id))
                if target_id is not None and self._sees_events_of(
                    model_by_type[event_type.id]
                ):
                    targets[event] = (model_by_type[event_type.id], target_id or False)
                elif (event.res_model, event.res_id) in gone:
                    targets[event] = (event.res_model, False)
                else:
                    del targets[event]
        return targets

    @api.model
    def _read_targets(self, technical):
        """Follow the paths from technical documents that the user may read, at once.

        :param dict technical: events by their type
        :return: target id (0 if none) by id of the type and of the document, and the
            model of the targets by id of the type
        """
        selects, model_by_type = [], {}
        for event_type, events in technical.items():
            model = self.env[events[0].res_model].with_context(active_test=False)
            ids = [event.res_id for event in events]
            query = model._search(Domain("id", "in", ids))
            column = event_type._resolve(
                model.sudo(), query, "document_path", ("many2one",)
            )
            model_by_type[event_type.id] = column.field.comodel_name
            selects.append(
                query.select(
                    SQL("%s", event_type.id),
                    SQL.identifier(query.table, "id"),
                    SQL("COALESCE(%s, 0)", column.sql),
                )
            )
        rows = self.env.execute_query(SQL(" UNION ALL ").join(selects))
        known = {(type_id, id_): target_id for type_id, id_, target_id in rows}
        return known, model_by_type

    @api.model
    def _find_gone(self, technical, known):
        """Return model and id of the technical documents that were deleted."""
        missing = {}
        for event_type, events in technical.items():
            for event in events:
                if (event_type.id, event.res_id) not in known:
                    missing.setdefault(event.res_model, set()).add(event.res_id)
        return {
            (name, document_id)
            for name, ids in missing.items()
            for document_id in ids - set(self.env[name].browse(ids).exists()._ids)
        }

    @api.model
    def _read_documents(self, model_name, ids):
        """Return those of the documents that the user may read, in one query."""
        return (
            self.env[model_name]
            .with_context(active_test=False)
            .search_fetch(
                [("id", "in", list(ids))],
                ["display_name", *DOCUMENT_FIELDS.get(model_name, ())],
                order="id",
            )
            .with_env(self.env)
        )

    @api.model
    def _sees_events_of(self, model_name):
        """Say whether the user may see events about documents of a kind at all.

        Stock Odoo lets salespeople read the invoices of their orders; what is owed and
        paid is told to those with rights on invoicing only.
        """
        if model_name not in self.env:
            return False
        if model_name.startswith("account.") and not self.env.user.has_groups(
            BILLING_GROUPS
        ):
            return False
        return self.env[model_name].has_access("read")

    # ------------------------------------------------------------
    # What is shown
    # ------------------------------------------------------------

    @api.model
    def _prepare_timeline_events(self, events):
        """Return the readable ones of ``events``, each with the values shown of it."""
        shown_by_event = self._get_shown_documents(events)
        threads = self._get_threads(set(shown_by_event.values()))
        today = fields.Date.context_today(self)
        prepared = []
        for event, shown in shown_by_event.items():
            name, detail = self._get_document_text(shown)
            opened = threads.get(shown, shown)
            values = {
                **self._prepare_timeline_event(event, today),
                "document": name,
                "detail": detail,
                "res_model": opened._name,
                "res_id": opened.id,
                "value": self._format_event_value(event, shown),
            }
            prepared.append((event, values))
        return prepared

    @api.model
    def _prepare_timeline_event(self, event, today):
        event_type = event.type_id
        contact = event.contact_id
        return {
            "id": event.id,
            "label": event_type.with_env(self.env).sudo().name,
            "icon": event_type.icon or "fa-circle",
            "category": event_type.category,
            "campaign": event.campaign_id.name or "",
            "contact": contact.name or "" if contact != event.partner_id else "",
            **self._prepare_event_date(event, today),
        }

    @api.model
    def _format_event_value(self, event, document):
        if not event.type_id.value_path or not event.value:
            return ""
        # Whose was a deleted document? Its amount is for those whom no rule limits.
        rules = self.env["ir.rule"]
        if (
            not document
            and not rules._compute_domain(event.res_model, "read").is_true()
        ):
            return ""
        return formatLang(self.env, event.value, currency_obj=event.currency_id)

    @api.model
    def _prepare_event_date(self, event, today):
        """Return day, hour and distance; a fact that has a day but no hour has none."""
        moment = event.date
        has_hour = not self._is_dated_by_day(event)
        if has_hour:
            moment = fields.Datetime.context_timestamp(self, moment)
        day = moment.date()
        return {
            "day": fields.Date.to_string(day),
            "day_label": format_date(self.env, day, date_format="full"),
            "ago": self._format_ago(day, today),
            "time": format_time(self.env, moment.time(), time_format="short")
            if has_hour
            else "",
        }

    @api.model
    def _is_dated_by_day(self, event):
        fact = self.env.get(event.res_model)
        path = event.type_id.date_path
        return (
            fact is not None
            and path in fact._fields
            and fact._fields[path].type == "date"
        )

    @api.model
    def _format_ago(self, day, today):
        """Say how long ago a day was, or how far ahead it is."""
        if day == today:
            return self.env._("Today")
        if day == today - timedelta(days=1):
            return self.env._("Yesterday")
        locale = babel_locale_parse(get_lang(self.env).code)
        return format_timedelta(
            day - today, granularity="day", add_direction=True, locale=locale
        )

    @api.model
    def _get_threads(self, documents):
        """Return the documents on which messages and activities stand.

        :return: the document that a click opens, empty if the user may not, by message
            or activity
        """
        threads, thread_fields = {}, self._get_thread_fields()
        for document in documents:
            if document and document._name in thread_fields:
                model_field, id_field = thread_fields[document._name]
                model_name = document[model_field]
                if model_name in self.env and self.env[model_name].has_access("read"):
                    threads[document] = self.env[model_name].browse(document[id_field])
                else:
                    threads[document] = document.browse()
        ids_by_model = {}
        for thread in set(threads.values()) - set(documents):
            ids_by_model.setdefault(thread._name, set()).update(thread.ids)
        readable = set(documents).union(
            *(
                self.env[name].browse(ids).exists()._filtered_access("read")
                for name, ids in ids_by_model.items()
            )
        )
        return {
            document: thread if thread in readable else thread.browse()
            for document, thread in threads.items()
        }

    @api.model
    def _get_thread_fields(self):
        """Hook: return where models name the document on which they stand.

        :return: names of the fields of its model and of its id, by model
        """
        return {
            "mail.message": ("model", "res_id"),
            "mail.activity": ("res_model", "res_id"),
        }

    @api.model
    def _get_document_text(self, document):
        """Hook: return the name of the document shown and a detail of its content."""
        if document._name == "mail.message" and document:
            preview = self._get_preview(document.body)
            return (document.subject, preview) if document.subject else (preview, "")
        if document._name == "mail.activity" and document:
            return document.display_name or "", self._get_preview(document.note)
        return document.display_name or "" if document else "", ""

    @api.model
    def _get_preview(self, html):
        text = " ".join(html2plaintext(html or "").split())
        return text[:PREVIEW_LENGTH] + "…" * (len(text) > PREVIEW_LENGTH)

    # ------------------------------------------------------------
    # Filters
    # ------------------------------------------------------------

    def _get_360_categories(self):
        """Return the kinds of event that the customer has, by category.

        :return: ``key``, ``label`` and ``types`` (``id`` and ``label``) of each
        """
        types = self._get_present_types()
        field = self.env["crm.customer.event.type"]._fields["category"]
        by_category = types.grouped("category")
        return [
            {
                "key": key,
                "label": label,
                "types": [
                    {"id": event_type.id, "label": event_type.name}
                    for event_type in by_category[key]
                ],
            }
            for key, label in field._description_selection(self.env)
            if key in by_category
        ]

    def _get_present_types(self):
        """Return the types of which the customer has events, a probe of each."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT type.id FROM crm_customer_event_type type
                 WHERE EXISTS (SELECT 1 FROM crm_customer_event event
                                WHERE event.partner_id = %s AND event.company_id = %s
                                  AND event.type_id = type.id)
                """,
                self.partner_id.id,
                self.company_id.id,
            )
        )
        present_ids = {type_id for (type_id,) in rows}
        return self._get_event_types().filtered(
            lambda kind: kind.id in present_ids
            and self._sees_events_of(kind.model_name)
        )

    @api.model
    def _get_event_types(self):
        """Return all types of event, those in use no longer as well."""
        return (
            self.env["crm.customer.event.type"].sudo().browse(self._get_all_type_ids())
        )

    @api.model
    @tools.ormcache()
    def _get_all_type_ids(self):
        types = self.env["crm.customer.event.type"].sudo()
        return types.with_context(active_test=False).search(Domain.TRUE)._ids
