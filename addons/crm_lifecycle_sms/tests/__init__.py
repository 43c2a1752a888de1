from . import test_crm_journey_step
from . import test_sms_composer
