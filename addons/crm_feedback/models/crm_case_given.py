from odoo import fields, models


class CrmCaseGiven(models.Model):
    """What the customers of the cases were given to make good."""

    _inherit = "crm.case"

    compensation_ids = fields.One2many(
        "crm.case.compensation", "case_id", groups="base.group_user"
    )

    def _get_merge_relations(self):
        return [*super()._get_merge_relations(), ("crm.case.compensation", "case_id")]

    def _get_missing_for_closing(self):
        missing = super()._get_missing_for_closing()
        waiting = self.sudo().compensation_ids.filtered(
            lambda each: each.state == "to_approve"
        )
        if waiting:
            missing.append(
                self.env._("wait for the approval of %s", waiting[0]._get_what())
            )
        return missing
