"""E-mails that are caught instead of sent."""

import smtplib
from email.message import EmailMessage

from mail_catcher import HOST, MailCatcher


def send(port, *recipients, subject="Hello", text="Text"):
    message = EmailMessage()
    message["From"] = "shop@example.com"
    message["To"] = "somebody@example.com"
    message["Subject"] = subject
    message.set_content(text)
    with smtplib.SMTP(HOST, port) as client:
        client.send_message(message, to_addrs=recipients)


def test_messages_are_kept_in_the_order_of_arrival(tmp_path):
    with MailCatcher(tmp_path) as catcher:
        for number in range(3):
            send(catcher.port, "a@example.com", subject=f"Number {number}")
        subjects = [message["Subject"] for message in catcher.messages()]
    assert subjects == ["Number 0", "Number 1", "Number 2"]
    assert not list(tmp_path.glob("*.part"))


def test_message_is_found_by_the_address_it_was_delivered_to(tmp_path):
    with MailCatcher(tmp_path) as catcher:
        send(catcher.port, "a@example.com", "b@example.com", text="Grüße")
        send(catcher.port, "c@example.com")
        [message] = catcher.messages_to("b@example.com")
        assert message.get_body().get_content() == "Grüße\n"
        assert catcher.messages_to("somebody@example.com") == []


def test_messages_stay_when_the_catcher_has_ended(tmp_path):
    with MailCatcher(tmp_path) as catcher:
        send(catcher.port, "a@example.com")
    assert len(MailCatcher(tmp_path).messages()) == 1
