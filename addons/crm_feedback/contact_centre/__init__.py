"""How many contacts come, and how many agents they need; without records."""

from .contact_forecast import Forecast, forecast_next, forecast_slots
from .erlang_c import (
    agents_needed,
    service_level,
    wait_probability,
)

__all__ = [
    "Forecast",
    "agents_needed",
    "forecast_next",
    "forecast_slots",
    "service_level",
    "wait_probability",
]
