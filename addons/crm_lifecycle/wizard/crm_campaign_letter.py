import base64
import csv
import io

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..spreadsheet_cells.literal_text import literal_text


class CrmCampaignLetter(models.TransientModel):
    """Letters to the audience of a campaign: as PDF, or as addresses for a printer.

    Who is in the control group, has no address or has not allowed letters is left out.
    """

    _name = "crm.campaign.letter"
    _inherit = ["mail.render.mixin"]
    _description = "Campaign Letters"

    campaign_id = fields.Many2one("utm.campaign", required=True, ondelete="cascade")
    subject = fields.Char(required=True)
    body = fields.Html(
        render_engine="qweb",
        render_options={"post_process": True},
        sanitize=False,
        default=lambda self: self._default_body(),
    )
    recipient_count = fields.Integer("Letters", compute="_compute_recipient_count")
    file = fields.Binary("Addresses", readonly=True, attachment=False)
    file_name = fields.Char(readonly=True)

    @api.model
    def _default_body(self):
        return '<p>Dear <t t-out="object.name">customer</t>,</p><p><br></p>'

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        campaign = self.env["utm.campaign"].browse(values.get("campaign_id"))
        if "subject" in fields and campaign:
            values.setdefault("subject", campaign.title)
        return values

    @api.depends("campaign_id")
    def _compute_render_model(self):
        self.render_model = "res.partner"

    @api.depends("campaign_id")
    def _compute_recipient_count(self):
        for wizard in self:
            wizard.recipient_count = len(wizard._get_recipients())

    def _get_recipients(self):
        """Return the contacts who get a letter, by post code."""
        campaign = self.campaign_id.sudo()
        if not campaign.segment_ids:
            return self.env["res.partner"]
        return self.env["res.partner"].search(
            campaign._get_contact_domain("post"), order="zip, id"
        )

    def _check_recipients(self):
        recipients = self._get_recipients()
        if not recipients:
            raise UserError(
                self.env._("Nobody of the audience has an address and allows letters.")
            )
        return recipients

    def _render_letters(self):
        """Return subject and body of each letter.

        :rtype: list[tuple[res.partner, str]]
        """
        recipients = self._check_recipients()
        bodies = self._render_field("body", recipients.ids, compute_lang=True)
        return [(partner, bodies[partner.id]) for partner in recipients]

    def action_print(self):
        """Print the letters."""
        self.ensure_one()
        self._check_recipients()
        return self.env.ref("crm_lifecycle.crm_campaign_letter_report").report_action(
            self
        )

    def action_export(self):
        """Write the addresses into a file for the printer."""
        self.ensure_one()
        if not self.env.user.has_group("base.group_allow_export"):
            raise AccessError(self.env._("You may not export data: ask your manager."))
        stream = io.StringIO()
        writer = csv.writer(stream)
        writer.writerow(
            [
                self.env._("Reference"),
                self.env._("Name"),
                self.env._("Street"),
                self.env._("Street 2"),
                self.env._("Post Code"),
                self.env._("City"),
                self.env._("State"),
                self.env._("Country"),
                self.env._("Language"),
            ]
        )
        for partner in self._check_recipients():
            row = [
                partner.ref or partner.id,
                partner.name,
                partner.street,
                partner.street2,
                partner.zip,
                partner.city,
                partner.state_id.name,
                partner.country_id.name,
                partner.lang,
            ]
            writer.writerow([literal_text(value or "") for value in row])
        self.write(
            {
                "file": base64.b64encode(stream.getvalue().encode("utf-8-sig")),
                "file_name": f"{self.campaign_id.title}.csv",
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Letters"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }
