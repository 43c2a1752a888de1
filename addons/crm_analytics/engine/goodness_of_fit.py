"""Does the repeat-buying model tell what customers then do? Arrays to draw.

Source: P. Fader, B. Hardie, K. Lee (2005), equation 9 and figures 2 to 4.
"""

import numpy as np
from scipy.special import hyp2f1

FREQUENCIES = 7


def expected_of_new(fitted, time):
    """Return the repeat purchases expected of a new customer within ``time``.

    Parameters
    ----------
    fitted : bg_nbd.BgNbdFit
    time : array of float, shape (n,)
        In the unit of the fit.

    Returns
    -------
    array of float, shape (n,)
        Equation 9.
    """
    r, alpha, a, b = fitted.parameters
    a = a + 1e-6 if abs(a - 1) < 1e-6 else a
    time = np.maximum(np.asarray(time, float), 0)
    part = (alpha / (alpha + time)) ** r
    part = part * hyp2f1(r, b, a + b - 1, time / (alpha + time))
    return (a + b - 1) / (a - 1) * (1 - part)


def tracking(fitted, start, purchases, times):
    """Compare the repeat purchases of all customers with the model, over time.

    Parameters
    ----------
    fitted : bg_nbd.BgNbdFit
    start : array of float, shape (n,)
        When each customer first bought.
    purchases : array of float, shape (m,)
        When each repeat purchase was.
    times : array of float, shape (k,)

    Returns
    -------
    actual, expected : array of float, shape (k,)
        Cumulative.
    """
    start, number = np.unique(np.asarray(start, float), return_counts=True)
    expected = np.array([number @ expected_of_new(fitted, at - start) for at in times])
    actual = np.searchsorted(np.sort(purchases), times, side="right")
    return actual.astype(float), expected


def by_frequency(frequency, actual, expected, groups=FREQUENCIES):
    """Compare the purchases of the holdout by how often customers had bought.

    Parameters
    ----------
    frequency, actual, expected : array of float, shape (n,)
        Repeat purchases before, and after: as they were and as expected.
    groups : int
        The last one takes all who bought as often or more.

    Returns
    -------
    actual, expected : array of float, shape (groups + 1,)
        Means; not a number where there is nobody.
    """
    group = np.minimum(np.asarray(frequency, int), groups)
    size = np.bincount(group, minlength=groups + 1)
    with np.errstate(invalid="ignore"):
        return tuple(
            np.bincount(group, values, groups + 1) / size
            for values in (actual, expected)
        )
