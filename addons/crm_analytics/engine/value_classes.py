"""Classes of customers by their share of the value of all (ABC analysis).

Source: J. M. Juran, Universals in Management Planning and Controlling (1954), "the
vital few and the trivial many".
"""

import numpy as np

# Up to which share of the value a class reaches, best customers first.
SHARES = (("high", 0.5), ("medium", 0.8), ("low", np.inf))


def classify(value):
    """Return the class of each customer.

    Customers of equal value are in one class: that of the first of them. Who is worth
    nothing is in the lowest.

    Parameters
    ----------
    value : array of float, shape (n,)

    Returns
    -------
    array of str, shape (n,)
    """
    value = np.maximum(np.nan_to_num(np.asarray(value, float)), 0)
    distinct, position, counts = np.unique(
        value, return_inverse=True, return_counts=True
    )
    total = value.sum()
    if not total:
        return np.full(value.shape, "low", dtype="U6")
    # The value of all who are worth more.
    above = np.round(total - np.cumsum(distinct * counts), 9)
    names = np.select(
        [above / total < share for _name, share in SHARES],
        [name for name, _share in SHARES],
        default="low",
    )
    names[distinct == 0] = "low"
    return names[position]
