from . import test_deliveries
from . import test_lot_causes
from . import test_crm_service_element
from . import test_lot_recall
