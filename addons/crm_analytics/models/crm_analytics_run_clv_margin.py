import numpy as np

from odoo import fields, models
from odoo.tools import SQL

# A customer's own margin counts as much as that of all after so many average orders.
ORDERS_OF_ALL = 3


class CrmAnalyticsRun(models.Model):
    """What is left of a customer's revenue: less goods, returns and service."""

    _inherit = "crm.analytics.run"

    margin_source = fields.Selection(
        [
            ("customer", "Each customer's own, from orders and credit notes"),
            ("rate", "One rate for all"),
        ],
        "Margin From",
        required=True,
        default="customer",
        help="A customer's own margin is what his orders brought above the cost of the "
        "products, less what was credited and what serving him cost; drawn to that of "
        "all customers while he has few orders.",
    )
    margin_rate = fields.Float(
        "Margin",
        default=100,
        help="Per cent of the revenue that is margin. 100 makes the value a revenue. "
        "Used for all customers, or where no product has a cost.",
    )

    def _read_margin_shares(self, profile_ids):
        """Return which share of each customer's revenue is margin.

        :param profile_ids: array of int, shape (n,)
        :return: array of float, shape (n,); of all together, or None where no order
            tells a margin or one rate is wanted
        """
        rate = np.full(len(profile_ids), self.margin_rate / 100)
        if self.margin_source == "rate":
            return rate, None
        orders, revenue, margin, credited = self._read_margins(profile_ids)
        # Without a line there is neither cost nor margin to tell.
        known = (revenue > 0) & (margin != 0)
        if not known.any():
            return rate, None
        kept = np.clip(1 - credited / np.where(revenue > 0, revenue, 1), 0, 1)
        left = margin * kept - self._read_costs_to_serve(profile_ids)
        of_all = left[known].sum() / revenue[known].sum()
        drawn = ORDERS_OF_ALL * revenue[known].sum() / orders[known].sum()
        own = (left + of_all * drawn) / (revenue + drawn)
        return np.where(known, own, of_all), float(of_all)

    def _read_margins(self, profile_ids):
        """Return orders, revenue, margin and amount credited of each customer."""
        known_ids, *figures = self._read_table(
            SQL(
                """
                SELECT id, order_count, revenue, margin, credit_note_amount
                  FROM crm_customer_profile WHERE company_id = %s ORDER BY id
                """,
                self.company_id.id,
            ),
            5,
        )
        place = np.searchsorted(known_ids, profile_ids)
        return [np.nan_to_num(figure[place]) for figure in figures]

    def _read_costs_to_serve(self, profile_ids):
        """Hook: return what it has cost to serve each customer, besides the goods.

        :param profile_ids: array of int, shape (n,)
        :return: array of float, shape (n,), in the company's currency
        """
        return np.zeros(len(profile_ids))
