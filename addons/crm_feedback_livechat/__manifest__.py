{
    "name": "Customer Service: Live Chat",
    "summary": "Cases opened from a chat, with what was said",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "CRM Lifecycle contributors",
    "license": "LGPL-3",
    "auto_install": True,
    "depends": ["crm_feedback", "im_livechat"],
    "assets": {
        "web.assets_backend": ["crm_feedback_livechat/static/src/**/*"],
    },
}
