"""By what an outside system tells who somebody is."""

import re
from hashlib import sha256
from typing import NamedTuple


class Identity(NamedTuple):
    """The normalised identifiers of one person; empty where not given.

    Attributes
    ----------
    email
        Lower case, without a name.
    phone
        In E.164, such as ``+4930123456``.
    vat
        Letters and digits only, see :func:`normalize_vat`.
    reference
        The number that the outside system itself gives the person.
    """

    email: str = ""
    phone: str = ""
    vat: str = ""
    reference: str = ""

    @property
    def fingerprint(self):
        """Short text that is the same for the same identifiers, and only for them."""
        # No identifier contains a line feed: nothing can shift between them.
        return sha256("\n".join(self).encode()).hexdigest()

    def pairs(self):
        """Return the given identifiers as pairs of kind and value."""
        return {pair for pair in self._asdict().items() if pair[1]}


class Person(NamedTuple):
    """Somebody of whom an outside system tells something.

    Attributes
    ----------
    identity
        By what he can be recognised.
    name
        His name as given, may be empty.
    country_id
        Id of his country, if given.
    unknown
        What to do if nobody is it: ``review``, ``create`` or ``reject``.
    """

    identity: Identity
    name: str = ""
    country_id: int | None = None
    unknown: str = "review"

    def merged_with(self, other):
        """Return what two events tell together of the person; ``other`` may be None.

        A contact is made if one of the events asks for it, and who is to be reviewed
        for one is not refused for the other.
        """
        if other is None:
            return self
        order = ("create", "review", "reject")
        return Person(
            self.identity,
            other.name or self.name,
            other.country_id or self.country_id,
            min(self.unknown, other.unknown, key=order.index),
        )


def normalize_vat(value):
    """Return the letters and digits of a VAT number, in upper case.

    >>> normalize_vat("de 136.695-976")
    'DE136695976'
    """
    return re.sub(r"[^A-Z0-9]", "", value.upper())
