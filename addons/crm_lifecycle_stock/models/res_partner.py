from odoo import api, models
from odoo.fields import Domain


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.model
    def _get_recommendable_domain(self):
        """Nobody is offered what is out of stock."""
        domain = super()._get_recommendable_domain()
        return domain & (
            Domain("is_storable", "=", False) | Domain("virtual_available", ">", 0)
        )
