from . import crm_case
