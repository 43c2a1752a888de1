from odoo import api, fields, models

VALUE_CLASSES = [("high", "High"), ("medium", "Medium"), ("low", "Low")]


class CrmCustomerProfile(models.Model):
    """What a customer is worth among all, and what he was when the month began."""

    _inherit = "crm.customer.profile"

    value_class = fields.Selection(
        VALUE_CLASSES,
        readonly=True,
        index="btree_not_null",
        help="High: the best customers, who bring half of the lifetime value of all. "
        "Medium: the next, up to four fifths. Low: the others.",
    )
    opening_month = fields.Date(readonly=True)
    opening_rfm_segment = fields.Char("RFM segment at the start", readonly=True)
    opening_value_class = fields.Char("Value class at the start", readonly=True)

    @api.model
    def _get_score_field_names(self):
        return [
            *super()._get_score_field_names(),
            "value_class",
            "opening_rfm_segment",
            "opening_value_class",
        ]
