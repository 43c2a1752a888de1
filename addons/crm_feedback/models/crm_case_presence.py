from odoo import models


class CrmCasePresence(models.Model):
    """Warns a second editor."""

    _inherit = "crm.case"

    def notice_viewer(self):
        """Note that the user has the case open.

        :return: ``others`` (names of those who have it open too), ``writer`` (who
            changed it last) and ``changed`` (when, UTC)
        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        case = self.sudo()
        return {
            "others": self.env["crm.case.viewer"]._notice(self),
            "writer": case.write_uid.name if case.write_uid != self.env.user else False,
            "changed": case.write_date.isoformat(),
        }
