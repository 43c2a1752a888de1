from odoo import api, fields, models
from odoo.tools import SQL

from .utm_campaign import USER_GROUP

MAILING_FIGURES = ("sent_count", "delivered_count", "opened_count", "clicked_count")


class UtmCampaignFigures(models.Model):
    """What came of a campaign: one query per kind of fact, for all campaigns shown."""

    _inherit = "utm.campaign"

    # Stock counts them with the user's rights, and its form fails for who has none to
    # mailings.
    mailing_mail_count = fields.Integer(compute_sudo=True)
    ab_testing_mailings_count = fields.Integer(compute_sudo=True)
    sent_count = fields.Integer(
        "Sent", compute="_compute_figures", compute_sudo=True, groups=USER_GROUP
    )
    delivered_count = fields.Integer(
        "Delivered",
        compute="_compute_figures",
        compute_sudo=True,
        groups=USER_GROUP,
        help="Sent and not bounced.",
    )
    opened_count = fields.Integer(
        "Opened", compute="_compute_figures", compute_sudo=True, groups=USER_GROUP
    )
    clicked_count = fields.Integer(
        "Clicked", compute="_compute_figures", compute_sudo=True, groups=USER_GROUP
    )
    response_count = fields.Integer(
        "Responses",
        compute="_compute_figures",
        compute_sudo=True,
        groups=USER_GROUP,
        help="People who replied to a mailing or became a lead, each counted once.",
    )
    lead_count = fields.Integer(
        "Leads", compute="_compute_figures", compute_sudo=True, groups=USER_GROUP
    )
    order_count = fields.Integer(
        "Orders",
        compute="_compute_figures",
        compute_sudo=True,
        groups=USER_GROUP,
        help="Confirmed orders that are owed to the campaign.",
    )
    order_revenue = fields.Monetary(
        "Revenue",
        compute="_compute_figures",
        compute_sudo=True,
        groups=USER_GROUP,
        help="Untaxed amount of the confirmed orders.",
    )
    cost_per_lead = fields.Monetary(
        compute="_compute_ratios", groups=USER_GROUP, help="Actual cost per lead."
    )
    roi = fields.Float(
        "ROI (%)",
        compute="_compute_ratios",
        groups=USER_GROUP,
        help="Revenue less actual cost, in % of the actual cost.",
    )

    @api.model
    def _get_figure_names(self):
        """Hook: return the fields that a campaign target can be set for."""
        return [
            *MAILING_FIGURES,
            "response_count",
            "lead_count",
            "order_count",
            "order_revenue",
            "roi",
        ]

    def _compute_figures(self):
        figures = {campaign.id: {} for campaign in self}
        if self.ids:
            self.env.flush_all()
            for rows in (
                self._read_mailing_figures(),
                self._read_response_figures(),
                self._read_lead_figures(),
                self._read_order_figures(),
            ):
                for campaign_id, values in rows.items():
                    figures[campaign_id].update(values)
        names = (
            *MAILING_FIGURES,
            "response_count",
            "lead_count",
            "order_count",
            "order_revenue",
        )
        for campaign in self:
            values = figures[campaign.id]
            campaign.update({name: values.get(name, 0) for name in names})

    @api.depends("order_revenue", "lead_count", "actual_cost")
    def _compute_ratios(self):
        for campaign in self:
            cost = campaign.actual_cost
            leads = campaign.lead_count
            campaign.cost_per_lead = cost / leads if leads else 0
            campaign.roi = 100 * (campaign.order_revenue - cost) / cost if cost else 0

    def _read_mailing_figures(self):
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT campaign_id,
                       count(*) FILTER (WHERE sent_datetime IS NOT NULL) AS sent_count,
                       count(*) FILTER (
                           WHERE sent_datetime IS NOT NULL
                             AND trace_status IN ('sent', 'open', 'reply')
                       ) AS delivered_count,
                       count(*) FILTER (WHERE trace_status IN ('open', 'reply'))
                           AS opened_count,
                       count(*) FILTER (WHERE crm_click_date IS NOT NULL)
                           AS clicked_count
                  FROM mailing_trace
                 WHERE campaign_id IN %s AND is_test_trace IS NOT TRUE
                 GROUP BY campaign_id
                """,
                tuple(self.ids),
            )
        )
        return {row.pop("campaign_id"): row for row in rows}

    def _read_response_figures(self):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT campaign_id, count(DISTINCT person) FROM (
                    SELECT campaign_id, COALESCE(email, 'trace ' || id) AS person
                      FROM mailing_trace
                     WHERE campaign_id IN %(campaigns)s AND trace_status = 'reply'
                       AND is_test_trace IS NOT TRUE
                     UNION ALL
                    SELECT campaign_id, COALESCE(email_normalized, 'lead ' || id)
                      FROM crm_lead WHERE campaign_id IN %(campaigns)s
                ) response GROUP BY campaign_id
                """,
                campaigns=tuple(self.ids),
            )
        )
        return {campaign_id: {"response_count": count} for campaign_id, count in rows}

    def _read_lead_figures(self):
        rows = (
            self.env["crm.lead"]
            .with_context(active_test=False)
            ._read_group(
                [("campaign_id", "in", self.ids)], ["campaign_id"], ["__count"]
            )
        )
        return {campaign.id: {"lead_count": count} for campaign, count in rows}

    def _read_order_figures(self):
        """Return number and value of confirmed orders, in the campaign's currency."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT campaign_id, company_id, count(*),
                       sum(amount_untaxed / COALESCE(NULLIF(currency_rate, 0), 1))
                  FROM sale_order
                 WHERE campaign_id IN %s AND state = 'sale'
                 GROUP BY campaign_id, company_id
                """,
                tuple(self.ids),
            )
        )
        figures = {}
        today = fields.Date.context_today(self)
        for campaign_id, company_id, count, amount in rows:
            company = self.env["res.company"].browse(company_id)
            currency = self.browse(campaign_id).currency_id or company.currency_id
            values = figures.setdefault(
                campaign_id, {"order_count": 0, "order_revenue": 0.0}
            )
            values["order_count"] += count
            values["order_revenue"] += company.currency_id._convert(
                float(amount), currency, company, today
            )
        return figures
