"""Who gets which campaign, so that the expected margin is greatest.

At most so many contacts per customer, a budget for all contacts, a capacity per
campaign. A linear program with one variable per customer and campaign; solved by
Lagrangian relaxation: budget and capacities get prices, and at given prices each
customer is decided by himself. The prices minimise the dual function by cutting planes
(J. E. Kelley, The cutting-plane method for solving convex programs, 1960) from a start
found one price at a time. The contacts are then taken in the order of what is left of
their margin after the prices, as long as nothing is exceeded.

The dual function at any prices is an upper bound of the optimum of the linear program
(M. L. Fisher, The Lagrangian relaxation method for solving integer programming
problems, 1981): the distance to it is returned, so that it is known how much a better
assignment could bring at most.
"""

from typing import NamedTuple

import numpy as np
from scipy.optimize import linprog

MOST_CUTS = 60
# Relative distance of the bound from the dual optimum at which the search ends.
TOLERANCE = 1e-5
ROUNDS_OF_THE_START = 3


class Assignment(NamedTuple):
    """The chosen contacts.

    ``value`` is their total, ``bound`` no assignment exceeds, ``gap`` the relative
    distance of the two, ``price`` what a unit more of budget would bring.
    """

    chosen: np.ndarray
    value: float
    cost: float
    bound: float
    gap: float
    price: float


def assign(value, cost, cap, budget=np.inf, capacity=None, excluded=None):
    """Choose the contacts with the greatest total value.

    Parameters
    ----------
    value : array of float, shape (customers, campaigns)
        Expected incremental margin less the cost of the contact. Contacts of no
        positive value are never chosen.
    cost : array of float, shape (campaigns,)
        Of one contact; not negative.
    cap : int
        Contacts per customer.
    budget : float
        For all contacts together.
    capacity : array of float, shape (campaigns,)
        Contacts per campaign, ``inf`` for no limit.
    excluded : array of bool, shape (customers, campaigns)
        Contacts that are not allowed.

    Returns
    -------
    Assignment
    """
    value = np.array(value, float)
    if excluded is not None:
        value[excluded] = -np.inf
    count = value.shape[1] if value.ndim == 2 else 0
    cost = np.asarray(cost, float)
    capacity = (
        np.full(count, np.inf) if capacity is None else np.asarray(capacity, float)
    )
    if not value.size or cap < 1 or not (value > 0).any():
        return Assignment(np.zeros(value.shape, bool), 0.0, 0.0, 0.0, 0.0, 0.0)
    problem = _Problem(value, cost, cap, budget, capacity)
    prices, bound = problem.find_prices()
    chosen = problem.choose(prices)
    total = float(value[chosen].sum())
    gap = (bound - total) / bound if bound > 0 else 0.0
    spent = float((chosen * cost).sum())
    return Assignment(chosen, total, spent, bound, max(0.0, gap), float(prices[0]))


def assign_best_first(worth, order, value, cost, cap, budget=np.inf, capacity=None):
    """Choose contacts by the plain rule: the best customers first.

    Parameters
    ----------
    worth : array of float, shape (customers,)
        By which the customers are ranked.
    order : sequence of int
        The campaigns in the order in which a customer gets them.
    value : array of float, shape (customers, campaigns)
        ``-inf`` where the contact is not allowed; otherwise not looked at.
    cost, cap, budget, capacity
        As for :func:`assign`.

    Returns
    -------
    list of (int, int)
        Customer and campaign of each contact, in the order in which they are taken.
    """
    count = len(cost)
    left = np.full(count, np.inf) if capacity is None else np.array(capacity, float)
    allowed = np.isfinite(value).tolist()
    left, cost, contacts = left.tolist(), np.asarray(cost, float).tolist(), []
    for customer in np.argsort(-np.asarray(worth, float), kind="stable").tolist():
        row, taken = allowed[customer], 0
        for campaign in order:
            if taken == cap:
                break
            if row[campaign] and left[campaign] >= 1 and cost[campaign] <= budget:
                contacts.append((customer, campaign))
                budget -= cost[campaign]
                left[campaign] -= 1
                taken += 1
    return contacts


