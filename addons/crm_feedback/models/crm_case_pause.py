from odoo import fields, models


class CrmCasePause(models.Model):
    """A time in which a case's clock stood still: it waited for its customer or was
    closed."""

    _name = "crm.case.pause"
    _description = "Pause of a Case"
    _order = "date_from"
    _rec_name = "date_from"

    case_id = fields.Many2one("crm.case", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)
    date_from = fields.Datetime("From", required=True)
    date_to = fields.Datetime("To")

    _open_uniq = models.UniqueIndex(
        "(case_id) WHERE date_to IS NULL",
        "The clock of this case stands still already.",
    )

    def _begin(self, cases):
        """Stop the clock of the cases now."""
        now = fields.Datetime.now()
        return self.create([{"case_id": case.id, "date_from": now} for case in cases])

    def _end(self, cases):
        """Let the clock of the cases run again from now on."""
        pauses = self.search([("case_id", "in", cases.ids), ("date_to", "=", False)])
        pauses.write({"date_to": fields.Datetime.now()})
        # A pause that begins in this transaction is inserted before pending updates.
        pauses.flush_recordset(["date_to"])
