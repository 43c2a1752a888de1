"""Take the pictures of the docs: ``.venv/bin/python dev/screenshots.py [name ...]``.

Serves the database of ``make demo`` (run it before, SERVE=0 will do), opens each page
of ``docs/screenshots/pages.csv`` in Chromium, waits for what is named there and writes
``docs/screenshots/<name>.png``. Fails if a page does not show it. Called by
``make screenshots``.
"""

import base64
import csv
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.request import urlopen

import websocket

import postgres
from demo import DEMO_DIR, LOGIN, PASSWORD, Demo
from demo_loop.odoo_server import HOST, OdooServer

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "screenshots"
PAGES = FOLDER / "pages.csv"
DATABASE = "crm_demo"
START_TIMEOUT = 30
PAGE_TIMEOUT = 60
# Charts and fading notifications come to rest.
SETTLE = 1.5
OPTIONS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-background-networking",
    "--remote-allow-origins=*",
]


class Browser:
    """Chromium, told by its DevTools protocol what to open; a context manager."""

    def __enter__(self):
        self._profile = tempfile.mkdtemp()
        port = free_port()
        self._process = subprocess.Popen(
            ["chromium", *OPTIONS, f"--user-data-dir={self._profile}",
             f"--remote-debugging-port={port}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            self._socket = websocket.create_connection(first_tab(port), timeout=60)
        except BaseException:
            self.__exit__()
            raise
        self._number = 0
        return self

    def __exit__(self, *_exception):
        self._process.terminate()
        self._process.wait()
        shutil.rmtree(self._profile, ignore_errors=True)

    def call(self, method, **parameters):
        """Call a DevTools method; return its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        self._socket.send(json.dumps(message))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("id") == self._number:
                return answer.get("result", {})

    def evaluate(self, expression):
        answer = self.call(
            "Runtime.evaluate",
            expression=expression,
            awaitPromise=True,
            returnByValue=True,
        )
        return answer.get("result", {}).get("value")

    def open(self, url, selector):
        """Open ``url`` and wait until ``selector`` is on the page."""
        self.call("Page.navigate", url=url)
        self.wait(url, selector)

    def wait(self, url, selector):
        end = time.monotonic() + PAGE_TIMEOUT
        found = f"!!document.querySelector({json.dumps(selector)})"
        while not self.evaluate(found):
            if time.monotonic() > end:
                sys.exit(f"Screenshots: {url} does not show {selector}.")
            time.sleep(0.2)
        time.sleep(SETTLE)

    def resize(self, width, height):
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )

    def take(self, target):
        picture = self.call("Page.captureScreenshot", format="png")["data"]
        target.write_bytes(base64.b64decode(picture))


def free_port():
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def first_tab(port):
    end = time.monotonic() + START_TIMEOUT
    while True:
        try:
            with urlopen(f"http://{HOST}:{port}/json", timeout=5) as answer:
                tabs = json.load(answer)
            return next(t["webSocketDebuggerUrl"] for t in tabs if t["type"] == "page")
        except (OSError, StopIteration):
            if time.monotonic() > end:
                sys.exit("Screenshots: Chromium does not start.")
            time.sleep(0.2)


def log_in(browser, url):
    browser.open(f"{url}/web/login", "input[name=login]")
    browser.evaluate(
        f"""(() => {{
            document.querySelector("input[name=login]").value = "{LOGIN}";
            document.querySelector("input[name=password]").value = "{PASSWORD}";
            document.querySelector("form.oe_login_form").submit();
        }})()"""
    )
    browser.wait(f"{url}/odoo", ".o_web_client .o_navbar")


def main(names):
    with PAGES.open(newline="") as lines:
        pages = [row for row in csv.DictReader(lines)]
    if unknown := set(names) - {page["name"] for page in pages}:
        sys.exit(f"Screenshots: {PAGES} has no {', '.join(sorted(unknown))}.")
    postgres.start()
    demo = Demo(DATABASE, free_port())
    if not postgres.database_exists(DATABASE):
        sys.exit("Screenshots: run 'make demo SERVE=0' first.")
    demo.read_markers()
    log = DEMO_DIR / "screenshots.log"
    with OdooServer(DATABASE, demo.port, log, "--max-cron-threads=0") as server:
        with Browser() as browser:
            log_in(browser, server.url)
            for page in pages:
                if names and page["name"] not in names:
                    continue
                path = page["path"].format(**demo.facts)
                browser.resize(int(page["width"]), int(page["height"]))
                browser.open(server.url + path, page["shows"])
                target = FOLDER / f"{page['name']}.png"
                browser.take(target)
                print(target.relative_to(ROOT), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
