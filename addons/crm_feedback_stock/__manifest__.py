{
    "name": "Customer Service: Inventory",
    "summary": "Cases about deliveries and lots, returns and exchanges",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "CRM Lifecycle contributors",
    "license": "LGPL-3",
    "auto_install": True,
    "depends": ["crm_feedback", "sale_stock"],
    "data": [
        "security/ir.model.access.csv",
        "security/crm_service_element_security.xml",
        "data/crm_service_element_data.xml",
        "views/crm_case_views.xml",
        "views/crm_case_compensation_views.xml",
        "views/stock_picking_views.xml",
        "views/crm_service_element_views.xml",
    ],
}
