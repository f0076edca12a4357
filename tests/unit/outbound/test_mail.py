"""E-mails handed to a real server, kind or not."""

import socket
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.smtp_server import CUT, SILENT, MailServer
from transmission.outbound import mail as mailing
from transmission.outbound.mail import Security, SmtpMailer
from transmission.ports.outbound import Delivered, Delivery, Mail, Refused, Unavailable

SENDER = "actes@saint-exemple.example"
PASSWORD = "s3same"


@pytest.fixture
def send(pki: Any, now: datetime, tmp_path: Path) -> Callable[..., Delivery]:
    """Hands one mail to a server, by STARTTLS and with a login unless told otherwise."""
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n")

    def sent(server: MailServer, recipient: str = "dgs@example.org", **changes: Any) -> Delivery:
        fields = {
            "host": "127.0.0.1",
            "port": server.port,
            "security": Security.STARTTLS,
            "sender": SENDER,
            "user": "compte",
            "password_file": file,
            "ca_file": pki.ca,
            "connect_timeout": 5.0,
            "read_timeout": 5.0,
        }
        mail = Mail(
            key="k1",
            recipient=recipient,
            subject="Rappel",
            text=".\nDéféré\n.fin\n",
            html="<p>Déféré</p>",
            written_at=now,
        )
        return SmtpMailer(mailing.MailServer(**(fields | changes))).send(mail)

    return sent


Send = Callable[..., Delivery]
Start = Callable[..., MailServer]


def _unavailable(outcome: Delivery) -> str:
    assert isinstance(outcome, Unavailable), outcome
    return outcome.reason


def test_a_mail_is_handed_over_protected_and_identified(start_mail: Start, send: Send) -> None:
    server = start_mail()
    assert send(server) == Delivered("queued as 42")
    (heard,) = server.heard
    assert heard.logins == [("compte", PASSWORD)]
    assert heard.lines[:2] == ["ehlo saint-exemple.example", "STARTTLS"]
    assert heard.lines[-1] == "quit"
    assert f"mail FROM:<{SENDER}>" in " ".join(heard.lines)
    assert "rcpt TO:<dgs@example.org>" in heard.lines
    (content,) = heard.mails
    assert b"Subject: Rappel\r\n" in content
    assert b".\r\nD=C3=A9f=C3=A9r=C3=A9\r\n.fin" in content


def test_a_server_that_speaks_tls_from_the_first_byte_is_spoken_to(
    start_mail: Start, send: Send
) -> None:
    server = start_mail(implicit=True)
    assert isinstance(send(server, security=Security.TLS), Delivered)
    assert server.heard[0].protected
    assert server.heard[0].logins == [("compte", PASSWORD)]


def test_in_clear_nothing_secret_is_said(start_mail: Start, send: Send) -> None:
    server = start_mail()
    outcome = send(server, security=Security.NONE, user=None, password_file=None)
    assert isinstance(outcome, Delivered)
    assert not server.heard[0].protected
    assert server.heard[0].logins == []
    with pytest.raises(ValueError, match="in clear"):
        send(server, security=Security.NONE)


def test_a_mail_sent_twice_is_the_same_mail(start_mail: Start, send: Send) -> None:
    server = start_mail()
    send(server)
    send(server)
    first, second = server.mails
    assert first == second
    assert b"Message-ID: <" in first


def test_a_server_that_does_not_offer_tls_hears_nothing_more(start_mail: Start, send: Send) -> None:
    server = start_mail(offers=("AUTH PLAIN",))
    assert "n'offre pas le chiffrement" in _unavailable(send(server))
    assert server.heard[0].logins == []
    assert not any("mail" in line.lower() for line in server.heard[0].lines)


@pytest.mark.parametrize("offers", [("STARTTLS",), ("STARTTLS", "AUTH OTHER")])
def test_a_server_that_cannot_identify_us_is_told(
    start_mail: Start, send: Send, offers: tuple[str, ...]
) -> None:
    server = start_mail(offers=offers)
    assert "l'identification demandés" in _unavailable(send(server))
    assert server.mails == []


