from odoo import fields, models


class CrmContactPlanTenth(models.Model):
    """How well the uplift was told for customers the model had not seen.

    The customers of past campaigns in ten groups, those with the highest expected
    uplift first, and what the contact really added in each.
    """

    _name = "crm.contact.plan.tenth"
    _description = "Uplift per Tenth"
    _order = "offer_id, tenth"
    _rec_name = "tenth"

    offer_id = fields.Many2one(
        "crm.contact.plan.offer", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="offer_id.company_id", store=True)
    campaign_id = fields.Many2one(related="offer_id.campaign_id", store=True)
    tenth = fields.Integer(required=True, aggregator=False)
    uplift = fields.Float(
        "Uplift (points)",
        aggregator="avg",
        help="Buyers among the contacted less those in the control group, in points.",
    )
