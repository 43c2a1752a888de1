"""How much of a promise is used up."""

from datetime import timedelta


def elapsed(working_time, start, moment, pauses=()):
    """Return the working time used up between two moments, pauses not counted.

    Parameters
    ----------
    working_time : WorkingTime
    start, moment : datetime
        When the clock started, and when it is read.
    pauses : iterable of (datetime, datetime or None)
        When the clock stood still; None: it still stands.

    Returns
    -------
    timedelta
        Zero when ``moment`` is not after ``start``.
    """
    used, clock = timedelta(), start
    for pause_start, pause_stop in sorted(pauses, key=lambda pause: pause[0]):
        used += working_time.worked(clock, min(pause_start, moment))
        clock = max(clock, moment if pause_stop is None else pause_stop)
    return used + working_time.worked(clock, moment)
