import numpy as np

from odoo.tests import tagged

from odoo.addons.crm_lifecycle.tests.lifecycle_case import LifecycleCase

from .test_crm_perfect_order_report import deliver, send_back


@tagged("post_install", "-at_install")
class TestCrmProductRecommendation(LifecycleCase):
    """Neither what came back nor what is out of stock is offered."""

    def _recommend(self, product):
        company = self.env.company
        self.env["crm.product.recommendation"]._replace(
            company,
            np.array(self.customer.ids),
            *np.array([[self.customer.id], [product.id], [1], [0.5], [0]]),
        )

    def _get_offered(self):
        told = self.env["sale.order"].get_recommendations(
            self.customer.id, [], False, self.env.company.id
        )
        return [each["product_id"] for each in told]

    def test_what_he_sent_back(self):
        self.product.is_storable = False
        order = self._create_order()
        self._run_pipeline()
        self._recommend(self.product)
        self.assertIn(self.product.id, self._get_offered())
        deliver(order.picking_ids, 1)
        send_back(order.picking_ids)
        self.assertNotIn(self.product.id, self._get_offered())
        self.assertNotEqual(self.customer.crm_next_product_id, self.product)

    def test_what_is_out_of_stock(self):
        self._create_order()
        self._run_pipeline()
        tool = self.env["product.product"].create(
            {"name": "Tool", "type": "consu", "is_storable": True}
        )
        self._recommend(tool)
        self.assertNotIn(tool.id, self._get_offered())
        warehouse = self.env["stock.warehouse"].search(
            [("company_id", "=", self.env.company.id)], limit=1
        )
        self.env["stock.quant"]._update_available_quantity(
            tool, warehouse.lot_stock_id, 5
        )
        self.env.invalidate_all()
        self.assertIn(tool.id, self._get_offered())
