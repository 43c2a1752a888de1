"""Numbers about customers: plain Python on arrays, nothing of Odoo."""
