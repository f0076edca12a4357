"""E-mails handed to one mail server (RFC 5321), by TLS unless it is on this very machine."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from transmission.domain.mail_addresses import is_mail_address
from transmission.outbound.composition import composed
from transmission.outbound.reasons import excerpt, reason
from transmission.outbound.trust import UnusableFileError, read_text, trusting
from transmission.ports.outbound import Delivered, Delivery, Mail, Refused, Unavailable

_NEEDS_LOGIN = (530, 534, 535, 538)
"""Refusals that say something of our account, and nothing of the mail (RFC 4954)."""


class Security(Enum):
    """How the connection is protected."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mails are handed over, and from which bare address.

    The password is read from its file at each sending; ``ca_file`` holds the only authorities
    trusted, those of the machine when absent. Times are in seconds. Raises ValueError for a login
    in clear.
    """

    host: str
    port: int
    security: Security
    sender: str
    user: str | None = None
    password_file: Path | None = None
    ca_file: Path | None = None
    connect_timeout: float = 10.0
    read_timeout: float = 60.0

    def __post_init__(self) -> None:
        if self.user is not None and self.security is Security.NONE:
            raise ValueError("a password is never sent in clear")


class SmtpMailer:
    """The port ``Mailer``."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    def send(self, mail: Mail) -> Delivery:
        """Hand one mail over, once. When nobody answers after its last byte it may have been taken:
        sent again, it bears the same ``Message-ID``."""
        if not is_mail_address(mail.recipient):
            return Refused(
                f"« {excerpt(mail.recipient.encode())} » n'est pas une adresse de courriel"
            )
        content = composed(mail, self._server.sender)
        try:
            with self._session() as session:
                return _handed(session, self._server.sender, mail.recipient, content)
        except UnusableFileError as error:
            return Unavailable(str(error))
        except smtplib.SMTPResponseException as error:
            return Unavailable(f"le serveur de courriel répond : {_told(error)}")
        except smtplib.SMTPNotSupportedError:
            return Unavailable(
                "le serveur de courriel n'offre pas le chiffrement ou l'identification demandés"
            )
        except (OSError, ValueError) as error:
            return Unavailable(f"serveur de courriel : {reason(error)}")

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        """A connection protected and identified as the settings say, ended politely."""
        session = self._connected()
        try:
            if session.sock is not None:
                session.sock.settimeout(self._server.read_timeout)
            if self._server.security is Security.STARTTLS:
                # Raises when the server does not offer it: nothing is ever said in clear instead.
                session.starttls(context=trusting(self._server.ca_file))
            session.ehlo_or_helo_if_needed()
            self._log_in(session)
            yield session
            # What was taken is taken, whatever the farewell.
            with suppress(OSError):
                session.quit()
        finally:
            session.close()

    def _log_in(self, session: smtplib.SMTP) -> None:
        user, file = self._server.user, self._server.password_file
        if user is None or file is None:
            return
        password = read_text(file)
        if not password.isascii():
            raise UnusableFileError(f"le mot de passe du fichier {file} doit être en ASCII")
        try:
            session.login(user, password)
        except (smtplib.SMTPResponseException, smtplib.SMTPServerDisconnected):
            raise
        except smtplib.SMTPException as error:
            # The library has no class of its own for « no method in common ».
            raise smtplib.SMTPNotSupportedError(str(error)) from error

    def _connected(self) -> smtplib.SMTP:
        server = self._server
        # Without a name of our own, the library would ask the DNS for one.
        domain = server.sender.rpartition("@")[2]
        if server.security is Security.TLS:
            return smtplib.SMTP_SSL(
                server.host,
                server.port,
                domain,
                timeout=server.connect_timeout,
                context=trusting(server.ca_file),
            )
        return smtplib.SMTP(server.host, server.port, domain, server.connect_timeout)


def _handed(session: smtplib.SMTP, sender: str, recipient: str, content: bytes) -> Delivery:
    for code, text in _steps(session, sender, recipient, content):
        if not 200 <= code < 300:
            return _refusal(code, text)
    return Delivered(excerpt(text))


def _steps(
    session: smtplib.SMTP, sender: str, recipient: str, content: bytes
) -> Iterator[tuple[int, bytes]]:
    yield session.mail(sender)
    yield session.rcpt(recipient)
    try:
        yield session.data(content)
    except smtplib.SMTPDataError as error:
        yield error.smtp_code, _bytes(error.smtp_error)


def _refusal(code: int, text: bytes) -> Delivery:
    said = f"{code} {excerpt(text)}"
    if 500 <= code < 600 and code not in _NEEDS_LOGIN:
        return Refused(f"le serveur de courriel refuse : {said}")
    return Unavailable(f"le serveur de courriel ne prend pas le message : {said}")


def _told(error: smtplib.SMTPResponseException) -> str:
    return f"{error.smtp_code} {excerpt(_bytes(error.smtp_error))}"


def _bytes(text: bytes | str) -> bytes:
    return text if isinstance(text, bytes) else text.encode()
