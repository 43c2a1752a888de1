"""Random splits that give the same participant the same way, however often asked."""

from hashlib import blake2b

# Numbers drawn lie evenly in [0, RANGE).
RANGE = 2**64


def draw(participant, step):
    """Return a number in [0, 1) that depends on both ids and nothing else."""
    digest = blake2b(f"{step}:{participant}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) / RANGE


def choose(number, weights):
    """Return the index of the weight in whose share of the whole ``number`` falls.

    :param float number: in [0, 1)
    :param list weights: not negative, at least one above zero
    :raise ValueError: no weight is above zero
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("Give at least one way of a split a weight above zero.")
    passed = 0
    for index, weight in enumerate(weights):
        passed += weight
        if number < passed / whole:
            return index
    return max(index for index, weight in enumerate(weights) if weight)
