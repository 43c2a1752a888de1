from odoo import api, fields, models
from odoo.tools import SQL

# What is followed, and the column of the profile that has it at the start of a month.
DIMENSIONS = {
    "rfm_segment": "opening_rfm_segment",
    "value_class": "opening_value_class",
}


class CrmCustomerMigration(models.Model):
    """How many customers went from which class to which within a month.

    Those who entered a class in one month are those who are in it when the next one
    begins: the months follow from one another without a gap.
    """

    _name = "crm.customer.migration"
    _description = "Customer Migration"
    _order = "month DESC, dimension, from_class, to_class"
    _log_access = False
    _rec_name = "month"

    month = fields.Date(required=True, readonly=True)
    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users", "Salesperson", readonly=True, ondelete="set null", index=True
    )
    team_id = fields.Many2one(
        "crm.team", "Sales Team", readonly=True, ondelete="set null", index=True
    )
    dimension = fields.Selection(
        [("rfm_segment", "RFM segment"), ("value_class", "Value class")],
        required=True,
        readonly=True,
    )
    from_class = fields.Selection(
        "_selection_class", "From", readonly=True, help="Empty: not yet a customer."
    )
    to_class = fields.Selection("_selection_class", "To", readonly=True)
    customer_count = fields.Integer("Customers", readonly=True)
    clv = fields.Monetary("Lifetime Value", readonly=True)

    _month_idx = models.Index("(company_id, month, dimension)")

    @api.model
    def _selection_class(self):
        profile = self.env["crm.customer.profile"]
        return [
            choice
            for name in DIMENSIONS
            for choice in profile._fields[name]._description_selection(self.env)
        ]

    @api.model
    def _open_month(self):
        """Remember each customer's classes as the month begins; once a month."""
        month = self.env["crm.customer.summary"]._get_this_month()
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_customer_profile
                   SET opening_month = %(month)s, %(opened)s
                 WHERE opening_month IS DISTINCT FROM %(month)s
                """,
                month=month,
                opened=SQL(", ").join(
                    SQL("%s = %s", SQL.identifier(opening), SQL.identifier(name))
                    for name, opening in DIMENSIONS.items()
                ),
            )
        )
        self.env["crm.customer.profile"].invalidate_model(
            ["opening_month", *DIMENSIONS.values()]
        )

    @api.model
    def _begin(self, company):
        """Take what the first analysis ever found as the start: nobody moved yet."""
        for name, opening in DIMENSIONS.items():
            is_known = [("company_id", "=", company.id), ("dimension", "=", name)]
            if self.sudo().search_count(is_known, limit=1):
                continue
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE crm_customer_profile SET %(opening)s = %(name)s
                     WHERE company_id = %(company)s
                       AND %(opening)s IS DISTINCT FROM %(name)s
                    """,
                    opening=SQL.identifier(opening),
                    name=SQL.identifier(name),
                    company=company.id,
                )
            )
        self.env["crm.customer.profile"].invalidate_model(DIMENSIONS.values())

    @api.model
    def _refresh(self, company):
        """Write the moves of the running month anew."""
        month = self.env["crm.customer.summary"]._get_this_month()
        self.env.flush_all()
        self._begin(company)
        self.env.cr.execute(
            SQL(
                "DELETE FROM crm_customer_migration "
                "WHERE month = %s AND company_id = %s",
                month,
                company.id,
            )
        )
        for name, opening in DIMENSIONS.items():
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO crm_customer_migration (month, dimension, company_id,
                           user_id, team_id, from_class, to_class, customer_count, clv)
                    SELECT %(month)s, %(dimension)s, company_id, user_id, team_id,
                           %(opening)s, %(name)s, count(*), sum(clv)
                      FROM crm_customer_profile
                     WHERE company_id = %(company)s
                       AND (%(opening)s IS NOT NULL OR %(name)s IS NOT NULL)
                     GROUP BY company_id, user_id, team_id, %(opening)s, %(name)s
                    """,
                    month=month,
                    company=company.id,
                    dimension=name,
                    opening=SQL.identifier(opening),
                    name=SQL.identifier(name),
                )
            )
        self.invalidate_model()
