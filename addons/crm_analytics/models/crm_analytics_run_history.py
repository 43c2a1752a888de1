from datetime import date

import numpy as np

from odoo import api, models
from odoo.tools import SQL

from ..engine import purchase_history

# Customer events that may tell of a customer who leaves; those of addons that are not
# installed are simply not there.
SIGNALS = (
    "case_opened",
    "credit_note_posted",
    "delivery_late",
    "delivery_returned",
    "detractor_answer",
    "invoice_overdue",
)

NOTHING = SQL()


class CrmAnalyticsRun(models.Model):
    """What the analyses read: purchases, events, products; one query each.

    Who objects to profiling is neither scored nor learned from.
    """

    _inherit = "crm.analytics.run"

    @api.model
    def _get_signal_codes(self):
        """Hook: return the codes of event types that may tell of churn."""
        return list(SIGNALS)

    def _read_history(self):
        """Return the purchases of all customers and the other facts about them.

        Days are counted from 1970; amounts are in the company's currency, untaxed.

        :return: ids of the profiles, history of :mod:`..engine.purchase_history` whose
            customers are positions in them, the last day known
        """
        rows = self._read_sales(SQL("profile.id, %s, %s, 1", _DAY, _VALUE), SQL("TRUE"))
        profile_ids, customer = np.unique(
            np.array([row[0] for row in rows], int), return_inverse=True
        )
        history = purchase_history.build(
            customer,
            [row[1] for row in rows],
            [float(row[2] or 0) for row in rows],
            customer_count=profile_ids.size,
            signals=self._read_signals(profile_ids),
        )
        return profile_ids, history, day_number(self._get_cutoff().date())

    def _read_products_sold(self):
        """Return what was sold to whom and when, goods and services on order lines.

        Services that are not for sale, as carriage is, are left out.

        :return: ids of profile, product and order, and the day, shape (n,) each
        """
        rows = self._read_sales(
            SQL("DISTINCT profile.id, line.product_id, so.id, %s", _DAY),
            _IS_PRODUCT,
            SQL("JOIN sale_order_line line ON line.order_id = so.id"),
        )
        return np.array(rows, int).reshape(len(rows), 4).T

    def _read_sales(self, columns, condition, joins=NOTHING):
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                """
                SELECT %(columns)s
                  FROM sale_order so
                  JOIN res_partner contact ON contact.id = so.partner_id
                  JOIN crm_customer_profile profile
                    ON profile.partner_id = contact.commercial_partner_id
                   AND profile.company_id = so.company_id
                  %(joins)s
                 WHERE so.state = 'sale' AND so.company_id = %(company)s
                   AND so.date_order <= %(cutoff)s AND %(begun)s AND %(profiled)s
                   AND %(condition)s
                """,
                columns=columns,
                joins=joins,
                condition=condition,
                company=self.company_id.id,
                cutoff=self._get_cutoff(),
                begun=SQL("so.date_order >= %s", self.date_from)
                if self.date_from
                else SQL("TRUE"),
                profiled=self.env["crm.customer.profile"]._profiled_to_sql(
                    SQL("contact.commercial_partner_id")
                ),
            )
        )

    def _read_signals(self, profile_ids):
        """Return customer and day of each event that may tell of churn, by code."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT type.code, profile.id, event.date::date - DATE '1970-01-01'
                  FROM crm_customer_event event
                  JOIN crm_customer_event_type type ON type.id = event.type_id
                  JOIN crm_customer_profile profile
                    ON profile.partner_id = event.partner_id
                   AND profile.company_id = event.company_id
                 WHERE type.code = ANY(%s) AND event.company_id = %s
                   AND event.date <= %s AND profile.id = ANY(%s)
                """,
                self._get_signal_codes(),
                self.company_id.id,
                self._get_cutoff(),
                profile_ids.tolist(),
            )
        )
        signals = {}
        for code in sorted({row[0] for row in rows}):
            facts = np.array([row[1:] for row in rows if row[0] == code], int)
            signals[code] = np.searchsorted(profile_ids, facts[:, 0]), facts[:, 1]
        return signals


def day_number(day):
    return (day - date(1970, 1, 1)).days


_DAY = SQL("so.date_order::date - DATE '1970-01-01'")
_IS_PRODUCT = SQL(
    "line.product_id IS NOT NULL AND line.display_type IS NULL"
    " AND line.is_downpayment IS NOT TRUE AND line.product_uom_qty > 0"
    # Carriage and fees: nobody chooses them, and they tell nothing of who does.
    " AND NOT EXISTS (SELECT 1 FROM product_product variant"
    " JOIN product_template template ON template.id = variant.product_tmpl_id"
    " WHERE variant.id = line.product_id AND template.type = 'service'"
    " AND template.sale_ok IS NOT TRUE)"
)
_VALUE = SQL("so.amount_untaxed / COALESCE(NULLIF(so.currency_rate, 0), 1)")
