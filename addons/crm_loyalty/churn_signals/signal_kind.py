"""What a kind of churn signal is by default, told to who sets up a warning."""

from typing import NamedTuple


class SignalKind(NamedTuple):
    """The defaults of a kind, and what its threshold means.

    :param float threshold: from here on the signal fires
    :param str unit: of the threshold, such as "days later"; translated
    :param str explanation: what is compared with what; translated
    :param int weight: how much it adds to the score of a customer
    :param bool is_available: whether what it reads exists in this database
    """

    threshold: float
    unit: str
    explanation: str
    weight: int = 1
    is_available: bool = True
