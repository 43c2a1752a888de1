from odoo import api, fields, models
from odoo.tools import formatLang
from odoo.tools.misc import format_date, format_time

from .crm_contact_hold import LASTING_REASONS
from .crm_customer_profile_paying import BILLING_GROUPS

LATE_STAGES = ("at_risk", "lapsed")


class CrmCustomerProfile360(models.Model):
    """The 360 view: what one screen tells of one customer."""

    _inherit = "crm.customer.profile"

    @api.model
    def get_customer_360(self, profile_id):
        """Return what the 360 view of a customer shows, cut by the user's rights.

        A customer whom new events made stale is brought up to date first.

        :param int profile_id: id of the profile
        :return: ``partner``, ``stage``, ``value``, ``warnings``, ``next_actions``,
            ``actions``, ``tiles``, ``chart``, ``categories`` and the first page of the
            ``timeline``
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
            "companies": profile._get_360_companies(),
            "stage": profile._get_stage_label(),
            "stage_key": profile.lifecycle_stage,
            "stage_hint": profile._get_stage_hint(),
            "value": profile._get_360_value(),
            "refreshed": profile._format_moment(profile.checked_date),
            "segments": profile._get_segments().mapped("name"),
            "warnings": profile._get_360_warnings(),
            "next_actions": sorted(
                profile._get_360_next_actions(),
                key=lambda advice: -advice["priority"],
            ),
            "actions": profile._get_360_actions(),
            "tiles": sorted(
                profile._get_360_tiles(), key=lambda tile: tile["sequence"]
            ),
            "chart": profile._get_360_chart(),
            "categories": profile._get_360_categories(),
            "timeline": profile.get_timeline(profile.id),
        }

    def _get_segments(self):
        """Return the segments in which the customer is as customer of this company."""
        members = self.segment_member_ids.filtered(
            lambda member: member.company_id == self.company_id
        )
        return members.segment_id

    def _refresh_if_stale(self):
        stale = self.env["crm.customer.profile.refresh"].sudo()
        queued = stale.search(self._get_event_domain())
        if queued or not self.refresh_date:
            self._refresh(self.partner_id)
            queued.unlink()

    # ------------------------------------------------------------
    # Header
    # ------------------------------------------------------------

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
            "since": format_date(
                self.env, self._get_full().first_order_date, date_format="medium"
            ),
        }

    def _get_360_companies(self):
        """Return the customer's profiles in the user's companies, if there are more."""
        if len(self.env.companies) == 1:
            return []
        profiles = self.search(
            [
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "in", self.env.companies.ids),
            ],
            order="company_id",
        )
        if not profiles - self:
            return []
        return [
            {"id": profile.id, "name": profile.company_id.name} for profile in profiles
        ]

    def _get_stage_label(self):
        field = self._fields["lifecycle_stage"]
        return dict(field._description_selection(self.env)).get(
            self.lifecycle_stage, ""
        )

    def _get_stage_hint(self):
        """Say what the stage means, since others call things at risk as well."""
        return self.env._(
            "Lifecycle stage: from the leads and orders there are and the days since "
            "the last order. The limits are in the settings."
        )

    def _get_360_value(self):
        """Return the customer's value as formatted amount, and what it is."""
        if self.visible_orders == "none":
            return False
        return {
            "amount": self._format_amount(self.visible_revenue),
            "label": self.env._("Revenue")
            if self.visible_orders == "all"
            else self.env._("Revenue of the orders you may see"),
        }

    def _get_360_warnings(self):
        """Hook: return what one must know before talking to the customer.

        :return: dicts with ``key``, ``label``, ``tone`` (warning or danger) and, if
            wanted, ``hint``
        :rtype: list[dict]
        """
        self.ensure_one()
        warnings = []
        if self._has_overdue():
            amount = self._format_amount(self.overdue_amount)
            label = self.env._("%(amount)s overdue", amount=amount)
            warnings.append({"key": "overdue", "label": label, "tone": "danger"})
        reason = self._get_opt_out_reason()
        if reason:
            label = self.env._("No marketing e-mails: %(reason)s", reason=reason)
            warnings.append({"key": "consent", "label": label, "tone": "warning"})
        if self.lifecycle_stage in LATE_STAGES:
            warnings.append(self._get_late_warning())
        return warnings

    def _has_overdue(self):
        return (
            self.env.user.has_groups(BILLING_GROUPS)
            and self.currency_id.compare_amounts(self.overdue_amount, 0) > 0
        )

    def _get_opt_out_reason(self):
        """Return why no marketing e-mail may go to the customer, if it lasts."""
        policy = self.env["crm.contact.policy"]
        answer = policy._ask(self.partner_id, "marketing")
        reason = answer.held.get(self.partner_id.id)
        return policy._get_reason_label(reason) if reason in LASTING_REASONS else ""

    def _get_late_warning(self):
        label = self._get_stage_label()
        if last_order_date := self._get_full().last_order_date:
            label = self.env._(
                "%(stage)s: no order for %(days)s days",
                stage=label,
                days=self._count_days(last_order_date),
            )
        return {
            "key": "at_risk",
            "label": label,
            "tone": "warning",
            "hint": self._get_stage_hint(),
        }

    # ------------------------------------------------------------
    # Tiles
    # ------------------------------------------------------------

    def _get_360_tiles(self):
        """Hook: return the tiles of the 360 view, those that the user may see.

        :return: dicts with ``key``, ``label``, ``value`` (formatted), ``icon``,
            ``sequence`` and, if wanted, ``detail``, ``hint`` (what the figure means),
            ``action`` (a window action) and ``tone`` (success, warning or danger)
        :rtype: list[dict]
        """
        self.ensure_one()
        tiles = []
        if self.visible_orders != "none":
            tiles += [self._get_revenue_tile(), self._get_last_order_tile()]
        if self.env.user.has_groups(BILLING_GROUPS):
            tiles.append(self._get_unpaid_tile())
        if self.env["crm.lead"].has_access("read"):
            tiles.append(self._get_lead_tile())
        if self.env["mailing.trace"].has_access("read"):
            tiles.append(self._get_mailing_tile())
        return tiles

    def _get_revenue_tile(self):
        detail = self._format_order_count()
        hint = self.env._("Untaxed amount of the confirmed orders.")
        if self.visible_orders == "some":
            detail = self.env._("%(orders)s that you may see", orders=detail)
            hint = self.env._(
                "The customer has more orders: they are outside your rights and not "
                "counted here."
            )
        return self._prepare_tile(
            "revenue",
            self.env._("Revenue"),
            self._format_amount(self.visible_revenue),
            "fa-line-chart",
            10,
            detail=detail,
            hint=hint,
            action=self._get_document_action("sale.order", [("state", "=", "sale")]),
        )

    def _get_last_order_tile(self):
        return self._prepare_tile(
            "last_order",
            self.env._("Last order"),
            self._format_days(self.visible_last_order_date),
            "fa-shopping-cart",
            20,
            detail=self._format_rhythm(),
        )

    def _get_unpaid_tile(self):
        return self._prepare_tile(
            "unpaid",
            self.env._("Unpaid"),
            self._format_amount(self.open_amount),
            "fa-money",
            30,
            detail=self.env._(
                "%(amount)s overdue", amount=self._format_amount(self.overdue_amount)
            )
            if self._has_overdue()
            else "",
            tone="danger" if self._has_overdue() else "",
            action=self._get_document_action("account.move", self._get_unpaid_domain()),
        )

    @api.model
    def _get_unpaid_domain(self):
        return [
            ("move_type", "in", ("out_invoice", "out_refund")),
            ("payment_state", "in", ("not_paid", "partial")),
            ("state", "=", "posted"),
        ]

    def _get_lead_tile(self):
        domain = [("won_status", "=", "pending")]
        action = self._get_document_action("crm.lead", domain)
        return self._prepare_tile(
            "leads",
            self.env._("Open leads"),
            str(self.env["crm.lead"].search_count(action["domain"])),
            "fa-star",
            40,
            action=action,
        )

    def _get_mailing_tile(self):
        return self._prepare_tile(
            "mailings",
            self.env._("Mailings"),
            str(self.mailing_count),
            "fa-envelope",
            50,
            detail=self.env._("%(count)s clicked", count=self.click_count),
        )

    @api.model
    def _prepare_tile(
        self,
        key,
        label,
        value,
        icon,
        sequence,
        detail="",
        tone="",
        action=None,
        hint="",
    ):
        return {
            "key": key,
            "label": label,
            "value": value,
            "icon": icon,
            "sequence": sequence,
            "detail": detail,
            "hint": hint,
            "tone": tone,
            "action": action or False,
        }

    def _get_document_action(self, model_name, domain):
        """Return a window action on the customer's documents of a model."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env[model_name]._description,
            "res_model": model_name,
            "domain": [
                ("partner_id.commercial_partner_id", "=", self.partner_id.id),
                *domain,
            ],
            "views": [(False, "list"), (False, "form")],
        }

    # ------------------------------------------------------------
    # Words
    # ------------------------------------------------------------

    def _format_amount(self, amount):
        return formatLang(self.env, amount, currency_obj=self.currency_id)

    def _format_order_count(self):
        if self.visible_order_count == 1:
            return self.env._("1 order")
        return self.env._("%(count)s orders", count=self.visible_order_count)

    def _format_days(self, date):
        if not date:
            return self.env._("None yet")
        days = self._count_days(date)
        if days < 1:
            return self.env._("Today")
        if days == 1:
            return self.env._("Yesterday")
        return self.env._("%(days)s days ago", days=days)

    def _count_days(self, date):
        """Return how many days ago a moment was, by the user's calendar."""
        day = fields.Datetime.context_timestamp(self, date).date()
        return (fields.Date.context_today(self) - day).days

    def _format_moment(self, moment):
        local = fields.Datetime.context_timestamp(self, moment)
        day = format_date(self.env, local.date(), date_format="medium")
        return f"{day} {format_time(self.env, local.time(), time_format='short')}"

    def _format_rhythm(self):
        days = round(self._get_full().mean_order_interval)
        return self.env._("usually every %(days)s days", days=days) if days > 1 else ""
