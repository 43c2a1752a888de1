from odoo import api, models

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG


class CrmCustomerEventTypeRetired(models.Model):
    """Types of event whose application is uninstalled: customers' memory stays.

    They are archived with their events. Installed again, the application finds its
    types and goes on with them.
    """

    _inherit = "crm.customer.event.type"

    def unlink(self):
        if not self.env.context.get(MODULE_UNINSTALL_FLAG):
            return super().unlink()
        retired = self._filter_with_history()
        if retired:
            self.env.registry.clear_cache()
            self.env.cr.execute(
                "UPDATE crm_customer_event_type SET active = FALSE WHERE id = ANY(%s)",
                [list(retired._ids)],
            )
            retired.invalidate_recordset(["active"], flush=False)
        return super(CrmCustomerEventTypeRetired, self - retired).unlink()

    def _filter_with_history(self):
        """Return the types of which events or monthly totals are kept."""
        self.env.cr.execute(
            """
            SELECT id FROM unnest(%s) type (id)
             WHERE EXISTS (SELECT FROM crm_customer_event WHERE type_id = type.id)
                OR EXISTS (SELECT FROM crm_customer_event_total
                            WHERE type_id = type.id)
            """,
            [list(self._ids)],
        )
        return self.browse([type_id for (type_id,) in self.env.cr.fetchall()])

    @api.model
    def _load_records_create(self, vals_list):
        """Take the archived type of the same code, where there is one."""
        types = self.browse()
        for vals in vals_list:
            retired = self.with_context(active_test=False).search(
                [("code", "=", vals.get("code")), ("active", "=", False)]
            )
            if retired:
                retired.write({"active": True, **vals})
                types += retired
            else:
                types += super()._load_records_create([vals])
        return types
