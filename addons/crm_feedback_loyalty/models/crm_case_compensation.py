from odoo import fields, models
from odoo.exceptions import UserError


class CrmCaseCompensation(models.Model):
    """Goodwill points are an entry of the ledger, on the customer's own card."""

    _inherit = "crm.case.compensation"

    def _make_goodwill(self):
        program = self._get_goodwill_program().with_company(self.company_id)
        customer = self.partner_id.commercial_partner_id
        card = program._ensure_cards(customer)[customer]
        today = fields.Date.context_today(self)
        return self.env["loyalty.points.entry"]._book(
            [
                {
                    "card_id": card.id,
                    "kind": "award",
                    "points": self.points,
                    "expiry_date": program._get_points_expiry(today),
                    "company_id": self.company_id.id,
                    "res_model": "crm.case",
                    "res_id": self.case_id.id,
                    "description": self.env._("Goodwill, %s", self.case_id.number),
                    "key": f"compensation:{self.id}",
                }
            ]
        )

    def _get_goodwill_program(self):
        """Return the program of the customer's card, else the company's first."""
        programs = self.env["loyalty.program"].search(
            [
                ("program_type", "=", "loyalty"),
                ("company_id", "in", (False, self.company_id.id)),
            ]
        )
        if not programs:
            raise UserError(
                self.env._("There is no loyalty program to give points in.")
            )
        card = self.env["loyalty.card"].search(
            [
                ("program_id", "in", programs.ids),
                (
                    "partner_id.commercial_partner_id",
                    "=",
                    self.partner_id.commercial_partner_id.id,
                ),
            ],
            order="id",
            limit=1,
        )
        return card.program_id or programs[0]
