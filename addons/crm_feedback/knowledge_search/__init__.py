from .language import get_configuration
from .ranking import make_ranking

__all__ = ["get_configuration", "make_ranking"]
