from . import crm_perfect_order_report
