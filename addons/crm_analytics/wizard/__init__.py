from . import crm_analytics_export
from . import crm_analytics_run_compare
