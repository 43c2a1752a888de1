from odoo import api, fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    recommendation_holdout = fields.Float(
        "Comparison Group (%)",
        help="Share of the customers to whom no product is recommended, so that the "
        "others can be compared with them.",
    )
    recommendation_holdout_date = fields.Datetime(
        "Compared since", readonly=True, help="When this share was last changed."
    )

    _recommendation_holdout_is_share = models.Constraint(
        "CHECK(COALESCE(recommendation_holdout, 0) BETWEEN 0 AND 50)",
        "The comparison group is at most half of the customers.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        self.env["crm.kpi"].sudo()._provide_standard(companies)
        return companies

    def write(self, vals):
        if "recommendation_holdout" in vals:
            share = vals["recommendation_holdout"]
            changed = self.filtered(lambda own: own.recommendation_holdout != share)
            super(ResCompany, changed).write(
                {"recommendation_holdout_date": share and self.env.cr.now()}
            )
        return super().write(vals)
