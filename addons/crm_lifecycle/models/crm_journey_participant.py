from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

STATES = [
    ("active", "On the Way"),
    ("parked", "Stopped by an Error"),
    ("done", "Finished"),
    ("goal", "Reached the Goal"),
    ("exited", "Left"),
]


class CrmJourneyParticipant(models.Model):
    """One run of a journey: a customer, or a document of his, and where it stands."""

    _name = "crm.journey.participant"
    _description = "Journey Participant"
    _order = "id DESC"
    _log_access = False
    _rec_name = "partner_id"

    journey_id = fields.Many2one(
        "crm.journey", required=True, ondelete="cascade", index=True
    )
    version_id = fields.Many2one(
        "crm.journey.version", required=True, ondelete="restrict", index=True
    )
    step_id = fields.Many2one(
        "crm.journey.step", "At Step", ondelete="set null", index="btree_not_null"
    )
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, ondelete="cascade", index=True
    )
    contact_id = fields.Many2one(
        "res.partner",
        "Person",
        ondelete="set null",
        index="btree_not_null",
        help="Who is written to.",
    )
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    res_model = fields.Char("Document Model", required=True)
    res_id = fields.Many2oneReference(
        "Document", model_field="res_model", required=True
    )
    document_name = fields.Char(compute="_compute_document_name")
    event_id = fields.Many2one(
        "crm.customer.event", ondelete="set null", index="btree_not_null"
    )
    event_mark = fields.Integer(
        required=True,
        help="The customer event after which others count as happened on the way.",
    )
    waiting_mark = fields.Integer(help="The same, since it waits at the step.")
    occasion = fields.Char(
        required=True, help="What let it enter: nothing enters twice for the same."
    )
    state = fields.Selection(STATES, required=True, default="active")
    date_entered = fields.Datetime("Entered", required=True)
    date_ended = fields.Datetime("Ended")
    date_goal = fields.Datetime("Goal Reached")
    due_date = fields.Datetime("Due")
    visit = fields.Integer("Steps Done", default=0, required=True)
    is_waiting = fields.Boolean("Waiting at the Step")
    date_waiting = fields.Datetime("Waiting Since")
    note = fields.Char("Reason", help="Why it waits, left or stopped.")
    trace_ids = fields.One2many("crm.journey.trace", "participant_id", "Path")

    _occasion_uniq = models.UniqueIndex("(journey_id, res_id, occasion)")
    _due_idx = models.Index("(due_date, id) WHERE state = 'active'")
    _state_idx = models.Index("(journey_id, state)")

    @api.depends("res_model", "res_id")
    def _compute_document_name(self):
        for model_name, participants in self.grouped("res_model").items():
            if model_name not in self.env:
                participants.document_name = False
                continue
            documents = self.env[model_name].browse(participants.mapped("res_id"))
            names = {
                document.id: document.display_name
                for document in documents.exists()._filtered_access("read")
            }
            for participant in participants:
                participant.document_name = names.get(participant.res_id)

    @api.depends("partner_id", "journey_id")
    def _compute_display_name(self):
        for participant in self:
            participant.display_name = (
                f"{participant.journey_id.name}: {participant.partner_id.display_name}"
            )

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_open_document(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "views": [(False, "form")],
        }

    def action_retry(self):
        """Try the step at which an error stopped it once more."""
        self.journey_id.check_access("write")
        self.sudo().filtered(lambda participant: participant.state == "parked").write(
            {"state": "active", "due_date": self.env.cr.now(), "note": False}
        )
        self.env["crm.journey"]._wake()

    def action_skip(self):
        """Leave out the step at which an error stopped it, and go on after it."""
        self.journey_id.check_access("write")
        parked = self.sudo().filtered(lambda participant: participant.state == "parked")
        parked.write({"state": "active", "note": False})
        for step, participants in parked.grouped("step_id").items():
            step._move(participants.ids, "next", self.env._("Left out by hand"))
        self.env["crm.journey"]._wake()

    def action_leave(self):
        """Take it out of the journey."""
        self.journey_id.check_access("write")
        self.sudo().filtered(
            lambda participant: participant.state in ("active", "parked")
        )._end("exited", self.env._("Taken out by hand"))

    def _end(self, state, note):
        now = self.env.cr.now()
        vals = {"state": state, "date_ended": now, "due_date": False, "note": note}
        if state == "goal":
            vals["date_goal"] = now
        self.write(vals)

    # ------------------------------------------------------------
    # Documents
    # ------------------------------------------------------------

    def _get_documents(self):
        """Return the existing documents of participants of one journey by their id.

        :rtype: dict[int, models.BaseModel]
        """
        model = self.env[self[:1].res_model].with_context(active_test=False)
        existing = model.browse(self.mapped("res_id")).exists()
        by_id = {document.id: document for document in existing}
        return {
            participant.id: by_id[participant.res_id]
            for participant in self
            if participant.res_id in by_id
        }

    def _select_profiles(self, domain):
        """Return the ids of the participants whose profile matches ``domain``."""
        query = self.env["crm.customer.profile"].sudo()._search(domain)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT participant.id FROM crm_journey_participant participant
                  JOIN crm_customer_profile profile
                    ON profile.partner_id = participant.partner_id
                   AND profile.company_id = participant.company_id
                 WHERE participant.id = ANY(%s) AND profile.id IN %s
                """,
                self.ids,
                query.subselect(),
            )
        )
        return {row[0] for row in rows}

    def _select_documents(self, domain):
        """Return the ids of the participants whose document matches ``domain``."""
        model = self.env[self[:1].res_model].sudo().with_context(active_test=False)
        domain &= Domain("id", "in", self.mapped("res_id"))
        matching = set(model._search(domain))
        return {
            participant.id for participant in self if participant.res_id in matching
        }
