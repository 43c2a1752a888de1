from datetime import timedelta

from odoo import fields
from odoo.fields import Domain
from odoo.tests import tagged

from odoo.addons.crm_lifecycle.tests.lifecycle_case import LifecycleCase


@tagged("post_install", "-at_install")
class TestCartAbandoned(LifecycleCase):
    """A cart left behind is an event of a known customer, once, if he did not buy."""

    def _leave_cart(self, partner, hours=5, **values):
        website = self.env["website"].search([], limit=1)
        order = self._create_order(
            partner, confirm=False, website_id=website.id, **values
        )
        order.date_order = fields.Datetime.now() - timedelta(hours=hours)
        return order

    def test_carts_of_known_customers_who_did_not_buy(self):
        other = self._create_customer("Bob Ltd")
        public = self.env.ref("base.public_partner")
        left = self._leave_cart(self.customer)
        self._leave_cart(self.customer, hours=0)
        self._leave_cart(public)
        self._leave_cart(other).action_confirm()
        self._create_order(other, confirm=False)
        self.env.flush_all()
        abandoned = self.event_type.search([("code", "=", "cart_abandoned")])
        for _sweep in range(2):
            abandoned._insert_events(Domain.TRUE)
        events = self.event.search(
            [
                ("type_id", "=", abandoned.id),
                ("partner_id", "in", (self.customer | other | public).ids),
            ]
        )
        self.assertRecordValues(
            events, [{"partner_id": self.customer.id, "res_id": left.id, "value": 100}]
        )

    def test_reminders_pass_the_gate(self):
        """Who said no, is on the blacklist or pauses is not reminded of his cart."""
        names = ("Refusing", "Blocked", "Pausing", "Undecided", "Agreeing")
        people = self.env["res.partner"]
        for name in names:
            email = f"{name.lower()}@example.com"
            people |= self._create_customer(name, email=email)
        refusing, blocked, pausing, undecided, agreeing = people
        for partner, granted in ((refusing, False), (agreeing, True)):
            self.env["crm.consent"]._record(
                partner, "marketing", "email", granted, "Form", "Offers"
            )
        self.env["mail.blacklist"]._add(blocked.email)
        today = fields.Date.today()
        self.env["crm.consent.preference"].create(
            {"partner_id": pausing.id, "pause_start": today, "pause_end": today}
        )
        carts = self.env["sale.order"].union(
            *(self._leave_cart(partner, hours=24) for partner in people)
        )
        reminded = carts._filter_can_send_abandoned_cart_mail()
        self.assertEqual(reminded.partner_id, undecided | agreeing)
