"""From when to when something must have happened, as SQL."""

from datetime import date, timedelta
from typing import NamedTuple

from odoo.tools import SQL


class Period(NamedTuple):
    """A time in the past; without anything the whole of it.

    Attributes
    ----------
    days
        The last so many days before now; zero does not limit it.
    days_ago
        What is longer ago than so many days; zero does not limit it.
    start, end
        First and last day; either may be missing.
    """

    days: int = 0
    start: date | None = None
    end: date | None = None
    days_ago: int = 0

    def condition(self, column, now):
        """Return what a date must fulfil to lie in the period.

        :param SQL column: the date, a timestamp in UTC
        :param datetime now: in UTC
        """
        conditions = []
        if self.days:
            conditions.append(SQL("%s >= %s", column, now - timedelta(self.days)))
        if self.days_ago:
            conditions.append(SQL("%s < %s", column, now - timedelta(self.days_ago)))
        if self.start:
            conditions.append(SQL("%s >= %s", column, self.start))
        if self.end:
            conditions.append(SQL("%s < %s", column, self.end + timedelta(1)))
        return SQL(" AND ").join(conditions) if conditions else SQL("TRUE")
