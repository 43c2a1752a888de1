"""Know again what was loaded: an external identifier per loaded record.

They are written in the transaction that makes the records, so a load that is killed
leaves either both or none, and running again goes on where it stopped.
"""

import re

UNSAFE = re.compile(r"[^A-Za-z0-9_]")


class ExternalIds:
    """The identifiers ``<log>.<kind>_<key>`` of one log in one company."""

    def __init__(self, env, log_name, company):
        self.module = f"log_{log_name}_{company.id}"
        self.env = env

    def known(self, model, kind):
        """Return the ids of the loaded records of ``kind`` by their identifier."""
        data = self.env["ir.model.data"].search_fetch(
            [
                ("module", "=", self.module),
                ("model", "=", model),
                ("name", "=like", f"{kind}\\_%"),
            ],
            ["name", "res_id"],
        )
        return {record.name: record.res_id for record in data}

    def record(self, names, records):
        """Note that ``records`` were loaded under ``names``."""
        self.env["ir.model.data"].create(
            [
                {
                    "module": self.module,
                    "name": name,
                    "model": records._name,
                    "res_id": record.id,
                    "noupdate": True,
                }
                for name, record in zip(names, records, strict=True)
            ]
        )


def external_name(kind, key):
    """Return the name of the record of ``kind`` that the log calls ``key``."""
    # Keys that differ by special characters alone stay different.
    return f"{kind}_{UNSAFE.sub(lambda match: f'_{ord(match[0]):x}_', key)}"
