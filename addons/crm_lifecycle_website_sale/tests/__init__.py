from . import test_cart_abandoned
