{
    "name": "Customer Analytics: Service",
    "summary": "Who will not renew his service contract; the first answer to cases as "
    "a KPI",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "CRM Lifecycle contributors",
    "license": "LGPL-3",
    "auto_install": True,
    "depends": ["crm_analytics", "crm_feedback"],
    "data": [
        "data/crm_kpi_data.xml",
        "data/crm_segment_data.xml",
        "views/crm_customer_profile_views.xml",
    ],
    "demo": ["demo/crm_service_contract_demo.xml"],
}
