"""Whether a count is higher than its past lets expect.

The past is itself a count: taking its mean for the truth would raise alarms for what
was rare. Given the sum of both, the newer count is binomial (see ``rate_ratio``).
"""

from scipy.stats import binom


def probability_of_rise(count, days, past_count, past_days):
    """Return how probable so many or more are if nothing has changed (one-sided).

    Parameters
    ----------
    count, past_count : int or array of int
        cases in the newest days and in the days before
    days, past_days : float
        the length of the two times
    """
    return binom.sf(count - 1, count + past_count, days / (days + past_days))
