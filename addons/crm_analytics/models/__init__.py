from . import crm_analytics_run
from . import crm_customer_profile
from . import crm_dashboard
from . import crm_kpi
from . import crm_kpi_snapshot
