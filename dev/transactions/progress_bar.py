"""A progress bar with rate and remaining time."""

import sys
import time

WIDTH = 30
SECONDS_BETWEEN_LINES = 20


class ProgressBar:
    """Counts ``total`` pieces of work; redraws on a terminal, logs a line elsewhere."""

    def __init__(self, label, total, stream=None):
        self.label = label
        self.total = total
        self.stream = stream or sys.stdout
        self.done = 0
        self.started = self.shown = time.monotonic()

    def advance(self, count):
        self.done += count
        interval = 0.2 if self.stream.isatty() else SECONDS_BETWEEN_LINES
        if self.done >= self.total or time.monotonic() - self.shown >= interval:
            self.show()

    def rate(self):
        return self.done / max(time.monotonic() - self.started, 1e-6)

    def show(self):
        self.shown = time.monotonic()
        share = self.done / self.total if self.total else 1
        bar = ("#" * int(share * WIDTH)).ljust(WIDTH, ".")
        left = (self.total - self.done) / self.rate() if self.done else 0
        text = (
            f"{self.label} [{bar}] {self.done:,}/{self.total:,} "
            f"{self.rate():,.0f}/s, {left:,.0f} s left"
        )
        if self.stream.isatty():
            end = "\n" if self.done >= self.total else ""
            self.stream.write(f"\r\x1b[K{text}{end}")
        else:
            self.stream.write(f"{text}\n")
        self.stream.flush()
