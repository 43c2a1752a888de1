"""One contribution to the rights of the person: where data of a person lies."""

from typing import NamedTuple

# What an erasure does with the records of a section.
ERASURES = ("delete", "purge", "clear", "keep")


class PrivacySection(NamedTuple):
    """Records about a person: how they are found, told and erased.

    :param model: technical name of the model
    :param label: what users read as heading, such as "Orders"; translated
    :param partner_fields: paths from the record to a contact, such as ``partner_id``
        or ``order_id.partner_id``
    :param email_fields: stored fields that hold an address of the person, for records
        without a contact
    :param fields: what is told, in this order; empty: every stored simple field that
        users see
    :param erasure: ``delete``: the records go, with messages and attachments;
        ``purge``: the same by SQL, for logs that nobody may delete by the interface;
        ``clear``: the records stay, without what is in ``cleared`` and without
        messages and attachments; ``keep``: they stay as they are
    :param cleared: names of stored text fields (and of links to contacts) to empty
    :param reason: why records stay; told before and after the erasure; translated
    :param domain: further condition, in prefix form
    :param exported: whether the records are told; false where they only repeat what
        another section tells
    """

    model: str
    label: str
    partner_fields: tuple[str, ...] = ("partner_id",)
    email_fields: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    erasure: str = "delete"
    cleared: tuple[str, ...] = ()
    reason: str = ""
    domain: tuple = ()
    exported: bool = True
