from odoo import fields, models
from odoo.tools import SQL


class CrmCampaignMember(models.Model):
    """A customer in the audience of a campaign, as it was drawn.

    Who is in the control group was meant to get nothing: what he does all the same
    would have happened without the campaign.
    """

    _name = "crm.campaign.member"
    _description = "Campaign Audience"
    _order = "id"
    _log_access = False
    _rec_name = "partner_id"

    campaign_id = fields.Many2one(
        "utm.campaign", required=True, ondelete="cascade", index=True, readonly=True
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        required=True,
        ondelete="cascade",
        index=True,
        readonly=True,
    )
    company_id = fields.Many2one("res.company", ondelete="cascade", readonly=True)
    is_control = fields.Boolean(
        "Control Group", readonly=True, help="Gets nothing from the campaign."
    )
    is_allowed = fields.Boolean(
        "Consent",
        readonly=True,
        help="Allowed marketing by e-mail when the audience was drawn.",
    )
    date_drawn = fields.Datetime("Drawn on", required=True, readonly=True)

    _member_uniq = models.Constraint(
        "UNIQUE(campaign_id, partner_id)",
        "A customer is in the audience of a campaign once.",
    )

    def _draw(self, campaign):
        """Add the customers in the audience of ``campaign`` who are not in it yet.

        :return: number of customers added
        """
        partners = self.env["res.partner"].sudo()
        query = partners._search(campaign._get_audience_domain())
        allowed = partners._search(
            self.env["crm.consent"]._get_allowed_domain("marketing", "email")
        )
        partner_id = SQL.identifier(query.table, "id")
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO crm_campaign_member (campaign_id, partner_id, company_id,
                       is_control, is_allowed, date_drawn)
                %s ON CONFLICT (campaign_id, partner_id) DO NOTHING
                RETURNING id
                """,
                query.select(
                    SQL("%s", campaign.id),
                    partner_id,
                    SQL("%s::int", campaign.company_id.id or None),
                    campaign._control_to_sql(partner_id),
                    SQL("%s IN %s", partner_id, allowed.subselect()),
                    SQL("%s::timestamp", self.env.cr.now()),
                ),
            )
        )
        self.invalidate_model()
        campaign.invalidate_recordset(["member_ids"])
        return len(rows)
