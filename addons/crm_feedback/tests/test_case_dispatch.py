from collections import Counter
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..case_dispatch import Agent, Arrival, Replay, Request, choose

NINE = datetime(2026, 11, 23, 9)
HOUR = timedelta(hours=1)


@tagged("post_install", "-at_install")
class TestCaseDispatch(BaseCase):
    def _choose(self, agents, request=None, assignment="round_robin"):
        return choose(assignment, agents, request or Request(), NINE)

    def test_whoever_has_waited_longest_is_next(self):
        agents = [Agent("ann", last=NINE), Agent("bob", last=NINE - HOUR)]
        self.assertEqual(self._choose(agents).agent.key, "bob")
        agents.append(Agent("carl"))
        self.assertEqual(self._choose(agents).agent.key, "carl")

    def test_reasons_why_somebody_can_not_get_it(self):
        absent = [(NINE - HOUR, NINE + HOUR)]
        agents = [
            Agent("skill", levels={"french": 2}),
            Agent("language", levels={"french": 3}, languages=frozenset({"de"})),
            Agent("away", levels={"french": 3}, away=True),
            Agent("absent", levels={"french": 3}, absences=absent),
            Agent("off", levels={"french": 3}, shifts=[(NINE + HOUR, NINE + 2 * HOUR)]),
            Agent("full", levels={"french": 3}, capacity=2, load=1.5),
            Agent("other", levels={"french": 3}),
            Agent("free", levels={"french": 3}, capacity=2, load=1),
        ]
        allowed = frozenset({agent.key for agent in agents} - {"other"})
        request = Request(1, frozenset({"french"}), 3, "fr", allowed)
        choice = self._choose(agents, request)
        self.assertEqual(choice.agent.key, "free")
        self.assertEqual(choice.candidates, 1)
        self.assertEqual(choice.refused, {key: key for key in choice.refused})
        self.assertEqual(len(choice.refused), 7)

    def test_shifts_and_absences_end_before_their_last_moment(self):
        agent = Agent("ann", shifts=[(NINE - HOUR, NINE)], absences=[(NINE, NINE)])
        self.assertFalse(agent.is_on_shift(NINE))
        self.assertTrue(agent.is_on_shift(NINE - HOUR))
        self.assertFalse(agent.is_absent(NINE))

    def test_the_most_skilled_then_the_least_loaded(self):
        agents = [
            Agent("ann", levels={"x": 3, "y": 1}),
            Agent("bob", levels={"x": 2, "y": 3}, load=4),
            Agent("carl", levels={"x": 3, "y": 2}, load=3),
        ]
        request = Request(skills=frozenset({"x", "y"}))
        chosen = self._choose(agents, request, "most_skilled").agent
        self.assertEqual(chosen.key, "carl")

    @settings(max_examples=200, deadline=None)
    @given(st.integers(1, 9), st.integers(0, 60), st.booleans())
    def test_equals_differ_by_one_at_most(self, number, cases, by_load):
        agents = [Agent(each) for each in range(number)]
        assignment = "least_loaded" if by_load else "round_robin"
        for turn in range(cases):
            self._choose(agents, assignment=assignment).agent.take(
                Request(), NINE, turn
            )
        counts = [agent.cases for agent in agents]
        self.assertLessEqual(max(counts) - min(counts), 1)

    @settings(max_examples=150, deadline=None)
    @given(
        st.lists(
            st.tuples(st.integers(0, 50), st.integers(0, 20), st.sampled_from((1, 2))),
            max_size=40,
        ),
        st.integers(1, 3),
        st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9)), max_size=3),
    )
    def test_a_replay_keeps_to_room_and_absences(self, cases, number, away):
        absences = [(NINE + s * HOUR, NINE + (s + n) * HOUR) for s, n in away]
        agents = [Agent(each, capacity=3) for each in range(number)]
        agents[0].absences = absences
        arrivals = [
            Arrival(key, NINE + at * HOUR, length * HOUR, Request(weight))
            for key, (at, length, weight) in enumerate(cases)
        ]
        replay = Replay(agents)
        replay.run(arrivals)
        self.assertFalse(replay.queue, "everybody is there at the end")
        for arrival in arrivals:
            for moment, key, choice in arrival.history:
                self.assertGreaterEqual(moment, arrival.moment)
                self.assertFalse(replay.agents[key].is_absent(moment))
                self.assertNotIn(key, choice.refused)
        self.assertEqual({agent.load for agent in agents}, {0})

    def test_the_queue_is_served_by_priority_as_soon_as_there_is_room(self):
        agent = Agent("ann", capacity=1)
        arrivals = [
            Arrival("first", NINE, 3 * HOUR),
            Arrival("low", NINE + HOUR, HOUR),
            Arrival("high", NINE + 2 * HOUR, HOUR, priority=1),
        ]
        Replay([agent]).run(arrivals)
        moments = {each.key: each.history[0][0] for each in arrivals}
        self.assertEqual(
            moments,
            {"first": NINE, "high": NINE + 3 * HOUR, "low": NINE + 4 * HOUR},
        )

    def test_what_an_absent_agent_has_goes_to_others(self):
        ann = Agent("ann", absences=[(NINE + HOUR, NINE + 9 * HOUR)])
        bob = Agent("bob", shifts=[(NINE + HOUR, NINE + 9 * HOUR)])
        case = Arrival("case", NINE, 5 * HOUR)
        Replay([ann, bob]).run([case])
        self.assertEqual([key for _at, key, _choice in case.history], ["ann", "bob"])
        self.assertEqual(case.history[1][0], NINE + HOUR)

    def test_counts_of_a_replay_add_up(self):
        agents = [Agent(each) for each in "abc"]
        arrivals = [Arrival(n, NINE + n * HOUR, HOUR) for n in range(10)]
        Replay(agents).run(arrivals)
        counts = Counter(arrival.history[-1][1] for arrival in arrivals)
        self.assertEqual(sorted(counts.values()), [3, 3, 4])
