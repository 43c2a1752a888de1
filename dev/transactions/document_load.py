"""Load a batch of documents in one transaction: order, invoice, payment, their ids."""

from .external_ids import external_name
from .invoice_load import create_invoices
from .order_load import create_orders
from .payment_load import create_payments


def load_batch(books, ids, documents):
    """Load ``documents``, commit, and return how many records were made."""
    sales = [document for document in documents if not document.is_return]
    orders = create_orders(books, sales)
    order_of = dict(zip([sale.key for sale in sales], orders, strict=True))
    invoices = create_invoices(books, documents, order_of)
    payments = create_payments(books, documents, invoices)
    ids.record([external_name("order", document.key) for document in sales], orders)
    ids.record(
        [external_name("document", document.key) for document in documents], invoices
    )
    books.env.cr.commit()
    # The records of the batch are not needed again; keeping them slows the next one.
    books.env.invalidate_all()
    return {
        "orders": len(orders),
        "invoices": len(sales),
        "credit_notes": len(documents) - len(sales),
        "payments": len(payments),
    }
