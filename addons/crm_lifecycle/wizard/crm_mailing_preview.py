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
        if "partner_id" in fields and mailing:
            values.setdefault("partner_id", self._get_example(mailing).id)
        return values

    @api.model
    def _get_example(self, mailing):
        """Return a contact who would get the mailing."""
        model = self.env[mailing.mailing_model_real or "res.partner"]
        record = model.search(mailing._get_recipients_domain(), limit=1)
        if record._name == "res.partner":
            return record
        names = record._mail_get_partner_fields()
        return record[names[0]] if record and names else self.env["res.partner"]

    def _get_record(self):
        """Return what the text speaks of: the contact, or his last such document."""
        model = self.env[self.mailing_id.mailing_model_real or "res.partner"]
        if model._name == "res.partner":
            return self.partner_id
        names = model._mail_get_partner_fields()
        if not names:
            raise UserError(
                self.env._(
                    "The preview is of mailings to contacts and their documents. Send "
                    "a test instead."
                )
            )
        own = [(names[0], "=", self.partner_id.id)]
        return model.search(own, limit=1, order="id DESC")

    @api.depends("mailing_id", "partner_id")
    def _compute_message(self):
        for preview in self:
            mailing = preview.mailing_id
            record = preview.partner_id and preview._get_record()
            if not record:
                preview.subject = preview.body = False
                continue
            for field, origin in (("subject", "subject"), ("body", "body_html")):
                texts = mailing._render_field(origin, record.ids)
                preview[field] = texts[record.id]
