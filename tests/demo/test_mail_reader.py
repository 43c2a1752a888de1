"""The simulated reader, on pages of a server of our own."""

import threading
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from mail_reader import MailReader, ReaderError, page_of

FORM = """<html><body><form id="answer" action="/sent" method="post">
<input type="hidden" name="token" value="t0"><input name="name">
<textarea name="message"></textarea></form></body></html>"""


class Pages(BaseHTTPRequestHandler):
    """/picture and /short lead to /form, which is sent to /sent."""

    def do_GET(self):
        self.server.seen.append(self.path)
        if self.path == "/short":
            self.send_response(303)
            self.send_header("Location", "/form")
            self.send_header("Set-Cookie", "campaign=spring; Path=/")
            self.end_headers()
            return
        self.answer(200 if self.path in ("/form", "/picture") else 404, FORM)

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        self.server.sent = parse_qs(self.rfile.read(length).decode())
        self.server.cookie = self.headers["Cookie"]
        self.answer(200, "<html><body>Thank you</body></html>")

    def answer(self, status, text):
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_arguments):
        """Say nothing."""


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        server.seen = []
        server.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def message(server):
    message = EmailMessage()
    message["Subject"] = "Offer"
    message.set_content("Plain")
    message.add_alternative(
        f'<p><a href="{server.url}/other">Other</a> <a href="{server.url}/short">'
        f'<b>To the</b> offer</a><img src="{server.url}/picture"></p>',
        subtype="html",
    )
    return message


def test_opening_a_message_loads_its_pictures(server, message):
    MailReader().open_message(message)
    assert server.seen == ["/picture"]


def test_link_leads_to_the_form_that_is_sent_with_its_hidden_values(server, message):
    reader = MailReader()
    page = reader.follow_link(message, "to the offer")
    assert server.seen == ["/short", "/form"]
    page = reader.submit(page, "//form[@id='answer']", {"name": "A", "message": "ö"})
    assert page.text_content() == "Thank you"
    assert server.sent == {"token": ["t0"], "name": ["A"], "message": ["ö"]}
    assert server.cookie == "campaign=spring"


def test_missing_link_is_told_with_those_that_are_there(message):
    with pytest.raises(ReaderError, match="'Absent', only: 'Other', 'To the offer'"):
        MailReader().follow_link(message, "Absent")


def test_page_that_fails_is_told(server):
    with pytest.raises(ReaderError, match="/gone answered 404"):
        MailReader().visit(f"{server.url}/gone")


def test_question_that_a_form_does_not_ask_is_told(server):
    reader = MailReader()
    page = reader.visit(f"{server.url}/form")
    with pytest.raises(ReaderError, match="does not ask 'age'"):
        reader.submit(page, "//form", {"age": "5"})


def test_message_without_html_is_told():
    message = EmailMessage()
    message.set_content("Plain")
    with pytest.raises(ReaderError, match="no HTML part"):
        page_of(message)
