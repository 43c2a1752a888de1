"""Which awards a debit of points draws on.

A card holds awards that are used up bit by bit, the one that expires first before
the others. What a debit takes beyond them all is a debt, which the next awards pay.
"""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

# Finer than any program counts points, coarser than the error of a sum of floats.
DIGITS = 6


class Award(NamedTuple):
    """Points on a card that are still there to be drawn on.

    Attributes
    ----------
    key : int
        What identifies the award; of two that expire together the lower goes first.
    expiry : date or None
        Last day on which the points can be spent; None for ever.
    points : Decimal
        What is left of it, above zero.
    """

    key: int
    expiry: date | None
    points: Decimal


def exact(points):
    """Return points as an exact number, free of the dust of binary fractions.

    Parameters
    ----------
    points : float or Decimal or None

    Returns
    -------
    Decimal
    """
    return Decimal(str(round(float(points or 0), DIGITS)))


class Draw(NamedTuple):
    """A part of a debit: so many points of that award, or of none (a debt)."""

    key: int | None
    points: Decimal


def in_order(awards):
    """Sort awards as they are used up: the first to expire first.

    Parameters
    ----------
    awards : iterable of Award

    Returns
    -------
    list of Award
    """
    return sorted(awards, key=lambda award: (award.expiry or date.max, award.key))


def pay_debt(awards, debt):
    """Take what the card is in debt off its awards, the first to expire first.

    Parameters
    ----------
    awards : iterable of Award
    debt : Decimal
        Points that earlier debits took beyond all awards, zero or more.

    Returns
    -------
    list of Award
        What a debit can draw on, in the order of use.
    """
    left = []
    for award in in_order(awards):
        paid = min(debt, award.points)
        debt -= paid
        if award.points > paid:
            left.append(award._replace(points=award.points - paid))
    return left


def draw(awards, points, first=None):
    """Split a debit over the awards it draws on.

    Parameters
    ----------
    awards : iterable of Award
        What there is to draw on.
    points : Decimal
        Size of the debit, above zero.
    first : int, optional
        Key of an award to be used before all others, as when an award is taken back.

    Returns
    -------
    list of Draw
        Of sum ``points``; a debt, if any, comes last.
    """
    queue = sorted(in_order(awards), key=lambda award: award.key != first)
    draws = []
    for award in queue:
        if not points:
            break
        taken = min(points, award.points)
        points -= taken
        draws.append(Draw(award.key, taken))
    if points:
        draws.append(Draw(None, points))
    return draws


def subtract(awards, draws):
    """Return the awards that are left when ``draws`` have been made on them.

    Parameters
    ----------
    awards : iterable of Award
    draws : iterable of Draw

    Returns
    -------
    list of Award
    """
    drawn = {}
    for key, points in draws:
        drawn[key] = drawn.get(key, 0) + points
    left = (
        award._replace(points=award.points - drawn.get(award.key, 0))
        for award in awards
    )
    return [award for award in left if award.points > 0]
