"""The tree of territories: which area does an address lie in?"""

from dataclasses import dataclass, field
from typing import NamedTuple


class Place(NamedTuple):
    """Where a lead is, and whose it is; ids, zero where unknown."""

    company_id: int
    country_id: int
    state_id: int
    zip_code: str


@dataclass
class Area:
    """A territory: what it says about places, and its parts.

    What it doesn't say (an empty set) every place meets.
    """

    id: int
    sequence: int = 0
    company_id: int = 0
    country_ids: frozenset = frozenset()
    state_ids: frozenset = frozenset()
    zip_ranges: tuple = ()
    parts: list = field(default_factory=list)

    def find_deepest(self, place):
        """Return the deepest part, or the area itself, that ``place`` lies in.

        Of two equally deep ones the first in order counts. An area that names no
        place itself is a heading: it holds its parts together and contains nothing.

        :return: the depth below this area and the area found, or None
        """
        if not self.covers(place):
            return None
        found = [part.find_deepest(place) for part in self.parts]
        found = [(depth + 1, area) for depth, area in filter(None, found)]
        if found:
            return min(found, key=lambda hit: (-hit[0], hit[1].sequence, hit[1].id))
        return (0, self) if self.names_places() else None

    def covers(self, place):
        return (
            (not self.company_id or place.company_id in (0, self.company_id))
            and (not self.country_ids or place.country_id in self.country_ids)
            and (not self.state_ids or place.state_id in self.state_ids)
            and (not self.zip_ranges or self._covers_zip(place.zip_code))
        )

    def _covers_zip(self, zip_code):
        return any(
            first <= zip_code[: len(first)] <= last for first, last in self.zip_ranges
        )

    def names_places(self):
        return bool(self.country_ids or self.state_ids or self.zip_ranges)
