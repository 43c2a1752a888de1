from odoo import api, fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    loyalty_points = fields.Float(
        compute="_compute_loyalty_points",
        groups="crm_loyalty.crm_loyalty_group_user",
        help="Balance of the loyalty cards of the customer and all his contacts.",
    )
    loyalty_tier_id = fields.Many2one(
        "loyalty.tier",
        compute="_compute_loyalty_points",
        groups="crm_loyalty.crm_loyalty_group_user",
    )

    @api.depends("commercial_partner_id")
    def _compute_loyalty_points(self):
        cards = self.env["loyalty.card"].search(
            [
                (
                    "partner_id.commercial_partner_id",
                    "in",
                    self.commercial_partner_id.ids,
                ),
                ("program_type", "=", "loyalty"),
            ]
        )
        by_customer = cards.grouped(lambda card: card.partner_id.commercial_partner_id)
        for partner in self:
            held = by_customer.get(partner.commercial_partner_id, cards.browse())
            partner.loyalty_points = sum(held.mapped("points"))
            partner.loyalty_tier_id = held.tier_id.sorted("threshold")[-1:]

    def action_open_points_entries(self):
        """Open the points ledger of this customer and all his contacts."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_loyalty.loyalty_points_entry_action"
        )
        action["domain"] = [
            ("partner_id.commercial_partner_id", "in", self.commercial_partner_id.ids)
        ]
        action["context"] = {}
        return action
