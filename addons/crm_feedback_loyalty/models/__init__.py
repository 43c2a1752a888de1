from . import crm_case_compensation
