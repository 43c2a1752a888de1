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
        profile_id, day, value = self._read_sales(
            [SQL("profile.id"), _DAY, _VALUE], SQL("TRUE")
        )
        profile_ids, customer = np.unique(profile_id.astype(int), return_inverse=True)
        history = purchase_history.build(
            customer,
            day,
            np.nan_to_num(value),
            customer_count=profile_ids.size,
            signals=self._read_signals(profile_ids),
        )
        return profile_ids, history, day_number(self._get_cutoff().date())

    def _read_products_sold(self):
        """Return what was sold to whom and when, goods and services on order lines.

        Services that are not for sale, as carriage is, are left out.

        :return: ids of profile, product and order, and the day, shape (n,) each
        """
        return self._read_sales(
            [SQL("profile.id"), SQL("line.product_id"), SQL("so.id"), _DAY],
            _IS_PRODUCT,
            SQL("JOIN sale_order_line line ON line.order_id = so.id"),
            SQL("DISTINCT"),
        ).astype(int)

    def _read_sales(self, columns, condition, joins=NOTHING, distinct=NOTHING):
        return self._read_table(
            SQL(
                """
                SELECT %(distinct)s %(columns)s
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
                columns=SQL(", ").join(columns),
                distinct=distinct,
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
            ),
            len(columns),
        )

    def _read_signals(self, profile_ids):
        """Return customer and day of each event that may tell of churn, by code."""
        types = self.env["crm.customer.event.type"].sudo()
        code_by_type = {
            each.id: each.code
            for each in types.with_context(active_test=False).search(
                [("code", "in", self._get_signal_codes())]
            )
        }
        type_id, profile_id, day = self._read_table(
            SQL(
                """
                SELECT event.type_id, profile.id, event.date::date - DATE '1970-01-01'
                  FROM crm_customer_event event
                  JOIN crm_customer_profile profile
                    ON profile.partner_id = event.partner_id
                   AND profile.company_id = event.company_id
                 WHERE event.type_id = ANY(%s) AND event.company_id = %s
                   AND event.date <= %s
                """,
                list(code_by_type),
                self.company_id.id,
                self._get_cutoff(),
            ),
            3,
        ).astype(int)
        is_known = np.isin(profile_id, profile_ids)
        signals = {}
        for type_id_of_code, code in sorted(
            code_by_type.items(), key=lambda item: item[1]
        ):
            rows = is_known & (type_id == type_id_of_code)
            if rows.any():
                customer = np.searchsorted(profile_ids, profile_id[rows])
                signals[code] = customer, day[rows]
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
