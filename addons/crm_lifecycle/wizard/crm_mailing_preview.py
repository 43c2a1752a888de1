from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmMailingPreview(models.TransientModel):
    """A mailing as one of its recipients gets it."""

    _name = "crm.mailing.preview"
    _description = "Mailing Preview"

    mailing_id = fields.Many2one("mailing.mailing", required=True, ondelete="cascade")
    mailing_model = fields.Char(related="mailing_id.mailing_model_real")
    partner_id = fields.Many2one("res.partner", "As")
    subject = fields.Char(compute="_compute_message")
    body = fields.Html(compute="_compute_message", sanitize=False)

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        mailing = self.env["mailing.mailing"].browse(values.get("mailing_id"))
        if mailing.mailing_model_real not in (False, "res.partner"):
            raise UserError(
                self.env._(
                    "The preview is of mailings to contacts. Send a test instead."
                )
            )
        if "partner_id" in fields and mailing:
            recipients = mailing._get_recipients_domain()
            partners = self.env["res.partner"].search(recipients, limit=1)
            values.setdefault("partner_id", partners.id)
        return values

    @api.depends("mailing_id", "partner_id")
    def _compute_message(self):
        for preview in self:
            mailing, partner = preview.mailing_id, preview.partner_id
            if not partner:
                preview.subject = preview.body = False
                continue
            for field, origin in (("subject", "subject"), ("body", "body_html")):
                texts = mailing._render_field(origin, partner.ids)
                preview[field] = texts[partner.id]
