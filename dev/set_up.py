"""Build everything the project needs on this machine, once.

Makes ``.venv/``, gets Odoo and, for the tests, a browser. Runs on the system's
Python (standard library only); a second run takes a fraction of a second, an
interrupted one goes on where it stopped.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import get_odoo

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST_PYTHON = (3, 10)
# The requirement files of each purpose, the first ones being part of the later.
REQUIREMENTS = {
    "run": ["dev/odoo-requirements.txt", "requirements.txt"],
    "test": ["dev/odoo-requirements.txt", "requirements.txt", "test-requirements.txt"],
}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class SetUpError(Exception):
    """The machine lacks something; the message says what to do."""


def set_up(purpose="run"):
    """Make the project ready to ``run`` or to ``test``; return Odoo's folder."""
    if sys.version_info < OLDEST_PYTHON:
        raise SetUpError("Odoo 19 needs Python 3.10 or newer: call 'make PYTHON=...'.")
    make_virtual_environment(purpose)
    odoo_path = get_odoo.get_odoo()
    if purpose == "test":
        get_browser()
    return odoo_path


def make_virtual_environment(purpose):
    files = [ROOT / name for name in REQUIREMENTS[purpose]]
    content = b"".join(path.read_bytes() for path in files)
    digest = hashlib.sha256(content + str(VENV).encode()).hexdigest()
    stamp = VENV / f"installed-{purpose}"
    if stamp.is_file() and stamp.read_text() == digest:
        return
    print(f"Installing Python packages into {VENV} ...", flush=True)
    if not PYTHON.exists():
        try:
            venv.create(VENV, with_pip=True, clear=True)
        except subprocess.CalledProcessError as error:
            raise SetUpError(
                "python3 cannot make virtual environments: install python3-venv."
            ) from error
    options = [option for path in files for option in ("-r", str(path))]
    done = subprocess.run(
        [PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check", *options]
    )
    if done.returncode:
        raise SetUpError("pip could not install the Python packages, see above.")
    stamp.write_text(digest)


def find_browser():
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def get_browser():
    if find_browser():
        return
    install = ["apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium"]
    if os.geteuid() or not shutil.which("apt-get"):
        raise SetUpError(
            "The browser tests need Chromium: install it, as root 'apt-get install "
            "chromium', and call again."
        )
    print("Installing Chromium ...", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "-q", "update"], install):
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True
        )
        if done.returncode:
            raise SetUpError(f"apt could not install Chromium:\n{done.stderr[-2000:]}")


if __name__ == "__main__":
    try:
        set_up(*sys.argv[1:])
    except (SetUpError, get_odoo.GetOdooError) as error:
        sys.exit(f"Set-up: {error}")
