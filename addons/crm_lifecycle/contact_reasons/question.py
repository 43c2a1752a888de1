"""What senders ask before they write to customers, and what they are answered."""

from datetime import datetime
from typing import NamedTuple

from odoo import models


class Question(NamedTuple):
    """May ``partners`` be written to?

    Attributes
    ----------
    partners
        The contacts, records of ``res.partner``.
    purpose_code
        Code of the consent purpose of the message.
    channel
        One of the channels of ``crm.consent``.
    sender
        Code of a ``crm.contact.policy.sender``: gives the priority, and has those who
        are held listed. Without one nothing is kept.
    document
        The record that is sent or that sends, such as a mailing.
    """

    partners: models.BaseModel
    purpose_code: str
    channel: str = "email"
    sender: str | None = None
    document: models.BaseModel | None = None


class Answer(NamedTuple):
    """Who may be written to, and why the others may not.

    Attributes
    ----------
    allowed
        Contacts who may be written to now.
    held
        Reason by id of the other contacts: a value of the field ``reason`` of
        ``crm.contact.hold``.
    """

    allowed: models.BaseModel
    held: dict[int, str]


class Circumstances(NamedTuple):
    """What the reasons to hold a message depend on besides the contact.

    Attributes
    ----------
    purpose
        Record of ``crm.consent.purpose``.
    channel
        One of the channels of ``crm.consent``.
    sender
        Record of ``crm.contact.policy.sender``, empty when nobody in particular asks.
    now
        The moment of the question, in UTC.
    planned
        Ids of contacts with the id of the purpose of a message about to be sent.
    limited
        Whether only the contacts of the common table expression ``asked`` count.
    """

    purpose: models.BaseModel
    channel: str
    sender: models.BaseModel
    now: datetime
    planned: tuple[tuple[int, int], ...] = ()
    limited: bool = True
