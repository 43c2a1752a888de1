"""Draw when the invoices of a log are paid.

A log of sales says nothing about payments, yet payment behaviour is what the back
office knows best. So it is invented here, reproducibly: each customer has a habit, each
invoice strays from it, and both are drawn from a hash of their names.
"""

from datetime import timedelta
from hashlib import sha256

PAYMENT_DAYS = 30
# Most pay in time, some weeks late: days after the invoice, by growing share.
HABITS = ((0.55, 5, 30), (0.85, 25, 45), (1.0, 40, 90))
NEVER_PAID_SHARE = 0.04
STRAY_DAYS = 5


def draw(*names):
    """Return a number in [0, 1) that depends on ``names`` alone."""
    digest = sha256("\0".join(names).encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def payment_date(document, last_date):
    """Return the day on which ``document`` is paid, None when it is still open."""
    if draw("paid", document.key) < NEVER_PAID_SHARE:
        return None
    position = draw("habit", document.customer)
    shortest, longest = next(
        (low, high) for share, low, high in HABITS if position < share
    )
    habit = shortest + draw("delay", document.customer) * (longest - shortest)
    stray = (draw("stray", document.key) * 2 - 1) * STRAY_DAYS
    paid = document.date.date() + timedelta(days=max(0, round(habit + stray)))
    return paid if paid <= last_date.date() else None
