from odoo import api, models


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def _message_route_process(self, message, message_dict, routes):
        # The headers that betray a machine reach neither message_new nor
        # message_update, and a context is the only way past the gateway.
        if self._is_automatic_email(message):
            self = self.with_context(crm_case_automatic_email=True)
        return super()._message_route_process(message, message_dict, routes)

    @api.model
    def _is_automatic_email(self, message):
        """Tell whether a program sent the message (RFC 3834 and its forerunners).

        :param email.message.EmailMessage message: the e-mail received
        """

        def header(name):
            return (message.get(name) or "").strip().lower()

        suppress = header("X-Auto-Response-Suppress")
        return bool(
            header("Auto-Submitted") not in ("", "no")
            or header("Precedence") in ("bulk", "junk", "list", "auto_reply")
            or header("X-Autoreply")
            or header("X-Autorespond")
            or header("List-Id")
            or header("Return-Path") == "<>"
            or any(word in suppress for word in ("all", "autoreply"))
        )
