from . import crm_analytics_run
