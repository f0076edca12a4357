"""An e-mail as it travels."""

import re
from dataclasses import replace
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.outbound.composition import composed
from transmission.ports.outbound import Mail

SENDER = "actes@saint-exemple.example"
MAIL = Mail(
    key="rappel:12:defere:7",
    recipient="direction@example.org",
    subject="Dernier jour du déféré dans 7 jours — délibération D2026_001",
    text="Bonjour,\n\nLe dernier jour est le 18 mai 2026.\n",
    html="<p>Le dernier jour est le <strong>18&nbsp;mai 2026</strong>.</p>",
    written_at=datetime.fromisoformat("2026-03-16T09:30:00+00:00"),
)
HEADERS = {
    "from", "to", "subject", "date", "message-id", "auto-submitted", "mime-version", "content-type",
}  # fmt: skip


def _read(content: bytes) -> EmailMessage:
    return cast(EmailMessage, message_from_bytes(content, policy=default))


def test_both_forms_and_the_headers_are_read_back() -> None:
    message = _read(composed(MAIL, SENDER))
    assert message["From"] == SENDER
    assert message["To"] == MAIL.recipient
    assert message["Subject"] == MAIL.subject
    assert message["Date"] == "Mon, 16 Mar 2026 09:30:00 +0000"
    assert message["Auto-Submitted"] == "auto-generated"
    plain, html = message.iter_parts()
    assert plain.get_content_type() == "text/plain"
    assert plain.get_content().replace("\r\n", "\n") == MAIL.text
    assert html.get_content_type() == "text/html"
    assert html.get_content().rstrip("\r\n") == MAIL.html


def test_a_mail_that_may_be_stopped_says_where() -> None:
    assert _read(composed(MAIL, SENDER))["List-Unsubscribe"] is None
    told = replace(MAIL, choices="https://actes.example.org/compte")
    assert _read(composed(told, SENDER))["List-Unsubscribe"] == "<https://actes.example.org/compte>"


def test_the_same_mail_is_the_same_to_the_last_byte_and_its_key_makes_its_identifier() -> None:
    content = composed(MAIL, SENDER)
    assert composed(MAIL, SENDER) == content
    identifier = _read(content)["Message-ID"]
    assert re.fullmatch(r"<[0-9a-f]{40}@saint-exemple\.example>", identifier)
    later = replace(MAIL, subject="Autre objet", text="autre texte")
    assert _read(composed(later, SENDER))["Message-ID"] == identifier
    other = replace(MAIL, key="rappel:12:defere:2")
    assert _read(composed(other, SENDER))["Message-ID"] != identifier


def test_it_travels_in_ascii_with_lines_that_every_server_takes() -> None:
    long = replace(MAIL, text="é" * 5_000, html="à" * 5_000, subject="ç" * 500)
    content = composed(long, SENDER)
    assert content.isascii()
    lines = content.split(b"\r\n")
    assert max(map(len, lines)) <= 998
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert _read(content)["Subject"] == "ç" * 500


@pytest.mark.parametrize("subject", ["a\r\nBcc: x@y.example", "a\nb", "a\u2028b", "a\x00b", "\r\n"])
def test_a_subject_never_makes_another_header(subject: str) -> None:
    message = _read(composed(replace(MAIL, subject=subject), SENDER))
    assert {name.lower() for name in message} == HEADERS


@given(st.text(), st.text(), st.text())
def test_nothing_from_outside_makes_a_header(subject: str, text: str, html: str) -> None:
    mail = replace(MAIL, subject=subject, text=text, html=html)
    message = _read(composed(mail, SENDER))
    assert sorted(name.lower() for name in message) == sorted(HEADERS)
    assert message["To"] == MAIL.recipient
