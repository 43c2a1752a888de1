{
    "name": "CRM Lifecycle: Forum",
    "summary": "Questions and answers of customers in the forum on their timelines",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "CRM Lifecycle contributors",
    "license": "LGPL-3",
    "auto_install": True,
    "depends": ["crm_lifecycle", "website_forum"],
    "data": ["data/crm_customer_event_type_data.xml"],
}
