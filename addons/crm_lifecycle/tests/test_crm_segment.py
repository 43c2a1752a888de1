from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .lifecycle_case import LifecycleCase


@tagged("post_install", "-at_install")
class TestCrmSegment(LifecycleCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.segment = cls.env["crm.segment"].create(
            {
                "name": "Big",
                "domain": "[('revenue', '>=', 1000), ('partner_id.ref', '=', 'SEG')]",
            }
        )
        cls.customer.ref = "SEG"

    def test_members_enter_and_leave_and_both_are_events(self):
        self._create_order(amount=600)
        self._run_pipeline()
        self.assertFalse(self.segment.member_ids)
        order = self._create_order(amount=600)
        self._run_pipeline()
        self.assertEqual(self.segment.member_ids.partner_id, self.customer)
        order._action_cancel()
        self._run_pipeline()
        self.assertFalse(self.segment.member_ids)
        codes = self.event.search(
            [
                ("res_model", "=", "crm.segment.member"),
                ("partner_id", "=", self.customer.id),
                ("res_id", "in", self._get_stays().ids),
            ],
            order="id",
        ).mapped("type_id.code")
        self.assertEqual(codes, ["segment_entered", "segment_left"])

    def _get_stays(self):
        return self.env["crm.segment.member"].search(
            [("segment_id", "=", self.segment.id)]
        )

    def test_refreshing_twice_moves_nobody(self):
        self._create_order(amount=2000)
        self._run_pipeline()
        self.assertEqual(self.segment._refresh_members(), (0, 0))
        self.assertEqual(len(self._get_stays()), 1)

    def test_coming_back_is_a_second_stay(self):
        order = self._create_order(amount=2000)
        self._run_pipeline()
        order._action_cancel()
        self._run_pipeline()
        self._create_order(amount=3000)
        self._run_pipeline()
        self.assertEqual(len(self._get_stays()), 2)
        self.assertEqual(self.segment.member_count, 1)

    def test_members_by_hand_stay(self):
        static = self.env["crm.segment"].create({"name": "Fair", "kind": "static"})
        contact = self.env["res.partner"].create(
            {"name": "Ada", "parent_id": self.customer.id}
        )
        member = self.env["crm.segment.member"].create(
            {"segment_id": static.id, "partner_id": contact.id}
        )
        self.assertEqual(member.partner_id, self.customer, "the commercial entity")
        static._refresh_members()
        self.assertEqual(static.member_count, 1)
        member.action_leave()
        self.assertEqual(static.member_count, 0)

    def test_wrong_rule_is_refused(self):
        for domain in ("[('nothing', '=', 1)]", "revenue > 3"):
            with self.subTest(domain), self.assertRaises(ValidationError):
                self.segment.domain = domain

    def test_a_broken_rule_does_not_stop_the_others(self):
        self.env.cr.execute(
            "UPDATE crm_segment SET domain = %s WHERE id = %s",
            ["[('nothing', '=', 1)]", self.segment.id],
        )
        self.segment.invalidate_recordset()
        self._create_order()
        self.profile._refresh()
        new = self.env.ref("crm_lifecycle.crm_segment_new")
        with self.enter_registry_test_mode():
            self.env.ref(
                "crm_lifecycle.ir_cron_refresh_segments"
            ).method_direct_trigger()
        self.env.invalidate_all()
        self.assertIn("nothing", self.segment.refresh_error)
        self.assertIn(self.customer, new.member_ids.partner_id)

    def test_segment_limited_to_a_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        self._create_order(amount=2000)
        self.segment.company_id = other
        self._run_pipeline()
        self.assertFalse(self.segment.member_ids)
        self.segment.company_id = False
        self._run_pipeline()
        self.assertEqual(self.segment.member_ids.partner_id, self.customer)

    def test_segment_as_a_domain_on_contacts(self):
        self._create_order(amount=2000)
        self._run_pipeline()
        found = self.env["res.partner"].search(self.segment._get_partner_domain())
        self.assertEqual(found, self.customer)
