from .false_discovery import find_discoveries
from .rate_ratio import RateRatio, compare_rates
from .rise import probability_of_rise

__all__ = ["RateRatio", "compare_rates", "find_discoveries", "probability_of_rise"]
