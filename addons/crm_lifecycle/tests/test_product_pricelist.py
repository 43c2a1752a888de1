from odoo.tests import new_test_user, tagged

from .segment_case import SegmentCase


@tagged("post_install", "-at_install")
class TestProductPricelist(SegmentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.config.settings"].create(
            {"group_product_pricelist": True}
        ).execute()
        cls.pricelists = cls.env["product.pricelist"]
        cls.pricelists.search([]).action_archive()
        cls.public = cls.pricelists.create({"name": "Public", "sequence": 5})
        cls.segment = cls._create_static("Club", cls.customer)
        cls.club = cls.pricelists.create(
            {"name": "Club", "sequence": 1, "crm_segment_ids": cls.segment.ids}
        )
        cls.seller = new_test_user(
            cls.env, "seller", groups="sales_team.group_sale_salesman_all_leads"
        )

    def _get_pricelist(self, partner, user=None):
        self.env.invalidate_all()
        return partner.with_user(user or self.env.user).property_product_pricelist

    def test_members_get_it_others_do_not(self):
        self.assertEqual(self._get_pricelist(self.customer), self.club)
        self.assertEqual(self._get_pricelist(self.bert), self.public)
        self.assertEqual(self._get_pricelist(self.customer, self.seller), self.club)
        self.assertEqual(self._get_pricelist(self.bert, self.seller), self.public)

    def test_an_order_of_a_member_s_contact_is_priced_by_it(self):
        contact = self.env["res.partner"].create(
            {"name": "Ada", "parent_id": self.customer.id}
        )
        order = self.env["sale.order"].create({"partner_id": contact.id})
        self.assertEqual(order.pricelist_id, self.club)

    def test_leaving_the_segment_ends_it(self):
        self.segment.member_ids.action_leave()
        self.assertEqual(self._get_pricelist(self.customer), self.public)

    def test_the_customer_s_own_price_list_goes_before(self):
        own = self.pricelists.create({"name": "Own", "sequence": 9})
        self.customer.property_product_pricelist = own
        self.assertEqual(self._get_pricelist(self.customer), own)

    def test_first_of_several(self):
        self.pricelists.create(
            {"name": "Later", "sequence": 3, "crm_segment_ids": self.segment.ids}
        )
        self.assertEqual(self._get_pricelist(self.customer), self.club)

    def test_price_lists_of_another_company_or_archived_do_not_count(self):
        if "website_id" in self.club:
            # A price list of a website is one of the website's company.
            self.club.website_id = False
        self.club.company_id = self.env["res.company"].create({"name": "Other"})
        self.assertEqual(self._get_pricelist(self.customer), self.public)
        self.club.company_id = False
        self.club.action_archive()
        self.assertEqual(self._get_pricelist(self.customer), self.public)

    def test_as_many_queries_for_many_partners(self):
        self.club.crm_segment_ids = self._create_static("More", self.everybody)
        everybody = self.everybody.with_env(self.env)

        def count_queries(partners):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            partners.mapped("property_product_pricelist")
            return self.env.cr.sql_log_count - before

        count_queries(everybody)
        self.assertEqual(count_queries(everybody), count_queries(everybody[0]))
