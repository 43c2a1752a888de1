{
    "name": "Customer Service: Loyalty",
    "summary": "Goodwill points of cases are booked on the customer's loyalty card",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "CRM Lifecycle contributors",
    "license": "LGPL-3",
    "auto_install": True,
    "depends": ["crm_feedback", "crm_loyalty"],
}
