from odoo import models


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    def session_info(self):
        """Tell the web client whether its user is an agent, and there."""
        result = super().session_info()
        if self.env.user._is_internal():
            agent = (
                self.env["crm.case.agent"]
                .sudo()
                .search([("user_id", "=", self.env.uid)], limit=1)
            )
            result["crm_case_presence"] = agent.presence or False
        return result
