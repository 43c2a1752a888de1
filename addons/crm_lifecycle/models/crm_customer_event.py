from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmCustomerEvent(models.Model):
    """Something that happened to a customer: who, what, when, how much, which record.

    Append-only and written by :class:`CrmCustomerEventType` alone. The customer is
    the commercial entity; ``contact_id`` is the person it happened to.
    """

    _name = "crm.customer.event"
    _description = "Customer Event"
    _order = "date DESC, id DESC"
    _log_access = False
    _rec_name = "type_id"

    type_id = fields.Many2one(
        "crm.customer.event.type", "Event", required=True, ondelete="cascade"
    )
    category = fields.Selection(related="type_id.category")
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, ondelete="cascade"
    )
    contact_id = fields.Many2one("res.partner", "Person", ondelete="set null")
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Datetime(required=True)
    value = fields.Monetary(
        help="In the company's currency, converted at the rate of the event's day.",
    )
    res_model = fields.Char("Document Model", required=True)
    res_id = fields.Many2oneReference(
        "Document", model_field="res_model", required=True
    )
    occurrence = fields.Integer(
        help="Tells the events apart that one document gives, such as the year of a "
        "birthday. Zero where a document gives one event.",
    )
    campaign_id = fields.Many2one(
        "utm.campaign", index="btree_not_null", ondelete="set null"
    )

    _fact_uniq = models.UniqueIndex("(type_id, res_id, occurrence)")
    _timeline_idx = models.Index("(partner_id, company_id, date DESC)")
    _kind_idx = models.Index("(partner_id, company_id, type_id, date)")
    _contact_idx = models.Index("(contact_id)")
    _date_idx = models.Index("(date)")

    @api.depends("type_id", "date")
    def _compute_display_name(self):
        for event in self:
            event.display_name = (
                f"{event.type_id.name} {fields.Date.to_string(event.date)}"
            )

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(
            self.env._("Customer events are a memory of facts: they can't be changed.")
        )

    def action_open_document(self):
        """Open the document that the event is about, with its own access rights."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "views": [(False, "form")],
        }
