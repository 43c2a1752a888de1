"""Odoo's web server as a process of its own."""

import socket
import subprocess
import sys
import time
from pathlib import Path

import requests

from . import child_process

ROOT = Path(__file__).resolve().parent.parent.parent
HOST = "127.0.0.1"
START_TIMEOUT = 120
STOP_TIMEOUT = 30


class ServerError(Exception):
    """The server does not run; the message says what to do."""


def check_port(port):
    """Make sure that nobody listens on ``port``."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise ServerError(
                f"{HOST}:{port} is in use, perhaps by another demo: end that program, "
                f"or choose a port with 'make demo ARGS=\"--port {port + 1}\"'."
            ) from error


def server_command(database, port, *options):
    """Return the command that serves ``database``, set as odoo.conf says."""
    configuration = ROOT / "odoo.conf"
    command = [sys.executable, str(ROOT / "dev" / "odoo")]
    if configuration.is_file():
        command += ["-c", str(configuration)]
    return [
        *command,
        f"--database={database}",
        f"--db-filter=^{database}$",
        f"--http-port={port}",
        "--no-database-list",
        *options,
    ]


class OdooServer:
    """A running server; a context manager."""

    def __init__(self, database, port, log_file, *options):
        self.url = f"http://{HOST}:{port}"
        self.log_file = Path(log_file)
        self._command = server_command(database, port, *options)
        self._process = None

    def __enter__(self):
        with self.log_file.open("ab") as log:
            self._process = child_process.start(self._command, stdout=log, stderr=log)
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_exception):
        self.stop()

    def _wait(self):
        end = time.monotonic() + START_TIMEOUT
        while time.monotonic() < end:
            if self._process.poll() is not None:
                raise ServerError(f"Odoo did not start, see {self.log_file}.")
            try:
                if requests.get(f"{self.url}/web/health", timeout=5).ok:
                    return
            except requests.RequestException:
                time.sleep(0.2)
        raise ServerError(f"Odoo does not answer, see {self.log_file}.")

    def stop(self):
        self._process.terminate()
        try:
            self._process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
