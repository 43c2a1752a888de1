"""A stage of the demo: done once per database, timed, and named when it fails."""

import json
import time
from collections.abc import Callable
from typing import NamedTuple

MARKER = "crm_demo.stage."


class StageError(Exception):
    """A stage did not bring about what it should; the message says what is missing."""


class Stage(NamedTuple):
    """``run`` gets the demo and returns facts that later stages and the summary use."""

    name: str
    title: str
    run: Callable


def expect(condition, message):
    """Fail the stage with ``message`` unless ``condition`` holds."""
    if not condition:
        raise StageError(message)


def run_stage(stage, demo):
    """Run ``stage`` and remember in the database that it is done."""
    started = time.monotonic()
    facts = stage.run(demo) or {}
    seconds = round(time.monotonic() - started, 1)
    marker = json.dumps({"seconds": seconds, "facts": facts})
    demo.client.call("ir.config_parameter", "set_param", MARKER + stage.name, marker)
    demo.remember(stage.name, seconds, facts)
    return seconds
