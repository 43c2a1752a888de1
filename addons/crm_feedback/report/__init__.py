from . import crm_nps_report
