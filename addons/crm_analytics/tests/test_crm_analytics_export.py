import base64
from unittest import skipUnless
from unittest.mock import patch

import numpy as np

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..analysis_snapshot import parquet_file
from ..engine import rfm
from .analytics_case import AnalyticsCase


@tagged("post_install", "-at_install")
class TestCrmAnalyticsExport(AnalyticsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customers = cls._create_history(
            [[(10 * number, 100 + number)] for number in range(1, 13)]
        )
        cls.export = cls.env["crm.analytics.export"].create(
            {"company_id": cls.company.id}
        )

    @skipUnless(parquet_file.is_available(), "needs pyarrow")
    def test_engine_on_the_file_gives_the_same_result(self):
        run = self._run_analysis("rfm")
        self.export.action_export()
        columns, facts = parquet_file.read(base64.b64decode(self.export.file))
        self.assertEqual(facts["company"], "Analysed")
        cells = rfm.cell_names(
            rfm.quintiles(columns["recency"] - columns["age"]),
            rfm.quintiles(columns["order_count"]),
            rfm.quintiles(columns["revenue"]),
        )
        found = dict(zip(columns["profile_id"].astype(int), cells, strict=True))
        self.assertEqual(
            found,
            {profile.id: profile.rfm_segment
             for profile in self._get_profiles(self.customers)},
        )  # fmt: skip
        self.assertEqual(run.customer_count, self.export.customer_count)

    @skipUnless(parquet_file.is_available(), "needs pyarrow")
    def test_file_keeps_every_digit(self):
        columns = {"a": np.array([1 / 3, np.pi]), "b": np.array([1, 2**40])}
        again, facts = parquet_file.read(parquet_file.write(columns, {"unit": "day"}))
        self.assertEqual(facts, {"unit": "day"})
        for name in columns:
            np.testing.assert_array_equal(again[name], columns[name])

    def test_without_the_package_it_says_what_to_do(self):
        with (
            patch.object(parquet_file, "is_available", return_value=False),
            self.assertRaisesRegex(UserError, "pip install pyarrow"),
        ):
            self.export.action_export()
