from . import crm_journey
from . import crm_journey_step
from . import mailing_mailing
from . import utm_campaign
