"""What a case asks of the agent who gets it."""

from typing import NamedTuple


class Request(NamedTuple):
    """What a case asks of its agent.

    Attributes
    ----------
    weight : float
        How much of an agent's capacity it takes.
    skills : frozenset
        Skills of which the agent needs each.
    level : int
        The least level of each of them.
    language : str or None
        The language the agent has to speak; None: any.
    allowed : frozenset or None
        Keys of the agents who may get it; None: all.
    """

    weight: float = 1.0
    skills: frozenset = frozenset()
    level: int = 1
    language: str | None = None
    allowed: frozenset | None = None
