from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class CrmCustomerProfileVisible(models.Model):
    """What of a customer's orders the user may see.

    The stored figures count every order. Who may not read all of them is shown figures
    of those that he may read.
    """

    _inherit = "crm.customer.profile"

    visible_orders = fields.Selection(
        [("all", "All"), ("some", "Some"), ("none", "None")],
        compute="_compute_visible_orders",
        help="How many of the customer's orders the user has the right to read.",
    )
    visible_order_count = fields.Integer(
        "Orders you may see",
        compute="_compute_visible_figures",
        help="Those that you may see.",
    )
    visible_revenue = fields.Monetary(
        "Revenue you may see",
        compute="_compute_visible_figures",
        help="Untaxed amount of the confirmed orders that you may see.",
    )
    visible_last_order_date = fields.Datetime(
        "Last order you may see",
        compute="_compute_visible_figures",
        help="Of those that you may see.",
    )

    def _get_full(self):
        """Return the profile with all figures, empty if the user may not see them all.

        All of them are his to see where all orders of the customer are.
        """
        full = self.sudo()
        return full if self.visible_orders == "all" else full.browse()

    @api.depends("refresh_date")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_visible_orders(self):
        if not self.env["sale.order"].has_access("read"):
            self.visible_orders = "none"
            return
        hidden = self._get_customers_of_hidden_orders()
        for profile in self:
            key = (profile.partner_id.id, profile.company_id.id)
            profile.visible_orders = "some" if key in hidden else "all"

    def _get_customers_of_hidden_orders(self):
        """Return customer and company of the orders that a rule hides from the user."""
        hidden = ~self.env["ir.rule"]._compute_domain("sale.order", "read")
        orders = self.env["sale.order"].sudo()
        query = orders._search(self._get_confirmed_domain() & hidden)
        if query.is_empty():
            return set()
        contact = query.left_join(
            query.table, "partner_id", "res_partner", "id", "partner_id"
        )
        query.groupby = SQL(
            "%s, %s",
            SQL.identifier(contact, "commercial_partner_id"),
            SQL.identifier(query.table, "company_id"),
        )
        return set(self.env.execute_query(query.select(query.groupby)))

    def _get_confirmed_domain(self):
        return Domain(
            [
                ("partner_id.commercial_partner_id", "in", self.partner_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("state", "=", "sale"),
            ]
        )

    @api.depends("visible_orders", "order_count", "revenue", "last_order_date")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_visible_figures(self):
        cut = self.filtered(lambda profile: profile.visible_orders == "some")
        figures = cut._read_visible_figures()
        for profile, full in zip(self, self.sudo(), strict=True):
            stored = (full.order_count, full.revenue, full.last_order_date)
            if profile.visible_orders != "all":
                key = (profile.partner_id.id, profile.company_id.id)
                stored = figures.get(key, (0, 0, False))
            (
                profile.visible_order_count,
                profile.visible_revenue,
                profile.visible_last_order_date,
            ) = stored

    def _read_visible_figures(self):
        """Return count, revenue and last date of the orders the user may read."""
        if not self:
            return {}
        query = self.env["sale.order"]._search(self._get_confirmed_domain())
        if query.is_empty():
            return {}
        contact = query.left_join(
            query.table, "partner_id", "res_partner", "id", "partner_id"
        )
        query.groupby = SQL(
            "%s, %s",
            SQL.identifier(contact, "commercial_partner_id"),
            SQL.identifier(query.table, "company_id"),
        )
        rows = self.env.execute_query(
            query.select(
                query.groupby,
                SQL("count(*)"),
                SQL("sum(%s)", self._get_order_amount_sql(query.table)),
                SQL("max(%s)", SQL.identifier(query.table, "date_order")),
            )
        )
        return {(row[0], row[1]): row[2:] for row in rows}

    @api.model
    def _get_order_amount_sql(self, table):
        """Return the SQL of an order's untaxed amount in the company's currency."""
        return SQL(
            "%s / COALESCE(NULLIF(%s, 0), 1)",
            SQL.identifier(table, "amount_untaxed"),
            SQL.identifier(table, "currency_rate"),
        )

    @api.model
    def _readable_to_sql(self, model_name, document_id):
        """Return the SQL condition that the user may read a document.

        Only for models whose rights are rules. A document that was deleted may be told
        to who may read all of its kind.

        :param SQL document_id: the id of the document, in the statement around
        """
        model = self.env[model_name].with_context(active_test=False)
        if not model.has_access("read"):
            return SQL("FALSE")
        query = model._search(Domain.TRUE)
        if not query.where_clause:
            return SQL("TRUE")
        query.add_where(SQL("%s = %s", SQL.identifier(query.table, "id"), document_id))
        return SQL("EXISTS (%s)", query.select(SQL("1")))
