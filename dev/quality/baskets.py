"""Groceries: what is bought together."""

import numpy as np
import shared_data
from engine import affinity

from .cdnow import FEATURES
from .section import Figure, Section

SOURCE = "Hahsler, Hornik, Reutterer (arules)"


def describe_affinity():
    rows = shared_data.read("groceries_baskets")
    _ids, basket = np.unique([row["basket_id"] for row in rows], return_inverse=True)
    names, item = np.unique([row["item"] for row in rows], return_inverse=True)
    matrix = affinity.baskets_with(basket, item)
    strong = affinity.rules(matrix, 0.01, 0.5, most_items=3)
    pairs = affinity.rules(matrix, 0.01)
    vegetables, milk = np.searchsorted(names, ["other vegetables", "whole milk"])
    row = np.flatnonzero((pairs.left[:, 0] == vegetables) & (pairs.right == milk))[0]
    figures = [
        Figure("groceries_rules", "Rules at 1 % support and 50 % confidence",
               strong.right.size, 15, SOURCE, 0),
        Figure("groceries_support", "Support of other vegetables and whole milk",
               pairs.support[row], 0.0748, SOURCE, 4),
        Figure("groceries_lift", "Lift of other vegetables and whole milk",
               pairs.lift[row], 1.514, SOURCE),
        Figure("groceries_significant", "Pairs at 1 % that are not chance (5 % false "
               "discoveries)", pairs.right.size, None, FEATURES.format(45), 0),
    ]  # fmt: skip
    best = "; ".join(
        f"{', '.join(names[i] for i in strong.left[at] if i >= 0)} → "
        f"{names[strong.right[at]]} (lift {strong.lift[at]:.2f})"
        for at in range(3)
    )
    text = f"9,835 baskets, 169 items. The strongest rules: {best}."
    return Section("Bought together: groceries", text, figures, [])
