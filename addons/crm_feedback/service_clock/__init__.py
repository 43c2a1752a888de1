"""Working time and deadlines, without records."""

from .deadline import deadline
from .working_time import WorkingTime

__all__ = ["WorkingTime", "deadline"]
