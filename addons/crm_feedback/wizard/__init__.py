from . import survey_invite
from . import crm_case_merge
from . import crm_case_run_macro
from . import crm_case_split
from . import crm_routing_simulation
from . import crm_routing_simulation_line
from . import crm_case_dispatch
from . import crm_case_dispatch_slot
