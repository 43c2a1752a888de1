from . import crm_case_compensation
from . import repair_order
