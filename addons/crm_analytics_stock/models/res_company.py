from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    perfect_order_promise = fields.Selection(
        [
            ("requested", "The date the customer asked for"),
            ("first", "The first promise, as confirmed"),
            ("last", "The last schedule"),
        ],
        "On Time Against",
        required=True,
        default="first",
    )
