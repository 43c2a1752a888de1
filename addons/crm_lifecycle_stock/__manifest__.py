{
    "name": "CRM Lifecycle: Inventory",
    "summary": "Deliveries made, late and returned, on the customers' timelines",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "CRM Lifecycle contributors",
    "license": "LGPL-3",
    "auto_install": True,
    "depends": ["crm_lifecycle", "sale_stock"],
    "data": [
        "data/crm_customer_event_type_data.xml",
        "data/crm_journey_template_data.xml",
        "views/utm_campaign_views.xml",
    ],
}
