from odoo import api, models
from odoo.tools import SQL


class ResCurrency(models.Model):
    _inherit = "res.currency"

    @api.model
    def _convert_to_sql(self, amount, source, target, company_alias, date):
        """Return SQL that converts ``amount`` as :meth:`_convert` does.

        :param SQL amount: the amount, in currency ``source``
        :param SQL source: id of the currency of the amount
        :param SQL target: id of the wanted currency
        :param str company_alias: alias of the ``res_company`` whose rates count
        :param SQL date: day of the rate
        """
        source_rate = self._rate_to_sql(source, company_alias, date)
        target_rate = self._rate_to_sql(target, company_alias, date)
        return SQL(
            "CASE WHEN %(source)s IS NULL OR %(source)s = %(target)s THEN %(amount)s "
            "ELSE round(%(amount)s * %(target_rate)s / %(source_rate)s, 2) END",
            amount=amount,
            source=source,
            target=target,
            source_rate=source_rate,
            target_rate=target_rate,
        )

    @api.model
    def _rate_to_sql(self, currency, company_alias, date):
        """The rate of the day, else the oldest one, else 1, as in ``_get_rates``."""
        rates = SQL(
            """
            SELECT rate.rate FROM res_currency_rate rate
             WHERE rate.currency_id = %s
               AND (rate.company_id IS NULL
                    OR rate.company_id = split_part(%s, '/', 1)::int)
            """,
            currency,
            SQL.identifier(company_alias, "parent_path"),
        )
        return SQL(
            """
            COALESCE(
                (%(rates)s AND rate.name <= (%(date)s)::date
                 ORDER BY rate.company_id, rate.name DESC LIMIT 1),
                (%(rates)s ORDER BY rate.company_id, rate.name LIMIT 1),
                1.0)
            """,
            rates=rates,
            date=date,
        )
