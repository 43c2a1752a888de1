from odoo.tests import BaseCase, tagged

from odoo.addons.crm_lifecycle.spreadsheet_cells.literal_text import literal_text


@tagged("post_install", "-at_install")
class TestLiteralText(BaseCase):
    def test_text_is_never_a_formula(self):
        for text in ("=1", "+1", "-1", "@a", "\tx", "\rx"):
            self.assertEqual(literal_text(text), f"'{text}")
        self.assertEqual(literal_text("a=1"), "a=1")

    def test_numbers_stay_numbers_and_nothing_is_empty(self):
        self.assertEqual(literal_text(-1.5), -1.5)
        self.assertEqual(literal_text(None), "")
        self.assertEqual(literal_text(False), "")
