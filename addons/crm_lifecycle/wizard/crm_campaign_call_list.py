from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import split_every

BATCH = 1_000


class CrmCampaignCallList(models.TransientModel):
    """Give the audience of a campaign to colleagues to call.

    Who is in the control group, has no number or has not allowed calls is left out.
    Who is on a list of the campaign already gets no second call.
    """

    _name = "crm.campaign.call.list"
    _description = "Campaign Call List"

    campaign_id = fields.Many2one("utm.campaign", required=True, ondelete="cascade")
    team_id = fields.Many2one("crm.team", "Sales Team")
    user_ids = fields.Many2many(
        "res.users",
        string="Callers",
        compute="_compute_user_ids",
        store=True,
        readonly=False,
        domain=[("share", "=", False)],
        help="The calls are dealt out in turn; a salesperson of these gets his own "
        "customers.",
    )
    activity_type_id = fields.Many2one(
        "mail.activity.type",
        default=lambda self: self.env.ref("mail.mail_activity_data_call"),
        required=True,
    )
    summary = fields.Char(required=True)
    note = fields.Html("What to Say")
    date_deadline = fields.Date("Due", required=True, default=fields.Date.context_today)
    limit = fields.Integer("At Most", help="Calls. Zero: all.")
    callable_count = fields.Integer("To Call", compute="_compute_callable_count")

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        campaign = self.env["utm.campaign"].browse(values.get("campaign_id"))
        if "summary" in fields and campaign:
            values.setdefault("summary", campaign.title)
        return values

    @api.depends("team_id")
    def _compute_user_ids(self):
        for wizard in self:
            wizard.user_ids = wizard.team_id.member_ids or wizard.user_ids

    @api.depends("campaign_id")
    def _compute_callable_count(self):
        for wizard in self:
            wizard.callable_count = len(wizard._get_partners())

    def _get_partners(self):
        campaign = self.campaign_id.sudo()
        if not campaign.segment_ids:
            return self.env["res.partner"]
        return self.env["res.partner"].search(
            campaign._get_contact_domain("phone") & self._get_not_called_domain(),
            order="id",
        )

    def _get_not_called_domain(self):
        calls = self.env["crm.campaign.call"].sudo()
        called = calls.search([("campaign_id", "=", self.campaign_id.id)])
        return fields.Domain("id", "not in", called.partner_id.ids)

    def action_create(self):
        """Make a call activity for each customer."""
        self.ensure_one()
        self.campaign_id.check_access("write")
        if not self.user_ids:
            raise UserError(self.env._("Say who is to call."))
        partners = self._get_partners()
        partners = partners[: self.limit] if self.limit else partners
        if not partners:
            raise UserError(
                self.env._(
                    "Nobody of the audience is left who has a number and allows calls."
                )
            )
        user_by_partner = self._deal_out(partners)
        model_id = self.env["ir.model"]._get_id("res.partner")
        activities = self.env["mail.activity"].with_context(
            mail_activity_quick_update=True
        )
        for batch in split_every(BATCH, partners.ids, partners.browse):
            made = activities.create(
                [
                    {
                        "res_model_id": model_id,
                        "res_id": partner.id,
                        "activity_type_id": self.activity_type_id.id,
                        "summary": self.summary,
                        "note": self.note,
                        "date_deadline": self.date_deadline,
                        "user_id": user_by_partner[partner].id,
                    }
                    for partner in batch
                ]
            )
            self.env["crm.campaign.call"].sudo().create(
                [
                    {
                        "campaign_id": self.campaign_id.id,
                        "partner_id": activity.res_id,
                        "user_id": activity.user_id.id,
                        "activity_id": activity.id,
                    }
                    for activity in made
                ]
            )
        return self.campaign_id.action_open_calls()

    def _deal_out(self, partners):
        """Return who calls whom: the salesperson, or the next in turn."""
        callers = self.user_ids
        turn = 0
        user_by_partner = {}
        for partner in partners:
            if partner.user_id in callers:
                user_by_partner[partner] = partner.user_id
            else:
                user_by_partner[partner] = callers[turn % len(callers)]
                turn += 1
        return user_by_partner
