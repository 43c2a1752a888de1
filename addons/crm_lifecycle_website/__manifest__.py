{
    "name": "CRM Lifecycle: Website",
    "summary": "Pages read and forms sent on the website, joined with the customer who "
    "agreed to it",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "CRM Lifecycle contributors",
    "license": "LGPL-3",
    "auto_install": True,
    "depends": ["crm_lifecycle", "website_crm"],
    "data": [
        "security/ir.model.access.csv",
        "security/crm_page_reading_security.xml",
        "data/crm_consent_purpose_data.xml",
        "data/crm_customer_event_type_data.xml",
        "views/crm_customer_profile_views.xml",
    ],
}
