{
    "name": "CRM Loyalty: Inventory",
    "summary": "Late deliveries are a signal of customers who are leaving",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "CRM Lifecycle contributors",
    "license": "LGPL-3",
    "auto_install": True,
    "depends": ["crm_loyalty", "sale_stock"],
    "post_init_hook": "post_init_hook",
}
