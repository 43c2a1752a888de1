from datetime import timedelta

from odoo import Command, fields
from odoo.tests import TransactionCase, new_test_user
from odoo.tools import SQL


class LifecycleCase(TransactionCase):
    """A company that sells: customers, a product, orders at any date, invoices."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(
            context={
                **cls.env.context,
                "tracking_disable": True,
                "no_reset_password": True,
            }
        )
        cls.event_type = cls.env["crm.customer.event.type"]
        cls.event = cls.env["crm.customer.event"]
        cls.profile = cls.env["crm.customer.profile"]
        cls.product = cls.env["product.product"].create(
            {"name": "Widget", "type": "consu", "list_price": 100, "taxes_id": False}
        )
        cls.customer = cls._create_customer("Ada Ltd")
        cls.user = new_test_user(
            cls.env, "lifecycle_user", groups="crm_lifecycle.crm_lifecycle_group_user"
        )
        cls.manager = new_test_user(
            cls.env,
            "lifecycle_manager",
            groups="crm_lifecycle.crm_lifecycle_group_manager",
        )
        cls.salesman = new_test_user(
            cls.env,
            "lifecycle_salesman",
            groups="crm_lifecycle.crm_lifecycle_group_user,"
            "sales_team.group_sale_salesman",
        )

    @classmethod
    def _create_customer(cls, name, **values):
        email = f"{name.split()[0].lower()}@example.com"
        return cls.env["res.partner"].create(
            {"name": name, "email": email, "is_company": True, **values}
        )

    @classmethod
    def _create_order(
        cls, partner=None, amount=100, days_ago=0, confirm=True, **values
    ):
        """Make an order of ``partner`` over ``amount``, dated in the past."""
        order = cls.env["sale.order"].create(
            {
                "partner_id": (partner or cls.customer).id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": cls.product.id,
                            "product_uom_qty": 1,
                            "price_unit": amount,
                            "tax_ids": False,
                        }
                    )
                ],
                **values,
            }
        )
        if confirm:
            date = fields.Datetime.now() - timedelta(days=days_ago)
            order.action_confirm()
            if days_ago:
                # Stock dates a confirmation with now: the past is made afterwards.
                order.date_order = date
        return order

    @classmethod
    def _copy_orders(cls, facts, company=None):
        """Make confirmed orders without lines, after one that the ORM has made.

        By SQL: thousands in a second.

        :param facts: id of the customer, date and untaxed amount of each
        """
        orders = cls.env["sale.order"]
        if not facts:
            return orders
        company = company or cls.env.company
        first = orders.create({"partner_id": facts[0][0], "company_id": company.id})
        cls.env.flush_all()
        own = {
            "name": SQL("'H' || number"),
            "state": SQL("'sale'"),
            "access_token": SQL("NULL"),
            "partner_id": SQL("partner_id"),
            "partner_invoice_id": SQL("partner_id"),
            "partner_shipping_id": SQL("partner_id"),
            "date_order": SQL("date_order"),
            "amount_untaxed": SQL("amount_untaxed"),
        }
        same = [
            name
            for name, field in orders._fields.items()
            if field.store and field.column_type and name not in {"id", *own}
        ]
        customers, dates, amounts = zip(*facts, strict=True)
        rows = cls.env.execute_query(
            SQL(
                """
                INSERT INTO sale_order (%(names)s)
                SELECT %(values)s
                  FROM unnest(%(customers)s::int[], %(dates)s::timestamp[],
                              %(amounts)s::float8[]) WITH ORDINALITY
                       fact (partner_id, date_order, amount_untaxed, number)
                 CROSS JOIN (SELECT %(same)s FROM sale_order WHERE id = %(first)s) same
             RETURNING id
                """,
                names=SQL(", ").join(map(SQL.identifier, [*own, *same])),
                values=SQL(", ").join(
                    [
                        *own.values(),
                        *(SQL.identifier("same", name) for name in same),
                    ]
                ),
                same=SQL(", ").join(map(SQL.identifier, same)),
                customers=list(customers),
                dates=list(dates),
                amounts=list(map(float, amounts)),
                first=first.id,
            )
        )
        first.unlink()
        cls.env.invalidate_all()
        orders = orders.browse(order_id for (order_id,) in rows)
        cls.event_type._capture("order_confirmed", orders)
        return orders

    @classmethod
    def _invoice(cls, order, paid=False):
        invoice = order._create_invoices()
        invoice.action_post()
        if paid:
            cls.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=invoice.ids
            ).create({}).action_create_payments()
        return invoice

    @classmethod
    def _run_pipeline(cls):
        """Bring profiles and segments up to date, as the scheduled actions do."""
        while cls.profile._refresh():
            pass
        cls.env["crm.segment"].search([("kind", "!=", "static")])._refresh_members()

    @classmethod
    def _get_profile(cls, partner=None):
        partner = (partner or cls.customer).commercial_partner_id
        return cls.profile.search([("partner_id", "=", partner.id)])

    def assertEvents(self, partner, codes):
        """Assert which events a customer has, oldest first."""
        events = self.event.search(
            [("partner_id", "=", partner.commercial_partner_id.id)], order="id"
        )
        self.assertEqual([event.type_id.code for event in events], codes)
        return events
