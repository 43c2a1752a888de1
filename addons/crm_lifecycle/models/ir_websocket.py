import re

from odoo import models


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        """Let a 360 view listen to its customer, if the user may read the profile."""
        names, kept = [], []
        for channel in channels:
            is_profile = isinstance(channel, str) and re.fullmatch(
                r"crm\.customer\.profile_\d+", channel
            )
            (names if is_profile else kept).append(channel)
        profile = self.env["crm.customer.profile"]
        if names and profile.has_access("read"):
            ids = [int(name.rpartition("_")[2]) for name in names]
            kept.extend(profile.search([("id", "in", ids)]))
        return super()._build_bus_channel_list(kept)
