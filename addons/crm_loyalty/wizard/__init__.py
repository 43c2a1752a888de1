from . import base_partner_merge_automatic_wizard
from . import loyalty_card_update_balance
from . import loyalty_program_setup
from . import loyalty_program_setup_tier
