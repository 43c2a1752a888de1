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

    crm_tier_name = fields.Char(
        "Name of the Tier",
        compute="_compute_crm_tier_name",
        compute_sudo=True,
        groups="crm_lifecycle.crm_lifecycle_group_user",
        help="For messages to the customer.",
    )

    @api.depends("commercial_partner_id")
    def _compute_crm_tier_name(self):
        for partner in self:
            tier = partner.loyalty_tier_id.with_context(lang=partner.lang)
            partner.crm_tier_name = tier.name or False

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

    @api.model
    def _get_personal_fields(self):
        return (*super()._get_personal_fields(), "crm_tier_name")
