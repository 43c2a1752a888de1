"""Which product a customer buys next, of those he has not bought.

Two models of which items go together, and popularity to compare them with: the cosine
of the customers of two items, customers with many items counting less, and a ridge
regression of each item on all others (EASE). The one that hits most of the purchases of
a later period is taken.

Sources: B. Sarwar et al., Item-Based Collaborative Filtering Recommendation Algorithms
(WWW 2001); H. Steck, Embarrassingly Shallow Autoencoders for Sparse Data (WWW 2019),
equation 8.
"""

from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix, diags

METHODS = ("regression", "cosine", "popularity")
# A dense matrix of items by items: 5,000 take 200 MB and 10 s.
MOST_ITEMS_OF_REGRESSION = 5_000
PENALTY = 500.0
# Kept of each item by the cosine: the rest is noise and memory.
NEIGHBOURS = 100
BATCH = 2_000
FEWEST_CUSTOMERS = 30


class ItemModel(NamedTuple):
    """How much each item (row) speaks for each other (column)."""

    method: str
    weights: object
    popularity: np.ndarray


class Recommendations(NamedTuple):
    """Items per customer, best first; -1 where there are no more.

    ``because`` is the item already bought that speaks most for it, or -1.
    """

    customer: np.ndarray
    item: np.ndarray
    score: np.ndarray
    because: np.ndarray


class RecommendationQuality(NamedTuple):
    """Share of customers who bought one of their 10, or 5, recommended items.

    Of those who later bought an item new to them; ``popularity`` are the shares of
    recommending to everybody what sells most, ``rivals`` those of each method at 10.
    """

    method: str
    hit_at_10: float
    hit_at_5: float
    popularity_at_10: float
    popularity_at_5: float
    customers: int
    rivals: dict


class TooLittleHistory(ValueError):
    """Nobody, or too few, bought something new in the later period."""


def bought(customer, item, customer_count, item_count):
    """Return who bought what, shape (customers, items), ones where bought."""
    matrix = csr_matrix(
        (np.ones(len(customer)), (customer, item)), shape=(customer_count, item_count)
    )
    matrix.data[:] = 1
    return matrix


def learn(matrix, method):
    """Return the model of which items go together.

    Parameters
    ----------
    matrix : scipy.sparse.csr_matrix, shape (customers, items)
    method : str
        One of ``METHODS``.

    Returns
    -------
    ItemModel
    """
    popularity = np.asarray(matrix.sum(axis=0)).ravel()
    weights = {"regression": _regression, "cosine": _cosine}.get(method)
    return ItemModel(method, weights and weights(matrix, popularity), popularity)


def recommend(model, matrix, customers, count=10, allowed=None, new_only=True):
    """Return the items that suit each customer best.

    Parameters
    ----------
    matrix : scipy.sparse.csr_matrix, shape (customers, items)
    customers : array of int, shape (n,)
        Rows of the matrix.
    count : int
    allowed : array of bool, shape (items,), optional
        Items that can be sold now.
    new_only : bool
        Leave out what the customer has bought.

    Returns
    -------
    Recommendations
        ``item``, ``score`` and ``because`` of shape (n, count).
    """
    customers = np.asarray(customers, np.int64)
    count = min(count, matrix.shape[1])
    item = np.full((customers.size, count), -1, np.int32)
    score, because = np.zeros(item.shape), item.copy()
    for start in range(0, customers.size, BATCH):
        part = slice(start, start + BATCH)
        mine = matrix[customers[part]]
        worth = _score(model, mine)
        if allowed is not None:
            worth[:, ~allowed] = -np.inf
        if new_only:
            worth[mine.nonzero()] = -np.inf
        best = np.argpartition(-worth, count - 1, axis=1)[:, :count]
        value = np.take_along_axis(worth, best, axis=1)
        order = np.argsort(-value, axis=1, kind="stable")
        best = np.take_along_axis(best, order, axis=1)
        score[part] = np.take_along_axis(value, order, axis=1)
        item[part] = np.where(np.isfinite(score[part]), best, -1)
        because[part] = _find_reasons(model, mine, item[part])
    return Recommendations(customers, item, score, because)


