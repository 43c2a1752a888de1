"""What a classifier has to beat."""

import re
from collections import Counter


class MajorityBaseline:
    """Always says the most frequent label."""

    def __init__(self, labels):
        self.label = Counter(labels).most_common(1)[0][0]

    def predict(self, texts):
        return [(self.label, 1.0)] * len(texts)


class KeywordBaseline:
    """Says the label whose name shares most words with the text, else the majority."""

    def __init__(self, labels, names):
        self._fallback = MajorityBaseline(labels).label
        self._words = {label: set(_read_words(name)) for label, name in names.items()}

    def predict(self, texts):
        return [(self._choose(text), 1.0) for text in texts]

    def _choose(self, text):
        found = Counter(_read_words(text))
        hits = {
            label: sum(found[word] for word in words)
            for label, words in self._words.items()
        }
        best = max(hits, key=hits.get, default=None)
        return best if best is not None and hits[best] else self._fallback


def _read_words(text):
    return [word for word in re.findall(r"\w+", text.lower()) if len(word) > 3]
