"""How often something must have happened: the condition on groups of facts, as SQL."""

from typing import NamedTuple

from odoo.tools import SQL


class Tally(NamedTuple):
    """How many facts of a customer make a condition true.

    Attributes
    ----------
    operator
        ``at_least``, ``at_most`` or ``exactly``.
    number
        Not negative.
    value
        What the facts' values must add up to at least; zero asks for nothing.
    """

    operator: str
    number: int
    value: float = 0.0

    @property
    def is_negative(self):
        """Whether it is told by those of whom it is *not* true.

        Customers without any fact appear in no list of facts: where zero is enough,
        the condition holds for all but those who have too many.
        """
        return self.operator == "at_most" or not self.number

    def having(self):
        """Return the condition on a group with a column ``value``.

        For a negative tally it is what must not be true.
        """
        if self.is_negative:
            limit = self.number if self.operator == "at_most" else 0
            if self.operator == "at_least":
                # At least zero of them: nothing is asked of the number.
                return SQL("FALSE")
            return SQL("count(*) > %s", limit)
        sign = SQL("=") if self.operator == "exactly" else SQL(">=")
        having = SQL("count(*) %s %s", sign, self.number)
        if self.value:
            having = SQL("%s AND COALESCE(sum(value), 0) >= %s", having, self.value)
        return having
