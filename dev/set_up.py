"""Build everything the project needs on this machine, once.

Makes ``.venv/``, gets Odoo and, for the tests, a browser. Runs on the system's
Python (standard library only); a second run takes a fraction of a second, an
interrupted one goes on where it stopped. Usage::

    python3 dev/set_up.py [run|test]
"""

import fcntl
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
# The requirement files of each purpose; who can test can also run.
REQUIREMENTS = {
    "run": ["dev/odoo-requirements.txt", "requirements.txt"],
    "test": ["dev/odoo-requirements.txt", "requirements.txt", "test-requirements.txt"],
}
ADDONS = "dev/addon-requirements.txt"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class SetUpError(Exception):
    """The machine lacks something; the message says what to do."""


def set_up(purpose="run"):
    """Make the project ready to ``run`` or to ``test``; return Odoo's folder."""
    if sys.version_info < OLDEST_PYTHON:
        raise SetUpError("Odoo 19 needs Python 3.10 or newer: call 'make PYTHON=...'.")
    with Path(__file__).open() as lock:
        # Commands that start together wait for the first one.
        fcntl.flock(lock, fcntl.LOCK_EX)
        make_virtual_environment(purpose)
        odoo_path = get_odoo.get_odoo()
        if purpose == "test":
            get_other_addons()
            get_browser()
    return odoo_path


def make_virtual_environment(purpose):
    if is_installed(purpose):
        return
    if VENV.is_symlink():
        # To make it anew would empty the folder that it leads to.
        raise SetUpError(f"{VENV} is a link: remove it, then start again.")
    print(f"Installing Python packages into {VENV} ...", flush=True)
    if not is_usable():
        # The database server runs under another account, which must read its files.
        os.umask(0o022)
        try:
            venv.create(VENV, with_pip=True, clear=True)
        except subprocess.CalledProcessError as error:
            raise SetUpError(
                "python3 cannot make virtual environments: install python3-venv."
            ) from error
    options = [part for name in REQUIREMENTS[purpose] for part in ("-r", ROOT / name)]
    done = subprocess.run(
        [PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check", *options],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        output = (done.stderr or done.stdout)[-3000:]
        raise SetUpError(f"pip could not install the Python packages:\n{output}")
    stamp(purpose).write_text(digest(purpose))


def get_other_addons():
    """Install the addons that glue addons join; ``dev/`` puts them on the path."""
    wanted = (ROOT / ADDONS).read_text()
    mark = get_odoo.OTHER_ADDONS / "installed"
    if mark.is_file() and mark.read_text() == wanted:
        return
    shutil.rmtree(get_odoo.OTHER_ADDONS, ignore_errors=True)
    done = subprocess.run(
        [PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check",
         "--no-deps", "--target", get_odoo.OTHER_ADDONS, "-r", ROOT / ADDONS],
        capture_output=True,
        text=True,
    )  # fmt: skip
    if done.returncode:
        raise SetUpError(f"pip could not install the addons:\n{done.stderr[-3000:]}")
    mark.write_text(wanted)


def is_usable():
    """Tell whether the environment is whole and was made at this very place."""
    activate = VENV / "bin" / "activate"
    return PYTHON.exists() and activate.is_file() and str(VENV) in activate.read_text()


def is_installed(purpose):
    if not is_usable():
        return False
    larger = {"run": ("run", "test"), "test": ("test",)}[purpose]
    return any(
        stamp(name).is_file() and stamp(name).read_text() == digest(name)
        for name in larger
    )


def stamp(purpose):
    return VENV / f"installed-{purpose}"


def digest(purpose):
    content = b"".join((ROOT / name).read_bytes() for name in REQUIREMENTS[purpose])
    return hashlib.sha256(content + str(VENV).encode()).hexdigest()


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
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        if done.returncode:
            raise SetUpError(f"apt could not install Chromium:\n{done.stderr[-2000:]}")


def main(arguments):
    if len(arguments) > 1 or not set(arguments) <= set(REQUIREMENTS):
        sys.exit(__doc__)
    try:
        set_up(*arguments)
    except (SetUpError, get_odoo.GetOdooError) as error:
        sys.exit(f"Set-up: {error}")
    except KeyboardInterrupt:
        sys.exit("Set-up: interrupted; the next call goes on from here.")


if __name__ == "__main__":
    main(sys.argv[1:])
