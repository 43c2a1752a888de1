from . import crm_analytics_run_compare