@pytest.mark.parametrize("which", ["wrong_name", "stranger"])
@pytest.mark.parametrize("implicit", [True, False])
def test_a_server_that_does_not_prove_who_it_is_gets_neither_password_nor_mail(
    start_mail: Start, send: Send, pki: Any, which: str, *, implicit: bool
) -> None:
    server = start_mail(certificate=getattr(pki, which), implicit=implicit)
    security = Security.TLS if implicit else Security.STARTTLS
    assert "le certificat du serveur est refusé" in _unavailable(send(server, security=security))
    assert [(heard.logins, heard.mails) for heard in server.heard] == [([], [])]


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "BODY"])
def test_a_refusal_for_good_is_one(start_mail: Start, send: Send, verb: str) -> None:
    server = start_mail({verb: "550 5.1.1 Inconnu ici"})
    outcome = send(server)
    assert outcome == Refused("le serveur de courriel refuse : 550 5.1.1 Inconnu ici")
    assert server.mails == []


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "BODY"])
@pytest.mark.parametrize("answer", ["451 plus tard", "421 fermeture", "530 identifiez-vous"])
def test_a_refusal_for_now_or_of_our_account_may_be_tried_again(
    start_mail: Start, send: Send, verb: str, answer: str
) -> None:
    server = start_mail({verb: answer})
    assert answer in _unavailable(send(server))
    assert server.mails == []


@pytest.mark.parametrize("verb", ["BANNER", "EHLO", "STARTTLS", "AUTH"])
def test_a_server_that_does_not_listen_says_nothing_of_the_mail(
    start_mail: Start, send: Send, verb: str
) -> None:
    # HELO is tried after EHLO.
    server = start_mail({verb: "554 non", "HELO": "554 non"})
    assert "554" in _unavailable(send(server))
    assert server.mails == []


@pytest.mark.parametrize("verb", ["BANNER", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "BODY"])
def test_a_connection_that_is_cut_is_told(start_mail: Start, send: Send, verb: str) -> None:
    server = start_mail({verb: CUT})
    assert "la connexion a été coupée" in _unavailable(send(server))


@pytest.mark.parametrize("verb", ["BANNER", "EHLO", "STARTTLS", "AUTH", "RCPT", "BODY"])
def test_a_silent_server_is_left_in_time(start_mail: Start, send: Send, verb: str) -> None:
    server = start_mail({verb: SILENT})
    reason = _unavailable(send(server, connect_timeout=0.3, read_timeout=0.3))
    assert "n'a pas répondu à temps" in reason


@pytest.mark.parametrize("farewell", [CUT, SILENT, "500 quoi ?"])
def test_what_was_taken_is_taken_whatever_the_farewell(
    start_mail: Start, send: Send, farewell: str
) -> None:
    server = start_mail({"QUIT": farewell})
    assert isinstance(send(server, read_timeout=0.3), Delivered)
    assert len(server.mails) == 1


@pytest.mark.parametrize(
    "recipient", ["", "dgs", "a@b\r\nRCPT TO:<c@d>", "a@b, c@d", "Nom <a@b>", "é@b", "x" * 5_000]
)
def test_what_is_no_address_is_refused_without_a_word_to_the_server(
    start_mail: Start, send: Send, recipient: str
) -> None:
    server = start_mail()
    outcome = send(server, recipient)
    assert isinstance(outcome, Refused)
    assert "n'est pas une adresse de courriel" in outcome.reason
    assert len(outcome.reason) < 400
    assert server.heard == []


def test_nobody_at_the_port_is_told(start_mail: Start, send: Send) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    reason = _unavailable(send(start_mail(), port=port))
    assert reason == "serveur de courriel : le serveur refuse la connexion"


def test_a_password_or_authorities_that_cannot_be_used_are_told_and_not_shown(
    start_mail: Start, send: Send, tmp_path: Path
) -> None:
    server = start_mail()
    absent = tmp_path / "absent"
    assert str(absent) in _unavailable(send(server, password_file=absent))
    assert str(absent) in _unavailable(send(server, ca_file=absent))
    file = tmp_path / "accents"
    file.write_text("s3samé")
    reason = _unavailable(send(server, password_file=file))
    assert "doit être en ASCII" in reason
    assert "s3sam" not in reason
    assert server.mails == []
