{
    "name": "Customer Analytics: Inventory",
    "summary": "Perfect orders, with the document behind each miss; nothing that came "
    "back is recommended",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "CRM Lifecycle contributors",
    "license": "LGPL-3",
    "auto_install": True,
    "depends": ["crm_analytics", "sale_stock"],
    "data": [
        "security/ir.model.access.csv",
        "security/crm_perfect_order_report_security.xml",
        "report/crm_perfect_order_report_views.xml",
        "views/sale_order_views.xml",
        "views/res_config_settings_views.xml",
    ],
}
