from odoo import Command
from odoo.tests import tagged

from odoo.addons.crm_analytics.tests.analytics_case import AnalyticsCase


@tagged("post_install", "-at_install")
class TestOneScore(AnalyticsCase):
    """Features, row 46: what an analysis finds is used everywhere the same minute."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.best, cls.small = cls._create_history([[(1, 900), (2, 900)], [(3, 10)]])
        best_only = "[('value_class', '=', 'high')]"
        own = {"company_id": cls.company.id}
        cls.segment = cls.env["crm.segment"].create(
            {"name": "Worth most", "domain": best_only, **own}
        )
        cls._route_cases(best_only)
        cls._sell_cheaper_to(cls.segment)
        cls.journey = cls._create_journey(best_only)

    @classmethod
    def _route_cases(cls, profile_domain):
        cls.desk, cls.key_desk = cls.env["crm.case.team"].create(
            [
                {"name": name, "company_id": cls.company.id, "assignment": "manual"}
                for name in ("Desk", "Key accounts")
            ]
        )
        cls.env["crm.routing.rule"].create(
            [
                {
                    "name": "Worth most",
                    "sequence": 1,
                    "profile_domain": profile_domain,
                    "team_id": cls.key_desk.id,
                },
                {"name": "All", "sequence": 2, "team_id": cls.desk.id},
            ]
        )

    @classmethod
    def _sell_cheaper_to(cls, segment):
        cls.env.ref("base.group_user").implied_ids += cls.env.ref(
            "product.group_product_pricelist"
        )
        percent = {"applied_on": "3_global", "compute_price": "percentage"}
        cls.pricelist = cls.env["product.pricelist"].create(
            {
                "name": "Of the best",
                "company_id": cls.company.id,
                "crm_segment_ids": [Command.set(segment.ids)],
                "item_ids": [Command.create({**percent, "percent_price": 20})],
            }
        )
        cls.product = cls.env["product.product"].create(
            {"name": "Lamp", "type": "consu", "list_price": 100}
        )

    @classmethod
    def _create_journey(cls, profile_domain):
        journey = cls.env["crm.journey"].create(
            {
                "name": "Thanks to the best",
                "trigger": "manual",
                "company_id": cls.company.id,
                "profile_domain": profile_domain,
            }
        )
        version = cls.env["crm.journey.version"].create({"journey_id": journey.id})
        version.start_step_id = cls.env["crm.journey.step"].create(
            {"version_id": version.id, "kind": "wait", "name": "Wait", "wait_number": 1}
        )
        journey.action_start()
        return journey

    def _look(self, customer):
        """Return what the four do with a customer who turns up now."""
        # As in another session: price lists are remembered within one.
        self.env.invalidate_all()
        case = self.env["crm.case"].create(
            {
                "name": "Where is it?",
                "partner_id": customer.id,
                "company_id": self.company.id,
            }
        )
        quotation = self.env["sale.order"].create(
            {
                "partner_id": customer.id,
                "company_id": self.company.id,
                "order_line": [Command.create({"product_id": self.product.id})],
            }
        )
        enrolled = self.journey.action_enrol(customer.ids)
        return {
            "segment": customer in self.segment.member_ids.partner_id,
            "route": case.team_id,
            "journey": bool(enrolled),
            "price": quotation.order_line.price_unit
            * (1 - quotation.order_line.discount / 100),
        }

    def test_segment_route_journey_and_quotation(self):
        plain = {
            "segment": False,
            "route": self.desk,
            "journey": False,
            "price": 100,
        }
        for customer in (self.best, self.small):
            self.assertEqual(self._look(customer), plain)
        run = self._run_analysis("clv")
        self.segment._refresh_members()
        [best, small] = self._get_profiles(self.best | self.small)
        self.assertEqual((best.value_class, small.value_class), ("high", "low"))
        self.assertEqual(
            self._look(self.best),
            {
                "segment": True,
                "route": self.key_desk,
                "journey": True,
                "price": 80,
            },
        )
        self.assertEqual(self._look(self.small), plain)
        self._check_origin(best, run)

    def _check_origin(self, profile, run):
        """Each figure says where it comes from, of when it is, and how it is made."""
        about = str(profile.with_user(self.analyst).about_figures)
        for name in ("clv", "value_class"):
            description = profile._fields[name].get_description(self.env)
            self.assertIn(description["string"], about)
            self.assertIn(description["help"].split(":")[0], about)
        self.assertIn("Analyses of the order history", about)
        self.assertIn("CRM Analytics", about)
        self.assertEqual(profile.analytics_date, run.date)
        self.assertTrue(run.is_current)
        self.assertTrue(run.method and run.summary)
