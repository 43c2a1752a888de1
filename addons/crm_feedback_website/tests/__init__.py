from . import test_open_case
