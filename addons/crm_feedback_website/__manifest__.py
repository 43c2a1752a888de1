{
    "name": "Customer Service: Website",
    "summary": "A page on which visitors open a case",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "CRM Lifecycle contributors",
    "license": "LGPL-3",
    "auto_install": True,
    "depends": ["crm_feedback", "website"],
    "data": ["data/ir_model_data.xml", "data/website_page_data.xml"],
    "assets": {
        "website.website_builder_assets": [
            "crm_feedback_website/static/src/**/*",
        ],
    },
}
