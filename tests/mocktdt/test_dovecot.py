"""The mail server of the tests is a real one: it takes, keeps, refuses, stops and comes back."""

import imaplib
import ssl
from pathlib import Path

import pytest

from tests.support.dovecot import living, mail_server

MAIL = b"From: a@example.org\r\nSubject: un\r\n\r\nBonjour\r\n"


def test_a_mail_put_in_the_mailbox_is_read_there(tmp_path: Path) -> None:
    with mail_server(tmp_path) as server:
        assert server.mails() == []
        server.put(MAIL)
        server.put(MAIL.replace(b"un", b"deux"))
        assert server.mails() == [MAIL, MAIL.replace(b"un", b"deux")]


def test_a_server_that_stops_leaves_no_process_and_comes_back_with_its_mails(
    tmp_path: Path,
) -> None:
    with mail_server(tmp_path) as server:
        server.put(MAIL)
        group = server.process_id
        assert len(living(group)) > 1
        server.stop()
        assert not living(group)
        with pytest.raises(ConnectionRefusedError):
            server.mails()
        server.start()
        assert server.mails() == [MAIL]


def test_the_password_and_the_authority_of_the_files_are_the_ones_that_open(
    tmp_path: Path,
) -> None:
    with mail_server(tmp_path) as server:
        assert server.password_file.read_text() == server.password
        trusting = ssl.create_default_context(cafile=str(server.ca_file))
        session = imaplib.IMAP4_SSL("localhost", server.port, ssl_context=trusting)
        with session, pytest.raises(imaplib.IMAP4.error, match="Authentication failed"):
            session.login(server.user, "faux")


def test_a_client_that_does_not_know_the_authority_turns_back(tmp_path: Path) -> None:
    strict = ssl.create_default_context()
    with mail_server(tmp_path) as server, pytest.raises(ssl.SSLCertVerificationError):
        imaplib.IMAP4_SSL(server.host, server.port, ssl_context=strict, timeout=10)
