from odoo import fields, models
from odoo.tools import SQL


class CrmQualityCostReport(models.Model):
    """What poor quality cost: the posted credit notes that cases led to, by cause.

    Amounts are those of accounting: without taxes, in the company's currency.
    """

    _name = "crm.quality.cost.report"
    _description = "Cost of Poor Quality"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "move_id"
    _depends = {
        "account.move": [
            "amount_untaxed_signed",
            "company_id",
            "invoice_date",
            "move_type",
            "partner_id",
            "state",
        ],
        "crm.case": ["category_id", "product_id", "root_cause_id", "supplier_id"],
        "crm.case.compensation": ["case_id", "res_id", "res_model"],
    }

    move_id = fields.Many2one("account.move", "Credit Note", readonly=True)
    case_id = fields.Many2one("crm.case", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    date = fields.Date(readonly=True)
    root_cause_id = fields.Many2one("crm.root.cause", readonly=True)
    category_id = fields.Many2one("crm.case.category", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True)
    supplier_id = fields.Many2one("res.partner", readonly=True)
    amount = fields.Monetary("Cost", readonly=True)

    @property
    def _table_query(self):
        # A credit note counts once, even if two cases led to it.
        return SQL(
            """
            SELECT DISTINCT ON (move.id)
                   move.id, move.id AS move_id, crm_case.id AS case_id,
                   move.company_id, move.partner_id, move.invoice_date AS date,
                   crm_case.root_cause_id, crm_case.category_id,
                   crm_case.product_id, crm_case.supplier_id,
                   -move.amount_untaxed_signed AS amount
              FROM crm_case_compensation compensation
              JOIN account_move move ON move.id = compensation.res_id
              JOIN crm_case ON crm_case.id = compensation.case_id
             WHERE compensation.res_model = 'account.move'
               AND move.move_type = 'out_refund' AND move.state = 'posted'
          ORDER BY move.id, compensation.id
            """
        )
