from . import crm_privacy_request
from . import crm_product_recommendation
from . import res_company
from . import res_config_settings
from . import sale_order
