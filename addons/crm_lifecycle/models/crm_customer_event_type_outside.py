from odoo import api, fields, models
from odoo.fields import Domain

OUTSIDE_MODEL = "crm.outside.event"


class CrmCustomerEventTypeOutside(models.Model):
    """Types of events that outside sources send: those about outside events."""

    _inherit = "crm.customer.event.type"

    is_outside = fields.Boolean(
        "Sent from Outside", compute="_compute_is_outside", search="_search_is_outside"
    )
    unknown_customer = fields.Selection(
        [
            ("review", "Wait on the review list"),
            ("create", "Create a contact"),
            ("reject", "Refuse the event"),
        ],
        "If Nobody Is Found",
        required=True,
        default="review",
        help="What happens to events of somebody whom no contact is. Where several "
        "contacts may be meant, a user always decides.",
    )

    @api.depends("model_id")
    def _compute_is_outside(self):
        for event_type in self:
            event_type.is_outside = event_type.model_name == OUTSIDE_MODEL

    def _search_is_outside(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = Domain("model_name", "=", OUTSIDE_MODEL)
        return domain if True in value else ~domain

    @api.onchange("model_id")
    def _onchange_outside_model(self):
        """An outside event has the same fields whatever its type: fill in the paths."""
        if self.is_outside:
            self.update(
                {
                    "date_path": "date",
                    "value_path": "value",
                    "campaign_path": "campaign_id",
                    "capture": "live",
                }
            )

    def _compile_facts(self, scope):
        if self.is_outside:
            # The sender has said which type it is: no condition needs to repeat it.
            scope &= Domain("type_id", "=", self._origin.id or 0)
        return super()._compile_facts(scope)
