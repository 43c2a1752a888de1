"""What would have happened: cases of the past, sent to agents one after the other."""

import heapq
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from .choice import Choice, choose
from .request import Request


@dataclass
class Arrival:
    """A case of the past: when it came, how long it kept its agent.

    ``history`` gets each assignment: (moment, agent's key, choice).
    """

    key: object
    moment: datetime
    duration: timedelta
    request: Request = Request()
    assignment: str = "round_robin"
    priority: float = 0.0
    history: list[tuple[datetime, object, Choice]] = field(default_factory=list)


class Replay:
    """Send cases to agents in the order of time.

    A case that nobody can get waits in the queue; the queue is looked at when a case
    is closed, when a shift begins and when an absence ends. When an absence begins,
    what the agent has goes back to the queue.

    Parameters
    ----------
    agents : list of Agent
        As they are when the replay begins; the replay changes them.
    """

    def __init__(self, agents):
        self.agents = {agent.key: agent for agent in agents}
        self.queue = []
        self._number = count()
        self._events = []
        self._at_work = {}

    def run(self, arrivals):
        """Send all cases; ``queue`` holds afterwards what nobody ever got."""
        arrivals = list(arrivals)
        for arrival in arrivals:
            self._plan(arrival.moment, self._arrive, arrival)
        self._plan_days(arrivals)
        while self._events:
            moment, _number, act, subject = heapq.heappop(self._events)
            act(moment, subject)
        return arrivals

    def _plan(self, moment, act, subject):
        heapq.heappush(self._events, (moment, next(self._number), act, subject))

    def _plan_days(self, arrivals):
        """Look at the queue whenever somebody may have come back."""
        begin = min((arrival.moment for arrival in arrivals), default=None)
        if begin is None:
            return
        for agent in self.agents.values():
            for start, stop in agent.absences:
                self._plan(start, self._leave, agent)
                self._plan(stop, self._look, agent)
        shifts = {
            shift[0] for agent in self.agents.values() for shift in agent.shifts or ()
        }
        for start in shifts:
            if start >= begin:
                self._plan(start, self._look, None)

    # ------------------------------------------------------------
    # Events
    # ------------------------------------------------------------

    def _arrive(self, moment, arrival):
        if not self._send(moment, arrival):
            self._enqueue(arrival)

    def _close(self, moment, subject):
        arrival, agent, assignment = subject
        if self._at_work.get(arrival.key) is not assignment:
            return
        del self._at_work[arrival.key]
        agent.release(arrival.request)
        self._look(moment, agent)

    def _leave(self, moment, agent):
        """Put what an absent agent has back into the queue, and send it on."""
        mine = [key for key, each in self._at_work.items() if each[0] is agent]
        for key in mine:
            _agent, _number, arrival = self._at_work.pop(key)
            agent.release(arrival.request)
            self._enqueue(arrival)
        self._look(moment, agent)

    def _look(self, moment, _agent):
        """Send what waits, the most pressing first, as long as somebody is free."""
        waiting, self.queue = self.queue, []
        nobody = set()
        while waiting:
            entry = heapq.heappop(waiting)
            arrival = entry[-1]
            kind = (arrival.request, arrival.assignment)
            if kind in nobody or not self._send(moment, arrival):
                nobody.add(kind)
                self.queue.append(entry)
        heapq.heapify(self.queue)

    def _enqueue(self, arrival):
        heapq.heappush(
            self.queue,
            (-arrival.priority, arrival.moment, next(self._number), arrival),
        )

    def _send(self, moment, arrival):
        choice = choose(
            arrival.assignment, self.agents.values(), arrival.request, moment
        )
        if not choice.agent:
            return False
        number = next(self._number)
        choice.agent.take(arrival.request, moment, number)
        arrival.history.append((moment, choice.agent.key, choice))
        at_work = (choice.agent, number, arrival)
        self._at_work[arrival.key] = at_work
        self._plan(
            moment + arrival.duration, self._close, (arrival, choice.agent, at_work)
        )
        return True
