"""How good a classifier is, on texts later than those it has learned from.

A random split would let it learn from the future: products and words change.
"""

from typing import NamedTuple

from .baselines import KeywordBaseline, MajorityBaseline
from .text_classifier import TextClassifier

# The first part of the texts is learned from, the later part judges.
LEARNED = 0.75


class Validation(NamedTuple):
    """Shares of the later texts, from 0 to 1."""

    tested: int
    accuracy: float
    majority: float
    keyword: float
    confident: float
    confident_accuracy: float


def validate(texts, labels, names, min_confidence):
    """Train on the first texts and judge on the later ones.

    Parameters
    ----------
    texts, labels : list
        in the order of time
    names : dict
        the name of each label, for the keyword baseline
    min_confidence : float
        below it nothing would be suggested
    """
    cut = int(len(texts) * LEARNED)
    learned, judged = labels[:cut], labels[cut:]
    found = TextClassifier.train(texts[:cut], learned).predict(texts[cut:])
    sure = [
        (label, right)
        for (label, confidence), right in zip(found, judged, strict=True)
        if confidence >= min_confidence
    ]
    return Validation(
        tested=len(judged),
        accuracy=_share_right(found, judged),
        majority=_share_right(MajorityBaseline(learned).predict(texts[cut:]), judged),
        keyword=_share_right(
            KeywordBaseline(learned, names).predict(texts[cut:]), judged
        ),
        confident=len(sure) / len(judged),
        confident_accuracy=sum(label == right for label, right in sure)
        / max(len(sure), 1),
    )


def _share_right(found, judged):
    hits = sum(
        label == right for (label, _share), right in zip(found, judged, strict=True)
    )
    return hits / len(judged)
