from odoo import fields, models


class CrmCaseRemedy(models.Model):
    """What to offer the customer to whom a promise was broken."""

    _inherit = "crm.case"

    sla_remedy_id = fields.Many2one(
        "crm.sla.remedy",
        "Recommended Remedy",
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups="base.group_user",
    )
    sla_remedy_note = fields.Text(
        "Why This Remedy?", readonly=True, copy=False, groups="base.group_user"
    )

    def _recommend_remedies(self):
        """Note the remedy that is worth most after its cost."""
        recommended = self.env["crm.sla.remedy"].sudo()._recommend(self.sudo())
        for case, (remedy, reason) in recommended.items():
            case.write({"sla_remedy_id": remedy.id, "sla_remedy_note": reason})

    def action_accept_remedy(self):
        """Take the recommended remedy as the resolution of the case."""
        for case in self.filtered("sla_remedy_id.resolution_id"):
            case.resolution_id = case.sla_remedy_id.resolution_id
