import numpy as np
from lxml import html

from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .analytics_case import AnalyticsCase


@tagged("post_install", "-at_install")
class TestSaleOrderPortal(AnalyticsCase, HttpCase):
    """A customer looks at his order on the portal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls._create_portal_user("buyer")
        cls.partner = cls.user.partner_id
        names = ("On the order", "Goes with it", "Suits him", "Withdrawn", "Foreign")
        cls.bought, cls.with_it, cls.suits, cls.withdrawn, cls.foreign = cls.env[
            "product.product"
        ].create([{"name": name, "type": "consu"} for name in names])
        if "is_published" in cls.bought._fields:
            (cls.bought.browse() | cls.with_it | cls.suits | cls.foreign).write(
                {"is_published": True}
            )
        cls.withdrawn.sale_ok = False
        cls.foreign.company_id = cls.env["res.company"].create({"name": "Other"})
        cls.order = cls.env["sale.order"].create(
            {
                "partner_id": cls.partner.id,
                "company_id": cls.company.id,
                "order_line": [Command.create({"product_id": cls.bought.id})],
            }
        )
        cls.order.action_confirm()
        while cls.profile._refresh():
            pass
        cls.env["crm.product.affinity"].create(
            {
                "product_id": cls.bought.id,
                "other_product_id": cls.with_it.id,
                "company_id": cls.company.id,
                "confidence": 0.5,
            }
        )
        cls.env["crm.product.recommendation"]._replace(
            cls.company,
            np.array(cls.partner.ids),
            np.full(4, cls.partner.id),
            np.array((cls.withdrawn + cls.foreign + cls.bought + cls.suits).ids),
            np.arange(1, 5),
            np.ones(4),
            np.zeros(4, int),
        )

    @classmethod
    def _create_portal_user(cls, login):
        return new_test_user(
            cls.env,
            login,
            groups="base.group_portal",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def _read_page(self, login=None, url=None):
        self.authenticate(login, login)
        answer = self.url_open(url or f"/my/orders/{self.order.id}")
        self.assertEqual(answer.status_code, 200)
        page = html.fromstring(answer.text)
        return [
            " ".join(card.text_content().split())
            for card in page.xpath(
                "//section[@id='often_chosen_next']//*[@class='card-body py-2']"
            )
        ]

    def test_what_goes_with_it_then_what_suits_him(self):
        self.assertEqual(self._read_page("buyer"), ["Goes with it", "Suits him"])

    def test_only_what_is_published_where_there_is_a_shop(self):
        if "is_published" not in self.suits._fields:
            self.skipTest("no shop here")
        self.suits.is_published = False
        self.assertEqual(self._read_page("buyer"), ["Goes with it"])

    def test_who_objects_to_profiling_is_shown_nothing(self):
        self.env["crm.consent"]._record(
            self.partner, "profiling", "use", False, "Test", "No"
        )
        self.assertEqual(self._read_page("buyer"), [])

    def test_who_got_the_link_passed_on_is_shown_nothing(self):
        self._create_portal_user("friend")
        url = self.order.get_portal_url()
        self.assertEqual(self._read_page(None, url), [])
        self.assertEqual(self._read_page("friend", url), [])
        self.assertEqual(self._read_page("buyer", url), ["Goes with it", "Suits him"])
