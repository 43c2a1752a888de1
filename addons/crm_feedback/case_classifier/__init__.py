from .baselines import KeywordBaseline, MajorityBaseline
from .text_classifier import TextClassifier
from .validation import Validation, validate

__all__ = [
    "KeywordBaseline",
    "MajorityBaseline",
    "TextClassifier",
    "Validation",
    "validate",
]
