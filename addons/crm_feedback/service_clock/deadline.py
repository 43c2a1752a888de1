"""The moment until which a promise has to be kept."""

from datetime import timedelta


def deadline(working_time, start, duration, pauses=()):
    """Return the moment at which ``duration`` is used up, pauses not counted.

    Parameters
    ----------
    working_time : WorkingTime
    start : datetime
        When the clock starts.
    duration : timedelta
        Working time that was promised.
    pauses : iterable of (datetime, datetime or None)
        When the clock stood still, whether or not anybody worked; None: it still
        stands.

    Returns
    -------
    datetime or None
        None while the clock stands still, or when the working time known does not
        reach that far.
    """
    moment, left = start, duration
    for pause_start, pause_stop in sorted(pauses, key=lambda pause: pause[0]):
        planned = working_time.plan(moment, left)
        if planned is not None and planned <= max(pause_start, moment):
            return planned
        left -= working_time.worked(moment, pause_start)
        if pause_stop is None:
            return None
        moment = max(moment, pause_stop)
    return working_time.plan(moment, max(left, timedelta()))
