"""A mail server of a few lines that obeys a script, and remembers what it was told.

It speaks over real sockets and real TLS; each connection is served by its own thread, and all are
gone when it is stopped.
"""

import base64
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field

CUT = "cut"
"""Instead of an answer: the connection is dropped."""
SILENT = "silent"
"""Instead of an answer: nothing, until the server is stopped."""


@dataclass
class Heard:
    """What one client said: ``protected`` when the mail came by TLS."""

    lines: list[str] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    protected: bool = False


@dataclass
class MailScript:
    """What the server answers to a verb instead of the usual; ``BANNER`` is its greeting, ``BODY``
    the end of a mail."""

    answers: dict[str, str] = field(default_factory=dict)
    offers: tuple[str, ...] = ("STARTTLS", "AUTH PLAIN", "8BITMIME")


class MailServer:
    """Listens on loopback. ``implicit`` speaks TLS from the first byte."""

    def __init__(self, script: MailScript, context: ssl.SSLContext, *, implicit: bool) -> None:
        self._script, self._context, self._implicit = script, context, implicit
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.heard: list[Heard] = []
        self._stopped = threading.Event()
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    @property
    def mails(self) -> list[bytes]:
        """Every mail taken, in order."""
        return [mail for heard in self.heard for mail in heard.mails]

    def stop(self) -> None:
        self._stopped.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in self._open:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
        assert not any(thread.is_alive() for thread in self._threads)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                self._open.append(sock)
                thread = threading.Thread(target=self._serve, args=(sock,))
                self._threads.append(thread)
                thread.start()

    def _serve(self, sock: socket.socket) -> None:
        heard = Heard()
        self.heard.append(heard)
        with suppress(OSError, EOFError), closing(sock):
            if self._implicit:
                sock = self._secured(sock, heard)
            with closing(sock):
                self._say(sock, "BANNER", "220 essai.example ESMTP")
                self._talk(sock, heard)

    def _secured(self, sock: socket.socket, heard: Heard) -> ssl.SSLSocket:
        secured = self._context.wrap_socket(sock, server_side=True)
        heard.protected = True
        self._open.append(secured)
        return secured

    def _talk(self, sock: socket.socket, heard: Heard) -> None:
        while True:
            line = _line(sock)
            heard.lines.append(line)
            verb = line.split(" ", 1)[0].upper()
            match verb:
                case "EHLO":
                    offers = [
                        o for o in self._script.offers if not (heard.protected and "TLS" in o)
                    ]
                    usual = "\r\n".join(
                        ["250-essai.example", *(f"250-{o}" for o in offers), "250 OK"]
                    )
                    self._say(sock, verb, usual)
                case "STARTTLS":
                    self._say(sock, verb, "220 go")
                    with closing(self._secured(sock, heard)) as secured:
                        self._talk(secured, heard)
                    return
                case "AUTH":
                    _, user, password = base64.b64decode(line.split(" ")[2]).decode().split("\0")
                    heard.logins.append((user, password))
                    self._say(sock, verb, "235 OK")
                case "DATA":
                    self._say(sock, verb, "354 go")
                    if not self._script.answers.get(verb, "3").startswith("3"):
                        continue
                    mail = _mail(sock)
                    if self._script.answers.get("BODY", "2").startswith("2"):
                        heard.mails.append(mail)
                    self._say(sock, "BODY", "250 queued as 42")
                case "QUIT":
                    self._say(sock, verb, "221 bye")
                    return
                case _:
                    self._say(sock, verb, "250 OK")

    def _offers(self, heard: Heard) -> str:
        offers = [each for each in self._script.offers if not (heard.protected and "TLS" in each)]
        return "\r\n".join(["250-essai.example", *(f"250-{each}" for each in offers), "250 OK"])

    def _say(self, sock: socket.socket, verb: str, usual: str) -> None:
        answer = self._script.answers.get(verb, usual)
        if answer == SILENT:
            self._stopped.wait(30)
        if answer in (CUT, SILENT):
            sock.close()
            raise EOFError
        sock.sendall(f"{answer}\r\n".encode())


def _line(sock: socket.socket) -> str:
    line = b""
    while not line.endswith(b"\r\n"):
        line += _more(sock, 1)
    return line[:-2].decode()


def _mail(sock: socket.socket) -> bytes:
    content = b"\r\n"
    while not content.endswith(b"\r\n.\r\n"):
        content += _more(sock, 1)
    return content[2:-3].replace(b"\r\n..", b"\r\n.")


def _more(sock: socket.socket, count: int) -> bytes:
    block = sock.recv(count)
    if not block:
        raise EOFError
    return block


@contextmanager
def mail_server(
    script: MailScript, certificate: str, *, implicit: bool = False
) -> Iterator[MailServer]:
    """A running server that shows a certificate (PEM, with its key)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = MailServer(script, context, implicit=implicit)
    try:
        yield server
    finally:
        server.stop()
