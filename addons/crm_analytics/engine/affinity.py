"""What is bought together: association rules with their significance.

A rule "who buys these, buys that as well" has a support (share of the baskets with all
of it), a confidence (share of the baskets with its left side that have its right) and a
lift (confidence over the share of all baskets). Among thousands of pairs many look
strong by chance: each rule is tested (Fisher's exact test, one-sided) and the false
discovery rate is held over all rules that could have been formed.

Sources: R. Agrawal, R. Srikant, Fast Algorithms for Mining Association Rules (VLDB
1994); G. Webb, Discovering Significant Patterns, Machine Learning 68 (2007); Y.
Benjamini, Y. Hochberg, Controlling the False Discovery Rate (JRSS B 57, 1995).
"""

from itertools import combinations
from math import comb
from typing import NamedTuple

import numpy as np
from scipy.sparse import csc_matrix, triu
from scipy.stats import hypergeom

LEAST_BASKETS = 5


class Rules(NamedTuple):
    """Rules, one a row: ``left`` has the items of the left side, -1 where fewer.

    ``q_value`` is the least false discovery rate at which the rule counts.
    """

    left: np.ndarray
    right: np.ndarray
    baskets: np.ndarray
    support: np.ndarray
    confidence: np.ndarray
    lift: np.ndarray
    p_value: np.ndarray
    q_value: np.ndarray

    def take(self, rows):
        """Return some of the rules."""
        return Rules(*(column[rows] for column in self))


def baskets_with(basket, item, basket_count=None, item_count=None):
    """Return who bought what as a sparse matrix of zeros and ones.

    Parameters
    ----------
    basket, item : array of int, shape (m,)
        Order lines, codes from zero; repeated ones count once. Baskets may be
        customers.

    Returns
    -------
    scipy.sparse.csc_matrix, shape (baskets, items)
    """
    shape = None if basket_count is None else (basket_count, item_count)
    basket, item = np.asarray(basket, np.int64), np.asarray(item, np.int64)
    matrix = csc_matrix((np.ones(basket.size), (basket, item)), shape=shape)
    matrix.data[:] = 1
    return matrix


def rules(baskets, least_support, least_confidence=0, most_items=2, discovery=0.05):
    """Return the rules above the floors that are not chance, the strongest first.

    Parameters
    ----------
    baskets : scipy.sparse matrix, shape (baskets, items)
        See :func:`baskets_with`.
    least_support, least_confidence : float
        Shares.
    most_items : int
        Items of a rule, both sides together.
    discovery : float
        False discovery rate; 1 keeps what is chance.

    Returns
    -------
    Rules
        By lift.
    """
    baskets = csc_matrix(baskets)
    total = baskets.shape[0]
    floor = max(LEAST_BASKETS, int(np.ceil(least_support * total - 1e-9)))
    item_baskets = np.asarray(baskets.sum(axis=0)).ravel()
    frequent = np.flatnonzero(item_baskets >= floor)
    known = {(item,): item_baskets[item] for item in frequent.tolist()}
    found = []
    level = _frequent_pairs(baskets, frequent, floor) if most_items > 1 else {}
    size = 2
    while level:
        known.update(level)
        found += _rules_of(level, known)
        size += 1
        if size > most_items:
            break
        level = _join(baskets, level, floor)
    formed = sum(
        number * comb(frequent.size, number) for number in range(2, most_items + 1)
    )
    told = _measure(found, item_baskets, total, formed, most_items)
    keep = (told.confidence >= least_confidence) & (told.q_value <= discovery)
    told = told.take(keep)
    return told.take(np.lexsort((-told.baskets, -told.lift)))


def _frequent_pairs(baskets, frequent, floor):
    part = baskets[:, frequent]
    together = triu(part.T @ part, k=1).tocoo()
    enough = together.data >= floor
    pairs = zip(
        frequent[together.row[enough]].tolist(),
        frequent[together.col[enough]].tolist(),
        strict=True,
    )
    return dict(zip(pairs, together.data[enough].tolist(), strict=True))


def _join(baskets, level, floor):
    """Return the frequent sets with one item more (apriori-gen of the source)."""
    by_start = {}
    for items in sorted(level):
        by_start.setdefault(items[:-1], []).append(items[-1])
    larger = {}
    for start, ends in by_start.items():
        for position, end in enumerate(ends[:-1]):
            rest = [
                last
                for last in ends[position + 1 :]
                if all(
                    subset in level
                    for subset in combinations((*start, end, last), len(start) + 1)
                )
            ]
            if rest:
                counts = _count_with(baskets, (*start, end), rest)
                larger.update(
                    ((*start, end, last), count)
                    for last, count in zip(rest, counts, strict=True)
                    if count >= floor
                )
    return larger


def _count_with(baskets, items, others):
    """Return in how many baskets all items stand with each of the others."""
    rows = baskets[:, items[0]].indices
    for item in items[1:]:
        rows = np.intersect1d(rows, baskets[:, item].indices, assume_unique=True)
    inside = np.zeros(baskets.shape[0])
    inside[rows] = 1
    return baskets[:, others].T @ inside


def _rules_of(level, known):
    return [
        (
            left := tuple(item for item in items if item != right),
            right,
            count,
            known[left],
        )
        for items, count in level.items()
        for right in items
    ]


def _measure(found, item_baskets, total, formed, most_items):
    left = np.full((len(found), max(1, most_items - 1)), -1)
    for row, (items, *_rest) in enumerate(found):
        left[row, : len(items)] = items
    right = np.array([rule[1] for rule in found], int)
    both = np.array([rule[2] for rule in found], float)
    left_baskets = np.array([rule[3] for rule in found], float)
    right_baskets = item_baskets[right]
    confidence = both / left_baskets
    chance = hypergeom.sf(both - 1, total, left_baskets, right_baskets)
    return Rules(
        left,
        right,
        both.astype(int),
        both / total,
        confidence,
        confidence * total / right_baskets,
        chance,
        _discovery_rates(chance, formed),
    )


def _discovery_rates(chance, formed):
    """Return the q-values, rules that were never frequent counting as tested."""
    order = np.argsort(chance)
    rates = chance[order] * formed / np.arange(1, chance.size + 1)
    smallest = np.minimum.accumulate(rates[::-1])[::-1]
    result = np.empty(chance.size)
    result[order] = np.minimum(smallest, 1)
    return result
