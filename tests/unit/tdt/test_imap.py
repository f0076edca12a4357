"""A mailbox at a server that does wrong: whatever it does is words, never an exception."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from transmission.domain.collectivite import Mailbox
from transmission.domain.outcomes import CannotTell
from transmission.ports import InboxItem
from transmission.tdt.identity import mailbox_context, mailbox_password
from transmission.tdt.imap import ImapMailbox

SENSELESS = "le serveur de courriel a donné une réponse incompréhensible"
CUT = "la connexion au serveur de courriel a été coupée"
LATE = "le serveur de courriel n'a pas répondu à temps"
ITEM = InboxItem("7.4")
SIZE = b"* 1 FETCH (UID 4 RFC822.SIZE 5)\r\n%s OK x\r\n"


@dataclass
class ScriptedImap:
    """Answers each command by the bytes of its name, ``%s`` standing for the tag.

    None closes the connection; ``silent`` names the command that gets no answer. ``commands``
    are those received.
    """

    certificate: str | None
    answers: dict[str, bytes | None] = field(
        default_factory=lambda: {
            "greeting": b"* OK ready\r\n",
            "CAPABILITY": b"* CAPABILITY IMAP4rev1 UIDPLUS\r\n%s OK x\r\n",
            "LOGIN": b"%s OK x\r\n",
            "SELECT": b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n%s OK [READ-WRITE] x\r\n",
            "EXAMINE": b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n%s OK [READ-ONLY] x\r\n",
            "SEARCH": b"* SEARCH 4\r\n%s OK x\r\n",
            "SIZE": SIZE,
            "BODY": b"* 1 FETCH (UID 4 BODY[]<0> {5}\r\nhello)\r\n%s OK x\r\n",
            "END": b'* 1 FETCH (UID 4 BODY[]<5> "")\r\n%s OK x\r\n',
            "STORE": b"%s OK x\r\n",
            "EXPUNGE": b"%s OK x\r\n",
        }
    )
    silent: str = ""
    commands: list[str] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    def stop(self) -> None:
        self.released.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)
        assert not self._thread.is_alive()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                bare, _ = self._listener.accept()
                with suppress(OSError), bare, self._secured(bare) as sock:
                    sock.settimeout(10)
                    self._serve(sock)

    def _secured(self, sock: socket.socket) -> socket.socket:
        if self.certificate is None:
            return sock
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        return context.wrap_socket(sock, server_side=True)

    def _serve(self, sock: socket.socket) -> None:
        with sock.makefile("rb") as lines:
            if not self._answered(sock, "greeting", b""):
                return
            while line := lines.readline():
                tag, _, rest = line.strip().partition(b" ")
                command = rest.decode("ascii", "replace").removeprefix("UID ")
                self.commands.append(command)
                if not self._answered(sock, self._name(command), tag):
                    return

    @staticmethod
    def _name(command: str) -> str:
        if "RFC822.SIZE" in command:
            return "SIZE"
        if "BODY.PEEK" in command:
            return "BODY" if "<0." in command else "END"
        return command.partition(" ")[0]

    def _answered(self, sock: socket.socket, name: str, tag: bytes) -> bool:
        if name == self.silent:
            self.released.wait(30)
        answer = self.answers.get(name)
        if answer is not None:
            sock.sendall(answer.replace(b"%s", tag))
        return answer is not None


StartImap = Callable[..., ScriptedImap]


@pytest.fixture
def start_imap(pki: Any) -> Iterator[StartImap]:
    started: list[ScriptedImap] = []

    def start(certificate: str | None = "server.pem", **answers: bytes | None) -> ScriptedImap:
        started.append(ScriptedImap(certificate and pki.file(certificate)))
        started[-1].answers |= answers
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def mailbox_at(account: Any, pki: Any, tmp_path: Path) -> Callable[..., ImapMailbox]:
    def open_to(
        server: ScriptedImap, timeout: float = 10.0, password: str = "sesame"
    ) -> ImapMailbox:
        file = tmp_path / "password"
        file.write_text(password)
        files = str(file), pki.file("ca.pem")
        described = Mailbox("127.0.0.1", "retours", *files, port=server.port)
        secret, context = mailbox_password(account, described), mailbox_context(account, described)
        return ImapMailbox(
            described, secret, context, connect_timeout=timeout, read_timeout=timeout
        )

    return open_to


def reasons(mailbox: ImapMailbox) -> list[str]:
    """What a listing, a reading and a removal say, each of them a silence."""
    silences = [mailbox.inbox(), mailbox.fetch(ITEM, BytesIO()), mailbox.confirm(ITEM)]
    assert all(isinstance(silence, CannotTell) for silence in silences), silences
    return [getattr(silence, "reason", "") for silence in silences]


def test_a_server_that_does_well_is_understood(start_imap: StartImap, mailbox_at: Any) -> None:
    # The measure of the others: they differ by one answer.
    server = start_imap()
    mailbox, target = mailbox_at(server), BytesIO()
    assert mailbox.check() is None
    assert mailbox.inbox() == [ITEM]
    assert mailbox.fetch(ITEM, target) is None
    assert target.getvalue() == b"hello"
    assert mailbox.confirm(ITEM) is None
    assert "STORE 4 +FLAGS.SILENT (\\Deleted)" in server.commands
    assert "EXPUNGE 4" in server.commands


def test_reading_opens_the_folder_without_the_right_to_change_it(
    start_imap: StartImap, mailbox_at: Any
) -> None:
    server = start_imap()
    mailbox = mailbox_at(server)
    mailbox.inbox()
    mailbox.fetch(ITEM, BytesIO())
    assert "EXAMINE INBOX" in " ".join(server.commands).replace('"', "")
    assert not [each for each in server.commands if each.startswith(("SELECT", "STORE", "EXPUNGE"))]


@pytest.mark.parametrize(
    "greeting",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\x00\xff\xfe\r\n",
        b"* NONSENSE\r\n",
        b"* BYE full\r\n",
    ],
)
def test_a_greeting_without_sense_is_told(
    start_imap: StartImap, mailbox_at: Any, greeting: bytes
) -> None:
    told = reasons(mailbox_at(start_imap(greeting=greeting)))
    assert all("serveur de courriel" in each for each in told)


@pytest.mark.parametrize("command", ["greeting", "CAPABILITY", "LOGIN"])
def test_a_connection_cut_before_the_folder_is_told(
    start_imap: StartImap, mailbox_at: Any, command: str
) -> None:
    assert reasons(mailbox_at(start_imap(**{command: None}))) == [CUT] * 3


def test_a_farewell_instead_of_a_login_is_no_refusal_of_the_password(
    start_imap: StartImap, mailbox_at: Any
) -> None:
    assert reasons(mailbox_at(start_imap(LOGIN=b"* BYE shutting down\r\n"))) == [CUT] * 3


def test_a_connection_cut_later_is_told_and_made_anew(
    start_imap: StartImap, mailbox_at: Any
) -> None:
    server = start_imap(SEARCH=None, SIZE=None)
    mailbox = mailbox_at(server)
    assert reasons(mailbox) == [CUT] * 3
    server.answers |= {"SEARCH": b"* SEARCH 4\r\n%s OK x\r\n", "SIZE": SIZE}
    assert mailbox.inbox() == [ITEM]


@pytest.mark.parametrize("command", ["greeting", "LOGIN", "EXAMINE", "SEARCH"])
def test_a_server_that_keeps_silent_is_told(
    start_imap: StartImap, mailbox_at: Any, command: str
) -> None:
    server = start_imap()
    server.silent = command
    silence = mailbox_at(server, timeout=0.3).inbox()
    assert getattr(silence, "reason", "").endswith(LATE)


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("EXAMINE", b"* 1 EXISTS\r\n%s OK x\r\n"),
        ("EXAMINE", b"* OK [UIDVALIDITY 7] x\r\n%s OK x\r\n"),
        ("EXAMINE", b"* many EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n%s OK x\r\n"),
        ("EXAMINE", b"* 1 EXISTS\r\n* OK [UIDVALIDITY seven] x\r\n%s OK x\r\n"),
        ("EXAMINE", b"\x80\x81\r\n"),
        ("SEARCH", b"* SEARCH quatre\r\n%s OK x\r\n"),
        ("SEARCH", b"* SEARCH 4\r\n* SEARCH 5\r\n%s OK x\r\n"),
        ("SEARCH", b"* SEARCH " + b"4 " * 600_000 + b"\r\n%s OK x\r\n"),
        ("SEARCH", b"%s PERHAPS x\r\n"),
    ],
)
def test_a_listing_without_sense_is_told(
    start_imap: StartImap, mailbox_at: Any, command: str, answer: bytes
) -> None:
    silence = mailbox_at(start_imap(**{command: answer})).inbox()
    assert isinstance(silence, CannotTell)
    assert "serveur de courriel" in silence.reason


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("SIZE", b"* 1 FETCH (UID 4 RFC822.SIZE large)\r\n%s OK x\r\n"),
        ("SIZE", b"* 1 FETCH (UID 4)\r\n%s OK x\r\n"),
        ("SIZE", b"* 1 FETCH (UID 4 RFC822.SIZE\r\n%s OK x\r\n"),
        ("SIZE", b"* 1 FETCH " + b"(" * 100_000 + b"\r\n%s OK x\r\n"),
        ("SIZE", b"* 1 FETCH 4\r\n%s OK x\r\n"),
        ("SIZE", b"* x FETCH (UID 4 RFC822.SIZE 5)\r\n%s OK x\r\n"),
        ("BODY", b"* 1 FETCH (UID 4 BODY[] {5}\r\nhello)\r\n%s OK x\r\n"),
        ("BODY", b"* 1 FETCH (UID 4 BODY[]<1> {5}\r\nhello)\r\n%s OK x\r\n"),
        ("BODY", b"* 1 FETCH (UID 5 BODY[]<0> {5}\r\nhello)\r\n%s OK x\r\n"),
        ("BODY", b"* 1 FETCH (UID 4 BODY[]<0> 5)\r\n%s OK x\r\n"),
        ("BODY", b"* 1 FETCH (UID 4 BODY[]<0> (1 2))\r\n%s OK x\r\n"),
        ("BODY", b"* 1 FETCH (UID 4 BODY[]<0> {99999999999999999999}\r\nhello)\r\n%s OK x\r\n"),
        ("BODY", b"* 1 FETCH (UID 4 BODY[]<0> {3}\r\nhello)\r\n%s OK x\r\n"),
        ("BODY", b"%s NO [SERVERBUG] disk\r\n"),
        ("BODY", b"* BYE gone\r\n"),
        ("END", b"%s BAD no partial fetch\r\n"),
    ],
)
def test_a_reading_without_sense_is_told(
    start_imap: StartImap, mailbox_at: Any, command: str, answer: bytes
) -> None:
    silence = mailbox_at(start_imap(**{command: answer})).fetch(ITEM, BytesIO())
    assert isinstance(silence, CannotTell)
    assert "serveur de courriel" in silence.reason


def test_a_mail_that_never_ends_is_left(
    start_imap: StartImap, mailbox_at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("transmission.tdt.imap.MAIL_MAX", 8)
    server = start_imap(END=b"* 1 FETCH (UID 4 BODY[]<5> {5}\r\nhello)\r\n%s OK x\r\n")
    silence = mailbox_at(server).fetch(ITEM, BytesIO())
    assert "le courriel 7.4 est trop grand (10 octets" in getattr(silence, "reason", "")


@pytest.mark.parametrize("command", ["SEARCH", "STORE", "EXPUNGE"])
def test_a_removal_that_is_refused_is_told_in_its_words(
    start_imap: StartImap, mailbox_at: Any, command: str
) -> None:
    server = start_imap(**{command: b"%s NO [NOPERM] not yours\r\n"})
    silence = mailbox_at(server).confirm(ITEM)
    assert isinstance(silence, CannotTell)
    assert silence.reason.startswith("le serveur de courriel refuse : « ")
    assert "not yours" in silence.reason


def test_a_password_that_the_server_repeats_is_not(start_imap: StartImap, mailbox_at: Any) -> None:
    server = start_imap(LOGIN=b"%s NO wrong: retours sesame\r\n")
    told = reasons(mailbox_at(server))
    assert all("mot de passe de la boîte" in each for each in told)
    assert "sesame" not in "".join(told)


def test_a_password_with_accents_that_a_server_cannot_take_is_told(
    start_imap: StartImap, mailbox_at: Any
) -> None:
    told = reasons(mailbox_at(start_imap(), password="sésame"))
    assert all("accents" in each for each in told)
    assert "sésame" not in "".join(told)


def test_a_server_that_speaks_without_tls_is_told(start_imap: StartImap, mailbox_at: Any) -> None:
    (told, *_) = reasons(mailbox_at(start_imap(None)))
    assert told.startswith(("la liaison chiffrée avec le serveur de courriel", CUT))


@pytest.mark.parametrize("certificate", ["wrong-name.pem", "expired.pem", "unknown.pem"])
def test_a_server_that_is_not_the_right_one_is_told_and_gets_no_password(
    start_imap: StartImap, mailbox_at: Any, certificate: str
) -> None:
    server = start_imap(certificate)
    told = reasons(mailbox_at(server))
    assert all(each.startswith("le certificat du serveur de courriel est refusé") for each in told)
    assert server.commands == []


def test_tls_is_1_2_at_least(account: Any, pki: Any) -> None:
    described = Mailbox("127.0.0.1", "retours", pki.file("password"), pki.file("ca.pem"))
    context = mailbox_context(account, described)
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert context.check_hostname
    assert len(context.get_ca_certs()) == 1


def test_a_name_that_nobody_bears_is_told(
    start_imap: StartImap, mailbox_at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    mailbox = mailbox_at(start_imap())
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert reasons(mailbox) == ["le nom du serveur de courriel est introuvable (DNS)"] * 3
