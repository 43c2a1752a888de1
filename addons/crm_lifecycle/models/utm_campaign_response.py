import secrets

from odoo import api, fields, models
from odoo.tools import SQL, email_normalize, plaintext2html

from .utm_campaign import USER_GROUP


class UtmCampaignResponse(models.Model):
    """The response page of a campaign: who answers there becomes a lead of it."""

    _inherit = "utm.campaign"

    response_token = fields.Char(copy=False, readonly=True, groups=USER_GROUP)
    response_url = fields.Char(
        "Response Page",
        compute="_compute_response_url",
        groups=USER_GROUP,
        help="Paste this address into the mailing: who answers there becomes a lead of "
        "this campaign.",
    )
    response_title = fields.Char(
        "Page Title", translate=True, help="Heading of the response page."
    )
    response_intro = fields.Text(
        "Page Text", translate=True, help="Shown above the form of the response page."
    )

    _response_token_uniq = models.UniqueIndex(
        "(response_token) WHERE response_token IS NOT NULL"
    )

    def init(self):
        """Give the campaigns that were there before a token of their own each."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE utm_campaign
                   SET response_token = replace(gen_random_uuid()::text, '-', '')
                 WHERE response_token IS NULL
                """
            )
        )
        return super().init()

    @api.model_create_multi
    def create(self, vals_list):
        campaigns = super().create(vals_list)
        # Any employee may make a campaign, but not read or choose its token.
        for campaign in campaigns.sudo():
            campaign.response_token = secrets.token_hex(16)
        return campaigns

    @api.depends("response_token")
    def _compute_response_url(self):
        for campaign in self:
            campaign.response_url = (
                f"{campaign.get_base_url()}/campaign/respond/{campaign.response_token}"
                if campaign.response_token
                else False
            )

    @api.model
    def _find_by_response_token(self, token):
        """Return the campaign whose response page ``token`` opens, if there is one."""
        if not token:
            return self.browse()
        return self.sudo().search([("response_token", "=", token)], limit=1)

    def _create_response_lead(self, answer, utm_names):
        """Make a lead of what somebody entered on the response page.

        The known customer's own data are never changed by it: anybody can type his
        address. What was typed is in the note.

        :param dict answer: name, email, phone, message
        :param dict utm_names: names of the source and medium he came by, if any
        :return: crm.lead
        """
        self.ensure_one()
        partner = self._find_respondent(answer["email"])
        vals = {
            "name": self.env._(
                "%(campaign)s: %(name)s", campaign=self.title, name=answer["name"]
            ),
            "campaign_id": self.id,
            "source_id": self._find_utm_id("utm.source", utm_names.get("utm_source")),
            "medium_id": self._find_utm_id("utm.medium", utm_names.get("utm_medium")),
            "company_id": self.company_id.id,
            "user_id": False,
            "description": self._get_answer_note(answer),
        }
        if partner:
            vals["partner_id"] = partner.id
        else:
            vals["contact_name"] = answer["name"]
            vals["email_from"] = answer["email"]
            vals["phone"] = answer["phone"]
        return self.env["crm.lead"].create(vals)

    def _find_respondent(self, email):
        """Return the contact with this address, of several the best customer."""
        company_ids = [False, *self.company_id.ids]
        return self.env["res.partner"].search(
            [
                ("email_normalized", "=", email_normalize(email)),
                ("company_id", "in", company_ids),
            ],
            order="customer_rank DESC, id",
            limit=1,
        )

    def _find_utm_id(self, model, name):
        """Return the id of a known source or medium; strangers don't make new ones."""
        if not name:
            return False
        return self.env[model].search([("name", "=", name)], limit=1).id

    def _get_answer_note(self, answer):
        lines = [
            self.env._("Name: %s", answer["name"]),
            self.env._("E-mail: %s", answer["email"]),
        ]
        if answer["phone"]:
            lines.append(self.env._("Phone: %s", answer["phone"]))
        if answer["message"]:
            lines += ["", answer["message"]]
        return plaintext2html("\n".join(lines))
