from . import base_partner_merge_automatic_wizard
from . import crm_segment_import
from . import mail_compose_message
from . import crm_privacy_request_erase
from . import crm_journey_dry_run
from . import crm_journey_dry_run_line
