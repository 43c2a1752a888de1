from . import test_stock_picking
from . import test_utm_campaign
