from . import campaign_response
from . import customer_event_api
from . import mass_mailing
from . import preference_centre
from . import segment_export
from . import privacy_portal
