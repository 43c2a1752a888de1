from odoo import fields, models


class MailingMailing(models.Model):
    """Mailings that journeys send, one by one."""

    _inherit = "mailing.mailing"

    is_journey_message = fields.Boolean(
        "Message of Journeys", help="Sent by the steps of journeys, one by one."
    )

    def _send_to(self, res_ids):
        """Hand messages to these records over to the queue, in this transaction.

        Unlike stock's own sending nothing is committed on the way: who asks for it
        notes in the same transaction that it is done.

        :param list res_ids: ids of records of the mailing's model
        """
        self.ensure_one()
        user = self.user_id or self.env.user
        mailing = self.with_context(**user.with_user(user).context_get())
        mailing._compose_to(res_ids)
        if self.state != "done":
            self.write({"state": "done", "sent_date": self.env.cr.now()})

    def _compose_to(self, res_ids):
        composer = self.env["mail.compose.message"].with_context(
            active_ids=res_ids,
            default_composition_mode="mass_mail",
            **self._get_mass_mailing_context(),
        )
        values = {
            "auto_delete": not self.keep_archives,
            "auto_delete_keep_log": self.reply_to_mode == "update",
            "author_id": self.user_id.partner_id.id or self.env.user.partner_id.id,
            "attachment_ids": [
                fields.Command.link(attachment.id) for attachment in self.attachment_ids
            ],
            "body": self._prepend_preview(self.body_html or "", self.preview),
            "composition_mode": "mass_mail",
            "email_from": self.email_from,
            "force_send": False,
            "mail_server_id": self.mail_server_id.id,
            "mass_mailing_id": self.id,
            "model": self.mailing_model_real,
            "reply_to_force_new": self.reply_to_mode == "new",
            "subject": self.subject,
            "template_id": False,
            "use_exclusion_list": self.use_exclusion_list,
        }
        if self.reply_to_mode == "new":
            values["reply_to"] = self.reply_to
        composer.create(values)._action_send_mail(auto_commit=False)
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()

    def _get_seen_list(self):
        """A journey may write to the same address again: for another document."""
        return [] if self.is_journey_message else super()._get_seen_list()
