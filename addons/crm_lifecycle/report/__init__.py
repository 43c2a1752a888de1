from . import crm_campaign_report
from . import crm_customer_stage_report
