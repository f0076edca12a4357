"""The only user of imapclient: a mailbox over IMAP4 and TLS, read without changing anything.

Source: ACTES protocol §8, « Incoming mail ». A mail only ever leaves the mailbox by ``confirm``.
"""

import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO

from imapclient import DELETED, IMAPClient, SocketTimeout  # type: ignore[import-untyped]
from imapclient import exceptions as imap

from transmission.domain.collectivite import Mailbox
from transmission.domain.errors import TransmissionError
from transmission.domain.outcomes import CannotTell
from transmission.ports import InboxItem

ITEMS_MAX = 200
MAIL_MAX = 220 * 1_048_576
"""Bytes: an archive of 150 MiB at most (ACTES protocol §3.6), in base64 with its line ends."""
_BLOCK = 1_048_576
_SHOWN = 120


class _MailboxError(TransmissionError):
    """The mail server did not do what was asked; the text says why in French."""


class ImapMailbox:
    """A folder of a mailbox and its kept connection, which is made anew when it was lost.

    ``connect_timeout`` bounds TCP, TLS and the greeting; ``read_timeout`` every wait after that
    (seconds). No call raises for what the server does.
    """

    def __init__(
        self,
        mailbox: Mailbox,
        password: str,
        context: ssl.SSLContext,
        *,
        connect_timeout: float = 10.0,
        read_timeout: float = 180.0,
    ) -> None:
        self._mailbox = mailbox
        self._password = password
        self._context = context
        self._timeout = SocketTimeout(connect_timeout, read_timeout)
        self._lock = threading.Lock()
        self._session: _Session | None = None

    def __del__(self) -> None:
        self._forget()

    def check(self) -> CannotTell | None:
        """None when the folder opens and mails can be removed from it."""
        try:
            with self._folder(readonly=False):
                return None
        except _MailboxError as error:
            return CannotTell(str(error))

    def inbox(self) -> Sequence[InboxItem] | CannotTell:
        """The oldest mails of the folder, at most 200, oldest first."""
        try:
            with self._folder(readonly=True) as session:
                return [InboxItem(session.key(uid)) for uid in session.uids()]
        except _MailboxError as error:
            return CannotTell(str(error))

    def fetch(self, item: InboxItem, target: BinaryIO) -> CannotTell | None:
        """Write the exact bytes of a mail, a MiB at a time. Raises OSError when target refuses.

        What was written before a CannotTell is worth nothing.
        """
        try:
            with self._folder(readonly=True) as session:
                for block in session.blocks(session.uid(item)):
                    target.write(block)
        except _MailboxError as error:
            return CannotTell(str(error))
        return None

    def confirm(self, item: InboxItem) -> CannotTell | None:
        """Remove a mail, and no other; one that is gone already is well."""
        try:
            with self._folder(readonly=False) as session:
                session.remove(session.uid(item))
        except _MailboxError as error:
            return CannotTell(str(error))
        return None

    @contextmanager
    def _folder(self, *, readonly: bool) -> Iterator["_Session"]:
        with self._lock:
            session = self._selected(readonly=readonly)
            try:
                yield session
            except BaseException:
                # What else this connection still has to say is not known.
                self._forget()
                raise

    def _selected(self, *, readonly: bool) -> "_Session":
        folder = self._mailbox.folder
        if self._session is not None:
            # Asked every time: it proves that the connection lives, as NOOP would, and which
            # UIDVALIDITY the numbers are of.
            with suppress(_MailboxError):
                self._session.select(folder, readonly=readonly)
                return self._session
            self._forget()
        self._session = _Session(self._opened())
        try:
            self._session.select(folder, readonly=readonly)
        except _MailboxError:
            self._forget()
            raise
        return self._session

    def _opened(self) -> Any:
        mailbox = self._mailbox
        with _in_french():
            client = IMAPClient(
                mailbox.host, mailbox.port, ssl_context=self._context, timeout=self._timeout
            )
        try:
            with _in_french():
                # Left to itself it writes every mail, in full, for its logger.
                client._imap.debug = 0
                can_plain = client.has_capability("AUTH=PLAIN")
                # LOGIN knows no accents.
                log_in = client.plain_login if can_plain else client.login
                log_in(mailbox.user, self._password)
        except _MailboxError:
            _close(client)
            raise
        return client

    def _forget(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()


class _Session:
    """A connection that is logged in. Its calls raise _MailboxError."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._validity = 0
        self._count = 0

    def select(self, folder: str, *, readonly: bool) -> None:
        """Open a folder, or open it again."""
        try:
            with _in_french():
                answer = self._client.select_folder(folder, readonly=readonly)
                self._validity, self._count = answer[b"UIDVALIDITY"], answer[b"EXISTS"]
        except _MailboxError as error:
            raise _MailboxError(f"dossier « {folder} » de la boîte : {error}") from error

    def uids(self) -> list[int]:
        """UIDs of the first mails, which are the oldest to have come."""
        if not self._count:
            return []
        with _in_french():
            # By rank, so that the answer stays short however full the mailbox is.
            return sorted(self._client.search([f"1:{min(self._count, ITEMS_MAX)}"]))

    def key(self, uid: int) -> str:
        """The name of a mail, for as long as the server keeps its UIDVALIDITY."""
        return f"{self._validity}.{uid}"

    def uid(self, item: InboxItem) -> int:
        """The UID of an item listed under the UIDVALIDITY of now."""
        validity, _, uid = item.key.partition(".")
        if validity != str(self._validity) or not uid.isdecimal():
            raise _MailboxError(
                f"le courriel {item.key} ne peut plus être désigné : le serveur de courriel a "
                "renuméroté la boîte ; il sera relu sous un autre numéro s'il y est encore"
            )
        return int(uid)

    def blocks(self, uid: int) -> Iterator[bytes]:
        """Exact bytes of a mail, by pieces of 1 MiB at most."""
        with _in_french():
            answer = self._client.fetch([uid], ["RFC822.SIZE"])
            size = int(answer[uid][b"RFC822.SIZE"]) if uid in answer else None
        if size is None:
            raise _MailboxError(f"le courriel {self.key(uid)} n'est plus dans la boîte")
        read = 0
        # To the end that the server itself tells: with some, the size is only an estimate.
        while block := self._block(uid, read, size):
            read += len(block)
            yield block

    def remove(self, uid: int) -> None:
        """Remove one mail for good."""
        with _in_french():
            if uid not in self._client.search(["UID", str(uid)]):
                return
            self._client.delete_messages([uid], silent=True)
            if self._client.has_capability("UIDPLUS"):
                self._client.uid_expunge([uid])
                return
            # Without UIDPLUS everything that is marked goes at once.
            if set(self._client.search(["DELETED"])) == {uid}:
                self._client.expunge()
                return
            self._client.remove_flags([uid], DELETED, silent=True)
        raise _MailboxError(
            "d'autres courriels de la boîte sont marqués comme supprimés et ce serveur les "
            "retirerait aussi : avec un logiciel de courriel, retirez-les ou ôtez leur marque"
        )

    def close(self) -> None:
        """Drop the connection, without a word to a server that may be gone."""
        _close(self._client)

    def _block(self, uid: int, start: int, size: int) -> bytes:
        if max(size, start) > MAIL_MAX:
            raise _MailboxError(
                f"le courriel {self.key(uid)} est trop grand ({max(size, start)} octets, au plus "
                f"{MAIL_MAX}) : il reste dans la boîte, ouvrez-le avec un logiciel de courriel"
            )
        with _in_french():
            answer = self._client.fetch([uid], [f"BODY.PEEK[]<{start}.{_BLOCK}>"])
            block = answer[uid][b"BODY[]<%d>" % start]
            if not isinstance(block, bytes | None):
                raise TypeError("a body that is no string")
            return block or b""


def _close(client: Any) -> None:
    with suppress(OSError, imap.IMAPClientError):
        client.shutdown()


_CUT = "la connexion au serveur de courriel a été coupée"
_SENSELESS = "le serveur de courriel a donné une réponse incompréhensible"

# First line that fits an error, most telling first.
_WORDS: tuple[tuple[type[BaseException], str], ...] = (
    (socket.gaierror, "le nom du serveur de courriel est introuvable (DNS)"),
    (ssl.SSLCertVerificationError, "le certificat du serveur de courriel est refusé"),
    (ConnectionRefusedError, "le serveur de courriel refuse la connexion"),
    (TimeoutError, "le serveur de courriel n'a pas répondu à temps"),
    (ssl.SSLEOFError, _CUT),
    (ssl.SSLError, "la liaison chiffrée avec le serveur de courriel a échoué (TLS)"),
    (OSError, _CUT),
    (imap.IMAPClientReadOnlyError, "le serveur de courriel ne permet pas d'y retirer un courriel"),
    (imap.ProtocolError, _SENSELESS),
    (UnicodeEncodeError, "ce serveur de courriel ne prend pas les accents d'un mot de passe"),
)


@contextmanager
def _in_french() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        # Whatever it is: an answer without sense fails anywhere in imaplib, and in many ways.
        raise _MailboxError(_words(error)) from error


def _words(error: BaseException | None) -> str:
    for kind, words in _WORDS:
        if isinstance(error, kind):
            detail = getattr(error, "verify_message", "")
            return f"{words} : {detail}" if detail else words
    if isinstance(error, imap.LoginError):
        return _words_of_login(error)
    if isinstance(error, imap.IMAPClientAbortError):
        return _SENSELESS if "unexpected" in str(error) else _CUT
    if isinstance(error, imap.IMAPClientError):
        return f"le serveur de courriel refuse : « {' '.join(str(error)[:_SHOWN].split())} »"
    return _SENSELESS


def _words_of_login(error: imap.LoginError) -> str:
    if isinstance(error.__context__, imap.IMAPClientAbortError):
        return _words(error.__context__)
    # The server's own words are not repeated: some repeat the password.
    return (
        "le serveur de courriel refuse l'identifiant ou le mot de passe de la boîte : vérifiez "
        "user et le fichier que nomme password_file"
    )
