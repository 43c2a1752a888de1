"""Who is meant by some identifiers, judged from the contacts that have them."""

from collections import defaultdict
from typing import NamedTuple


class Match(NamedTuple):
    """A contact that has one of the identifiers.

    Attributes
    ----------
    kind
        The identifier: email, phone, vat or reference.
    contact
        The contact's id.
    customer
        The id of its commercial entity.
    """

    kind: str
    contact: int
    customer: int


class Resolution(NamedTuple):
    """What the matches say.

    Attributes
    ----------
    contact
        The contact that is meant, zero in case of doubt.
    doubt
        Empty, or ``unknown`` (no contact has any of the identifiers), ``weak``
        (the identifiers found are not enough), ``several`` (they don't tell customers
        apart) or ``conflict`` (they speak of different customers).
    candidates
        In case of doubt: the contacts that may be meant, each with the identifiers
        it has, best first.
    """

    contact: int = 0
    doubt: str = ""
    candidates: tuple[tuple[int, tuple[str, ...]], ...] = ()


def resolve(matches, weak=frozenset()):
    """Tell who is meant, all the identifiers that anybody has being true.

    Contacts of one customer are no doubt: it is the one with most of the identifiers,
    or the customer itself where several have as many. A telephone that two customers
    share is no doubt either as long as the e-mail belongs to one of them only.

    Parameters
    ----------
    matches : iterable of Match
    weak : set of str
        Kinds of identifiers that say nothing if no other is found.

    Returns
    -------
    Resolution
    """
    kinds = defaultdict(lambda: defaultdict(set))
    customers = defaultdict(set)
    for match in matches:
        kinds[match.customer][match.contact].add(match.kind)
        customers[match.kind].add(match.customer)
    if not kinds:
        return Resolution(doubt="unknown")
    if customers.keys() <= weak:
        return Resolution(doubt="weak", candidates=rank_candidates(kinds))
    common = set.intersection(*customers.values())
    if len(common) == 1:
        customer = common.pop()
        return Resolution(contact=choose_contact(customer, kinds[customer])[0])
    return Resolution(
        doubt="several" if common else "conflict",
        candidates=rank_candidates(kinds),
    )


def choose_contact(customer, kinds_by_contact):
    """Return the contact of a customer that is meant, and the identifiers found.

    Parameters
    ----------
    customer : int
    kinds_by_contact : dict of int to set of str
    """
    most = max(map(len, kinds_by_contact.values()))
    best = [
        contact for contact, kinds in kinds_by_contact.items() if len(kinds) == most
    ]
    contact = best[0] if len(best) == 1 else customer
    return contact, set().union(*kinds_by_contact.values())


def rank_candidates(kinds):
    """Return a contact for each customer, those with most identifiers first.

    Parameters
    ----------
    kinds : dict of customer to (dict of contact to set of str)
    """
    chosen = [
        choose_contact(customer, contacts) for customer, contacts in kinds.items()
    ]
    ranked = sorted(chosen, key=lambda found: (-len(found[1]), found[0]))
    return tuple((contact, tuple(sorted(names))) for contact, names in ranked)
