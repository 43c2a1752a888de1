"""Working time and deadlines, without records."""

from .deadline import deadline
from .elapsed import elapsed
from .working_time import WorkingTime

__all__ = ["WorkingTime", "deadline", "elapsed"]
