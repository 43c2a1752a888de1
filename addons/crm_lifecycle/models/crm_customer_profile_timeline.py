from datetime import datetime, timedelta

from babel.dates import format_timedelta
from pytz import UTC

from odoo import api, fields, models
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
        types = self.env["crm.customer.event.type"].sudo()
        types = types.with_context(active_test=False).search(
            Domain("category", "=", filters["category"])
            if filters.get("category")
            else Domain.TRUE
        )
        seen = types.filtered(lambda kind: self._sees_events_of(kind.model_name))
        if filters.get("category"):
            domain.append(("type_id", "in", seen.ids))
        elif types - seen:
            domain.append(("type_id", "not in", (types - seen).ids))
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
    def _filter_readable(self, events):
        """Return the events whose document the user may read, each with it.

        A document that was deleted is still told to who may read its kind.
        """
        document_by_event = {}
        for model_name, model_events in events.grouped("res_model").items():
            if not self._sees_events_of(model_name):
                continue
            ids = model_events.mapped("res_id")
            readable = self._read_documents(model_name, ids)
            deleted = readable.browse(set(ids) - set(readable._ids))
            deleted -= deleted.exists()
            for event in model_events:
                if event.res_id in readable._ids:
                    document = readable.browse(event.res_id)
                    document_by_event[event] = document.with_prefetch(readable._ids)
                elif event.res_id in deleted._ids:
                    document_by_event[event] = readable.browse()
        return [
            (event, document_by_event[event])
            for event in events
            if event in document_by_event
        ]

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
        pairs = self._filter_readable(events)
        texts = self._get_timeline_texts(pairs)
        today = fields.Date.context_today(self)
        uncut = {
            name: self.env["ir.rule"]._compute_domain(name, "read").is_true()
            for name in {document._name for _event, document in pairs}
        }
        return [
            (
                event,
                {
                    **self._prepare_timeline_event(event, today),
                    **texts[event],
                    # Whose was a deleted document? Its amount is for who reads all.
                    "value": self._format_event_value(event)
                    if document or uncut[document._name]
                    else "",
                },
            )
            for event, document in pairs
        ]

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
    def _format_event_value(self, event):
        if not event.type_id.value_path or not event.value:
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
    def _get_timeline_texts(self, pairs):
        """Return what is told of the document of each event.

        :param pairs: events, each with its document
        :return: ``document`` (its name), ``detail``, ``res_model`` and ``res_id`` (what
            a click opens, False if nothing) by event
        """
        targets = {
            event: self._get_shown_document(event.type_id, document)
            for event, document in pairs
        }
        openable = self._filter_openable(pairs, targets)
        texts = {}
        for event, document in pairs:
            target = targets[event]
            if target != document:
                target &= openable.get(target._name, target.browse())
            name, detail = self._get_document_text(document, target)
            texts[event] = {
                "document": name,
                "detail": detail,
                "res_model": target._name,
                "res_id": target.id,
            }
        return texts

    @api.model
    def _filter_openable(self, pairs, targets):
        """Return the documents shown instead of others that the user may open.

        :return: documents by the name of their model
        """
        known = {document for _event, document in pairs}
        ids_by_model = {}
        for target in targets.values():
            if target not in known:
                ids_by_model.setdefault(target._name, set()).update(target.ids)
        openable = {
            name: self._read_documents(name, ids)
            for name, ids in ids_by_model.items()
            if ids and self.env[name].has_access("read")
        }
        for target in known & set(targets.values()):
            openable[target._name] = openable.get(target._name, target) | target
        return openable

    @api.model
    def _get_shown_document(self, event_type, document):
        """Return the document that stands for a technical one."""
        if not document:
            return document
        if event_type.document_path:
            shown = document.sudo().mapped(event_type.document_path)[:1]
            return shown.with_env(self.env)
        if document._name in ("mail.message", "mail.activity"):
            model_field, id_field = self._get_thread_fields(document)
            if document[model_field] in self.env:
                return self.env[document[model_field]].browse(document[id_field])
        return document

    @api.model
    def _get_thread_fields(self, document):
        return {
            "mail.message": ("model", "res_id"),
            "mail.activity": ("res_model", "res_id"),
        }[document._name]

    @api.model
    def _get_document_text(self, document, target):
        """Hook: return the name of an event's document and a detail of its content.

        :param document: what the event is about; the user may read it, or it is empty
        :param target: what is shown instead, such as the document of a message
        """
        if document._name == "mail.message" and document:
            preview = " ".join(html2plaintext(document.body or "").split())
            preview = preview[:PREVIEW_LENGTH] + "…" * (len(preview) > PREVIEW_LENGTH)
            if document.subject:
                return document.subject, preview
            return preview, ""
        if document._name == "mail.activity" and document:
            note = " ".join(html2plaintext(document.note or "").split())
            return document.display_name or "", note[:PREVIEW_LENGTH]
        return target.display_name or "" if target else "", ""

    # ------------------------------------------------------------
    # Filters
    # ------------------------------------------------------------

    def _get_360_categories(self):
        """Return the kinds of event that the customer has, by category.

        :return: ``key``, ``label`` and ``types`` (``id`` and ``label``) of each
        """
        types = self._get_event_types()
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

    def _get_event_types(self):
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
        types = self.env["crm.customer.event.type"].sudo()
        types = types.browse(type_id for (type_id,) in rows)
        return types.filtered(
            lambda event_type: self._sees_events_of(event_type.model_name)
        ).sorted()
