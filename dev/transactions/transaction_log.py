"""Read a transaction log: what can be loaded, and what cannot and why."""

import csv
import gzip
import zlib
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from .log_formats import FORMATS
from .log_line import LogLine, RejectedLine

GZIP_MAGIC = b"\x1f\x8b"
NAMES_SHOWN = 20


class LogError(Exception):
    """The file as a whole cannot be loaded; the message says what to do."""


class TransactionLog(NamedTuple):
    """The content of a file."""

    name: str
    header: list[str]
    lines: list[LogLine]
    rejected: list[RejectedLine]

    def reject_reasons(self):
        """Return how many lines each reason holds back, the most frequent first."""
        reasons = Counter(
            reason for rejected in self.rejected for reason in rejected.reasons
        )
        return reasons.most_common()

    def write_rejects(self, path):
        """Write the refused lines with their number and reason as CSV to ``path``."""
        with Path(path).open("w", newline="", encoding="utf-8") as target:
            writer = csv.writer(target)
            writer.writerow(["line", "reason", *self.header])
            for rejected in self.rejected:
                reason = "; ".join(rejected.reasons)
                writer.writerow([rejected.number, reason, *rejected.row])


def read_log(path):
    """Read the transaction log at ``path`` (CSV, may be gzipped).

    :raise LogError: when the file is not a transaction log; nothing is to be loaded
    """
    path = Path(path)
    try:
        with open_text(path) as source:
            return read_rows(path, csv.reader(source))
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise LogError(f"{path} is a damaged gzip file: {error}.") from error
    except OSError as error:
        reason = error.strerror or error
        raise LogError(f"{path} cannot be read: {reason}.") from error


def open_text(path):
    with path.open("rb") as source:
        is_gzip = source.read(2) == GZIP_MAGIC
    opener = gzip.open if is_gzip else open
    return opener(path, "rt", encoding="utf-8-sig", errors="replace", newline="")


def read_rows(path, reader):
    try:
        header = next(reader, [])
        columns = [name.strip().lower() for name in header]
        log_format = format_of(path, columns)
        log = TransactionLog(log_format.name, header, [], [])
        # A quoted value may hold line breaks: a row is known by its first line.
        number = reader.line_num + 1
        for row in reader:
            if row:
                read_row(log, log_format, columns, number, row)
            number = reader.line_num + 1
    except csv.Error as error:
        raise LogError(f"{path}, line {reader.line_num}: {error}.") from error
    refuse_mixed_customers(log)
    return log


def format_of(path, columns):
    """Return the format whose columns the file has."""
    missing = {
        log_format: [name for name in log_format.columns if name not in columns]
        for log_format in FORMATS
    }
    nearest = min(FORMATS, key=lambda known: len(missing[known]) / len(known.columns))
    if missing[nearest]:
        found = ", ".join(columns[:NAMES_SHOWN]) or "nothing"
        expected = " or ".join(", ".join(known.columns) for known in FORMATS)
        raise LogError(
            f"{path} is not a transaction log, nothing was loaded. Missing columns: "
            f"{', '.join(missing[nearest])}. Found: {found}. "
            f"Expected: {expected}."
        )
    repeated = [name for name in nearest.columns if columns.count(name) > 1]
    if repeated:
        raise LogError(
            f"{path}, nothing was loaded. Repeated columns: {', '.join(repeated)}."
        )
    return nearest


def read_row(log, log_format, columns, number, row):
    if len(row) != len(columns):
        reason = f"{len(row)} values instead of {len(columns)}"
        log.rejected.append(RejectedLine(number, (reason,), row))
        return
    lines, reasons = log_format.read(number, dict(zip(columns, row, strict=True)))
    if reasons:
        log.rejected.append(RejectedLine(number, tuple(reasons), row))
    log.lines.extend(lines)


def refuse_mixed_customers(log):
    """An invoice has one customer, the first that it names."""
    customers = {}
    mixed = [
        line
        for line in log.lines
        if customers.setdefault(line.invoice, line.customer) != line.customer
    ]
    if not mixed:
        return
    refused = {line.number for line in mixed}
    log.lines[:] = [line for line in log.lines if line.number not in refused]
    log.rejected.extend(
        RejectedLine(
            line.number,
            ("invoice belongs to another customer",),
            [str(value) for value in line[1:9]],
        )
        for line in mixed
    )
    log.rejected.sort()
