from odoo import models
from odoo.tools import SQL
from odoo.tools.sql import column_exists

# What reads documents of any application.
READERS = ("crm_customer_event_type", "crm_customer_metric")


class IrModel(models.Model):
    _inherit = "ir.model"

    def unlink(self):
        """What counts documents that go away rests; what it has found stays."""
        for table in READERS:
            # The columns are gone when this addon itself is uninstalled.
            if column_exists(self.env.cr, table, "model_id"):
                self.env.cr.execute(
                    SQL(
                        "UPDATE %s SET active = FALSE WHERE model_id = ANY(%s)",
                        SQL.identifier(table),
                        list(self._ids),
                    )
                )
                self.env.registry.clear_cache()
        return super().unlink()
