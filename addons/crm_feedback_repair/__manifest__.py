{
    "name": "Customer Service: Repairs",
    "summary": "Repair orders made from cases",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "CRM Lifecycle contributors",
    "license": "LGPL-3",
    "auto_install": True,
    "depends": ["crm_feedback_stock", "repair"],
    "data": ["views/repair_order_views.xml"],
}
