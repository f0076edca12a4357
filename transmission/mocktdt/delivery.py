"""The mailbox of the retours: mails are put there by IMAP over TLS, again and again until taken."""

import imaplib
import ssl
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

from transmission.mocktdt.postman import Postman
from transmission.mocktdt.settings import Mailbox

_LOOK_SECONDS = 0.1
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0
_TIMEOUT_SECONDS, _PATIENCE_SECONDS = 10.0, 5.0


class MailboxError(Exception):
    """The mailbox does not take a mail."""


class Delivery:
    """A thread that plays what is due, then delivers what it gave rise to, in order.

    Raises OSError when the password or the CA of the mailbox cannot be read. `report`: of bugs.
    """

    def __init__(
        self,
        mailbox: Mailbox,
        postman: Postman,
        settle: Callable[[], object],
        report: Callable[[str], None],
    ) -> None:
        self._mailbox = mailbox
        self._postman = postman
        self._settle = settle
        self._report = report
        self._password = mailbox.password_file.read_text("utf-8").strip("\r\n")
        cafile = str(mailbox.ca_file) if mailbox.ca_file else None
        self._context = ssl.create_default_context(cafile=cafile)
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="mock-tdt-delivery", daemon=True)

    def start(self) -> None:
        """Deliver in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Deliver nothing more."""
        self._stopping.set()
        self._postman.bell.set()
        if self._thread.is_alive():
            self._thread.join(_PATIENCE_SECONDS)

    def _run(self) -> None:
        pause = _FIRST_PAUSE
        while not self._stopping.is_set():
            self._postman.bell.clear()
            try:
                self._settle()
            except Exception:  # noqa: BLE001 - a bug of the mock must be seen, not stop the post
                self._report(traceback.format_exc())
            if self._delivered():
                pause = _FIRST_PAUSE
                self._postman.bell.wait(_LOOK_SECONDS)
            else:
                self._stopping.wait(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)

    def _delivered(self) -> bool:
        """Whether nothing is left to deliver."""
        try:
            if self._postman.waiting():
                self._deliver()
        except (OSError, ValueError, imaplib.IMAP4.error, MailboxError) as error:
            if mail := self._postman.waiting():
                self._postman.failed(mail, f"{type(error).__name__}: {error}")
            return False
        return True

    def _deliver(self) -> None:
        folder = self._mailbox.folder.replace("\\", "\\\\").replace('"', '\\"')
        with self._opened() as session:
            while not self._stopping.is_set() and (mail := self._postman.waiting()):
                status, said = session.append(f'"{folder}"', "", "", mail.content)
                if status != "OK":
                    raise MailboxError(str(said))
                self._postman.delivered(mail)

    @contextmanager
    def _opened(self) -> Iterator[imaplib.IMAP4_SSL]:
        mailbox = self._mailbox
        with imaplib.IMAP4_SSL(
            mailbox.host, mailbox.port, ssl_context=self._context, timeout=_TIMEOUT_SECONDS
        ) as session:
            session.login(mailbox.user, self._password)
            yield session
