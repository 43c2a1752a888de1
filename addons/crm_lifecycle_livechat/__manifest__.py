{
    "name": "CRM Lifecycle: Live Chat",
    "summary": "Live chats of known customers on their timelines",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "CRM Lifecycle contributors",
    "license": "LGPL-3",
    "auto_install": True,
    "depends": ["crm_lifecycle", "im_livechat"],
    "data": ["data/crm_customer_event_type_data.xml"],
}
