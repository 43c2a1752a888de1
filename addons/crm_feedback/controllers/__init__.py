from . import portal
from . import portal_new_case
from . import help_pages
from . import rating
