"""A section of the quality report: figures beside their references, and plots."""

from typing import NamedTuple


class Figure(NamedTuple):
    """A measured figure; ``reference`` is a number or a condition in words."""

    name: str
    label: str
    value: float
    reference: object
    source: str
    digits: int = 3


class Section(NamedTuple):
    title: str
    text: str
    figures: list
    plots: list