def choose(customer, item, day, cutoff, customer_count, item_count):
    """Compare the methods on the purchases after a cut-off.

    Parameters
    ----------
    customer, item, day : array of int, shape (m,)
        Order lines.
    cutoff : int
        The methods learn up to this day.

    Returns
    -------
    RecommendationQuality

    Raises
    ------
    TooLittleHistory
    """
    customer, item, day = (np.asarray(part, np.int64) for part in (customer, item, day))
    size = customer_count, item_count
    before = bought(customer[day <= cutoff], item[day <= cutoff], *size)
    after = bought(customer[day > cutoff], item[day > cutoff], *size)
    new = csr_matrix(after - after.multiply(before))
    new.eliminate_zeros()
    judged = np.flatnonzero((before.getnnz(axis=1) > 0) & (new.getnnz(axis=1) > 0))
    if judged.size < FEWEST_CUSTOMERS:
        raise TooLittleHistory(f"{judged.size} customers bought something new")
    hits = {
        method: _hit_rates(learn(before, method), before, new, judged)
        for method in usable_methods(item_count)
    }
    best = max(hits, key=lambda method: hits[method][0])
    return RecommendationQuality(
        best,
        *hits[best],
        *hits["popularity"],
        int(judged.size),
        {method: rate for method, (rate, _at_5) in hits.items()},
    )


def usable_methods(item_count):
    """Return the methods that so many items allow."""
    few = item_count <= MOST_ITEMS_OF_REGRESSION
    return METHODS if few else METHODS[1:]


def _hit_rates(model, before, new, judged):
    told = recommend(model, before, judged, 10)
    wanted = new[judged]
    rows = np.arange(judged.size)[:, None]
    hit = np.asarray(wanted[rows, np.maximum(told.item, 0)].todense()) > 0
    hit &= told.item >= 0
    return float(hit.any(axis=1).mean()), float(hit[:, :5].any(axis=1).mean())


def _regression(matrix, _popularity):
    gram = (matrix.T @ matrix).toarray()
    gram[np.diag_indices_from(gram)] += PENALTY
    inverse = np.linalg.inv(gram)
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    return weights.astype(np.float32)


def _cosine(matrix, popularity):
    size = np.maximum(np.asarray(matrix.sum(axis=1)).ravel(), 1)
    scaled = diags(size**-0.5) @ matrix @ diags(np.maximum(popularity, 1) ** -0.5)
    alike = csr_matrix(scaled.T @ scaled)
    alike.setdiag(0)
    alike.eliminate_zeros()
    return _keep_strongest(alike, NEIGHBOURS)


def _keep_strongest(matrix, count):
    """Return the matrix with the largest entries of each row."""
    for row in range(matrix.shape[0]):
        part = matrix.data[matrix.indptr[row] : matrix.indptr[row + 1]]
        if part.size > count:
            part[part < np.partition(part, -count)[-count]] = 0
    matrix.eliminate_zeros()
    return matrix


def _score(model, mine):
    if model.weights is None:
        return np.tile(model.popularity, (mine.shape[0], 1)).astype(float)
    worth = mine @ model.weights
    worth = worth.toarray() if hasattr(worth, "toarray") else np.array(worth)
    # Among items that nothing speaks for, the more popular first.
    return worth + 1e-9 * model.popularity / max(1, model.popularity.max())


def _find_reasons(model, mine, items):
    """Return for each item recommended the item bought that speaks most for it."""
    because = np.full(items.shape, -1, np.int32)
    owned, start = mine.indices, mine.indptr[:-1]
    some = np.diff(mine.indptr) > 0
    if model.weights is None or not owned.size:
        return because
    who = np.repeat(np.arange(mine.shape[0]), np.diff(mine.indptr))
    # A row per customer and item bought, a column per item recommended.
    speaks = model.weights[owned[:, None], np.maximum(items[who], 0)]
    speaks = speaks.toarray() if hasattr(speaks, "toarray") else speaks
    most = np.full(items.shape, -np.inf)
    most[some] = np.maximum.reduceat(speaks, start[some])
    place = np.where(speaks == most[who], np.arange(owned.size)[:, None], owned.size)
    first = np.full(items.shape, owned.size)
    first[some] = np.minimum.reduceat(place, start[some])
    known = (most > 0) & (items >= 0)
    because[known] = owned[first[known]]
    return because
