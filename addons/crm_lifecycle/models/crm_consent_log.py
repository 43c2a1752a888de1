from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .crm_consent import CHANNELS


class CrmConsentLog(models.Model):
    """The proof of what a contact said: when, where, in which words. Append-only."""

    _name = "crm.consent.log"
    _description = "Consent Log"
    _order = "date DESC, id DESC"
    _log_access = False
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner", "Contact", required=True, ondelete="restrict", index=True
    )
    kind = fields.Selection(
        [
            ("decision", "Decision"),
            ("request", "Asked to confirm"),
            ("wish", "Wish"),
        ],
        required=True,
        default="decision",
        help="A wish says how often and when to write, not whether.",
    )
    purpose_id = fields.Many2one("crm.consent.purpose", ondelete="restrict")
    channel = fields.Selection(CHANNELS)
    granted = fields.Boolean(required=True)
    date = fields.Datetime(required=True)
    source = fields.Char()
    wording = fields.Text()
    res_model = fields.Char("Proof Model")
    res_id = fields.Many2oneReference("Proof", model_field="res_model")
    user_id = fields.Many2one(
        "res.users", "Recorded by", default=lambda self: self.env.uid
    )

    _decision_complete = models.Constraint(
        "CHECK(kind = 'wish' OR (purpose_id IS NOT NULL AND channel IS NOT NULL))",
        "A decision is about a purpose and a channel.",
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
    def _append(self, partners, decision, wording, document=None):
        """Log one decision of many contacts in one statement.

        :param decision: kind, purpose id, channel, granted, date, source
        :param document: the record that proves it, such as an order
        """
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO crm_consent_log (partner_id, kind, purpose_id, channel,
                       granted, date, source, wording, res_model, res_id, user_id)
                SELECT unnest(%s), %s, %s, %s, %s, %s, %s, %s, %s, %s, %s RETURNING id
                """,
                partners.ids,
                *decision,
                wording,
                document._name if document else None,
                document.id if document else None,
                self.env.uid,
            )
        )
        self.browse(log_id for (log_id,) in rows)._capture_decisions()

    def _capture_decisions(self):
        event_type = self.env["crm.customer.event.type"]
        event_type._capture("consent_given", self)
        event_type._capture("consent_withdrawn", self)
        event_type._capture("mailing_unsubscribed", self)

    def _get_proof_name(self):
        """Return the record that proves the decision in words, if it is still there."""
        self.ensure_one()
        if self.res_model not in self.env:
            return ""
        document = self.env[self.res_model].sudo().browse(self.res_id).exists()
        return document.display_name or ""

    def action_open_document(self):
        """Open the record that proves the decision, with its own access rights."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "views": [(False, "form")],
        }
