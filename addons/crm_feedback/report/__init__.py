from . import crm_nps_report
from . import crm_knowledge_gap_report
from . import crm_pareto_report
from . import crm_case_report
from . import crm_quality_cost_report
from . import crm_satisfaction_report
from . import crm_recovery_report
