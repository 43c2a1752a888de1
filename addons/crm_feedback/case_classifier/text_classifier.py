"""Which category a text belongs to, learned from texts that people have put into one.

Words and pairs of words, weighted by how rare they are (TF-IDF: Salton and Buckley,
Term-weighting Approaches in Automatic Text Retrieval, 1988), go into a multinomial
logistic regression, whose probabilities are the confidence.
"""

from io import BytesIO

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

MAX_WORDS = 30_000
# Of 1, 3, 10 and 30 the last two were best on the first months of the CFPB complaints
# (not on those it is judged by); the smaller is less sure of itself.
STRENGTH = 10.0


def _make_vectorizer(**options):
    return TfidfVectorizer(
        sublinear_tf=True, strip_accents="unicode", ngram_range=(1, 2), **options
    )


class TextClassifier:
    """A trained classifier: its words with their weights, and a row per category."""

    def __init__(self, words, rarity, labels, weights, offsets):
        self.words, self.rarity = words, rarity
        self.labels, self.weights, self.offsets = labels, weights, offsets
        self._vectorizer = _make_vectorizer(
            vocabulary={word: place for place, word in enumerate(words.tolist())}
        )
        self._vectorizer.idf_ = rarity

    @classmethod
    def train(cls, texts, labels):
        """Return a classifier of these texts (list of str) and labels (list of int)."""
        vectorizer = _make_vectorizer(max_features=MAX_WORDS)
        features = vectorizer.fit_transform(texts)
        model = LogisticRegression(C=STRENGTH, max_iter=1000)
        model.fit(features, labels)
        weights, offsets = model.coef_, model.intercept_
        if len(model.classes_) == 2:
            # Of two labels only the second has a row.
            weights, offsets = (
                np.vstack([-weights, weights]) / 2,
                np.array([-offsets[0], offsets[0]]) / 2,
            )
        words = np.array(vectorizer.get_feature_names_out(), dtype=str)
        return cls(
            words,
            vectorizer.idf_,
            model.classes_,
            weights.astype(np.float32),
            offsets.astype(np.float32),
        )

    def predict(self, texts):
        """Return a (label, confidence) per text; confidences are between 0 and 1."""
        scores = self._vectorizer.transform(texts) @ self.weights.T + self.offsets
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares = scores / scores.sum(axis=1, keepdims=True)
        best = shares.argmax(axis=1)
        confidence = shares[np.arange(len(best)), best]
        return [
            (int(self.labels[place]), float(share))
            for place, share in zip(best, confidence, strict=True)
        ]

    def to_bytes(self):
        """Return the classifier as a file of plain arrays; nothing in it is code."""
        file = BytesIO()
        np.savez_compressed(
            file,
            words=self.words,
            rarity=self.rarity,
            labels=self.labels,
            weights=self.weights,
            offsets=self.offsets,
        )
        return file.getvalue()

    @classmethod
    def from_bytes(cls, content):
        with np.load(BytesIO(content), allow_pickle=False) as arrays:
            return cls(**{name: arrays[name] for name in arrays.files})
