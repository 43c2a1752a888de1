from odoo import api, models, tools


class CrmCustomerEventType(models.Model):
    """Events wake the journeys that wait for them."""

    _inherit = "crm.customer.event.type"

    def _events_created(self, profiles):
        result = super()._events_created(profiles)
        if self.id in self._get_awaited_ids():
            self.env["crm.journey"]._wake()
        return result

    @api.model
    @tools.ormcache()
    def _get_awaited_ids(self):
        """Return the ids of the types that running journeys begin, go on or end with.

        Asked at every event: kept until a journey changes.
        """
        journeys = self.env["crm.journey"].sudo().search([("state", "=", "running")])
        types = self.sudo().browse()
        for journey in journeys:
            types |= journey._get_event_type()
            types |= journey.goal_type_id | journey.exit_type_ids
        steps = self.env["crm.journey.step"].sudo()
        waits = steps.search(
            [("journey_id", "in", journeys.ids), ("kind", "=", "wait_event")]
        )
        return frozenset((types | waits.event_type_id).ids)
