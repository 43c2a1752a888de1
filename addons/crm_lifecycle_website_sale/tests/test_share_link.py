from odoo.tests import HttpCase, tagged


@tagged("post_install", "-at_install")
class TestShareLink(HttpCase):
    """A link that was shared leads to the order it brought."""

    def test_order_by_a_share_link_is_the_campaign_s(self):
        campaign = self.env["utm.campaign"].create({"title": "Spring"})
        product = self.env["product.template"].create(
            {"name": "Lamp", "list_price": 50, "is_published": True, "sale_ok": True}
        )
        share = self.env["crm.campaign.share"].create(
            {"campaign_id": campaign.id, "url": f"{self.base_url()}/shop"}
        )
        share.action_make()
        [link] = share.network_ids.filtered(lambda each: each.network == "x").link_id
        self.url_open(f"/r/{link.code}")
        self.make_jsonrpc_request(
            "/shop/cart/add",
            {
                "product_template_id": product.id,
                "product_id": product.product_variant_id.id,
                "quantity": 2,
            },
        )
        [order] = self.env["sale.order"].search([("campaign_id", "=", campaign.id)])
        self.assertEqual(order.source_id.name, "X")
        self.assertEqual(order.medium_id.name, "Social Media")
        order.partner_id = self.env["res.partner"].create({"name": "Ada"})
        order.action_confirm()
        campaign.invalidate_recordset()
        self.assertEqual(campaign.order_count, 1)
        self.assertEqual(campaign.order_revenue, order.amount_untaxed)
        self.assertEqual(link.count, 1)
