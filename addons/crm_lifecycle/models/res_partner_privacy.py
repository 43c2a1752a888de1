from odoo import fields, models


class ResPartnerPrivacy(models.Model):
    """An erased customer has no events and no profile, whatever documents are kept."""

    _inherit = "res.partner"

    crm_is_erased = fields.Boolean(
        "Erased",
        readonly=True,
        copy=False,
        help="At his own request: documents that are kept by law make no events and "
        "no profile of him again.",
    )

    def action_open_privacy_requests(self):
        """Open what the person asked for as to his data, or begin to note it down."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_lifecycle.crm_privacy_request_action"
        )
        action["domain"] = [("partner_id", "=", self.id)]
        action["context"] = {"default_partner_id": self.id}
        if not self.env["crm.privacy.request"].search_count(action["domain"], limit=1):
            action["views"] = [(False, "form")]
        return action
