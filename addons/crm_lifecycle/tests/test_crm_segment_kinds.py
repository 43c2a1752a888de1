import base64
from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .lifecycle_case import LifecycleCase


@tagged("post_install", "-at_install")
class TestCrmSegmentKinds(LifecycleCase):
    """Segments of other segments, by score cells, imported; lock, trend, overlap."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls._create_customer("Bob Ltd")
        cls.third = cls._create_customer("Cid Ltd")
        cls.profile._refresh(cls.customer | cls.other | cls.third)
        cls.ab = cls._create_by_hand("A and B", cls.customer | cls.other)
        cls.bc = cls._create_by_hand("B and C", cls.other | cls.third)

    @classmethod
    def _create_by_hand(cls, name, partners):
        segment = cls.env["crm.segment"].create({"name": name, "kind": "static"})
        cls.env["crm.segment.member"].create(
            [
                {"segment_id": segment.id, "partner_id": partner.id}
                for partner in partners
            ]
        )
        return segment

    def _combine(self, operation, *segments, **values):
        segment = self.env["crm.segment"].create(
            {
                "name": operation,
                "kind": "combination",
                "operation": operation,
                "source_segment_ids": [Command.set([s.id for s in segments])],
                **values,
            }
        )
        segment._refresh_members()
        return segment

    def test_combinations(self):
        union = self._combine("union", self.ab, self.bc)
        both = self._combine("intersection", self.ab, self.bc)
        without = self._combine(
            "union",
            self.ab,
            name="difference",
            excluded_segment_ids=[Command.link(self.bc.id)],
        )
        self.assertEqual(len(union.member_ids), 3)
        self.assertEqual(both.member_ids.partner_id, self.other)
        self.assertEqual(without.member_ids.partner_id, self.customer)
        # A change goes through all the segments made of it.
        of_union = self._combine("intersection", union, self.ab, name="of a union")
        self.ab.member_ids.filtered(
            lambda member: member.partner_id == self.customer
        ).action_leave()
        (union | of_union | without)._refresh_members()
        self.assertEqual(of_union.member_ids.partner_id, self.other)
        self.assertFalse(without.member_ids)

    def test_a_segment_is_not_made_of_itself(self):
        first = self._combine("union", self.ab)
        second = self._combine("union", first, name="second")
        with self.assertRaises(ValidationError):
            first.excluded_segment_ids = second
        with self.assertRaises(ValidationError):
            first.source_segment_ids = first

    def test_score_cells(self):
        buyers = self.env["res.partner"]
        for number in range(10):
            partner = self._create_customer(f"Buyer{number}")
            self._create_order(partner, amount=100 * (number + 1), days_ago=number)
            buyers |= partner
        self.env["crm.customer.profile"].search(
            [("order_count", ">", 0), ("partner_id", "not in", buyers.ids)]
        ).unlink()
        self._run_pipeline()
        segment = self.env["crm.segment"].create(
            {"name": "Top fifth", "kind": "formula", "monetary_from": 5}
        )
        segment._refresh_members()
        self.assertEqual(segment.member_ids.partner_id, buyers[-2:])
        segment.write({"monetary_from": 1, "recency_from": 5})
        segment._refresh_members()
        self.assertEqual(segment.member_ids.partner_id, buyers[:2])

    def test_the_preview_tells_before_saving(self):
        with Form(self.env["crm.segment"].with_user(self.manager)) as form:
            form.name = "Previewed"
            form.domain = f"[('partner_id', '=', {self.customer.id})]"
            self.assertEqual(form.preview_count, 1)
            self.assertFalse(form.is_open_rule)
            form.domain = "[]"
            self.assertTrue(form.is_open_rule)
            form.domain = f"[('partner_id', '=', {self.other.id})]"
        segment = form.record
        self.assertEqual(segment.preview_profile_ids.partner_id, self.other)

    def test_a_running_campaign_locks_its_segments(self):
        campaign = self.env["utm.campaign"].create(
            {"name": "Spring", "segment_ids": [Command.link(self.ab.id)]}
        )
        rule = self._combine("union", self.ab)
        campaign.segment_ids += rule
        campaign.state = "running"
        rule.invalidate_recordset()
        with self.assertRaisesRegex(UserError, "Spring"):
            rule.source_segment_ids = self.bc
        with self.assertRaises(UserError):
            rule.unlink()
        with self.assertRaises(UserError):
            rule.action_archive()
        rule.description = "Words may change."
        double = rule.copy()
        self.assertEqual(double.name, "union (copy)")
        double.operation = "intersection"
        campaign.state = "done"
        rule.invalidate_recordset()
        rule.source_segment_ids = self.bc

    def test_size_of_each_day(self):
        segment = self._combine("union", self.ab)
        sizes = self.env["crm.segment.size"]
        size = sizes.search([("segment_id", "=", segment.id)])
        self.assertRecordValues(
            size,
            [
                {
                    "date": fields.Date.context_today(size),
                    "member_count": 2,
                    "entered_count": 2,
                    "left_count": 0,
                }
            ],
        )
        self.ab.member_ids[0].action_leave()
        segment._refresh_members()
        self.assertEqual((size.member_count, size.left_count), (1, 1))
        self.assertEqual(sizes.search_count([("segment_id", "=", segment.id)]), 1)

    def test_overlap(self):
        overlap = self.env["crm.segment.overlap"].with_user(self.user)
        pair = overlap.search(
            [
                ("segment_id", "=", self.ab.id),
                ("other_segment_id", "=", self.bc.id),
            ]
        )
        self.assertRecordValues(
            pair, [{"common_count": 1, "only_count": 1, "share": 0.5}]
        )
        for action, expected in (
            (pair.action_open_common(), self.other),
            (pair.action_open_difference(), self.customer),
        ):
            profiles = self.profile.with_user(self.user).search(action["domain"])
            self.assertEqual(profiles.partner_id, expected)
        itself = overlap.search(
            [
                ("segment_id", "=", self.ab.id),
                ("other_segment_id", "=", self.ab.id),
            ]
        )
        self.assertRecordValues(
            itself, [{"common_count": 2, "only_count": 0, "share": 1}]
        )

    def test_segments_that_share_nobody_differ_in_all(self):
        apart = self._create_by_hand("C only", self.third)
        pair = self.env["crm.segment.overlap"].search(
            [("segment_id", "=", self.ab.id), ("other_segment_id", "=", apart.id)]
        )
        self.assertRecordValues(
            pair, [{"common_count": 0, "only_count": 2, "share": 0}]
        )
        self.assertEqual(
            self.profile.search(pair.action_open_difference()["domain"]).partner_id,
            self.customer | self.other,
        )

    def test_other_companies_are_not_seen(self):
        other = self.env["res.company"].create({"name": "Other"})
        self._combine("union", self.ab)
        self.user.write({"company_id": other.id, "company_ids": [(6, 0, other.ids)]})
        for name in (
            "crm.segment.overlap",
            "crm.segment.size",
            "crm.segment.condition",
        ):
            records = self.env[name].with_user(self.user).search([])
            self.assertFalse(
                records.segment_id.filtered(
                    lambda segment: segment in self.ab | self.bc
                ),
                name,
            )

    # ------------------------------------------------------------
    # Import
    # ------------------------------------------------------------

    def _import(self, text, segment=None):
        wizard = (
            self.env["crm.segment.import"]
            .with_user(self.manager)
            .create(
                {
                    "segment_id": (segment or self.ab).id,
                    "file": base64.b64encode(text.encode()),
                }
            )
        )
        wizard.action_import()
        return wizard

    def test_import_with_rejects(self):
        self._create_customer("Ada")
        text = (
            "Name;E-mail\nCid;cid@example.com\nAda;ADA@example.com\n"
            "=cmd();nobody@example.com\nBob;bob@example.com\nNone;\n"
        )
        wizard = self._import(text)
        self.assertRecordValues(
            wizard, [{"added_count": 1, "known_count": 1, "rejected_count": 3}]
        )
        self.assertIn(self.third, self.ab.member_ids.partner_id)
        rejected = base64.b64decode(wizard.reject_file).decode("utf-8-sig")
        lines = rejected.splitlines()
        self.assertEqual(lines[0], "Name,E-mail,Reason")
        self.assertIn("2 customers found", lines[1])
        self.assertTrue(lines[2].startswith("'=cmd(),nobody@example.com,No contact"))
        self.assertIn("Empty", lines[3])

    def test_importing_twice_adds_nothing(self):
        text = "reference\nC1\n"
        self.third.ref = "C1"
        self.assertEqual(self._import(text).added_count, 1)
        wizard = self._import(text)
        self.assertEqual((wizard.added_count, wizard.known_count), (0, 1))

    def test_what_can_not_be_imported_is_told(self):
        rule = self._combine("union", self.ab)
        for text, segment in (
            ("colour\nred\n", None),
            ("email\n", None),
            ("email\na@example.com\n", rule),
        ):
            with self.subTest(text), self.assertRaises(UserError):
                self._import(text, segment)
        with self.assertRaises(AccessError):
            self.env["crm.segment.import"].with_user(self.user).create(
                {"segment_id": self.ab.id}
            )

    # ------------------------------------------------------------
    # Refresh
    # ------------------------------------------------------------

    def test_nothing_is_compared_when_nothing_has_changed(self):
        segment = self.env["crm.segment"].create(
            {"name": "Us", "domain": f"[('partner_id', '=', {self.customer.id})]"}
        )
        segment._refresh_members()
        known = segment.fingerprint
        self.assertTrue(known)
        moves = []
        self.patch(
            type(segment),
            "_move_members",
            lambda *args: moves.append(args) or (0, 0),
        )
        segment._refresh_members()
        self.assertFalse(moves)
        self.assertEqual(segment.fingerprint, known)

    def test_what_was_changed_by_hand_is_put_right(self):
        segment = self.env["crm.segment"].create(
            {"name": "Us", "domain": f"[('partner_id', '=', {self.customer.id})]"}
        )
        segment._refresh_members()
        segment.member_ids.action_leave()
        self.assertEqual(segment._refresh_members(), (1, 0))
        self.assertEqual(segment.member_ids.partner_id, self.customer)

    def test_members_leave_with_time(self):
        segment = self.env["crm.segment"].create(
            {
                "name": "Lately",
                "domain": f"[('partner_id', '=', {self.customer.id})]",
                "condition_ids": [
                    Command.create(
                        {
                            "event_type_ids": [
                                Command.link(
                                    self.env.ref(
                                        "crm_lifecycle."
                                        "crm_customer_event_type_order_confirmed"
                                    ).id
                                )
                            ],
                            "days": 30,
                        }
                    )
                ],
            }
        )
        self._create_order()
        segment._refresh_members()
        self.assertTrue(segment.member_ids)
        self.event.flush_model()
        self.env.cr.execute(
            "UPDATE crm_customer_event SET date = %s WHERE partner_id = %s",
            [fields.Datetime.now() - timedelta(days=31), self.customer.id],
        )
        segment._refresh_members()
        self.assertFalse(segment.member_ids)
