from . import crm_analytics_run
from . import crm_analytics_run_renewal
from . import crm_customer_profile
from . import crm_kpi
