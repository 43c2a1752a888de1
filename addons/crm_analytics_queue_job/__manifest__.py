{
    "name": "Customer Analytics: Job Queue",
    "summary": "Analyses are worked off by the job queue, on any host that runs jobs",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "CRM Lifecycle contributors",
    "license": "LGPL-3",
    "auto_install": True,
    "depends": ["crm_analytics", "queue_job"],
    "data": [
        "data/queue_job_data.xml",
        "views/crm_analytics_run_views.xml",
    ],
}
