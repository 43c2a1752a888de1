from odoo import api, models


class CrmJourney(models.Model):
    """Text messages are about what makes its way: a customer or a document."""

    _inherit = "crm.journey"

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"keyed_by", "key_field_id", "event_type_id", "trigger"}:
            self.sudo()._match_sms_models()
        if "campaign_id" in vals:
            for journey in self.sudo():
                texts = journey._get_texts(journey.version_ids)
                texts.campaign_id = journey.campaign_id
        return result

    def _match_sms_models(self):
        """Texts that are still drawn follow when the journey gets other documents."""
        for journey in self:
            texts = journey._get_texts(journey.draft_version_id)
            texts.mailing_model_id = journey._get_sms_model()

    @api.model
    def _get_texts(self, versions):
        return versions.step_ids.filtered(lambda step: step.kind == "sms").mailing_id

    def _get_sms_model(self):
        """Return the documents, if mailings may be about them; else contacts."""
        self.ensure_one()
        models_ = self.env["ir.model"].sudo()
        model = models_._get(self._get_document_model_name())
        return model if model.is_mailing_enabled else models_._get("res.partner")
