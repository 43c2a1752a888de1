"""A reason for which messages to customers are held."""

from typing import NamedTuple

from odoo.tools import SQL


class HoldSource(NamedTuple):
    """Who is held, and for what reason.

    Attributes
    ----------
    reason
        A value of the field ``reason`` of ``crm.contact.hold``.
    query
        A select of two columns: ``partner_id``, and ``until``, the moment at which
        it is worth asking again (a timestamp, or NULL where nobody knows).
    whole_customer
        Whether ``partner_id`` is a commercial entity that stands for all its contacts.
    """

    reason: str
    query: SQL
    whole_customer: bool = False
