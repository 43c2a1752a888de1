"""Run the tests: ``.venv/bin/python dev/run_tests.py [arguments of pytest]``.

Makes a database with all addons (copied from a template where nothing has changed),
runs the tests on it with pytest and pytest-odoo, browser tests included, and fails
on any warning in Odoo's logs. Called by ``make test``.
"""

import fcntl
import os
import subprocess
import sys
from contextlib import contextmanager

import get_odoo
import postgres
import template_databases
from template_databases import LOGS, ROOT

TEST_LOG = LOGS / "tests.log"
# These work on databases of their own, by processes of their own: they take as long
# as the others, and run beside them.
APART = ("tests/install", "tests/faults", "tests/scale")
APART_OUTPUT = LOGS / "tests_apart.txt"


def main(arguments):
    os.chdir(ROOT)
    os.environ.update(postgres.environment())
    with only_one_run():
        postgres.start()
        suite = template_databases.suite_template()
        database = f"{template_databases.database_prefix()}_test"
        template_databases.copy(suite, database)
        logs = {
            "log_of_the_installation": template_databases.log_of(suite),
            "log_of_the_tests": TEST_LOG,
        }
        if arguments:
            return run_pytest(database, arguments, logs)
        return run_side_by_side(database, logs)


def run_side_by_side(database, logs):
    """Run the tests ``APART`` beside the others; return the worse result.

    Both are processes of their own: Odoo's tests end the children of theirs.
    """
    with tests_apart() as process:
        sys.stdout.flush()
        child = os.fork()
        if not child:
            run_and_exit(database, [f"--ignore={path}" for path in APART], logs)
        result = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        apart = process.wait()
        print(f"\nTests apart:\n{APART_OUTPUT.read_text()}", flush=True)
    return result or apart


def run_and_exit(database, arguments, logs):
    result = 1
    try:
        result = int(run_pytest(database, arguments, logs))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(result)


@contextmanager
def tests_apart():
    """Start the tests on other databases; they end with the block at the latest."""
    template_databases.base_template()
    command = [sys.executable, "-m", "pytest", "-p", "no:odoo", *APART]
    with APART_OUTPUT.open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


@contextmanager
def only_one_run():
    """Let two runs in this folder follow each other: they share their databases."""
    LOGS.mkdir(parents=True, exist_ok=True)
    with (LOGS / "running").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Waiting for another run of the tests in this folder ...", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def run_pytest(database, arguments, logs):
    # pytest-odoo imports Odoo when pytest starts.
    sys.path.insert(0, str(get_odoo.get_odoo()))
    import pytest

    from log_check import LogCheck

    TEST_LOG.unlink(missing_ok=True)
    options = odoo_options(database, TEST_LOG)
    return pytest.main([*options, *arguments], plugins=[LogCheck(logs)])


def odoo_options(database, log):
    """Return what pytest-odoo needs to open ``database`` and to write to ``log``."""
    addons = [path for path in template_databases.ADDONS_FOLDERS if path.is_dir()]
    addons += get_odoo.addons_folders(get_odoo.get_odoo())
    settings = {
        "addons-path": ",".join(map(str, addons)),
        "data-dir": ROOT / ".odoo" / "data",
        "http-interface": "127.0.0.1",
        # One process opens every browser and learns from every data set.
        "limit-memory-hard": "0",
        "logfile": log,
        "screenshots": ROOT / ".odoo" / "screenshots",
    }
    extra = [f"--odoo-extra={name}={value}" for name, value in settings.items()]
    return [
        f"--odoo-database={database}",
        "--odoo-http",
        "--odoo-log-level=info",
        *extra,
    ]


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (postgres.PostgresError, template_databases.InstallError) as error:
        sys.exit(f"Tests: {error}")
