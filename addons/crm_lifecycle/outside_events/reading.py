"""Read what an outside system sends: a JSON object becomes a fact or is refused."""

import json
import math
import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from .identity import Identity, normalize_vat

# Longest text per field. What is longer is refused, not cut: half a key is no key.
TEXT_LIMITS = {
    "key": 128,
    "type": 64,
    "name": 200,
    "campaign": 200,
    "url": 2000,
    "currency": 3,
    "email": 254,
    "phone": 50,
    "vat": 32,
    "reference": 128,
    "customer_name": 200,
    "country": 2,
}
HINTS = {
    "type": "It is the technical name of an event type about outside events.",
    "currency": "It is the three-letter code of an active currency.",
    "campaign": "It is the name of a campaign.",
    "country": "It is the two-letter code of a country.",
}
IDENTIFIERS = ("email", "phone", "vat", "reference")
FIELDS = {*TEXT_LIMITS, "date", "value", "data"}
DATA_LIMIT = 4_000
VALUE_LIMIT = 1e15
# An outside clock may be a little ahead of ours.
FUTURE_TOLERANCE = timedelta(hours=1)
OLDEST = datetime(1990, 1, 1)


class Refusal(Exception):
    """Why an event is not taken.

    ``reason`` is for programs, the message for people.
    """

    def __init__(self, reason, message):
        super().__init__(message)
        self.reason = reason


class Catalog(NamedTuple):
    """What the names in the events stand for.

    Attributes
    ----------
    types, currencies, campaigns, countries
        Ids by code.
    normalize_email, normalize_phone
        Return the normalised text, or nothing if it is none; a telephone number may
        need the id of its country.
    now
        In UTC, without time zone.
    """

    types: dict
    currencies: dict
    campaigns: dict
    countries: dict
    normalize_email: Callable
    normalize_phone: Callable
    now: datetime


class OutsideFact(NamedTuple):
    """An event that can be taken."""

    key: str
    type_id: int
    date: datetime
    identity: Identity
    unreadable: tuple
    name: str
    url: str
    value: float | None
    currency_id: int | None
    campaign_id: int | None
    country_id: int | None
    customer_name: str
    data: str | None


def read_fact(item, catalog):
    """Return the fact that a JSON value tells.

    Parameters
    ----------
    item : object
        As parsed from JSON.
    catalog : Catalog

    Returns
    -------
    OutsideFact

    Raises
    ------
    Refusal
        Something is missing, unknown or of the wrong type.
    """
    if not isinstance(item, dict):
        raise Refusal("not_an_object", "An event must be a JSON object.")
    if unknown := item.keys() - FIELDS:
        names = ", ".join(sorted(map(repr, unknown)))
        raise Refusal("unknown_field", f"Unknown field: {names[:200]}.")
    texts = {name: read_text(item, name) for name in TEXT_LIMITS}
    for name in ("key", "type"):
        if not texts[name]:
            raise Refusal(f"no_{name}", f"'{name}' is missing.")
    identity, unreadable = read_identity(texts, catalog)
    return OutsideFact(
        key=texts["key"],
        type_id=find(texts, "type", catalog.types),
        date=read_date(item.get("date"), catalog.now),
        identity=identity,
        unreadable=unreadable,
        name=texts["name"],
        url=read_url(texts["url"]),
        value=read_value(item.get("value")),
        currency_id=find(texts, "currency", catalog.currencies),
        campaign_id=find(texts, "campaign", catalog.campaigns),
        country_id=find(texts, "country", catalog.countries),
        customer_name=texts["customer_name"],
        data=read_data(item.get("data")),
    )


def read_text(item, name):
    """Return the stripped text of a field, empty if it is not given."""
    text = item.get(name)
    if text is None:
        return ""
    if not isinstance(text, str):
        raise Refusal("not_a_text", f"'{name}' must be a text.")
    text = text.strip()
    if len(text) > TEXT_LIMITS[name]:
        raise Refusal(
            "too_long", f"'{name}' is longer than {TEXT_LIMITS[name]} characters."
        )
    if not is_storable(text) or "\n" in text:
        raise Refusal("not_a_text", f"'{name}' contains control characters.")
    return text


def is_storable(text):
    """Tell whether a text fits in the database: no NUL, no half of a character."""
    return "\0" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)


def find(texts, name, ids):
    """Return the id that a text stands for, nothing if it is not given."""
    if not texts[name]:
        return None
    found = ids.get(texts[name])
    if not found:
        message = f"Unknown {name}: {texts[name]!r}. {HINTS[name]}"
        raise Refusal(f"unknown_{name}", message)
    return found


def read_identity(texts, catalog):
    """Return the identity and the names of identifiers that could not be read."""
    given = [name for name in IDENTIFIERS if texts[name]]
    country = catalog.countries.get(texts["country"])
    identity = Identity(
        email=texts["email"] and catalog.normalize_email(texts["email"]) or "",
        phone=texts["phone"] and catalog.normalize_phone(texts["phone"], country) or "",
        vat=normalize_vat(texts["vat"]),
        reference=texts["reference"],
    )
    if not given:
        raise Refusal(
            "no_identifier",
            "Who is it? Give at least one of: " + ", ".join(IDENTIFIERS) + ".",
        )
    if not any(identity):
        raise Refusal("bad_identifier", f"Not valid: {', '.join(given)}.")
    return identity, tuple(name for name in given if not getattr(identity, name))


def read_date(text, now):
    """Return the UTC date of an ISO 8601 text, now if there is none."""
    if text is None:
        return now
    try:
        # Python 3.10 does not know the Z of "2026-11-23T10:00:00Z".
        date = datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", text))
        if date.tzinfo:
            date = date.astimezone(timezone.utc).replace(tzinfo=None)
    except (TypeError, ValueError, OverflowError):
        raise Refusal("bad_date", "'date' must be a date in ISO 8601.") from None
    if not OLDEST <= date <= now + FUTURE_TOLERANCE:
        raise Refusal("bad_date", "'date' is before 1990 or in the future.")
    return date.replace(microsecond=0)


def read_url(text):
    """Return an address of the web: others, such as scripts, are refused."""
    if text and not text.startswith(("https://", "http://")):
        raise Refusal("bad_url", "'url' must start with https:// or http://.")
    return text


def read_value(value):
    """Return the amount of an event."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refusal("bad_value", "'value' must be a number.")
    if not -VALUE_LIMIT < value < VALUE_LIMIT or math.isnan(value):
        raise Refusal("bad_value", "'value' is out of range.")
    return float(value)


def read_data(data):
    """Return the further data of an event as JSON text."""
    if data is None:
        return None
    if not isinstance(data, dict):
        raise Refusal("bad_data", "'data' must be a JSON object.")
    try:
        text = json.dumps(data, ensure_ascii=False, allow_nan=False)
    except (ValueError, RecursionError):
        raise Refusal("bad_data", "'data' contains numbers JSON has not.") from None
    if len(text) > DATA_LIMIT:
        raise Refusal("too_long", f"'data' is longer than {DATA_LIMIT} characters.")
    if not is_storable(text) or "\\u0000" in text:
        raise Refusal("bad_data", "'data' contains control characters.")
    return text
