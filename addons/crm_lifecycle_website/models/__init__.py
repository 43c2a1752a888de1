from . import crm_page_reading
from . import website_visitor
from . import website_track
from . import crm_customer_profile
from . import crm_privacy_request
