"""Working time and deadlines, without records."""

from .deadline import deadline
from .elapsed import elapsed
from .free_time import find_free_slots
from .working_time import WorkingTime

__all__ = ["WorkingTime", "deadline", "elapsed", "find_free_slots"]
