from . import test_crm_consent
from . import test_crm_customer_event_type
from . import test_crm_customer_metric
from . import test_crm_customer_profile
from . import test_crm_customer_profile_360
from . import test_crm_segment
from . import test_security
