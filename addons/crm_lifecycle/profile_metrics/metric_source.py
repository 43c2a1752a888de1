"""One contribution to the customer profile: named SQL over the ERP's facts."""

from typing import NamedTuple

from odoo.tools import SQL


class MetricSource(NamedTuple):
    """Some columns of the profile and the query that computes them.

    :param name: short name, used as alias of the query
    :param columns: names of the profile's fields, in the order of the query
    :param query: ``SELECT partner_id, company_id, <columns>``, at most one row per
        customer (commercial partner) and company; a customer without a row gets
        zero in numeric columns and nothing in the others
    :param label: what users read as the origin of these figures, such as "Confirmed
        sales orders"; translated
    :param description: how they are computed, in a sentence or two; translated
    :param per_company: false where the figures are the same in all companies: the
        query is then ``SELECT partner_id, <columns>``
    """

    name: str
    columns: tuple[str, ...]
    query: SQL
    label: str = ""
    description: str = ""
    per_company: bool = True
