from odoo import api, models


class RatingRating(models.Model):
    _inherit = "rating.rating"

    @api.model_create_multi
    def create(self, vals_list):
        ratings = super().create(vals_list)
        ratings.filtered("consumed")._capture_given()
        return ratings

    def write(self, vals):
        result = super().write(vals)
        if vals.get("consumed"):
            self._capture_given()
        return result

    def _capture_given(self):
        self.env["crm.customer.event.type"]._capture("rating_given", self)
