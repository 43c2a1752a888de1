from datetime import timedelta

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools.misc import format_date

from .crm_customer_profile_360 import LATE_STAGES

# A quotation that expires within so many days is followed up.
EXPIRY_DAYS = 7
# A loyal customer to whom nobody spoke for so many days is called.
SILENCE_DAYS = 90
LOYAL_STAGES = ("loyal", "advocate")
# Orders from which on a customer has a rhythm of his own.
RHYTHM_ORDERS = 3


class CrmCustomerProfileNextAction(models.Model):
    """What to do next for a customer, best first, each with its reason."""

    _inherit = "crm.customer.profile"

    def _get_360_next_actions(self):
        """Hook: return what is advisable to do for the customer now.

        The 360 view shows them by priority. Those of the suite: open complaint 100,
        overdue invoice 90, quotation about to expire 80, churn risk 70, order due 60,
        promise of loyalty 50, silence 40.

        :return: dicts with ``key``, ``label`` (what to do), ``reason`` (why),
            ``priority`` (100 first), ``icon`` and, if wanted, ``action``
        :rtype: list[dict]
        """
        self.ensure_one()
        advice = [
            self._advise_overdue(),
            self._advise_quotation(),
            self._advise_order_due(),
            self._advise_silence(),
        ]
        return [item for item in advice if item]

    def _advise_overdue(self):
        if not self._has_overdue():
            return None
        overdue = Domain("invoice_date_due", "<", fields.Date.context_today(self))
        amount = self._format_amount(self.overdue_amount)
        reason = self.env._("%(amount)s overdue", amount=amount)
        if self.overdue_days > 1:
            reason = self.env._(
                "%(amount)s overdue, for up to %(days)s days",
                amount=amount,
                days=self.overdue_days,
            )
        return {
            "key": "overdue",
            "label": self.env._("Call about the overdue invoices"),
            "reason": reason,
            "priority": 90,
            "icon": "fa-phone",
            "action": self._get_document_action(
                "account.move", [*self._get_unpaid_domain(), *overdue]
            ),
        }

    def _advise_quotation(self):
        """Advise to follow up the quotation that expires next."""
        orders = self.env["sale.order"]
        if not orders.has_access("read"):
            return None
        today = fields.Date.context_today(self)
        quotation = orders.search(
            [
                ("partner_id.commercial_partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("state", "in", ("draft", "sent")),
                ("validity_date", ">=", today),
                ("validity_date", "<=", today + timedelta(days=EXPIRY_DAYS)),
            ],
            order="validity_date, id",
            limit=1,
        )
        if not quotation:
            return None
        return {
            "key": "quotation",
            "label": self.env._("Follow up %(name)s", name=quotation.display_name),
            "reason": self.env._(
                "The quotation is valid until %(day)s only",
                day=format_date(
                    self.env, quotation.validity_date, date_format="medium"
                ),
            ),
            "priority": 80,
            "icon": "fa-file-text-o",
            "action": self._get_form_action(quotation),
        }

    def _advise_order_due(self):
        """Advise to call who is late by his own rhythm, or has become at risk."""
        reason = self._get_lateness()
        if not reason:
            return None
        return {
            "key": "order_due",
            "label": self.env._("Call: the next order is due"),
            "reason": reason,
            "priority": 60,
            "icon": "fa-shopping-cart",
            "action": self._get_call_action(),
        }

    def _get_lateness(self):
        full = self._get_full()
        if not full.last_order_date:
            return ""
        days = self._count_days(full.last_order_date)
        rhythm = round(full.mean_order_interval)
        if full.order_count >= RHYTHM_ORDERS and 1 < rhythm < days:
            return self.env._(
                "No order for %(days)s days, usually every %(rhythm)s",
                days=days,
                rhythm=rhythm,
            )
        if self.lifecycle_stage in LATE_STAGES:
            return self.env._("No order for %(days)s days", days=days)
        return ""

    def _advise_silence(self):
        if self.lifecycle_stage not in LOYAL_STAGES:
            return None
        last = self.last_contact_by_us
        if last and last > fields.Datetime.now() - timedelta(days=SILENCE_DAYS):
            return None
        reason = self.env._("A loyal customer whom nobody has contacted in person")
        if last:
            reason = self.env._(
                "A loyal customer, last contact by us %(ago)s",
                ago=self._format_ago(last.date(), fields.Date.context_today(self)),
            )
        return {
            "key": "silence",
            "label": self.env._("Get in touch"),
            "reason": reason,
            "priority": 40,
            "icon": "fa-comments-o",
            "action": self._get_call_action(),
        }
