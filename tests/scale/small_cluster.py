"""A PostgreSQL server of its own for one database, and a streaming replica of it.

What is copied for the replica is this database alone, however much the project's own
server holds.
"""

import os
import shutil
import tempfile
from pathlib import Path

import postgres

# Made in seconds: what is lost in a crash is made again by the next run.
SETTINGS = {
    "listen_addresses": "''",
    "shared_buffers": "64MB",
    "dynamic_shared_memory_type": "sysv",
    "fsync": "off",
    "full_page_writes": "off",
    "jit": "off",
}


class Server:
    """A server whose data and socket lie in a folder of its own."""

    def __init__(self, name):
        self.folder = Path(tempfile.mkdtemp(prefix=f"crm-{name}-"))
        self.data = self.folder / "data"
        if user := postgres.server_user():
            shutil.chown(self.folder, user)

    def start(self):
        run(
            "pg_ctl", "-D", self.data, "-l", self.folder / "log",
            "-o", f"-k {self.folder}", "-w", "-t", "120", "start",
        )  # fmt: skip

    def remove(self):
        run("pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder)

    def client(self, program, *arguments):
        """Run a client program on this server and return its output."""
        return postgres.client_command(
            program, "-h", str(self.folder), "-U", postgres.ROLE, *map(str, arguments)
        )

    def query(self, sql, database):
        return self.client("psql", "-XAtqc", sql, database).strip()

    def environment(self):
        """Return the variables with which Odoo finds this server."""
        return {
            **os.environ,
            "PGHOST": str(self.folder),
            "PGPORT": "5432",
            "PGUSER": postgres.ROLE,
        }


def make_server(database, template):
    """Return a running server that holds ``database``, a copy of ``template``."""
    server = Server("primary")
    run(
        "initdb", "-D", server.data, "-U", postgres.ROLE, "-A", "trust",
        "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
    )  # fmt: skip
    with (server.data / "postgresql.conf").open("a") as configuration:
        configuration.writelines(
            f"{key} = {value}\n" for key, value in SETTINGS.items()
        )
    server.start()
    dump = server.folder / "dump"
    postgres.client_command("pg_dump", "-Fc", "-Z0", "-f", str(dump), template)
    server.client("createdb", "-T", "template0", database)
    server.client("pg_restore", "-d", database, "--no-owner", dump)
    dump.unlink()
    return server


def make_replica(server):
    """Return a running replica that streams from ``server``."""
    replica = Server("replica")
    run(
        "pg_basebackup", "-h", server.folder, "-U", postgres.ROLE, "-D", replica.data,
        "-R", "-X", "stream", "-c", "fast", "--no-sync", "-C", "-S", "replica",
    )  # fmt: skip
    replica.start()
    return replica


def run(program, *arguments):
    code, output = postgres.server_command(program, *map(str, arguments))
    assert not code, output
