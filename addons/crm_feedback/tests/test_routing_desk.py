from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .feedback_case import FeedbackCase

# A Monday; the team works from 8 to 12 and from 13 to 17.
NINE = "2026-11-23 09:00:00"


@tagged("post_install", "-at_install")
class TestRoutingDesk(FeedbackCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.routing.rule"].search([]).active = False
        cls.team.assignment = "least_loaded"
        cls.ann, cls.bob = cls.env["crm.case.agent"].create(
            [{"user_id": cls.agent.id}, {"user_id": cls.other_agent.id}]
        )
        cls.skill = cls.env["crm.case.skill"].create({"name": "Lamps"})

    def _open(self, number=1, moment=NINE, **values):
        with freeze_time(moment):
            return self.case.create(
                [
                    {
                        "name": f"Case {each}",
                        "team_id": self.team.id,
                        "partner_id": self.customer.id,
                        **values,
                    }
                    for each in range(number)
                ]
            )

    def _drain(self, moment):
        with freeze_time(moment), self.enter_registry_test_mode():
            self.env.ref("crm_feedback.ir_cron_drain_queues").method_direct_trigger()
        self.env.invalidate_all()

    def _create_rule(self, **values):
        return self.env["crm.routing.rule"].create(
            {"name": "Rule", "team_id": self.team.id, **values}
        )

    # ------------------------------------------------------------
    # Room
    # ------------------------------------------------------------

    def test_nobody_gets_more_than_he_may(self):
        (self.ann | self.bob).capacity = 2
        cases = self._open(5)
        self.assertEqual(self.ann.open_count, 2)
        self.assertEqual(self.bob.open_count, 2)
        waiting = cases.filtered(lambda case: not case.user_id)
        self.assertEqual(waiting, cases[-1])
        self.assertIn("Ann is full (2 of 2)", waiting.routing_note)

    def test_the_queue_moves_up_when_a_case_is_closed(self):
        (self.ann | self.bob).capacity = 1
        cases = self._open(3)
        first = cases.filtered(lambda case: case.user_id == self.agent)
        first.action_solve()
        self.assertEqual(cases[-1].user_id, self.agent)
        self.assertIn("Ann", cases[-1].routing_note)

    def test_the_most_pressing_case_moves_up_first(self):
        self.bob.presence = "away"
        self.ann.capacity = 1
        first = self._open()
        mild = self._open(severity="1")
        bad = self._open(severity="3")
        first.action_solve()
        self.assertEqual(bad.user_id, self.agent)
        self.assertFalse(mild.user_id)

    def test_channels_weigh_differently(self):
        self.bob.presence = "away"
        self.ann.capacity = 3
        self.team.channel_weight_ids = [
            Command.create({"channel": "phone", "weight": 2}),
            Command.create({"channel": "email", "weight": 0.5}),
        ]
        self._open(channel="phone")
        self.assertEqual(self.ann.load, 2)
        self.assertFalse(self._open(channel="phone").user_id)
        self.assertEqual(self._open(2, channel="email").user_id, self.agent)
        self.ann.invalidate_recordset()
        self.assertEqual(self.ann.load, 3)

    def test_more_room_lets_the_queue_move(self):
        self.bob.presence = "away"
        self.ann.capacity = 1
        cases = self._open(2)
        self.ann.capacity = 2
        self.assertEqual(cases.user_id, self.agent)

    # ------------------------------------------------------------
    # Presence, shifts, absences
    # ------------------------------------------------------------

    def test_an_agent_says_that_he_is_away_and_back(self):
        self.bob.presence = "away"
        agents = self.env["crm.case.agent"].with_user(self.agent)
        self.assertEqual(agents.switch_presence(), "away")
        case = self._open()
        self.assertFalse(case.user_id)
        self.assertIn("Ann is away", case.routing_note)
        self.assertEqual(agents.switch_presence(), "available")
        self.assertEqual(case.user_id, self.agent)

    def test_an_agent_speaks_for_himself_only(self):
        self.ann.with_user(self.agent).action_away()
        with self.assertRaises(AccessError):
            self.bob.with_user(self.agent).action_away()
        self.bob.with_user(self.service_manager).action_away()
        self.assertEqual(self.bob.presence, "away")

    def test_outside_of_his_shift_an_agent_gets_nothing(self):
        (self.ann | self.bob).resource_calendar_id = self.calendar
        case = self._open(moment="2026-11-23 12:30:00")
        self.assertFalse(case.user_id)
        self.assertIn("off shift", case.routing_note)
        self._drain("2026-11-23 12:59:00")
        self.assertFalse(case.user_id)
        self._drain("2026-11-23 13:01:00")
        self.assertTrue(case.user_id)

    def _be_absent(self, agent):
        return self.env["crm.case.absence"].create(
            {
                "agent_id": agent.id,
                "date_from": "2026-11-23 10:00:00",
                "date_to": "2026-11-24 10:00:00",
            }
        )

    def test_what_an_absent_agent_has_goes_to_others(self):
        self.bob.presence = "away"
        working, waiting = self._open(2)
        with freeze_time(NINE):
            waiting.action_wait()
        self.bob.presence = "available"
        self._be_absent(self.ann)
        self._drain("2026-11-23 09:59:00")
        self.assertEqual(working.user_id, self.agent)
        self._drain("2026-11-23 10:01:00")
        self.assertEqual(working.user_id, self.other_agent)
        self.assertIn("Bob", working.routing_note)
        self.assertEqual(waiting.user_id, self.agent, "nobody has to work on it")

    def test_an_absent_agent_gets_nothing_until_he_is_back(self):
        self.bob.presence = "away"
        self._be_absent(self.ann)
        case = self._open(moment="2026-11-23 10:30:00")
        self.assertFalse(case.user_id)
        self.assertIn("Ann is absent", case.routing_note)
        self._drain("2026-11-24 10:00:00")
        self.assertEqual(case.user_id, self.agent)

    def test_leaves_of_personnel_count_as_absences(self):
        employee = self.env["resource.resource"].create(
            {"name": "Ann", "user_id": self.agent.id, "calendar_id": self.calendar.id}
        )
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holidays",
                "resource_id": employee.id,
                "calendar_id": self.calendar.id,
                "date_from": "2026-11-23 00:00:00",
                "date_to": "2026-11-23 23:00:00",
            }
        )
        users = self._open(3).user_id
        self.assertEqual(users, self.other_agent)

    # ------------------------------------------------------------
    # Rules
    # ------------------------------------------------------------

    def test_a_rule_asks_for_a_skill_at_a_level(self):
        self.ann.skill_ids = [Command.create({"skill_id": self.skill.id, "level": 2})]
        self._create_rule(skill_ids=[Command.set(self.skill.ids)], skill_level=3)
        case = self._open()
        self.assertFalse(case.user_id)
        self.assertIn("Ann lacks the skill", case.routing_note)
        self.bob.skill_ids = [Command.create({"skill_id": self.skill.id, "level": 3})]
        self.assertEqual(case.user_id, self.other_agent)

    def test_the_most_skilled_gets_it(self):
        for agent, level in ((self.ann, 3), (self.bob, 5)):
            agent.skill_ids = [
                Command.create({"skill_id": self.skill.id, "level": level})
            ]
        self._create_rule(
            skill_ids=[Command.set(self.skill.ids)], assignment="most_skilled"
        )
        cases = self._open(2)
        self.assertEqual(cases.user_id, self.other_agent)
        self.assertIn("Lamps 5", cases[0].routing_note)
        self.assertIn("2 could have got it", cases[0].routing_note)

    def test_a_rule_asks_for_the_customer_s_language(self):
        french = self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        self._create_rule(match_language=True)
        case = self._open()
        self.assertFalse(case.user_id)
        self.assertIn("does not speak the language", case.routing_note)
        self.bob.language_ids = french
        self.assertEqual(case.user_id, self.other_agent)

    def test_valued_customers_go_first(self):
        self.bob.presence = "away"
        self.ann.capacity = 1
        self._create_rule(
            name="Loyal", profile_domain="[('order_count', '>', 5)]", priority=10
        )
        profiles = self.env["crm.customer.profile"]
        loyal = self._create_customer("Loyal Ltd")
        profiles.search([("partner_id", "=", loyal.id)]).unlink()
        profiles.create(
            {
                "partner_id": loyal.id,
                "company_id": self.env.company.id,
                "order_count": 9,
            }
        )
        first, second = self._open(2)
        valued = self._open(partner_id=loyal.id)
        self.assertEqual(valued.routing_rule_id.name, "Loyal")
        self.assertIn("priority is 10", valued.routing_note)
        first.action_solve()
        self.assertEqual(valued.user_id, self.agent)
        self.assertFalse(second.user_id)

    # ------------------------------------------------------------
    # Pull
    # ------------------------------------------------------------

    def _next(self, user=None):
        action = self.case.with_user(user or self.agent).action_next_case()
        return self.case.browse(action["res_id"])

    def test_an_agent_takes_the_most_pressing_case(self):
        self.team.assignment = "manual"
        mild, bad = self._open(severity="1"), self._open(severity="3")
        self.assertEqual(self._next(), bad)
        self.assertEqual(bad.user_id, self.agent)
        self.assertIn("Ann took it", bad.routing_note)
        self.assertEqual(self._next(self.other_agent), mild)
        with self.assertRaises(UserError):
            self._next()

    def test_an_agent_takes_what_he_is_able_to(self):
        self.team.assignment = "manual"
        self._create_rule(
            domain="[('severity', '=', '3')]", skill_ids=[Command.set(self.skill.ids)]
        )
        mild, bad = self._open(severity="1"), self._open(severity="3")
        self.assertEqual(self._next(), mild)
        self.bob.skill_ids = [Command.create({"skill_id": self.skill.id})]
        self.assertEqual(self._next(self.other_agent), bad)

    def test_who_is_full_solves_one_first(self):
        self.team.assignment = "manual"
        self.ann.capacity = 1
        cases = self._open(2)
        self._next()
        with self.assertRaisesRegex(UserError, "1 of at most 1"):
            self._next()
        cases.filtered("user_id").action_solve()
        self.assertTrue(self._next())

    def test_who_is_in_no_team_learns_why_there_is_nothing(self):
        with self.assertRaisesRegex(UserError, "no service team"):
            self._next(self.service_manager)

    def test_a_customer_takes_no_case(self):
        portal = self.env.ref("base.public_user")
        with self.assertRaises(AccessError):
            self.case.with_user(portal).action_next_case()

    # ------------------------------------------------------------
    # Simulation
    # ------------------------------------------------------------

    def test_a_rule_is_tried_on_the_cases_of_the_last_month(self):
        self.team.assignment = "round_robin"
        before = self._open(4, severity="3", moment="2026-11-20 09:00:00")
        rule = self._create_rule(
            domain="[('severity', '=', '3')]",
            user_ids=[Command.set(self.agent.ids)],
            assignment="round_robin",
            active=False,
        )
        known = before.read(["user_id", "team_id", "routing_rule_id", "routing_note"])
        simulation = (
            self.env["crm.routing.simulation"]
            .with_user(self.service_manager)
            .create(
                {
                    "rule_id": rule.id,
                    "date_from": "2026-11-20 08:00:00",
                    "date_to": "2026-11-20 10:00:00",
                }
            )
        )
        simulation.action_run()
        self.assertEqual(simulation.case_count, 4)
        self.assertEqual(simulation.matched_count, 4)
        lines = {
            line.user_id: (line.tried_count, line.happened_count)
            for line in simulation.line_ids
        }
        self.assertEqual(lines, {self.agent: (4, 2), self.other_agent: (0, 2)})
        self.assertEqual(
            before.read(["user_id", "team_id", "routing_rule_id", "routing_note"]),
            known,
            "nothing is written",
        )
        self.assertFalse(rule.active)

    def test_the_simulation_waits_for_room_as_the_queue_does(self):
        (self.ann | self.bob).capacity = 1
        cases = self._open(3, moment="2026-11-20 09:00:00")
        with freeze_time("2026-11-20 11:00:00"):
            cases[0].action_solve()
        simulation = self.env["crm.routing.simulation"].create(
            {"date_from": "2026-11-20 08:00:00", "date_to": "2026-11-20 10:00:00"}
        )
        simulation.action_run()
        self.assertEqual((simulation.waiting_count, simulation.left_count), (1, 0))
