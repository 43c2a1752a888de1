from . import test_late_delivery
from . import test_stock_picking
from . import test_utm_campaign