class _Problem:
    """The program with its prices: the first of the budget, then one per campaign."""

    def __init__(self, value, cost, cap, budget, capacity):
        self.value, self.cost, self.budget, self.capacity = (
            value,
            cost,
            budget,
            capacity,
        )
        self.cap = min(cap, value.shape[1])
        # Customers without any contact of value are no part of the search.
        self.useful = np.flatnonzero((value > 0).any(axis=1))
        self.part = value[self.useful]
        self.limits = np.concatenate([[budget], capacity])
        costed = cost > 0
        best = np.max(self.part, axis=0)
        highest = max(0.0, (best[costed] / cost[costed]).max()) if costed.any() else 0.0
        self.highest = np.concatenate([[highest], np.maximum(best, 0)])
        self.highest[~np.isfinite(self.limits)] = 0

    def find_prices(self):
        """Return the prices with the lowest dual value found, and that value."""
        prices = self._start()
        best_prices, best = prices, np.inf
        slopes, offsets = [], []
        priced = self.highest > 0
        for _cut in range(MOST_CUTS):
            dual, slope = self._dual(prices)
            if dual < best:
                best_prices, best = prices, dual
            if not priced.any():
                break
            slopes.append(slope[priced])
            offsets.append(dual - slope[priced] @ prices[priced])
            lowest, prices = self._next_prices(slopes, offsets, priced)
            if best - lowest <= TOLERANCE * max(abs(best), 1e-12):
                break
        return best_prices, float(best)

    def _start(self):
        """Lower one price after the other to where its limit is just kept."""
        prices = np.zeros(self.limits.size)
        for _round in range(ROUNDS_OF_THE_START):
            for index in np.flatnonzero(self.highest > 0):
                low, high = 0.0, self.highest[index]
                for _step in range(12):
                    prices[index] = (low + high) / 2
                    if self._dual(prices)[1][index] < 0:
                        low = prices[index]
                    else:
                        high = prices[index]
                prices[index] = high
            if (self.highest > 0).sum() == 1:
                break
        return prices

    def _dual(self, prices):
        """Return the dual value and its slope: limits less what is asked for."""
        rest = self.part - (prices[0] * self.cost + prices[1:])
        wanted = self._wanted(rest)
        demand = wanted.sum(axis=0)
        finite = np.isfinite(self.limits)
        dual = rest[wanted].sum() + self.limits[finite] @ prices[finite]
        asked = np.concatenate([[demand @ self.cost], demand])
        return dual, np.where(finite, self.limits - asked, 0)

    def _wanted(self, rest):
        """Return for each customer the best contacts that are worth something."""
        wanted = rest > 0
        if self.cap < rest.shape[1]:
            crowded = np.flatnonzero(wanted.sum(axis=1) > self.cap)
            best = np.argpartition(-rest[crowded], self.cap - 1, axis=1)
            wanted[crowded] = False
            wanted[crowded[:, None], best[:, : self.cap]] = True
        return wanted

    def _next_prices(self, slopes, offsets, priced):
        """Minimise the greatest of the cuts: a lower bound, and where it is."""
        slopes, offsets = np.array(slopes), np.array(offsets)
        scale = max(1.0, np.abs(offsets).max())
        highest = self.highest[priced]
        result = linprog(
            np.append(np.zeros(highest.size), 1),
            A_ub=np.column_stack([slopes * highest / scale, -np.ones(len(slopes))]),
            b_ub=-offsets / scale,
            bounds=[*[(0, 1)] * highest.size, (None, None)],
            method="highs",
        )
        prices = np.zeros(self.limits.size)
        if not result.success:
            return -np.inf, prices
        prices[priced] = np.clip(result.x[:-1], 0, 1) * highest
        return result.x[-1] * scale, prices

    def choose(self, prices):
        """Return the contacts, taken in the order of what is left after the prices."""
        rest = self.part - (prices[0] * self.cost + prices[1:])
        chosen = np.zeros(self.value.shape, bool)
        rows, campaigns = np.nonzero(self.part > 0)
        order = np.argsort(-rest[rows, campaigns], kind="stable")
        contacts_left = np.full(self.part.shape[0], self.cap).tolist()
        room, cost = self.capacity.tolist(), self.cost.tolist()
        # Rounding must not shut out a contact that fits to the cent.
        budget = self.budget + 1e-9 * max(1.0, abs(self.budget))
        cheapest = min(cost)
        taken = []
        for row, campaign in zip(
            rows[order].tolist(), campaigns[order].tolist(), strict=True
        ):
            if cost[campaign] > budget or not contacts_left[row]:
                if cheapest > budget:
                    break
                continue
            if room[campaign] < 1:
                continue
            taken.append((row, campaign))
            budget -= cost[campaign]
            room[campaign] -= 1
            contacts_left[row] -= 1
        if taken:
            picked, picked_campaigns = np.array(taken).T
            chosen[self.useful[picked], picked_campaigns] = True
        return chosen
