"""Working time as a list of intervals."""

from bisect import bisect_right
from datetime import timedelta


class WorkingTime:
    """The intervals, in UTC, in which a team works.

    Parameters
    ----------
    intervals : iterable of (datetime, datetime)
        Start and stop of each interval, in any order; those that touch or overlap
        are joined.
    """

    def __init__(self, intervals):
        self._intervals = _joined(intervals)
        self._starts = [start for start, _stop in self._intervals]
        self._before = _running_totals(self._intervals)

    def worked(self, start, stop):
        """Return the working time (timedelta) between two moments."""
        if stop <= start:
            return timedelta()
        return self._worked_until(stop) - self._worked_until(start)

    def plan(self, start, duration):
        """Return the first moment by which ``duration`` was worked since ``start``.

        Returns None when the known intervals end before that moment.
        """
        goal = self._worked_until(start) + duration
        # The first interval that ends with the goal fulfilled, not before start.
        for position in range(self._position(start), len(self._intervals)):
            begin, end = self._intervals[position]
            if end < start or self._before[position] + (end - begin) < goal:
                continue
            return max(start, begin + max(goal - self._before[position], timedelta()))
        return None

    def _position(self, moment):
        return max(bisect_right(self._starts, moment) - 1, 0)

    def _worked_until(self, moment):
        if not self._intervals or moment <= self._starts[0]:
            return timedelta()
        position = self._position(moment)
        begin, end = self._intervals[position]
        return self._before[position] + min(moment, end) - begin


def _joined(intervals):
    result = []
    for start, stop in sorted(intervals):
        if stop <= start:
            continue
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(stop, result[-1][1]))
        else:
            result.append((start, stop))
    return result


def _running_totals(intervals):
    totals, total = [], timedelta()
    for start, stop in intervals:
        totals.append(total)
        total += stop - start
    return totals
