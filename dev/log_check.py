"""Look through Odoo's logs for warnings, by way of checklog-odoo.

As a pytest plugin it adds a last test for each log, so that a warning fails the run
like any other finding.
"""

import subprocess
import sys
from pathlib import Path

import pytest

CONFIGURATION = Path(__file__).with_name("checklog-odoo.cfg")


def warnings_in(log):
    """Return what checklog-odoo objects to in the file ``log``; nothing if clean."""
    if not log.is_file():
        return f"{log} does not exist."
    done = subprocess.run(
        [sys.executable, "-m", "checklog_odoo", f"--config={CONFIGURATION}",
         "--no-echo", "--no-err-if-empty", str(log)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )  # fmt: skip
    if not done.returncode:
        return ""
    # Before this line it lists what the configuration allows.
    _allowed, _separator, findings = done.stdout.rpartition("that caused failure")
    return f"Warnings or errors {findings.strip()}\nWhole log: {log}"


class LogWarnings(Exception):
    """The findings of one log, shown without a traceback."""


class LogItem(pytest.Item):
    def __init__(self, *, log, **arguments):
        super().__init__(**arguments)
        self.log = log

    def runtest(self):
        if findings := warnings_in(self.log):
            raise LogWarnings(findings)

    def repr_failure(self, excinfo, style=None):
        if isinstance(excinfo.value, LogWarnings):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self):
        return self.log, None, self.name


class LogCheck:
    """The plugin: ``logs`` gives the file of each log by the name of its test."""

    def __init__(self, logs):
        self.logs = logs

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, session, items):
        items.extend(
            LogItem.from_parent(session, name=name, log=log)
            for name, log in self.logs.items()
        )
