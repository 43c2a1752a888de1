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
