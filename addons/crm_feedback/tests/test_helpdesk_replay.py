from collections import Counter, defaultdict
from datetime import datetime, timedelta

from odoo.tests import BaseCase, tagged

from ..case_dispatch import Agent, Arrival, Replay
from .shared_data import read_shared

DAY = timedelta(days=1)
CASES, AGENTS = 4580, 22


def read_cases():
    """Return when each case of the log began and ended."""
    spans = defaultdict(list)
    for row in read_shared("helpdesk_events.csv.gz"):
        moment = datetime.fromisoformat(row["complete_timestamp"])
        spans[row["case_id"]].append(moment)
    return sorted(
        ((key, min(moments), max(moments)) for key, moments in spans.items()),
        key=lambda case: (case[1], case[0]),
    )


def office_shifts(first, last):
    """Return 8 to 17 o'clock of each weekday."""
    day = datetime(first.year, first.month, first.day)
    shifts = []
    while day <= last + 400 * DAY:
        if day.weekday() < 5:
            shifts.append((day.replace(hour=8), day.replace(hour=17)))
        day += DAY
    return shifts


@tagged("post_install", "-at_install")
class TestHelpdeskReplay(BaseCase):
    """The helpdesk log of an Italian software company, sent to 22 agents again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cases = read_cases()

    def _prepare_arrivals(self, assignment):
        return [
            Arrival(key, begin, end - begin, assignment=assignment)
            for key, begin, end in self.cases
        ]

    def test_equal_agents_get_as_many_but_one(self):
        self.assertEqual(len(self.cases), CASES)
        arrivals = self._prepare_arrivals("round_robin")
        Replay([Agent(number) for number in range(AGENTS)]).run(arrivals)
        counts = Counter(arrival.history[0][1] for arrival in arrivals)
        self.assertEqual(sum(counts.values()), CASES)
        self.assertEqual(len(counts), AGENTS)
        self.assertLessEqual(max(counts.values()) - min(counts.values()), 1)

    def test_nobody_is_absent_or_above_his_room_and_the_queue_drains(self):
        first, last = self.cases[0][1], self.cases[-1][2]
        shifts = office_shifts(first, last)
        # Each agent is away for two weeks a year, one after the other.
        capacity = 25
        agents = [
            Agent(
                number,
                capacity=capacity,
                shifts=shifts,
                absences=[
                    (
                        first + (year * 365 + 15 * number) * DAY,
                        first + (year * 365 + 15 * number + 14) * DAY,
                    )
                    for year in range(5)
                ],
            )
            for number in range(AGENTS)
        ]
        arrivals = self._prepare_arrivals("least_loaded")
        replay = Replay(agents)
        replay.run(arrivals)
        self.assertFalse(replay.queue)
        self._check_history(arrivals, replay, capacity)

    def _check_history(self, arrivals, replay, capacity):
        """Count on paper, from the history alone, what each agent had."""
        changes = []
        waited = rerouted = 0
        for arrival in arrivals:
            self.assertTrue(arrival.history)
            waited += arrival.history[0][0] > arrival.moment
            rerouted += len(arrival.history) > 1
            ends = [moment for moment, _key, _choice in arrival.history[1:]]
            for position, (moment, key, choice) in enumerate(arrival.history):
                agent = replay.agents[key]
                self.assertTrue(agent.is_on_shift(moment))
                self.assertFalse(agent.is_absent(moment))
                # The choice says among how many, and why the others could not.
                self.assertEqual(choice.candidates + len(choice.refused), AGENTS)
                end = moment + arrival.duration
                if position < len(ends):
                    absence = next(a for a, b in agent.absences if moment < a)
                    end = min(absence, ends[position])
                changes += [(moment, 1, 1, key), (end, 0, -1, key)]
        load = Counter()
        for _moment, _order, change, key in sorted(changes):
            load[key] += change
            self.assertLessEqual(load[key], capacity)
        self.assertGreater(waited, 0, "the queue was needed")
        self.assertGreater(rerouted, 0, "absences moved cases")
