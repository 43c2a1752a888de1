from odoo import api, fields, models


class MailActivity(models.Model):
    """Activities know the customer of their document: done ones are customer events."""

    _inherit = "mail.activity"

    crm_partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        compute="_compute_crm_partner_id",
        store=True,
        index="btree_not_null",
        help="The contact of the document.",
    )

    @api.depends("res_model", "res_id")
    def _compute_crm_partner_id(self):
        self.crm_partner_id = False
        for model_name, activities in self.grouped("res_model").items():
            name = self._get_customer_field(model_name)
            if not name:
                continue
            records = self.env[model_name].sudo().browse(activities.mapped("res_id"))
            existing = records.exists()
            for activity in activities:
                record = records.browse(activity.res_id)
                if record in existing:
                    activity.crm_partner_id = record[name]

    @api.model
    def _get_customer_field(self, model_name):
        """Return the field of a model that leads to its contact, or nothing."""
        if model_name == "res.partner":
            return "id"
        if model_name not in self.env:
            return None
        model = self.env[model_name]
        for name in getattr(model, "_mail_get_partner_fields", list)():
            if model._fields[name].type == "many2one":
                return name
        return None
