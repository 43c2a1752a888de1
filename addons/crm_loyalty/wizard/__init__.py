from . import base_partner_merge_automatic_wizard
from . import loyalty_card_update_balance
from . import loyalty_program_setup
from . import loyalty_program_setup_tier
from . import crm_churn_alert_dismiss
from . import crm_churn_warning_preview
from . import crm_churn_warning_preview_line
