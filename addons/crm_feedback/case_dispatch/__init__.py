"""Who gets a case: the choice of one agent, and a replay of many; without records."""

from .agent import Agent
from .choice import Choice, choose
from .replay import Arrival, Replay
from .request import Request

__all__ = ["Agent", "Arrival", "Choice", "Replay", "Request", "choose"]
