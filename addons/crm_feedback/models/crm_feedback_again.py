from odoo import fields, models


class CrmFeedbackAgain(models.Model):
    """A second answer knows the first."""

    _inherit = "crm.feedback"

    first_feedback_id = fields.Many2one(
        "crm.feedback",
        "First Answer",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        help="The unhappy answer after whose follow-up the customer was asked again.",
    )
    second_feedback_ids = fields.One2many(
        "crm.feedback", "first_feedback_id", "Asked Again"
    )
