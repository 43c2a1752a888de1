"""Recency, frequency and monetary value in quintiles, and the names of the cells.

Source: A. Hughes, Strategic Database Marketing (1994), chapter on RFM.
"""

import numpy as np

SCORES = 5
# The first cell whose limits hold: recency score, then mean of frequency and monetary.
CELLS = (
    ("champions", (4, 5), (4, 5)),
    ("loyal", (3, 5), (3.5, 5)),
    ("potential", (4, 5), (2, 3.5)),
    ("new", (4, 5), (1, 2)),
    ("attention", (3, 3), (1, 3.5)),
    ("cannot_lose", (1, 1), (4, 5)),
    ("at_risk", (1, 2), (2.5, 5)),
    ("hibernating", (1, 2), (1, 2.5)),
)


def quintiles(values):
    """Return the score of each value, 1 for the lowest fifth to 5 for the highest.

    Equal values get equal scores: that of the middle of their ranks.

    Parameters
    ----------
    values : array of float, shape (n,)

    Returns
    -------
    array of int, shape (n,)
    """
    values = np.asarray(values, float)
    distinct, position, counts = np.unique(
        values, return_inverse=True, return_counts=True
    )
    if not distinct.size:
        return np.empty(0, int)
    middle = np.cumsum(counts) - counts / 2
    scores = np.floor(SCORES * middle / values.size).astype(int) + 1
    return np.minimum(scores, SCORES)[position]


def fixed_scores(values, cut_points):
    """Return the score of each value by limits that stay the same from run to run.

    Quintiles move with the customers: one may lose a score without having changed.

    Parameters
    ----------
    values : array of float, shape (n,)
    cut_points : array of float, shape (4,)
        Not falling; a value on a limit belongs above it. Where two are equal, nobody
        has the score between them.

    Returns
    -------
    array of int, shape (n,)
        1 below the first limit to 5 from the last on.

    Raises
    ------
    ValueError
        The limits are not four, or fall.
    """
    limits = np.asarray(cut_points, float)
    # Compared, not subtracted: two limits may be infinite.
    if limits.size != SCORES - 1 or (limits[1:] < limits[:-1]).any():
        raise ValueError(f"{SCORES - 1} rising limits are needed")
    return np.searchsorted(limits, np.asarray(values, float), side="right") + 1


def adaptive_cut_points(values):
    """Return the limits of today's fifths, to be kept as fixed ones.

    Where many values are equal, two limits are; a score that nobody reaches has an
    infinite one.

    Parameters
    ----------
    values : array of float, shape (n,)

    Returns
    -------
    array of float, shape (4,)
        :func:`fixed_scores` with them is :func:`quintiles` of these values.
    """
    values = np.asarray(values, float)
    scores = quintiles(values)
    return np.array(
        [values[scores >= score].min(initial=np.inf) for score in range(2, SCORES + 1)]
    )


def cell_names(recency, frequency, monetary):
    """Return the name of each customer's cell.

    Parameters
    ----------
    recency, frequency, monetary : array of int, shape (n,)
        Scores from 1 to 5, 5 being the most recent, most frequent, most valuable.

    Returns
    -------
    array of str, shape (n,)
    """
    worth = (np.asarray(frequency) + np.asarray(monetary)) / 2
    recency = np.asarray(recency)
    names = np.full(recency.shape, "", dtype=object)
    for name, (oldest, newest), (lowest, highest) in CELLS:
        inside = (recency >= oldest) & (recency <= newest)
        inside &= (worth >= lowest) & (worth <= highest)
        names[inside & (names == "")] = name
    return names
