from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL


class CrmChurnWarningStake(models.Model):
    """The money at stake: the margin that a customer who leaves takes with him."""

    _inherit = "crm.churn.warning"

    stake_by = fields.Selection(
        selection="_selection_stake_by",
        string="Money at Stake Is",
        required=True,
        default="margin",
        help="The alerts say which it was: where there is no forecast, it is the "
        "margin of the last twelve months.",
    )
    assumed_margin = fields.Float(
        "Margin Without Cost (%)",
        default=40,
        digits=(16, 1),
        help="Products without a cost count with this share of their price.",
    )

    _assumed_margin_range = models.Constraint(
        "CHECK(assumed_margin >= 0 AND assumed_margin <= 100)",
        "The margin of products without a cost is from 0 to 100 %.",
    )

    @api.model
    def _selection_stake_by(self):
        return [
            ("margin", self.env._("Margin of the last 12 months")),
            *self._get_stake_columns(),
        ]

    @api.model
    def _get_stake_columns(self):
        """Hook: return columns of the profile that forecast a customer's margin.

        :return: pairs of the name of the field and its label
        :rtype: list[tuple[str, str]]
        """
        known = self.env["crm.customer.profile"]._fields
        forecasts = [("clv", self.env._("Lifetime value forecast by the analyses"))]
        return [(name, label) for name, label in forecasts if name in known]

    def _get_stake_query(self, moment):
        """Return SQL of ``partner_id``, ``stake`` and ``source`` of the candidates.

        Called where ``candidate`` is a table with their ``partner_id``.
        """
        margin = self._get_margin_query(
            SQL("candidate"), moment - relativedelta(months=12), moment
        )
        forecast = SQL("NULL::numeric")
        is_today = moment.date() >= fields.Date.context_today(self)
        if self.stake_by != "margin" and is_today:
            forecast = SQL(
                "NULLIF(profile.%s, 0)::numeric", SQL.identifier(self.stake_by)
            )
        return SQL(
            """
            SELECT candidate.partner_id,
                   COALESCE(%(forecast)s, margin.margin, 0) AS stake,
                   CASE WHEN %(forecast)s IS NOT NULL THEN %(stake_by)s
                        WHEN margin.assumed THEN 'assumed'
                        ELSE 'margin' END AS source
              FROM candidate
         LEFT JOIN (%(margin)s) margin USING (partner_id)
         LEFT JOIN crm_customer_profile profile
                ON profile.partner_id = candidate.partner_id
               AND profile.company_id = %(company)s
            """,
            forecast=forecast,
            stake_by=self.stake_by,
            margin=margin,
            company=self.company_id.id,
        )

    def _get_margin_query(self, customers, since, until):
        """Return SQL of the margin of each of the customers within a time.

        :param SQL customers: a table with a ``partner_id``
        :return: SQL of ``partner_id``, ``margin`` (company currency, after discounts)
            and ``assumed``: whether a product without a cost is in it
        """
        profiles = self.env["crm.customer.profile"]
        return SQL(
            """
            SELECT customer.partner_id, sum(%(margin)s) AS margin,
                   bool_or(NOT %(is_costed)s) AS assumed
              FROM %(customers)s customer
              JOIN res_partner contact
                ON contact.commercial_partner_id = customer.partner_id
              JOIN sale_order so ON so.partner_id = contact.id
              JOIN sale_order_line line ON line.order_id = so.id
         LEFT JOIN product_product product ON product.id = line.product_id
         LEFT JOIN product_template template ON template.id = product.product_tmpl_id
              %(cost_joins)s
             WHERE so.state = 'sale' AND so.company_id = %(company)s
               AND so.date_order >= %(since)s AND so.date_order < %(until)s
               AND line.display_type IS NULL AND line.is_downpayment IS NOT TRUE
             GROUP BY customer.partner_id
            """,
            margin=self._get_line_margin_sql(),
            is_costed=self._is_costed_sql(),
            customers=customers,
            cost_joins=profiles._get_line_cost_joins(),
            company=self.company_id.id,
            since=since,
            until=until,
        )

    def _get_margin_after_query(self):
        """Return SQL of ``alert_id`` and ``margin`` within the horizon of each."""
        profiles = self.env["crm.customer.profile"]
        return SQL(
            """
            SELECT alert.id AS alert_id, sum(%(margin)s) AS margin
              FROM crm_churn_alert alert
              JOIN res_partner contact
                ON contact.commercial_partner_id = alert.partner_id
              JOIN sale_order so ON so.partner_id = contact.id
              JOIN sale_order_line line ON line.order_id = so.id
         LEFT JOIN product_product product ON product.id = line.product_id
         LEFT JOIN product_template template ON template.id = product.product_tmpl_id
              %(cost_joins)s
             WHERE alert.warning_id = %(warning)s AND so.state = 'sale'
               AND so.company_id = %(company)s
               AND so.date_order > alert.date_opened
               AND so.date_order < alert.date_due + 1
               AND line.display_type IS NULL AND line.is_downpayment IS NOT TRUE
             GROUP BY alert.id
            """,
            margin=self._get_line_margin_sql(),
            cost_joins=profiles._get_line_cost_joins(),
            warning=self.id,
            company=self.company_id.id,
        )

    def _get_line_margin_sql(self):
        """Return SQL of the margin of an order line, discounts taken off in full."""
        return SQL(
            """
            CASE WHEN %(is_costed)s
                 THEN line.price_subtotal / COALESCE(NULLIF(so.currency_rate, 0), 1)
                      - %(cost)s
                 ELSE line.price_subtotal / COALESCE(NULLIF(so.currency_rate, 0), 1)
                      * %(assumed)s END
            """,
            is_costed=self._is_costed_sql(),
            cost=self.env["crm.customer.profile"]._get_line_cost_sql(),
            assumed=self.assumed_margin / 100,
        )

    def _is_costed_sql(self):
        """A reward's line is what is given away: it has no margin of its own."""
        return SQL(
            "(COALESCE(%s, 0) != 0 OR line.reward_id IS NOT NULL)",
            self.env["crm.customer.profile"]._get_line_cost_sql(),
        )
