from odoo import models


class CrmCustomerEventType(models.Model):
    _inherit = "crm.customer.event.type"

    def _events_created(self, profiles):
        result = super()._events_created(profiles)
        if self.id in self.env["loyalty.earning.rule"]._get_earning_event_types():
            self.env.ref("crm_loyalty.ir_cron_award_events").sudo()._trigger()
        return result
