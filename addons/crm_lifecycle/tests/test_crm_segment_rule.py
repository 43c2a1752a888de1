from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .segment_case import SegmentCase


@tagged("post_install", "-at_install")
class TestCrmSegmentRule(SegmentCase):
    """What kinds of rules give together, and who may make them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.everybody.ref = "RULE"
        for _number in range(2):
            cls._create_order(cls.customer)
        cls._create_order(cls.bert)
        cls.profile._refresh(cls.everybody)
        cls.ordered = cls.env.ref(
            "crm_lifecycle.crm_customer_event_type_order_confirmed"
        )

    def _condition(self, **values):
        types = [Command.set(self.ordered.ids)]
        return Command.create({"event_type_ids": types, **values})

    def _create_segment(self, *conditions, **values):
        return self.env["crm.segment"].create(
            {"name": "Rule", "condition_ids": list(conditions), **values}
        )

    def assertFound(self, segment, customers):
        found = self.profile.search(segment._get_profile_domain())
        found = found.filtered(lambda p: p.partner_id in self.everybody)
        self.assertEqual(found.partner_id, customers)
        self.assertEqual(len(found), len(customers), "each of them once")

    def test_any_of_conditions_that_say_yes_and_no(self):
        segment = self._create_segment(
            self._condition(number=2),
            self._condition(operator="exactly", number=0),
            match="any",
        )
        self.assertFound(segment, self.customer | self.cleo)

    def test_no_condition_is_asked_customer_by_customer(self):
        """The plan has no part that is run for each profile."""
        static = self._create_static("Fair", self.cleo)
        rule = self._create_segment(
            self._condition(number=2),
            self._condition(operator="exactly", number=0),
            match="any",
            excluded_segment_ids=static.ids,
        )
        union = self.env["crm.segment"].create(
            {
                "name": "Union",
                "kind": "combination",
                "source_segment_ids": [Command.set((rule | static).ids)],
            }
        )
        self.assertFound(union, self.customer | self.cleo)
        query = self.profile._search(union._get_profile_domain())
        self.env.cr.execute("EXPLAIN " + self._mogrify(query.select()))
        plan = " ".join(row[0] for row in self.env.cr.fetchall())
        self.assertNotIn("SubPlan", plan)

    def _mogrify(self, sql):
        return self.env.cr._obj.mogrify(sql.code, sql.params).decode()

    def test_a_combination_of_cells_and_members_by_hand(self):
        cells = self.env["crm.segment"].create(
            {"name": "Buyers", "kind": "formula", "cell_count": 2, "recency_to": 2}
        )
        static = self._create_static("Fair", self.cleo)
        union = self.env["crm.segment"].create(
            {
                "name": "Union",
                "kind": "combination",
                "source_segment_ids": [Command.set((cells | static).ids)],
            }
        )
        cells.write({"frequency_to": 2, "monetary_to": 2})
        self.assertFound(union, self.everybody)

    def test_who_may_not_see_a_figure_makes_no_rule_of_it(self):
        domain = "[('overdue_amount', '>', 0)]"
        segment = self._create_segment(self._condition())
        with self.assertRaises(ValidationError):
            segment.with_user(self.manager).domain = domain
        accountant = new_test_user(
            self.env,
            "marketer_with_invoices",
            groups="crm_lifecycle.crm_lifecycle_group_manager,"
            "account.group_account_invoice",
        )
        segment.with_user(accountant).domain = domain
        self.assertEqual(segment.domain, domain)

    def test_a_part_of_the_audience_of_a_running_campaign_is_locked_too(self):
        part = self._create_segment(self._condition())
        whole = self.env["crm.segment"].create(
            {
                "name": "Whole",
                "kind": "combination",
                "source_segment_ids": part.ids,
            }
        )
        campaign = self.env["utm.campaign"].create(
            {"title": "Spring", "segment_ids": whole.ids, "state": "running"}
        )
        self.env.invalidate_all()
        with self.assertRaises(UserError):
            part.match = "any"
        with self.assertRaises(UserError):
            part.condition_ids.days = 3
        campaign.state = "done"
        self.env.invalidate_all()
        part.condition_ids.days = 3

    def test_worth_of_what_seldom_happened_is_refused(self):
        for values in ({"operator": "at_most"}, {"operator": "exactly", "number": 0}):
            with self.subTest(values), self.assertRaises(ValidationError):
                self._create_segment(self._condition(value_min=100, **values))
        segment = self._create_segment(self._condition(value_min=150))
        self.assertFound(segment, self.customer)
        with self.assertRaises(ValidationError):
            segment.condition_ids.operator = "at_most"

    def test_duplicating_keeps_conditions_and_members_by_hand(self):
        rule = self._create_segment(self._condition(number=7))
        self.assertEqual(rule.copy().condition_ids.number, 7)
        static = self._create_static("Fair", self.customer | self.bert)
        static.member_ids.filtered(
            lambda member: member.partner_id == self.bert
        ).action_leave()
        self.assertEqual(static.copy().member_ids.partner_id, self.customer)
