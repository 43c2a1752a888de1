"""An agent as the choice sees him."""

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import datetime

# Loads are sums of weights such as 0.1: equal up to their rounding.
ROUNDING = 1e-9


@dataclass
class Agent:
    """An agent: what he can, when he works, what he has.

    Attributes
    ----------
    key : hashable
    capacity : float
        The most he may have at a time; 0: no limit.
    load : float
        Weights of what he has now.
    last : datetime or None
        When he last got a case.
    turn : int
        Order within equal moments.
    levels : dict
        Level of each of his skills.
    languages : frozenset or None
        Languages he speaks; None: unknown, so any.
    away : bool
        He has said that he takes nothing now.
    busy : bool
        Somebody else is just giving him a case.
    shifts : list of (datetime, datetime) or None
        When he works, absences not taken out; sorted, apart; None: always.
    absences : list of (datetime, datetime)
    """

    key: object
    capacity: float = 0.0
    load: float = 0.0
    last: datetime | None = None
    turn: int = 0
    levels: dict = field(default_factory=dict)
    languages: frozenset | None = None
    away: bool = False
    busy: bool = False
    shifts: list | None = None
    absences: list = field(default_factory=list)
    cases: int = 0

    def why_not(self, request, moment):
        """Return why he can't get a case (str), or None."""
        checks = (
            ("other", request.allowed is not None and self.key not in request.allowed),
            ("skill", self._lacks_skill(request)),
            ("language", self._lacks_language(request)),
            ("away", self.away),
            ("busy", self.busy),
            ("absent", self.is_absent(moment)),
            ("off", not self.is_on_shift(moment)),
            ("full", self._is_full(request)),
        )
        return next((reason for reason, holds in checks if holds), None)

    def take(self, request, moment, turn=0):
        """Take a case: it is on his desk from now on."""
        self.load += request.weight
        self.cases += 1
        self.last, self.turn = moment, turn

    def release(self, request):
        """Have a case off his desk."""
        self.load -= request.weight
        self.cases -= 1

    def is_absent(self, moment):
        return any(start <= moment < stop for start, stop in self.absences)

    def is_on_shift(self, moment):
        if self.shifts is None:
            return True
        position = bisect_right(self.shifts, moment, key=lambda shift: shift[0]) - 1
        return position >= 0 and moment < self.shifts[position][1]

    def skill(self, request):
        """Return how skilled he is for a case."""
        return sum(self.levels.get(skill, 0) for skill in request.skills)

    def _lacks_skill(self, request):
        return any(self.levels.get(each, 0) < request.level for each in request.skills)

    def _lacks_language(self, request):
        return bool(
            request.language
            and self.languages is not None
            and request.language not in self.languages
        )

    def _is_full(self, request):
        return bool(
            self.capacity and self.load + request.weight > self.capacity + ROUNDING
        )
