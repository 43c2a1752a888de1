"""The customers whose figures a refresh asks for."""

from odoo.tools import SQL


class WantedCustomers(SQL):
    """``SELECT partner_id, company_id`` of the customers to refresh.

    It is SQL and can be put into any query. Better are the conditions it gives: where
    all customers are wanted they are simply true, and the source reads its table once
    from the beginning to the end instead of looking every customer up.
    """

    __slots__ = ("everyone",)

    def __init__(self, query, everyone=False):
        super().__init__(query)
        self.everyone = everyone

    @property
    def first(self):
        """SQL for the end of a sub-select that limits itself to these customers.

        It makes PostgreSQL run the sub-select before it joins many more tables to it,
        which it does not always find out itself.
        """
        return SQL() if self.everyone else SQL("OFFSET 0")

    def include(self, partner):
        """Return the condition that a customer, SQL of its id, is wanted."""
        if self.everyone:
            return SQL("TRUE")
        return SQL("%s IN (SELECT wanted.partner_id FROM (%s) wanted)", partner, self)

    def include_contact(self, contact):
        """Return the condition that the customer of a contact, SQL of its id, is."""
        if self.everyone:
            return SQL("TRUE")
        return SQL(
            """
            %s IN (SELECT person.id FROM (%s) wanted
                     JOIN res_partner person
                       ON person.commercial_partner_id = wanted.partner_id)
            """,
            contact,
            self,
        )
