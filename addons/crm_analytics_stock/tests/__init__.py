from . import test_crm_perfect_order_report
from . import test_crm_product_recommendation
from . import test_northwind
