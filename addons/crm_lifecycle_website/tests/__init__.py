from . import test_website_visitor
from . import test_website_login
