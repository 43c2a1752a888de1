from . import campaign_response
from . import preference_centre
