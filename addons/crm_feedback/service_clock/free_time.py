"""When several people have time at once."""

from datetime import timedelta


def find_free_slots(working, busy, duration, step, limit):
    """Return the first starts at which a stretch of time is free.

    Parameters
    ----------
    working : list of (datetime, datetime)
        Stretches in which the visit may take place, in order.
    busy : list of (datetime, datetime)
        Stretches that are taken, in any order, of whomever they are.
    duration : timedelta
        How long the stretch has to be free.
    step : timedelta
        Starts are tried so far apart, counted from the start of each stretch.
    limit : int
        So many starts are enough.

    Returns
    -------
    list of datetime
    """
    starts = []
    for begin, end in working:
        start = begin
        while start + duration <= end and len(starts) < limit:
            stop = start + duration
            clash = [until for since, until in busy if since < stop and until > start]
            if clash:
                start += step * max(1, -(-(max(clash) - start) // step))
            else:
                starts.append(start)
                start += max(duration, timedelta(0)) // step * step or step
    return starts
