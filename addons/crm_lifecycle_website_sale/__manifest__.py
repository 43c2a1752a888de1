{
    "name": "CRM Lifecycle: Online Shop",
    "summary": "Carts left in the online shop, on the customers' timelines; reminders "
    "that ask for consent",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "CRM Lifecycle contributors",
    "license": "LGPL-3",
    "auto_install": True,
    "depends": ["crm_lifecycle", "website_sale"],
    "data": ["data/crm_customer_event_type_data.xml"],
}
