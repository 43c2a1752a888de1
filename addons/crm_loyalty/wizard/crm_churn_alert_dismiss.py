from odoo import fields, models


class CrmChurnAlertDismiss(models.TransientModel):
    """Why customers are not at risk, asked of who knows them."""

    _name = "crm.churn.alert.dismiss"
    _description = "Not at Risk"

    alert_ids = fields.Many2many("crm.churn.alert", required=True)
    reason = fields.Selection(
        [
            ("season", "Orders by season"),
            ("agreed", "Has told us why, and comes back"),
            ("stocked", "Has stock enough"),
            ("closed", "Business closed or merged"),
            ("wrong", "The figures are wrong"),
            ("other", "Another reason"),
        ],
        required=True,
        default="season",
    )
    note = fields.Char("In Your Words")

    def action_dismiss(self):
        label = dict(self._fields["reason"]._description_selection(self.env))
        text = ": ".join(filter(None, [label[self.reason], self.note]))
        self.alert_ids._dismiss(text)
        return {"type": "ir.actions.act_window_close"}
