from odoo import fields, models


class CrmOrderCampaignSummary(models.Model):
    """The confirmed orders of each past day that came by a campaign.

    Apart from all orders: most come by none, and boards of sales read fewer rows.
    """

    _name = "crm.order.campaign.summary"
    _description = "Orders by Day and Campaign"
    _inherit = ["crm.order.summary"]
    _log_access = False

    _summary_domain = [("state", "=", "sale"), ("campaign_id", "!=", False)]

    campaign_id = fields.Many2one("utm.campaign", readonly=True, ondelete="cascade")
