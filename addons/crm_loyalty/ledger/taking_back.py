"""How many points of an order are taken back when goods are returned.

An order earns by the rules of a program. Each rule counts something of the order
(units, money or the order itself), and takes back its points by what is counted less.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

CENT = Decimal("0.01")


class RuleShare(NamedTuple):
    """What a rule gave for an order, and how much of its reason came back.

    Attributes
    ----------
    points : Decimal
        What the rule gives for the order as it was confirmed.
    ordered : Decimal
        What the rule counts, of the whole order.
    returned : Decimal
        The same, of what has been returned so far.
    divisible : bool
        Whether a part of the points goes with a part of the order. Points for an
        order as such stay until all of it has come back.
    """

    points: Decimal
    ordered: Decimal
    returned: Decimal
    divisible: bool = True

    @property
    def taken_back(self):
        """Points that this rule takes back."""
        if self.ordered <= 0 or self.returned <= 0:
            return Decimal(0)
        share = min(self.returned / self.ordered, Decimal(1))
        if not self.divisible and share < 1:
            return Decimal(0)
        return self.points * share


def points_to_take_back(awarded, shares):
    """Return the points to be taken back in all, given all returns so far.

    The rules' points are scaled to what was awarded in fact, which a limit or a
    rounding may have made smaller or larger. Reckoning over all returns instead of
    each by itself keeps thirds from losing a point.

    Parameters
    ----------
    awarded : Decimal
        Points the order was given.
    shares : iterable of RuleShare

    Returns
    -------
    Decimal
        Between zero and ``awarded``, to two digits as stock's points.
    """
    shares = list(shares)
    given = sum((share.points for share in shares), Decimal(0))
    if given <= 0 or awarded <= 0:
        return Decimal(0)
    taken = sum((share.taken_back for share in shares), Decimal(0))
    if taken >= given:
        return awarded
    points = (awarded * taken / given).quantize(CENT, ROUND_HALF_UP)
    return min(points, awarded)
