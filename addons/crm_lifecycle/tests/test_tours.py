from odoo.tests import HttpCase, tagged

from .lifecycle_case import LifecycleCase


@tagged("post_install", "-at_install")
class TestTours(LifecycleCase, HttpCase):
    def test_customer_360(self):
        customer = self._create_customer("Tour Ltd")
        self._invoice(self._create_order(customer, amount=250))
        self._run_pipeline()
        self.start_tour("/odoo", "crm_lifecycle_customer_360", login="admin")
