"""The progress bar, on a terminal and in a log."""

import io

import pytest

from transactions import progress_bar
from transactions.progress_bar import ProgressBar


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def clock(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(progress_bar.time, "monotonic", lambda: now[0])
    return now


def test_terminal_shows_share_rate_and_remaining_time(clock):
    stream = Terminal()
    bar = ProgressBar("Lines", 1000, stream)
    clock[0] = 2.0
    bar.advance(250)
    line = stream.getvalue()
    assert line.startswith("\r")
    assert "250/1,000 125/s, 6 s left" in line
    assert line.count("#") == progress_bar.WIDTH // 4
    clock[0] = 8.0
    bar.advance(750)
    assert stream.getvalue().endswith("1,000/1,000 125/s, 0 s left\n")


def test_log_gets_a_line_now_and_then_and_the_last(clock):
    stream = io.StringIO()
    bar = ProgressBar("Lines", 100, stream)
    for _second in range(50):
        clock[0] += 1
        bar.advance(2)
    lines = stream.getvalue().splitlines()
    assert len(lines) == 3
    assert lines[-1].endswith("100/100 2/s, 0 s left")
