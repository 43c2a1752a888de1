from . import crm_case
from . import crm_case_compensation
from . import crm_case_line
from . import stock_picking
