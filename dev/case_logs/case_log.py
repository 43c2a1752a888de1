"""Read a log of cases: complaints to the CFPB, or events of a helpdesk."""

import csv
import gzip
from collections import Counter
from pathlib import Path

from .cfpb_format import CFPB_COLUMNS, read_complaints
from .helpdesk_format import HELPDESK_COLUMNS, read_tickets


class CaseLogError(Exception):
    """The file is no log of cases."""


class CaseLog:
    """The cases of a file, and what of it can't be loaded."""

    def __init__(self, name, cases, rejects):
        self.name = name
        self.cases = cases
        self.rejects = rejects

    def reject_reasons(self):
        """Return (reason, number) of what can't be loaded, the most frequent first."""
        return Counter(reject.reason for reject in self.rejects).most_common()

    def write_rejects(self, path):
        with Path(path).open("w", newline="") as target:
            writer = csv.writer(target)
            writer.writerow(("case", "reason"))
            writer.writerows(self.rejects)


def read_case_log(path):
    """Read a CSV, also gzipped; the columns tell the format.

    :raise CaseLogError: no format has these columns
    """
    path = Path(path)
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", newline="", encoding="utf-8") as lines:
            reader = csv.DictReader(lines)
            columns, rows = set(reader.fieldnames or ()), list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CaseLogError(f"{path} can't be read: {error}.") from error
    for name, needed, read in (
        ("cfpb", CFPB_COLUMNS, read_complaints),
        ("helpdesk", HELPDESK_COLUMNS, read_tickets),
    ):
        if needed <= columns:
            return CaseLog(name, *read(rows))
    raise CaseLogError(
        f"{path} has neither the columns of CFPB complaints nor of helpdesk events."
    )
