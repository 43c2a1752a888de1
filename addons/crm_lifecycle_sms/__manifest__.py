{
    "name": "CRM Lifecycle: SMS Marketing",
    "summary": "Text messages of mailings obey what the customers decided",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "CRM Lifecycle contributors",
    "license": "LGPL-3",
    "auto_install": True,
    "depends": ["crm_lifecycle", "mass_mailing_sms"],
}
