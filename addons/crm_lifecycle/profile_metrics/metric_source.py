"""One contribution to the customer profile: named SQL over the ERP's facts."""

from typing import NamedTuple

from odoo.tools import SQL


class MetricSource(NamedTuple):
    """Some columns of the profile and the query that computes them.

    :param name: short name, used as alias of the query and shown to users
    :param columns: names of the profile's fields, in the order of the query
    :param query: ``SELECT partner_id, company_id, <columns>``, at most one row per
        customer (commercial partner) and company; a customer without a row gets
        zero in numeric columns and nothing in the others
    """

    name: str
    columns: tuple[str, ...]
    query: SQL
