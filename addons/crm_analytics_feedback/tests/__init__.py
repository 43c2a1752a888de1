from . import test_contract_renewals
from . import test_first_response
