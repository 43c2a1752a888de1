"""Load documents as confirmed sale orders with their historical dates."""

from odoo.fields import Command


def create_orders(books, documents):
    """Return the confirmed orders of ``documents``.

    They are made in their final state, as any migration does it: confirming them would
    date them today, write to the customers and give points for purchases of years ago.
    """
    return books.env["sale.order"].create(
        [order_values(books, document) for document in documents]
    )


def order_values(books, document):
    partner = books.partners[document.customer]
    return {
        "company_id": books.company.id,
        "partner_id": partner.id,
        "partner_invoice_id": partner.id,
        "partner_shipping_id": partner.id,
        "client_order_ref": document.key,
        "date_order": document.date,
        "currency_id": books.company.currency_id.id,
        "pricelist_id": False,
        "payment_term_id": False,
        "fiscal_position_id": False,
        "user_id": False,
        "team_id": False,
        "state": "sale",
        "locked": False,
        "order_line": [
            Command.create(order_line_values(books, line)) for line in document.lines
        ],
    }


def order_line_values(books, line):
    product = books.products[line.stock_code]
    return {
        "product_id": product.id,
        "name": product.name,
        "product_uom_qty": line.quantity,
        "product_uom_id": product.uom_id,
        # History: what was invoiced then was delivered then.
        "qty_delivered": line.quantity,
        "price_unit": line.unit_price,
        "discount": 0.0,
        "tax_ids": [],
        "analytic_distribution": False,
    }
