from datetime import datetime

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import formatLang
from odoo.tools.misc import format_date, format_datetime

from .crm_customer_profile_paying import BILLING_GROUPS

TIMELINE_PAGE = 40
CHART_MONTHS = 24
ENGAGEMENT_EVENTS = ("mailing_opened", "mailing_clicked", "survey_answered")


class CrmCustomerProfile360(models.Model):
    """The 360 view: what one screen tells of one customer."""

    _inherit = "crm.customer.profile"

    @api.model
    def get_customer_360(self, profile_id):
        """Return what the 360 view of a customer shows.

        A customer whom new events made stale is brought up to date first.

        :param int profile_id: id of the profile
        :return: ``partner``, ``stage``, ``warnings``, ``actions``, ``tiles``,
            ``chart``, ``categories`` and the first page of the ``timeline``
        :rtype: dict
        :raise AccessError: the profile is not for this user
        """
        profile = self.browse(profile_id).exists()
        profile.check_access("read")
        if not profile:
            return {}
        profile._refresh_if_stale()
        return {
            "id": profile.id,
            "partner": profile._get_360_partner(),
            "stage": dict(
                self._fields["lifecycle_stage"]._description_selection(self.env)
            ).get(profile.lifecycle_stage, ""),
            "stage_key": profile.lifecycle_stage,
            "refreshed": format_datetime(
                self.env, profile.refresh_date, dt_format="short"
            ),
            "segments": profile.segment_member_ids.segment_id.mapped("name"),
            "warnings": profile._get_360_warnings(),
            "actions": profile._get_360_actions(),
            "tiles": sorted(
                profile._get_360_tiles(), key=lambda tile: tile["sequence"]
            ),
            "chart": profile._get_360_chart(),
            "categories": profile._get_360_categories(),
            "timeline": profile.get_timeline(profile.id),
        }

    def _refresh_if_stale(self):
        stale = self.env["crm.customer.profile.refresh"].sudo()
        queued = stale.search(self._get_event_domain())
        if queued or not self.refresh_date:
            self._refresh(self.partner_id)
            queued.unlink()

    def _get_360_partner(self):
        partner = self.partner_id
        return {
            "id": partner.id,
            "name": partner.display_name,
            "email": partner.email or "",
            "phone": partner.phone or "",
            "city": partner.city or "",
            "country": partner.country_id.name or "",
            "salesperson": self.user_id.name or "",
            "since": format_date(self.env, self.first_order_date),
        }

    def _get_360_tiles(self):
        """Hook: return the tiles of the 360 view.

        :return: dicts with ``key``, ``label``, ``value`` (formatted), ``icon``,
            ``sequence`` and, if wanted, ``detail``, ``action`` (a window action) and
            ``tone`` (success, warning or danger)
        :rtype: list[dict]
        """
        self.ensure_one()
        tiles = [
            self._prepare_tile(
                "revenue",
                self.env._("Revenue"),
                self._format_amount(self.revenue),
                "fa-line-chart",
                10,
                detail=self._format_order_count(),
                action=self._get_document_action(
                    "sale.order", [("state", "=", "sale")]
                ),
            ),
            self._prepare_tile(
                "last_order",
                self.env._("Last order"),
                self._format_days(self.last_order_date),
                "fa-shopping-cart",
                20,
                detail=self._format_rhythm(),
            ),
            self._prepare_tile(
                "leads",
                self.env._("Open leads"),
                str(self.lead_count),
                "fa-star",
                40,
                action=self._get_document_action("crm.lead", []),
            ),
            self._prepare_tile(
                "mailings",
                self.env._("Mailings"),
                str(self.mailing_count),
                "fa-envelope",
                50,
                detail=self.env._("%(count)s clicked", count=self.click_count),
            ),
        ]
        if self.env.user.has_groups(BILLING_GROUPS):
            tiles.append(self._get_unpaid_tile())
        return tiles

    def _get_360_warnings(self):
        """Hook: return what one must know before talking to the customer.

        :return: dicts with ``key``, ``label`` and ``tone`` (warning or danger)
        :rtype: list[dict]
        """
        self.ensure_one()
        warnings = []
        sees_billing = self.env.user.has_groups(BILLING_GROUPS)
        if (
            sees_billing
            and self.currency_id.compare_amounts(self.overdue_amount, 0) > 0
        ):
            amount = self._format_amount(self.overdue_amount)
            label = self.env._("%(amount)s overdue", amount=amount)
            warnings.append({"key": "overdue", "label": label, "tone": "danger"})
        allowed = self.env["crm.consent"]._filter_allowed(self.partner_id, "marketing")
        if not allowed:
            label = self.env._("No consent to marketing e-mails")
            warnings.append({"key": "consent", "label": label, "tone": "warning"})
        return warnings

    def _get_360_actions(self):
        """Hook: return what can be done for the customer from the 360 view.

        :return: dicts with ``key``, ``label``, ``icon`` and ``action``
        :rtype: list[dict]
        """
        self.ensure_one()
        actions = []
        for key, label, icon, model_name in (
            ("quote", self.env._("New quotation"), "fa-file-text-o", "sale.order"),
            ("lead", self.env._("New opportunity"), "fa-star-o", "crm.lead"),
        ):
            if self.env[model_name].has_access("create"):
                action = self._get_new_document_action(model_name)
                actions.append(
                    {"key": key, "label": label, "icon": icon, "action": action}
                )
        return actions

    def _get_new_document_action(self, model_name, **values):
        """Return a window action on a new document of the customer."""
        return {
            "type": "ir.actions.act_window",
            "res_model": model_name,
            "views": [(False, "form")],
            "context": {
                "default_partner_id": self.partner_id.id,
                **{f"default_{name}": value for name, value in values.items()},
            },
        }

    def _get_unpaid_tile(self):
        overdue = self.currency_id.compare_amounts(self.overdue_amount, 0) > 0
        return self._prepare_tile(
            "unpaid",
            self.env._("Unpaid"),
            self._format_amount(self.open_amount),
            "fa-money",
            30,
            detail=self.env._(
                "%(amount)s overdue", amount=self._format_amount(self.overdue_amount)
            ),
            tone="danger" if overdue else "",
            action=self._get_document_action(
                "account.move",
                [
                    ("move_type", "in", ("out_invoice", "out_refund")),
                    ("payment_state", "in", ("not_paid", "partial")),
                    ("state", "=", "posted"),
                ],
            ),
        )

    @api.model
    def _prepare_tile(
        self, key, label, value, icon, sequence, detail="", tone="", action=None
    ):
        return {
            "key": key,
            "label": label,
            "value": value,
            "icon": icon,
            "sequence": sequence,
            "detail": detail,
            "tone": tone,
            "action": action or False,
        }

    def _get_document_action(self, model_name, domain):
        """Return a window action on the customer's documents of a model."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env[model_name]._description,
            "res_model": model_name,
            "domain": [("partner_id", "child_of", self.partner_id.id), *domain],
            "views": [(False, "list"), (False, "form")],
        }

    def _format_amount(self, amount):
        return formatLang(self.env, amount, currency_obj=self.currency_id)

    def _format_order_count(self):
        if self.order_count == 1:
            return self.env._("1 order")
        return self.env._("%(count)s orders", count=self.order_count)

    def _format_days(self, date):
        if not date:
            return self.env._("None yet")
        days = (fields.Datetime.now() - date).days
        if days < 1:
            return self.env._("Today")
        if days == 1:
            return self.env._("Yesterday")
        return self.env._("%(days)s days ago", days=days)

    def _format_rhythm(self):
        days = round(self.mean_order_interval)
        return self.env._("usually every %(days)s days", days=days) if days > 1 else ""

    def _get_360_chart(self):
        """Return orders and engagement of each month, oldest first.

        :return: ``labels`` (months), ``revenue`` (company currency), ``engagement``
            (mailings opened and clicked, answers) and the ``currency`` symbol
        """
        end = fields.Date.context_today(self).replace(day=1)
        start = end - relativedelta(months=CHART_MONTHS - 1)
        rows = (
            self.env["crm.customer.event"]
            .sudo()
            ._read_group(
                [*self._get_event_domain(), ("date", ">=", start)],
                ["date:month", "type_id"],
                ["value:sum", "__count"],
            )
        )
        months = [
            (start + relativedelta(months=number)).strftime("%Y-%m")
            for number in range(CHART_MONTHS)
        ]
        revenue, engagement = dict.fromkeys(months, 0), dict.fromkeys(months, 0)
        for month, event_type, value, count in rows:
            month = month.strftime("%Y-%m")
            if event_type.code == "order_confirmed":
                revenue[month] += value
            elif event_type.code in ENGAGEMENT_EVENTS:
                engagement[month] += count
        return {
            "labels": months,
            "revenue": list(revenue.values()),
            "engagement": list(engagement.values()),
            "currency": self.currency_id.symbol,
        }

    def _get_event_domain(self):
        return [
            ("partner_id", "=", self.partner_id.id),
            ("company_id", "=", self.company_id.id),
        ]

    def _get_360_categories(self):
        """Return the categories of event that the customer has, as key and label."""
        rows = (
            self.env["crm.customer.event"]
            .sudo()
            ._read_group(self._get_event_domain(), ["type_id"])
        )
        present = {event_type.category for (event_type,) in rows}
        field = self.env["crm.customer.event.type"]._fields["category"]
        return [
            {"key": key, "label": label}
            for key, label in field._description_selection(self.env)
            if key in present
        ]

    # ------------------------------------------------------------
    # Timeline
    # ------------------------------------------------------------

    @api.model
    def get_timeline(self, profile_id, category=None, before=None):
        """Return a page of the customer's events, newest first.

        Cut by the access rights and rules of the documents: an event is shown to who
        may read the document it is about.

        :param int profile_id: id of the profile
        :param str category: only events of this category
        :param list before: date and id of the last event seen, as returned
        :return: ``events`` and ``before`` for the next page (False at the end)
        :rtype: dict
        :raise AccessError: the profile is not for this user
        """
        profile = self.browse(profile_id)
        profile.check_access("read")
        shown = []
        while len(shown) < TIMELINE_PAGE:
            events = profile._search_timeline(category, before)
            readable = self._filter_readable(events)
            shown += [self._prepare_timeline_event(*pair) for pair in readable]
            if len(events) < TIMELINE_PAGE:
                before = False
                break
            before = [fields.Datetime.to_string(events[-1].date), events[-1].id]
        return {"events": shown, "before": before or False}

    def _search_timeline(self, category, before):
        domain = self._get_event_domain()
        if category:
            domain.append(("type_id.category", "=", category))
        if before:
            date, event_id = before
            date = datetime.fromisoformat(date)
            domain += ["|", ("date", "<", date), "&", ("date", "=", date)]
            domain.append(("id", "<", event_id))
        return self.env["crm.customer.event"].sudo().search(domain, limit=TIMELINE_PAGE)

    @api.model
    def _filter_readable(self, events):
        """Return the events whose document the user may read, each with it.

        A document that was deleted is still told to who may read its kind.
        """
        document_by_event = {}
        for model_name, model_events in events.grouped("res_model").items():
            if model_name not in self.env:
                continue
            documents = self.env[model_name].browse(model_events.mapped("res_id"))
            if not documents.has_access("read") and not self.env[model_name].has_access(
                "read"
            ):
                continue
            existing = documents.exists()
            readable = existing._filtered_access("read")
            readable.fetch(["display_name"])
            for event in model_events:
                document = documents.browse(event.res_id)
                if document in readable:
                    document_by_event[event] = document
                elif document not in existing:
                    document_by_event[event] = documents.browse()
        return [
            (event, document_by_event[event])
            for event in events
            if event in document_by_event
        ]

    @api.model
    def _prepare_timeline_event(self, event, document):
        event_type = event.type_id
        shown = self._get_shown_document(event_type, document)
        value = ""
        if event_type.value_path and event.value:
            value = formatLang(self.env, event.value, currency_obj=event.currency_id)
        return {
            "id": event.id,
            "label": event_type.with_env(self.env).sudo().name,
            "icon": event_type.icon or "fa-circle",
            "category": event_type.category,
            "date": self._format_event_date(event),
            "document": shown.display_name or "",
            "res_model": shown._name,
            "res_id": shown.id or False,
            "value": value,
            "campaign": event.campaign_id.name or "",
            "contact": event.contact_id.name
            if event.contact_id != event.partner_id
            else "",
        }

    @api.model
    def _get_shown_document(self, event_type, document):
        """Return the document that stands for a technical one, if one may read it."""
        if not event_type.document_path or not document:
            return document
        shown = document.sudo().mapped(event_type.document_path).with_env(self.env)
        return (
            shown._filtered_access("read")[:1]
            if shown.has_access("read")
            else shown[:0]
        )

    @api.model
    def _format_event_date(self, event):
        """A fact that has a day but no hour is shown without one."""
        fact = self.env.get(event.res_model)
        path = event.type_id.date_path
        if (
            fact is not None
            and path in fact._fields
            and fact._fields[path].type == "date"
        ):
            return format_date(self.env, event.date)
        return format_datetime(self.env, event.date, dt_format="short")
