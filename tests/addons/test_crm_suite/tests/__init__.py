from . import test_loop
from . import test_one_score
from . import test_outside_events_page
from . import test_partner_merge_keys
from . import test_security_matrix
