from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import new_test_user

from .loyalty_case import LoyaltyCase


class ChurnCase(LoyaltyCase):
    """A warning that is on, and a customer with a history that each test writes.

    The lamp is sold at 100 and costs 60.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product.standard_price = 60
        cls.env["crm.contact.policy"].search([]).active = False
        cls.env["crm.churn.warning"].search([]).active = False
        cls.customer.email = "ada@example.com"
        cls.seller = new_test_user(
            cls.env,
            "churn_seller",
            groups="sales_team.group_sale_salesman,"
            "crm_lifecycle.crm_lifecycle_group_user",
            email="seller@example.com",
        )
        cls.customer.user_id = cls.seller
        cls.alert = cls.env["crm.churn.alert"]
        cls.warning = cls.env["crm.churn.warning"].create(
            {"name": "Leaving", "holdout_share": 0, "owner_limit": 0}
        )

    def setUp(self):
        super().setUp()
        self.patch(
            self.env.registry["ir.cron"], "_commit_progress", lambda *args, **kw: 1.0
        )

    @classmethod
    def _order(cls, days_ago, quantity=1, price=100, partner=None, product=None):
        """Return an order confirmed so many days ago; zero: just now."""
        order = cls.env["sale.order"].create(
            {
                "partner_id": (partner or cls.customer).id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": (product or cls.product).id,
                            "product_uom_qty": quantity,
                            "price_unit": price,
                            "tax_ids": False,
                        }
                    )
                ],
            }
        )
        order.action_confirm()
        if days_ago:
            order.date_order = cls.env.cr.now() - timedelta(days=days_ago)
        return order

    @classmethod
    def _lose(cls, partner=None, quantity=1):
        """Write the history of who ordered every 20 days and is silent for 60."""
        for days_ago in (120, 100, 80, 60):
            cls._order(days_ago, quantity, partner=partner)

    @classmethod
    def _create_lost(cls, count, user=None):
        partners = cls.env["res.partner"].create(
            [
                {
                    "name": f"Lost {number}",
                    "email": f"lost{number}@example.com",
                    "user_id": user and user.id,
                }
                for number in range(count)
            ]
        )
        for number, partner in enumerate(partners):
            cls._lose(partner, quantity=number + 1)
        return partners

    def _refresh(self):
        while self.env["crm.customer.profile"]._refresh():
            pass

    def _watch(self, warning=None):
        """Make the list; return the alerts that are new."""
        self._refresh()
        before = self.alert.search([])
        (warning or self.warning)._watch()
        return self.alert.search([]) - before

    def _start(self, **values):
        self.warning.write(values)
        self.warning.action_start()

    def _fire(self, kind, threshold, partner=None):
        """Return the reason by one signal alone, empty if it does not fire."""
        self._refresh()
        signals = self.warning.signal_ids
        signals.is_on = False
        signal = signals.filtered(lambda signal: signal.kind == kind)
        signal.write({"is_on": True, "threshold": threshold, "weight": 1})
        self.warning.min_score = 1
        for candidate in self.warning._find_candidates():
            if candidate.partner_id == (partner or self.customer).id:
                [fact] = candidate.facts
                return signal._tell(fact["kind"], fact["figures"])
        return ""

    def _create_alert(self, margin=None, is_holdout=False, **values):
        """Return an alert of a new customer, judged if a margin is given."""
        number = self.alert.search_count([])
        partner = self.env["res.partner"].create({"name": f"Judged {number}"})
        today = fields.Date.context_today(self.alert)
        past = {}
        if margin is not None:
            past = {
                "date_opened": self.env.cr.now() - timedelta(days=100),
                "date_due": today - timedelta(days=10),
                "date_closed": today - timedelta(days=10),
                "state": "won" if margin else "lost",
                "margin_after": margin,
                "is_measured": True,
            }
        return self.alert.create(
            {
                "warning_id": self.warning.id,
                "partner_id": partner.id,
                "user_id": self.seller.id,
                "date_due": today + timedelta(days=90),
                "facts": [
                    {
                        "kind": "rhythm",
                        "weight": 2,
                        "figures": {"days": 20, "silent": 60},
                    }
                ],
                "main_signal": "rhythm",
                "margin_at_stake": 100,
                "stake_source": "margin",
                "is_holdout": is_holdout,
                "state": "watched" if is_holdout else "open",
                **past,
                **values,
            }
        )
