"""A real mail server for the tests of this folder."""

import imaplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.support.dovecot import MailServer, mail_server
from transmission.domain.collectivite import Mailbox, TdtAccount
from transmission.tdt.identity import mailbox_context, mailbox_password
from transmission.tdt.imap import ImapMailbox

OpenMailbox = Callable[..., ImapMailbox]


@contextmanager
def session_at(server: MailServer) -> Iterator[imaplib.IMAP4]:
    context = ssl.create_default_context(cafile=str(server.ca_file))
    with imaplib.IMAP4_SSL(server.host, server.port, ssl_context=context, timeout=10) as session:
        session.login(server.user, server.password)
        yield session


@pytest.fixture(scope="session")
def _kept_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    with mail_server(tmp_path_factory.mktemp("mail")) as server:
        yield server


@pytest.fixture
def mail(_kept_server: MailServer) -> Iterator[MailServer]:
    """The server of the session, up, its mailbox empty after each test."""
    yield _kept_server
    with session_at(_kept_server) as session:
        session.select(_kept_server.folder)
        session.uid("STORE", "1:*", "+FLAGS", "\\Deleted")
        session.expunge()


@pytest.fixture
def another_program(mail: MailServer) -> Callable[[], AbstractContextManager[imaplib.IMAP4]]:
    """Opens a session of another program at the mailbox, in no folder yet."""
    return lambda: session_at(mail)


@pytest.fixture
def open_mailbox(mail: MailServer, tmp_path: Path) -> OpenMailbox:
    """Opens the mailbox as the service does; ``changes`` are made to its description."""

    def open_to(**changes: object) -> ImapMailbox:
        fields: dict[str, object] = {
            "host": mail.host,
            "port": mail.port,
            "user": mail.user,
            "password_file": str(mail.password_file),
            "ca_file": str(mail.ca_file),
            "folder": mail.folder,
        }
        described = Mailbox(**fields | changes)  # type: ignore[arg-type]
        account = TdtAccount("ministere", "le ministère", "", "", None, None, "")
        secret = mailbox_password(account, described)
        context = mailbox_context(account, described)
        return ImapMailbox(described, secret, context, connect_timeout=10.0, read_timeout=30.0)

    return open_to
