from odoo import api, fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    case_count = fields.Integer(
        "Cases",
        compute="_compute_case_count",
        groups="crm_feedback.crm_feedback_group_user",
    )

    sees_company_cases = fields.Boolean(
        "Sees the Company's Cases",
        default=True,
        help="On the portal this contact sees the cases of his whole company. "
        "Untick to show him his own cases only.",
    )

    crm_open_case = fields.Char(
        "Open Case",
        compute="_compute_crm_open_case",
        compute_sudo=True,
        groups="crm_lifecycle.crm_lifecycle_group_user",
        help="Number of his last case that is not solved. For messages to him.",
    )

    def _compute_crm_open_case(self):
        cases = self.env["crm.case"].search_fetch(
            [
                ("commercial_partner_id", "in", self.commercial_partner_id.ids),
                ("stage_kind", "not in", ("solved", "cancelled")),
            ],
            ["number", "commercial_partner_id"],
            order="id",
        )
        number_by_customer = {case.commercial_partner_id: case.number for case in cases}
        for partner in self:
            customer = partner.commercial_partner_id
            partner.crm_open_case = number_by_customer.get(customer, False)

    def _compute_case_count(self):
        """Count the cases of a contact and, for a company, of all its contacts."""
        commercial = self.commercial_partner_id
        by_company = dict(
            self.env["crm.case"]._read_group(
                [("commercial_partner_id", "in", commercial.ids)],
                ["commercial_partner_id"],
                ["__count"],
            )
        )
        by_contact = dict(
            self.env["crm.case"]._read_group(
                [("partner_id", "in", self.ids)], ["partner_id"], ["__count"]
            )
        )
        for partner in self:
            counts = by_company if partner in commercial else by_contact
            partner.case_count = counts.get(partner, 0)

    def write(self, vals):
        result = super().write(vals)
        if "sees_company_cases" in vals:
            # The rule of the portal reads it, and rules are cached.
            self.env.registry.clear_cache()
        return result

    def action_open_cases(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_feedback.crm_case_action"
        )
        path = "partner_id"
        if self == self.commercial_partner_id:
            path = "commercial_partner_id"
        action["domain"] = [(path, "=", self.id)]
        action["context"] = {"default_partner_id": self.id}
        return action

    @api.model
    def _get_personal_fields(self):
        return (*super()._get_personal_fields(), "crm_open_case")
