"""A simulated reader of e-mails: opens messages, follows links, fills in forms.

Works on what a customer would see: the HTML of the message and the pages that the
server answers with, in a session with cookies of its own.
"""

from urllib.parse import urljoin

import requests
from lxml import html

TIMEOUT = 60


class ReaderError(Exception):
    """What the reader looks for is not there; the message says what he saw."""


class MailReader:
    """Reads messages on behalf of one customer."""

    def __init__(self):
        self.session = requests.Session()
        self.session.headers["User-Agent"] = "Mozilla/5.0 (simulated reader)"

    def open_message(self, message):
        """Load the pictures of ``message``, as mail programs do; return its page."""
        page = page_of(message)
        for source in page.xpath("//img/@src"):
            if source.startswith("http"):
                self.session.get(source, timeout=TIMEOUT)
        return page

    def follow_link(self, message, text):
        """Click the first link of ``message`` that reads ``text``."""
        page = page_of(message)
        links = page.xpath("//a[@href]")
        for link in links:
            if text.casefold() in link.text_content().casefold():
                return self.visit(link.get("href"))
        seen = ", ".join(repr(link.text_content().strip()) for link in links)
        raise ReaderError(f"The message has no link {text!r}, only: {seen}.")

    def visit(self, address):
        """Open ``address`` and return the page at the end of all redirections."""
        return self._page(self.session.get(address, timeout=TIMEOUT))

    def submit(self, page, form_path, values):
        """Fill in the form of ``page`` at ``form_path`` (XPath) and send it."""
        forms = page.xpath(form_path)
        if not forms:
            raise ReaderError(f"{page.base_url} has no form {form_path}.")
        form = forms[0]
        for name, value in values.items():
            if name not in form.fields:
                raise ReaderError(f"The form of {page.base_url} does not ask {name!r}.")
            form.fields[name] = value
        address = urljoin(page.base_url, form.action or "")
        answer = self.session.post(
            address, data=dict(form.form_values()), timeout=TIMEOUT
        )
        return self._page(answer)

    def call(self, address, **params):
        """Do what a page's script does: call ``address`` by JSON, return the answer."""
        answer = self.session.post(
            address, json={"jsonrpc": "2.0", "params": params}, timeout=TIMEOUT
        )
        if not answer.ok or "error" in answer.json():
            raise ReaderError(f"{address} answered {answer.text[:500]}.")
        return answer.json().get("result")

    def _page(self, answer):
        if not answer.ok:
            raise ReaderError(f"{answer.url} answered {answer.status_code}.")
        page = html.document_fromstring(answer.content)
        # lxml takes the address of a document from here.
        page.getroottree().docinfo.URL = answer.url
        return page


def page_of(message):
    """Return the HTML part of an e-mail as a page."""
    body = message.get_body(preferencelist=("html",))
    if body is None:
        raise ReaderError(f"{message['Subject']!r} has no HTML part.")
    return html.document_fromstring(body.get_content())
