from . import campaign_response
