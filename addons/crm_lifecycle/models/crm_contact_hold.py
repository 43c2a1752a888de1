import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .crm_consent import CHANNELS

_logger = logging.getLogger(__name__)

# Closed lines are deleted after so many days, so many at a time.
KEPT_DAYS = 180
GC_BATCH = 100_000
# Reasons that no waiting mends: the contact himself has to change them.
LASTING_REASONS = ("no_consent", "refused", "pending", "expired", "blacklist")


class CrmContactHold(models.Model):
    """A message that was not sent to a contact, with the reason.

    - ``waiting``: the moment was wrong; it is asked again and goes when it may.
    - ``released``: it may be sent, and its document was told so.
    - ``dropped``: it waited for longer than its sender wants.
    - ``refused``: the contact does not want it; it does not wait.
    """

    _name = "crm.contact.hold"
    _description = "Held Message"
    _order = "date DESC, id DESC"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner", "Contact", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="partner_id.company_id")
    purpose_id = fields.Many2one(
        "crm.consent.purpose", required=True, ondelete="cascade"
    )
    channel = fields.Selection(CHANNELS, required=True)
    sender_id = fields.Many2one(
        "crm.contact.policy.sender", required=True, ondelete="cascade"
    )
    reason = fields.Selection(
        [
            ("no_consent", "Has not agreed"),
            ("refused", "Said no"),
            ("pending", "Has not confirmed yet"),
            ("expired", "Agreement has expired"),
            ("blacklist", "Address is on the blacklist"),
            ("paused", "Pauses"),
            ("overdue", "Invoice overdue"),
            ("quiet", "Quiet hours"),
            ("frequency", "Wants fewer messages"),
            ("cap", "Enough messages of late"),
        ],
        required=True,
    )
    res_model = fields.Char("Document Model")
    res_id = fields.Many2oneReference("Document", model_field="res_model")
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("released", "Released"),
            ("dropped", "Dropped"),
            ("refused", "Refused"),
        ],
        required=True,
        default="waiting",
    )
    date = fields.Datetime("Held on", required=True)
    date_until = fields.Datetime(
        "Until", help="Asked again from then on. Empty: asked again every hour."
    )
    date_closed = fields.Datetime("Closed on")
    document_name = fields.Char("Message", compute="_compute_document_name")

    _open_uniq = models.UniqueIndex(
        "(partner_id, purpose_id, channel, sender_id, COALESCE(res_model, ''),"
        " COALESCE(res_id, 0)) WHERE state IN ('waiting', 'refused')"
    )
    _waiting_idx = models.Index("(sender_id, date_until) WHERE state = 'waiting'")
    _document_idx = models.Index("(res_model, res_id) WHERE res_id IS NOT NULL")

    @api.depends("partner_id", "reason")
    def _compute_display_name(self):
        labels = self._get_reason_labels()
        for hold in self:
            hold.display_name = f"{hold.partner_id.display_name}: {labels[hold.reason]}"

    @api.depends("res_model", "res_id")
    def _compute_document_name(self):
        """Names of the documents that the reader may read; one search per model."""
        self.document_name = False
        for model, holds in self.filtered("res_id").grouped("res_model").items():
            if model not in self.env or not self.env[model].has_access("read"):
                continue
            found = self.env[model].search([("id", "in", holds.mapped("res_id"))])
            names = {record.id: record.display_name for record in found}
            for hold in holds:
                hold.document_name = names.get(hold.res_id)

    @api.model
    def _get_reason_labels(self):
        """Return the words for each reason, in the reader's language."""
        return dict(self._fields["reason"]._description_selection(self.env))

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_release(self):
        """Ask again now, and send what may be sent."""
        if not self.env.user.has_group("crm_lifecycle.crm_lifecycle_group_manager"):
            raise AccessError(
                self.env._("Only customer lifecycle managers release held messages.")
            )
        self.check_access("read")
        self.sudo().filtered(lambda hold: hold.state == "waiting")._ask_again()

    def action_open_document(self):
        """Open what was to be sent, with its own access rights."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "views": [(False, "form")],
        }

    # ------------------------------------------------------------
    # Release
    # ------------------------------------------------------------

    @api.model
    def _cron_release(self):
        """Ask again for what waits, the most important senders first."""
        self._drop_outdated()
        due = Domain("state", "=", "waiting") & (
            Domain("date_until", "=", False)
            | Domain("date_until", "<=", self.env.cr.now())
        )
        groups = self._group_by_message(due)
        commit_progress = self.env["ir.cron"]._commit_progress
        commit_progress(remaining=len(groups))
        for holds in groups:
            try:
                with self.env.cr.savepoint():
                    holds._ask_again()
            except UserError as error:
                _logger.info("Held messages %s not released: %s", holds.ids, error)
            if not commit_progress(1):
                return

    @api.model
    def _group_by_message(self, domain):
        """Return holds, in recordsets of one sender, purpose, channel and document."""
        groups = self._read_group(
            domain,
            ["sender_id", "purpose_id", "channel", "res_model", "res_id"],
            ["id:recordset"],
            order="sender_id, purpose_id, channel, res_model, res_id",
        )
        return [holds for *_key, holds in groups]

    def _ask_again(self):
        """Ask for each message whether it may go now; tell the documents that wait.

        What is still held stays, with its new reason.
        """
        for (sender, purpose, channel, _model, _id), holds in self.grouped(
            lambda hold: (
                hold.sender_id,
                hold.purpose_id,
                hold.channel,
                hold.res_model,
                hold.res_id,
            )
        ).items():
            document = holds._get_document()
            if holds[0].res_id and not document:
                holds._close("dropped")
                continue
            answer = self.env["crm.contact.policy"]._ask(
                holds.partner_id, purpose.code, channel, sender.code, document
            )
            if answer.allowed and hasattr(document, "_release_contact_holds"):
                document._release_contact_holds(answer.allowed)

    def _get_document(self):
        """Return what was to be sent, or None if it is gone."""
        name, record_id = self[0].res_model, self[0].res_id
        if name not in self.env:
            return None
        return self.env[name].browse(record_id).exists() or None

    def _close(self, state):
        self.write({"state": state, "date_closed": self.env.cr.now()})

    @api.model
    def _drop_outdated(self):
        self.flush_model()
        self.env["crm.contact.policy.sender"].flush_model()
        now = self.env.cr.now()
        self.env.execute_query(
            SQL(
                """
                UPDATE crm_contact_hold hold SET state = 'dropped', date_closed = %s
                  FROM crm_contact_policy_sender sender
                 WHERE sender.id = hold.sender_id AND hold.state = 'waiting'
                   AND hold.date < %s - make_interval(days => sender.wait_days)
                RETURNING hold.id
                """,
                now,
                now,
            )
        )
        self.invalidate_model(["state", "date_closed"])

    @api.autovacuum
    def _gc_closed(self):
        [(deleted,)] = self.env.execute_query(
            SQL(
                """
                WITH old AS (
                    SELECT id FROM crm_contact_hold
                     WHERE state != 'waiting' AND date < %s - make_interval(days => %s)
                     LIMIT %s
                ), deleted AS (
                    DELETE FROM crm_contact_hold
                     WHERE id IN (SELECT id FROM old) RETURNING id
                )
                SELECT count(*) FROM deleted
                """,
                self.env.cr.now(),
                KEPT_DAYS,
                GC_BATCH,
            )
        )
        return deleted, deleted == GC_BATCH
