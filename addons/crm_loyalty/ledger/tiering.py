"""When a customer enters or leaves a tier.

A tier is reached at once. It is lost only when its days of grace have passed since it
was first found to be no longer earned.
"""

from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from typing import NamedTuple


class Verdict(Enum):
    """What becomes of the tier of a card."""

    STAY = "stay"
    REACH = "reach"
    LOSE = "lose"
    WARN = "warn"


class Standing(NamedTuple):
    """Where a card stands.

    Attributes
    ----------
    held : Decimal or None
        Threshold of the tier it has; None without one.
    earned : Decimal or None
        Threshold of the highest tier that its qualifying points reach.
    grace_days : int
        Days for which the tier it has is kept when it is no longer earned.
    kept_until : date or None
        Last day of grace, once that runs.
    """

    held: Decimal | None
    earned: Decimal | None
    grace_days: int = 0
    kept_until: date | None = None


def judge(standing, today):
    """Decide on the tier of a card.

    Parameters
    ----------
    standing : Standing
    today : date

    Returns
    -------
    tuple of (Verdict, date or None)
        The verdict, and the last day of grace if it runs on.
    """
    held, earned = standing.held, standing.earned
    if earned is not None and (held is None or earned > held):
        return Verdict.REACH, None
    if held == earned:
        return Verdict.STAY, None
    kept_until = standing.kept_until
    if kept_until is None:
        kept_until = today + timedelta(days=standing.grace_days)
        if standing.grace_days:
            return Verdict.WARN, kept_until
        return Verdict.LOSE, None
    if today > kept_until:
        return Verdict.LOSE, None
    return Verdict.STAY, kept_until
