from odoo import api, fields, models


class CrmCustomerProfile(models.Model):
    """What is known of a customer (commercial entity) in a company, one row each.

    The figures and their sources stand in the files of their subject: relation, stage,
    buying, paying, contact. How they are computed stands in ``_figures``.
    """

    _name = "crm.customer.profile"
    _inherit = ["bus.listener.mixin"]
    _description = "Customer Profile"
    _order = "revenue DESC, id"
    _log_access = False
    _rec_name = "partner_id"
    _rec_names_search = ["partner_id"]

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, ondelete="cascade", readonly=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    refresh_date = fields.Datetime(
        "Figures changed on",
        readonly=True,
        help="When the figures last changed, or were last computed after an event of "
        "the customer.",
    )
    checked_date = fields.Datetime(
        "Checked on",
        compute="_compute_checked_date",
        help="When the figures were last computed from the documents and found right.",
    )

    _customer_uniq = models.Constraint(
        "UNIQUE(partner_id, company_id)", "A customer has one profile per company."
    )
    _company_revenue_idx = models.Index("(company_id, revenue DESC)")

    @api.depends("refresh_date")
    def _compute_checked_date(self):
        last_run = self.env["crm.customer.profile.run"]._get_last_start()
        for profile in self:
            dates = filter(None, (profile.refresh_date, last_run))
            profile.checked_date = profile.refresh_date and max(dates)

    def _notify_changed(self):
        """Tell the 360 views that are open on these customers to read again."""
        for profile in self:
            profile._bus_send("crm_lifecycle.customer_changed", {"id": profile.id})

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_open_360(self):
        """Open the 360 view of this customer."""
        self.ensure_one()
        return {
            "type": "ir.actions.client",
            "tag": "crm_lifecycle.customer_360",
            "name": self.partner_id.display_name,
            "params": {"profile_id": self.id},
            "context": {"active_id": self.id},
        }

    def action_refresh(self):
        self._refresh(self.partner_id)

    def action_open_events(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_lifecycle.crm_customer_event_action"
        )
        action["domain"] = [
            ("partner_id", "=", self.partner_id.id),
            ("company_id", "=", self.company_id.id),
        ]
        return action
