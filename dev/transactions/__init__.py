"""Load the log of a shop's transactions as back-office documents of Odoo.

The first half knows nothing of Odoo: ``log_formats`` and ``transaction_log`` read and
check the file, ``documents`` groups its lines, ``catalogue`` derives products. The
other half (``*_load``) writes one kind of record each.
"""
