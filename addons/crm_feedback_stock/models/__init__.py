from . import crm_case
from . import crm_case_compensation
from . import crm_case_line
from . import stock_picking
from . import stock_lot
from . import crm_case_cause
from . import crm_early_warning
from . import crm_service_element
