from odoo import api, models


class CrmSlaPolicyContract(models.Model):
    """The policy of a customer's contract counts before any other."""

    _inherit = "crm.sla.policy"

    @api.model
    def _match(self, cases):
        matching = super()._match(cases)
        for case in cases:
            promised = case.contract_id.sla_policy_id.filtered("active")
            matching[case] = promised | matching[case]
        return matching
