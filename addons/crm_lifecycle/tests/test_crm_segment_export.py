import csv
import io

from openpyxl import load_workbook

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged

from .segment_case import SegmentCase


@tagged("post_install", "-at_install")
class TestCrmSegmentExport(SegmentCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.write({"name": "=cmd|' /C calc'!A0", "phone": "+32 2 555 12 12"})
        cls.bert.write({"name": "\t-2+3", "ref": "@SUM(1)"})
        cls.segment = cls._create_static("Fair & more", cls.customer | cls.bert)
        cls.exporter = new_test_user(
            cls.env,
            "exporter",
            groups="crm_lifecycle.crm_lifecycle_group_user,base.group_allow_export,"
            "base.group_partner_manager",
        )

    def test_csv_holds_no_formula(self):
        content = self.segment._export_csv().decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(content)))
        self.assertEqual(len(rows), 2)
        self.assertEqual(rows[0]["Name"], "'=cmd|' /C calc'!A0")
        self.assertEqual(rows[0]["Phone"], "'+32 2 555 12 12")
        self.assertEqual(rows[1]["Reference"], "'@SUM(1)")
        for row in rows:
            for cell in row.values():
                self.assertNotIn(cell[:1], ("=", "+", "-", "@", "\t", "\r"))

    def test_spreadsheet_holds_only_text(self):
        sheet = load_workbook(io.BytesIO(self.segment._export_xlsx())).active
        self.assertEqual(sheet.max_row, 3)
        self.assertEqual(sheet["A2"].value, "=cmd|' /C calc'!A0")
        for row in sheet.iter_rows():
            for cell in row:
                self.assertIn(cell.data_type, ("s", "n", "inlineStr"), cell.value)
                self.assertNotEqual(cell.data_type, "f")

    def test_download_needs_the_right_to_export(self):
        url = f"/crm_lifecycle/segment/{self.segment.id}/export/csv"
        self.authenticate(self.exporter.login, self.exporter.login)
        response = self.url_open(url)
        self.assertEqual(response.status_code, 200)
        self.assertIn("text/csv", response.headers["Content-Type"])
        self.assertIn("bert@example.com", response.text)
        self.env.ref("base.group_allow_export").user_ids -= self.user
        with self.assertRaises(AccessError):
            self.segment.with_user(self.user)._export_csv()

    def test_customers_the_user_may_not_see_are_left_out(self):
        self.bert.company_id = self.env["res.company"].create({"name": "Other"})
        content = self.segment.with_user(self.exporter)._export_csv().decode()
        self.assertIn("ada@example.com", content)
        self.assertNotIn("bert@example.com", content)
