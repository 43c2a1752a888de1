"""Processes that end with the one that started them, even when that is killed."""

import ctypes
import signal
import subprocess
import sys

PR_SET_PDEATHSIG = 1


def start(command, **options):
    """Start ``command`` as :class:`subprocess.Popen` does."""
    if sys.platform == "linux":
        options["preexec_fn"] = end_with_parent
    return subprocess.Popen(command, **options)


def end_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
