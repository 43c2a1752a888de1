from odoo import api, fields, models
from odoo.tools import SQL


class CrmIdentityCandidate(models.Model):
    """A contact who may be meant, and the identifiers that speak for it."""

    _name = "crm.identity.candidate"
    _description = "Identity Candidate"
    _order = "match_id, id"
    _log_access = False
    _rec_name = "partner_id"

    match_id = fields.Many2one(
        "crm.identity.match",
        required=True,
        ondelete="cascade",
        index=True,
        readonly=True,
    )
    match_state = fields.Selection(related="match_id.state")
    partner_id = fields.Many2one(
        "res.partner",
        "Contact",
        required=True,
        ondelete="cascade",
        index=True,
        readonly=True,
    )
    email = fields.Char(related="partner_id.email")
    phone = fields.Char(related="partner_id.phone")
    vat = fields.Char(related="partner_id.vat")
    city = fields.Char(related="partner_id.city")
    kinds = fields.Char(required=True, readonly=True)
    kinds_label = fields.Char("Found by", compute="_compute_kinds_label")

    _contact_uniq = models.UniqueIndex(
        "(match_id, partner_id)", "This contact is a candidate already."
    )

    @api.depends("kinds")
    def _compute_kinds_label(self):
        labels = {
            "email": self.env._("E-mail"),
            "phone": self.env._("Phone"),
            "vat": self.env._("VAT"),
            "reference": self.env._("Reference"),
        }
        for candidate in self:
            kinds = (candidate.kinds or "").split(",")
            candidate.kinds_label = ", ".join(labels.get(kind, kind) for kind in kinds)

    def action_choose(self):
        """It is this contact: attach the waiting events to it."""
        self.ensure_one()
        self.match_id._check_open()
        self.match_id.partner_id = self.partner_id
        self.match_id._attach()

    @api.model
    def _replace(self, match_ids, rows):
        """Replace the candidates of some doubts.

        :param rows: ids of match and contact, kinds
        """
        self.env.execute_query(
            SQL(
                "DELETE FROM crm_identity_candidate WHERE match_id = ANY(%s)"
                " RETURNING id",
                match_ids,
            )
        )
        if rows:
            self.env.execute_query(
                SQL(
                    "INSERT INTO crm_identity_candidate (match_id, partner_id, kinds)"
                    " VALUES %s RETURNING id",
                    SQL(", ").join(SQL("%s", row) for row in rows),
                )
            )
        self.invalidate_model()
