from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .campaign_case import CampaignCase

BODY = """
<p t-if="object.lang == 'fr_FR'">Bonjour</p><p t-else="">Hello</p>
<p>Next: <t t-out="object.crm_next_product_name or 'our new lamps'"/>
for <t t-out="object.crm_next_product_price or 'a good price'"/></p>
<p>Quotation: <t t-out="object.crm_open_quotation or 'none'"/></p>
<p>Order: <t t-out="object.crm_last_order or 'none yet'"/></p>
"""


@tagged("post_install", "-at_install")
class TestResPartnerPersonal(CampaignCase):
    """One message says to each his own: price, product, documents, language."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.env.ref("base.group_user").implied_ids += cls.env.ref(
            "product.group_product_pricelist"
        )
        cls.lamps = cls.env["product.category"].create({"name": "Lamps"})
        cls.lamp, cls.shade, cls.bulb = cls.env["product.product"].create(
            [
                {
                    "name": name,
                    "type": "service",
                    "list_price": price,
                    "categ_id": cls.lamps.id,
                    "taxes_id": False,
                }
                for name, price in (("Lamp", 80), ("Shade", 1250), ("Bulb", 5))
            ]
        )
        cls.cheap = cls.env["product.pricelist"].create(
            {
                "name": "Friends",
                "item_ids": [
                    Command.create({"compute_price": "percentage", "percent_price": 20})
                ],
            }
        )
        cls.english, cls.french, cls.stranger = cls.members[:3]
        public = cls.env["product.pricelist"].create({"name": "Public"})
        cls.english.write(
            {"lang": "en_US", "specific_property_product_pricelist": public.id}
        )
        cls.french.write(
            {"lang": "fr_FR", "specific_property_product_pricelist": cls.cheap.id}
        )
        # The shade sells to two others, the bulb to one.
        for partner, product in (
            (cls.english, cls.lamp),
            (cls.french, cls.lamp),
            (cls.members[5], cls.shade),
            (cls.members[6], cls.shade),
            (cls.members[7], cls.bulb),
        ):
            cls._buy(partner, product)
        cls._run_pipeline()
        cls.mailing = cls._create_mailing(body_html=BODY)

    @classmethod
    def _buy(cls, partner, product, confirm=True):
        order = cls.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "order_line": [Command.create({"product_id": product.id})],
            }
        )
        if confirm:
            order.action_confirm()
        return order

    def _preview(self, partner):
        preview = self.env["crm.mailing.preview"].create(
            {"mailing_id": self.mailing.id, "partner_id": partner.id}
        )
        return preview.body

    def test_each_sees_his_own(self):
        quotation = self._buy(self.english, self.bulb, confirm=False)
        quotation.action_quotation_sent()
        english, french, stranger = (
            self._preview(partner)
            for partner in (self.english, self.french, self.stranger)
        )
        self.assertIn("Hello", english)
        self.assertIn("Next: Shade", english)
        self.assertIn("1,250.00", english)
        self.assertIn(quotation.name, english)
        self.assertIn("Bonjour", french)
        self.assertIn("Shade", french)
        # 20 % less, written as the French write it.
        self.assertRegex(french, r"1.000,00")
        self.assertIn("our new lamps", stranger)
        self.assertIn("a good price", stranger)
        for body in (english, french, stranger):
            self.assertNotIn("None", body)
            self.assertNotIn("False", body)

    def test_what_he_has_is_not_recommended(self):
        self.assertEqual(self.english.crm_next_product_id, self.shade)
        self._buy(self.english, self.shade)
        self.env.invalidate_all()
        self.assertEqual(self.english.crm_next_product_id, self.bulb)
        self.bulb.sale_ok = False
        self.env.invalidate_all()
        self.assertFalse(self.english.crm_next_product_id)

    def test_marketing_user_reads_them(self):
        partner = self.english.with_user(self.user)
        self.assertEqual(partner.crm_next_product_name, "Shade")

    def test_who_writes_mailings_uses_them_without_another_right(self):
        marketer = new_test_user(
            self.env,
            "personal_marketer",
            "crm_lifecycle.crm_lifecycle_group_user,"
            "mass_mailing.group_mass_mailing_user",
        )
        self.assertFalse(marketer.has_group("mail.group_mail_template_editor"))
        mailing = self._create_mailing(
            user=marketer,
            body_html='<p><t t-out="object.crm_next_product_offer">new</t></p>',
        )
        texts = mailing._render_field("body_html", (self.english | self.stranger).ids)
        self.assertIn("Shade for", texts[self.english.id])
        self.assertIn("1,250.00", texts[self.english.id])
        self.assertIn("<p>new</p>", texts[self.stranger.id])
        with self.assertRaises(AccessError):
            mailing.body_html = '<p><t t-out="object.signup_token"/></p>'

    def test_document_messages_name_document_and_amount(self):
        order = self._buy(self.french, self.shade, confirm=False)
        body = '<p><t t-out="object.crm_link" /> <t t-out="object.crm_amount" /></p>'
        mailing = self._create_mailing(model="sale.order", body_html=body)
        preview = self.env["crm.mailing.preview"].create(
            {"mailing_id": mailing.id, "partner_id": self.french.id}
        )
        self.assertIn(f">{order.name}</a>", preview.body)
        self.assertIn(order.access_token, preview.body)
        self.assertRegex(preview.body, r"1.000,00")

    def test_queries_do_not_grow_with_the_recipients(self):
        few, many = self.members[:2], self.members[:20]
        counts = []
        for partners in (few, many):
            self.env.invalidate_all()
            partners.mapped("lang")
            before = self.env.cr.sql_log_count
            partners._get_next_products()
            partners.mapped("crm_last_order")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 3)
