from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..outside_events.identity import Identity, Person


class CrmIdentityMatch(models.Model):
    """Somebody an outside source speaks of, where it is doubtful who that is.

    Waits for a user to say which contact is meant. The decision is remembered: later
    events with the same identifiers need no other.
    """

    _name = "crm.identity.match"
    _description = "Doubtful Identity"
    _order = "id DESC"

    source_id = fields.Many2one(
        "crm.outside.source", required=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="source_id.company_id")
    fingerprint = fields.Char(required=True, readonly=True)
    name = fields.Char("Name Given", readonly=True)
    email = fields.Char("E-mail", readonly=True)
    phone = fields.Char(readonly=True)
    vat = fields.Char("VAT", readonly=True)
    reference = fields.Char(
        readonly=True, help="The number by which the outside source knows the person."
    )
    country_id = fields.Many2one("res.country", readonly=True)
    doubt = fields.Selection(
        [
            ("unknown", "Nobody found"),
            ("weak", "Phone only"),
            ("several", "Several found"),
            ("conflict", "Contradictory"),
        ],
        required=True,
        readonly=True,
        help="Phone only: of what the source gives only the phone number is known. "
        "Contradictory: the identifiers belong to different customers.",
    )
    state = fields.Selection(
        [("open", "To decide"), ("done", "Decided"), ("ignored", "Ignored")],
        required=True,
        default="open",
        readonly=True,
    )
    candidate_ids = fields.One2many(
        "crm.identity.candidate", "match_id", "Candidates", readonly=True
    )
    partner_id = fields.Many2one(
        "res.partner", "Contact", index="btree_not_null", ondelete="set null"
    )
    decided_by_id = fields.Many2one("res.users", "Decided by", readonly=True)
    date_decided = fields.Datetime("Decided on", readonly=True)
    event_ids = fields.One2many(
        "crm.outside.event", "match_id", "Events", readonly=True
    )
    event_count = fields.Integer("Outside Events", compute="_compute_event_count")

    _identity_uniq = models.Constraint(
        "UNIQUE(source_id, fingerprint)", "This identity is in the list already."
    )
    _open_idx = models.Index("(source_id) WHERE state = 'open'")

    def _compute_event_count(self):
        counts = dict(
            self.env["crm.outside.event"]._read_group(
                [("match_id", "in", self.ids)], ["match_id"], ["__count"]
            )
        )
        for match in self:
            match.event_count = counts.get(match, 0)

    @api.depends("name", "email", "phone", "reference", "vat")
    def _compute_display_name(self):
        for match in self:
            match.display_name = (
                match.name
                or match.email
                or match.phone
                or match.reference
                or match.vat
                or self.env._("Unknown")
            )

    def write(self, vals):
        if "partner_id" in vals and any(
            match.state == "done" and match.partner_id for match in self
        ):
            raise UserError(
                self.env._("The decision has been made: undo it before changing it.")
            )
        return super().write(vals)

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_attach(self):
        """It is the chosen contact: attach the waiting events to it."""
        for match in self:
            if not match.partner_id:
                raise UserError(
                    self.env._("Choose the contact whom %s is.", match.display_name)
                )
        self._attach()

    def action_create_contact(self):
        """It is somebody new: make a contact and attach the waiting events to it."""
        self._check_open()
        # Who may decide needs no right to create contacts at will.
        partners = (
            self.env["res.partner"]
            .sudo()
            .create([self._prepare_contact(match._get_person()) for match in self])
        )
        for match, partner in zip(self, partners, strict=True):
            match.partner_id = partner
        self._attach()

    def action_merge(self):
        """Open stock's merge of the candidates; afterwards the events are attached."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "base.action_partner_merge"
        )
        action["context"] = {
            "active_model": "res.partner",
            "active_ids": self.candidate_ids.partner_id.ids,
        }
        return action

    def action_ignore(self):
        """Nobody to be remembered: the events stay without a customer."""
        self._check_open()
        self._close("ignored")

    def action_reopen(self):  # pylint: disable=missing-return
        """Undo the decision: the events belong to nobody until there is another."""
        self.check_access("write")
        self.sudo()._detach()
        super().write(
            {
                "state": "open",
                "partner_id": False,
                "decided_by_id": False,
                "date_decided": False,
            }
        )

    def action_look_again(self):
        """See whether the contacts have become clear in the meantime."""
        self._check_open()
        self.sudo()._look_again()

    def action_open_events(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_lifecycle.crm_outside_event_action"
        )
        action["domain"] = [("match_id", "=", self.id)]
        action["context"] = {}
        return action

    # ------------------------------------------------------------
    # Decisions
    # ------------------------------------------------------------

    def _check_open(self):
        self.check_access("write")
        if any(match.state != "open" for match in self):
            raise UserError(self.env._("This has been decided already."))

    def _attach(self):
        """Attach the waiting events to the contacts chosen, and remember them."""
        self._check_open()
        self._close("done")
        self.sudo()._settle()

    def _close(self, state):
        self.write(
            {
                "state": state,
                "decided_by_id": self.env.uid,
                "date_decided": self.env.cr.now(),
            }
        )

    def _settle(self):
        """Give the waiting events of decided identities their customer."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE crm_outside_event event
                   SET partner_id = match.partner_id, write_date = %s, write_uid = %s
                  FROM crm_identity_match match
                 WHERE event.match_id = match.id AND event.partner_id IS NULL
                   AND match.state = 'done' AND match.id IN %s
                RETURNING event.id
                """,
                self.env.cr.now(),
                self.env.uid,
                self._ids,
            )
        )
        events = self.env["crm.outside.event"]
        events.invalidate_model(["partner_id"])
        events.browse(event_id for (event_id,) in rows)._capture_facts()
        for source, matches in self.grouped("source_id").items():
            partners = {
                match.reference: match.partner_id.id
                for match in matches
                if match.reference and match.partner_id
            }
            references = self.env["crm.outside.reference"]
            references._learn(source, partners, overwrite=True)

    def _detach(self):
        """Take the events from the customers they were attached to."""
        events = self.event_ids.filtered("partner_id")
        events._forget_facts()
        events.write({"partner_id": False})
        references = self.env["crm.outside.reference"].search(
            [
                ("source_id", "in", self.source_id.ids),
                ("reference", "in", self.filtered("reference").mapped("reference")),
                ("partner_id", "in", self.partner_id.ids),
            ]
        )
        references.unlink()

    def _get_person(self):
        self.ensure_one()
        identity = Identity(
            self.email or "", self.phone or "", self.vat or "", self.reference or ""
        )
        return Person(identity, self.name or "", self.country_id.id, "review")

    @api.model
    def _prepare_contact(self, person):
        """Return the values of the contact of somebody new."""
        identity = person.identity
        return {
            "name": person.name
            or identity.email
            or identity.phone
            # A number of the source's own is better than no name at all.
            or identity.reference
            or identity.vat,
            "email": identity.email or False,
            "phone": identity.phone or False,
            "vat": identity.vat or False,
            "country_id": person.country_id or False,
        }
