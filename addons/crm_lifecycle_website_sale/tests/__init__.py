from . import test_cart_abandoned
from . import test_share_link
