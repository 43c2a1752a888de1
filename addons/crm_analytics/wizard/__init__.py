from . import base_partner_merge_automatic_wizard
from . import crm_analytics_export
from . import crm_analytics_run_compare
