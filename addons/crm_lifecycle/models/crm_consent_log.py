from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .crm_consent import CHANNELS


class CrmConsentLog(models.Model):
    """The proof of each decision: when, where, in which words. Append-only."""

    _name = "crm.consent.log"
    _description = "Consent Log"
    _order = "date DESC, id DESC"
    _log_access = False
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner", "Contact", required=True, ondelete="cascade", index=True
    )
    purpose_id = fields.Many2one(
        "crm.consent.purpose", required=True, ondelete="restrict"
    )
    channel = fields.Selection(CHANNELS, required=True)
    granted = fields.Boolean(required=True)
    date = fields.Datetime(required=True)
    source = fields.Char()
    wording = fields.Text()
    user_id = fields.Many2one(
        "res.users", "Recorded by", default=lambda self: self.env.uid
    )

    @api.model_create_multi
    def create(self, vals_list):
        logs = super().create(vals_list)
        logs._capture_decisions()
        return logs

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(
            self.env._("The consent log is proof: its lines can't be changed.")
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_proof(self):
        raise UserError(
            self.env._("The consent log is proof: its lines can't be deleted.")
        )

    @api.model
    def _append(self, partners, decision, wording):
        """Log one decision of many contacts in one statement.

        :param decision: purpose id, channel, granted, date, source
        """
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO crm_consent_log (partner_id, purpose_id, channel, granted,
                                             date, source, wording, user_id)
                SELECT unnest(%s), %s, %s, %s, %s, %s, %s, %s RETURNING id
                """,
                partners.ids,
                *decision,
                wording,
                self.env.uid,
            )
        )
        self.browse(log_id for (log_id,) in rows)._capture_decisions()

    def _capture_decisions(self):
        event_type = self.env["crm.customer.event.type"]
        event_type._capture("consent_given", self)
        event_type._capture("consent_withdrawn", self)
