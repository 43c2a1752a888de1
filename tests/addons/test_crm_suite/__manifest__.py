{
    "name": "CRM Suite Tests",
    "version": "19.0.1.0.0",
    "author": "CRM Lifecycle contributors",
    "license": "LGPL-3",
    "category": "Hidden/Tests",
    "summary": "What spans the four addons: the loop, rights, tours, query counts",
    "depends": ["crm_analytics", "crm_feedback", "crm_loyalty"],
    "assets": {
        "web.assets_tests": ["test_crm_suite/static/tests/tours/**/*"],
    },
}
