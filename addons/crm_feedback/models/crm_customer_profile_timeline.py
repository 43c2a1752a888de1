from odoo import api, models

SCALE = 5


class CrmCustomerProfileTimeline(models.Model):
    """Ratings on the timeline: of what may be read, named after it."""

    _inherit = "crm.customer.profile"

    @api.model
    def _read_documents(self, model_name, ids):
        """Cut ratings by what was rated: stock shows every rating to every employee."""
        documents = super()._read_documents(model_name, ids)
        if model_name != "rating.rating":
            return documents
        readable = documents.browse()
        for rated_name, ratings in documents.grouped("res_model").items():
            if rated_name not in self.env or not self._sees_events_of(rated_name):
                continue
            rated = super()._read_documents(rated_name, ratings.mapped("res_id"))
            readable |= ratings.filtered(
                lambda rating, ids=set(rated._ids): rating.res_id in ids
            )
        return readable.with_prefetch(documents._ids)

    @api.model
    def _get_thread_fields(self):
        return {
            **super()._get_thread_fields(),
            "rating.rating": ("res_model", "res_id"),
        }

    @api.model
    def _get_document_text(self, document):
        if not document or document._name != "rating.rating":
            return super()._get_document_text(document)
        detail = self.env._(
            "%(stars)g of %(scale)s", stars=document.rating, scale=SCALE
        )
        if document.feedback:
            detail = f"{detail}: {document.feedback}"
        return document.res_name or "", detail
