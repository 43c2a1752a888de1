{
    "name": "CRM Lifecycle: SMS Marketing",
    "summary": "Text messages of mailings and journeys obey what customers decided",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "CRM Lifecycle contributors",
    "license": "LGPL-3",
    "auto_install": True,
    "depends": ["crm_lifecycle", "mass_mailing_sms"],
    "data": ["views/crm_journey_step_views.xml"],
}
