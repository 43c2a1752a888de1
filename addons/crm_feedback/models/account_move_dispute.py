from odoo import api, fields, models
from odoo.fields import Domain

OPEN_DISPUTE = [
    ("case_type", "=", "billing_dispute"),
    ("stage_kind", "in", ("open", "waiting")),
]


class AccountMoveDispute(models.Model):
    """An invoice that its customer disputes is not dunned until that is settled."""

    _inherit = "account.move"

    dispute_case_id = fields.Many2one(
        "crm.case",
        "Disputed in",
        compute="_compute_dispute_case_id",
        search="_search_dispute_case_id",
        compute_sudo=True,
        groups="base.group_user",
        help="The open billing dispute about this invoice.",
    )

    def _compute_dispute_case_id(self):
        cases = self.env["crm.case"].search(
            [("invoice_id", "in", self.ids), *OPEN_DISPUTE], order="id desc"
        )
        by_invoice = {case.invoice_id: case for case in cases}
        for move in self:
            move.dispute_case_id = by_invoice.get(move, False)

    @api.model
    def _search_dispute_case_id(self, operator, value):
        if operator != "in":
            return NotImplemented
        cases = self.env["crm.case"].sudo()
        disputes = cases.search([("invoice_id", "!=", False), *OPEN_DISPUTE])
        chosen = disputes.filtered(lambda case: case.id in value)
        domain = Domain("id", "in", chosen.invoice_id.ids)
        if False in value:
            domain |= Domain("id", "not in", disputes.invoice_id.ids)
        return domain

    def _get_reminder_refusals(self):
        """Hook: say which invoices must not be dunned, and why.

        Whoever sends payment reminders asks this first.

        :return: reasons by invoice; an invoice without a reason may be dunned
        :rtype: dict
        """
        return {
            move: self.env._(
                "Disputed by the customer in %s", move.dispute_case_id.number
            )
            for move in self.sudo()
            if move.dispute_case_id
        }

    def _filter_remindable(self):
        """Return the invoices of which the customers may be reminded."""
        refused = {move.id for move in self._get_reminder_refusals()}
        return self.filtered(lambda move: move.id not in refused)
