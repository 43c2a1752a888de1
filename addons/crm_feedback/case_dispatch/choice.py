"""The choice of one agent for one case."""

from datetime import datetime
from typing import NamedTuple

from .agent import Agent


class Choice(NamedTuple):
    """Who was chosen, among how many, and why the others could not be.

    ``agent`` is None when nobody could get the case.
    """

    agent: Agent | None
    candidates: int
    refused: dict


def choose(assignment, agents, request, moment):
    """Choose the agent of a case.

    Parameters
    ----------
    assignment : str
        ``round_robin``, ``least_loaded`` or ``most_skilled``.
    agents : iterable of Agent
        In the order that decides between equals.
    request : Request
    moment : datetime

    Returns
    -------
    Choice
    """
    refused, candidates = {}, []
    for agent in agents:
        reason = agent.why_not(request, moment)
        if reason:
            refused[agent.key] = reason
        else:
            candidates.append(agent)
    best = min(
        candidates, key=lambda each: _rank(assignment, each, request), default=None
    )
    return Choice(best, len(candidates), refused)


def _rank(assignment, agent, request):
    waited = (agent.last or datetime.min, agent.turn)
    if assignment == "least_loaded":
        return (agent.load, *waited)
    if assignment == "most_skilled":
        return (-agent.skill(request), agent.load, *waited)
    return waited
