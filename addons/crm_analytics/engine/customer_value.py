"""Customer lifetime value: discounted margin of the purchases to come.

Source: P. Fader, B. Hardie, K. Lee, RFM and CLV: Using Iso-Value Curves for Customer
Base Analysis, Journal of Marketing Research 42 (2005).
"""

import numpy as np

from . import bg_nbd


def discounted_purchases(fitted, frequency, recency, age, months, rate, month_length):
    """Return the purchases expected in the months to come, discounted to today.

    Parameters
    ----------
    fitted : bg_nbd.BgNbdFit
    frequency, recency, age : array of float, shape (n,)
        In the unit of time of the fit.
    months : int
        Horizon.
    rate : float
        Yearly discount rate, 0.1 for ten per cent.
    month_length : float
        Length of a month in the unit of time of the fit.

    Returns
    -------
    array of float, shape (n,)
    """
    monthly = (1 + rate) ** (1 / 12) - 1
    total = np.zeros(len(np.atleast_1d(frequency)))
    before = total
    for month in range(1, months + 1):
        until = bg_nbd.expected_purchases(
            fitted, frequency, recency, age, month * month_length
        )
        total = total + (until - before) / (1 + monthly) ** month
        before = until
    return total


def plain_value(order_count, revenue, age, months, month_length):
    """Return the revenue to expect when each customer goes on as he did.

    The fallback where too few customers bought again for a model: past revenue per
    month observed, those observed for less than a horizon counting as observed for it.

    Parameters
    ----------
    order_count, revenue, age : array of float, shape (n,)

    Returns
    -------
    array of float, shape (n,)
    """
    observed = np.maximum(np.asarray(age, float) / month_length, months)
    return np.where(
        np.asarray(order_count) > 0, np.asarray(revenue, float) / observed * months, 0.0
    )
