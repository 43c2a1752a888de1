from odoo.addons.website.controllers.form import WebsiteForm


class CaseForm(WebsiteForm):
    def insert_record(self, request, model_sudo, values, custom, meta=None):
        """Acknowledge the case that a visitor opened."""
        record_id = super().insert_record(request, model_sudo, values, custom, meta)
        if model_sudo.model == "crm.case" and record_id:
            request.env["crm.case"].sudo().browse(record_id)._acknowledge()
        return record_id
