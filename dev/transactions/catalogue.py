"""Derive products and their categories from the lines of a log.

A log carries a code and a description per line, no catalogue. The most frequent
description of a code names the product. Categories come from the descriptions: in an
English product name the kind of thing stands last, before any preposition ("VINTAGE
T-LIGHT HOLDER IN GLASS"), so the last word that enough products share is the category.
"""

import re
from collections import Counter
from statistics import median
from string import capwords
from typing import NamedTuple

# Codes of goods begin with five digits; the rest is postage, fees and vouchers.
GOODS_CODE = re.compile(r"\d{5}|DCGS|PADS|CD$", re.ASCII)
PRODUCTS_PER_CATEGORY = 12
PREPOSITION = re.compile(r" (?:IN|OF|WITH|W|ON|FOR|BY)\b|,")
WORD = re.compile(r"[A-Z][A-Z'-]{2,}", re.ASCII)
# Words that describe a thing but do not name it: colours, materials, motifs, sizes.
NOT_A_KIND = frozenset(
    """
    AND ANTIQUE ASSORTED ASST BABY BAROQUE BEIGE BIG BIRD BIRDS BLACK BLUE BROWN
    BUTTERFLY CERAMIC CHERRY CHILDRENS CHRISTMAS CIRCUS CLEAR COL COLOUR COLOURS CREAM
    CRYSTAL DAISY DESIGN DESIGNS DIAMANTE DOLLY EASTER ENAMEL ENGLISH FAIRY FELT
    FELTCRAFT FLOCK FLORAL FLOWER FLOWERS FOLKART FOR FRENCH FROM GINGHAM GIRL GLASS
    GOLD GREEN GREY HEART HEARTS HOME IVORY JUMBO KITCHEN LARGE LAVENDER LILAC LONDON
    LOVE MAGIC MEDIUM METAL MINI NATURAL ORANGE PACK PAINTED PAISLEY PANTRY PARTY PEARL
    PIECE PIECES PINK POLKADOT PURPLE RABBIT RED RETRO RETROSPOT ROSE ROUND ROYAL SET
    SHAPE SILVER SIZE SKULL SKULLS SMALL SPACEBOY SPOT SPOTS SQUARE STAR STARS
    STRAWBERRY STRIPE STRIPES STYLE SUKI SWEETHEART THE TURQUOISE UNION VINTAGE WHITE
    WITH WOOD WOODEN WOODLAND YELLOW ZINC
    """.split()
)


class Product(NamedTuple):
    """A product of the log."""

    code: str
    name: str
    category: str
    price: float
    is_service: bool


def build_catalogue(lines):
    """Return the products of ``lines`` by their code."""
    names, prices = {}, {}
    for line in lines:
        names.setdefault(line.stock_code, Counter())[line.description] += 1
        prices.setdefault(line.stock_code, []).append(line.unit_price)
    chosen = {code: best_name(code, counter) for code, counter in names.items()}
    goods = {code: name for code, name in chosen.items() if GOODS_CODE.match(code)}
    categories = name_categories(goods)
    return {
        code: Product(
            code=code,
            name=capwords(name),
            category=categories.get(code, "Services"),
            price=round(median(prices[code]), 2),
            is_service=code not in goods,
        )
        for code, name in chosen.items()
    }


def best_name(code, counter):
    """Return the most frequent description, or the code where there is none."""
    ranked = sorted(counter.items(), key=lambda item: (-item[1], item[0]))
    return next((name for name, _count in ranked if name), code)


def name_categories(goods):
    """Return the category of each of ``goods``, a name per code."""
    kinds = {code: kinds_in(name) for code, name in goods.items()}
    common = common_kinds(kind for found in kinds.values() for kind in set(found))
    first_choice = [last_of(found, common) for found in kinds.values()]
    # A common word may yet be the last one of few names.
    common = common_kinds(kind for kind in first_choice if kind)
    return {
        code: capwords(last_of(found, common) or "Other goods")
        for code, found in kinds.items()
    }


def common_kinds(kinds):
    return {
        kind for kind, count in Counter(kinds).items() if count >= PRODUCTS_PER_CATEGORY
    }


def last_of(kinds, common):
    return next((kind for kind in reversed(kinds) if kind in common), None)


def kinds_in(name):
    """Return the words of ``name`` that can name a kind of thing, in the singular.

    What stands before "in", "of", "with" counts more than what follows: it comes last.
    """
    parts = PREPOSITION.split(name.upper())
    words = WORD.findall(" ".join(reversed(parts)))
    return [singular(word) for word in words if word not in NOT_A_KIND]


def singular(word):
    for ending, replacement in (("XES", "X"), ("IES", "Y"), ("SS", "SS"), ("S", "")):
        if word.endswith(ending):
            return word.removesuffix(ending) + replacement
    return word
