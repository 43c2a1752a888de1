"""Catch e-mails on this machine instead of sending them, and keep them as files.

Takes every message that comes to its SMTP port and writes it to ``.odoo/mail/``;
nothing leaves the machine. Odoo is pointed to it by its options ``--smtp`` and
``--smtp-port``::

    .venv/bin/python dev/mail_catcher.py --port 1025
"""

import argparse
import email
import email.policy
import itertools
import os
import signal
import socket
import time
from pathlib import Path

from aiosmtpd.controller import Controller

HOST = "127.0.0.1"
MAIL_DIR = Path(__file__).resolve().parent.parent / ".odoo" / "mail"


class MailCatcher:
    """An SMTP server that keeps what it gets; a context manager."""

    def __init__(self, folder=MAIL_DIR, port=0):
        self.folder = Path(folder)
        self.port = port or free_port()
        self._counter = itertools.count()
        self._controller = Controller(self, hostname=HOST, port=self.port)

    def __enter__(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        self._controller.start()
        return self

    def __exit__(self, *_exception):
        self._controller.stop()

    async def handle_DATA(self, _server, _session, envelope):
        """Store the message of ``envelope``; called by aiosmtpd."""
        # The name sorts by arrival; the message appears whole or not at all.
        name = f"{time.time_ns():020d}-{next(self._counter):04d}.eml"
        recipients = "".join(f"X-Envelope-To: {to}\r\n" for to in envelope.rcpt_tos)
        partial = self.folder / f"{name}.part"
        partial.write_bytes(recipients.encode() + envelope.content)
        partial.rename(self.folder / name)
        return "250 Message kept"

    def messages(self):
        """Return the caught messages, the oldest first."""
        return [read_message(path) for path in sorted(self.folder.glob("*.eml"))]

    def messages_to(self, address):
        """Return the caught messages to ``address``, the oldest first."""
        return [
            message
            for message in self.messages()
            if address in message.get_all("X-Envelope-To", [])
        ]


def read_message(path):
    with path.open("rb") as source:
        return email.message_from_binary_file(source, policy=email.policy.default)


def free_port():
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def main():
    parser = argparse.ArgumentParser(description="Catch e-mails on this machine.")
    parser.add_argument("--port", type=int, default=1025)
    parser.add_argument("--folder", type=Path, default=MAIL_DIR)
    options = parser.parse_args()
    with MailCatcher(options.folder, options.port) as catcher:
        print(f"Catching e-mails on {HOST}:{catcher.port} in {catcher.folder}.")
        signal.sigwait([signal.SIGINT, signal.SIGTERM])


if __name__ == "__main__":
    os.umask(0o077)
    main()
