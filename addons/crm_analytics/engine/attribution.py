"""How far each touch on the way led to the order.

Rules share the credit of one order by the place of its touches. The Markov removal
effect asks another question: how many orders would be missing if a campaign had not
been? Customers move from touch to touch as often as they did in the data; a campaign
that is taken out loses all who come to it.

Source: E. Anderl, I. Becker, F. von Wangenheim, J. Schumann, Mapping the Customer
Journey: Lessons Learned from Graph-Based Online Attribution Modeling (IJRM 33, 2016),
section 3.
"""

import numpy as np

RULES = ("first", "last", "linear", "position", "decay")
# Of the credit by position: to the first and to the last touch each.
ENDS = 0.4


def share_credit(days_before, rule, half_life=7.0):
    """Return the share of each touch on the way to one order; they sum to one.

    Parameters
    ----------
    days_before : array of float, shape (n,)
        Days from the touch to the order, in the order of time.
    rule : str
        One of ``RULES``.
    half_life : float
        Days after which a touch counts half, of the decay.

    Returns
    -------
    array of float, shape (n,)
    """
    days = np.asarray(days_before, float)
    place = np.arange(days.size)
    if rule == "first":
        weight = place == 0
    elif rule == "last":
        weight = place == days.size - 1
    elif rule == "linear":
        weight = np.ones(days.size)
    elif rule == "decay":
        weight = 0.5 ** ((days - days.min()) / half_life)
    elif rule == "position":
        weight = _weigh_by_position(days.size)
    else:
        raise ValueError(rule)
    return weight / np.sum(weight)


def removal_effects(paths, converted, weight=None):
    """Return what share of the orders would be missing without each touch.

    Parameters
    ----------
    paths : list of list of hashable
        The touches of each customer in the order of time.
    converted : array of bool, shape (n,)
        Whether an order followed.
    weight : array of float, shape (n,), optional
        Customers who went this way.

    Returns
    -------
    dict of touch to float
        From 0 to 1; they do not sum to one.
    """
    touches = sorted({touch for path in paths for touch in path}, key=str)
    place = {touch: number for number, touch in enumerate(touches)}
    moves = _count_moves(paths, converted, weight, place)
    steps = moves / np.maximum(moves.sum(axis=1, keepdims=True), 1e-300)
    missing = _share_through(steps, len(touches))
    return {touch: float(missing[number]) for touch, number in place.items()}


def share_by_removal(effects):
    """Return the removal effects as shares of the credit that sum to one."""
    total = sum(effects.values())
    return {
        touch: effect / total if total else 0.0 for touch, effect in effects.items()
    }


def _weigh_by_position(size):
    if size <= 2:
        return np.ones(size)
    weight = np.full(size, (1 - 2 * ENDS) / (size - 2))
    weight[[0, -1]] = ENDS
    return weight


def _count_moves(paths, converted, weight, place):
    """Return how often touches followed each other.

    Rows are the touches and the start, columns the touches and the order; who neither
    moves on nor orders is lost.
    """
    size = len(place)
    moves = np.zeros((size + 1, size + 2))
    weight = np.ones(len(paths)) if weight is None else np.asarray(weight, float)
    for path, happened, count in zip(paths, converted, weight, strict=True):
        at = size
        for touch in path:
            moves[at, place[touch]] += count
            at = place[touch]
        moves[at, size if happened else size + 1] += count
    return moves


def _share_through(steps, size):
    """Return the share of the orders whose way led through each touch, shape (n,).

    With ``t`` the moves between touches, ``(1 - t)^-1`` holds how often a touch is
    come to from another. Who is once at a touch comes back to it as often as its
    diagonal says, so that one inverse answers for all touches.
    """
    visits = np.linalg.inv(np.eye(size) - steps[:size, :size])
    from_touch = visits @ steps[:size, size]
    from_start = steps[size, :size]
    everything = from_start @ from_touch + steps[size, size]
    if not everything:
        return np.zeros(size)
    return from_start @ visits / np.diag(visits) * from_touch / everything
