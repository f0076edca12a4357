"""The State's post: what is to be mailed, in order, and what became of it."""

import hashlib
from collections import deque
from dataclasses import dataclass
from email.message import EmailMessage
from threading import Event, Lock
from typing import Any

from transmission.mocktdt.accounts import Accounts
from transmission.mocktdt.mails import paper_mail, retour_mail
from transmission.mocktdt.retours import Retour
from transmission.mocktdt.temper import Temper

_AR = "1-2"


@dataclass(slots=True)
class Mail:
    """One mail. `content`: its bytes, forgotten once delivered. `error`: of the last attempt.

    `messages`: code (empty for an AnomalieEnveloppe), file name and identifiant unique of each.
    """

    at: str
    subject: str
    messages: list[tuple[str, str, str]]
    attachments: list[str]
    sha256: str
    size: int
    content: bytes
    attempts: int = 0
    delivered: bool = False
    error: str = ""

    def told(self) -> dict[str, Any]:
        """As the oracle tells it."""
        names = ("at", "subject", "attachments", "sha256", "size", "attempts", "delivered", "error")
        messages = [
            {"code": code, "file_name": name, "id_acte": id_acte}
            for code, name, id_acte in self.messages
        ]
        return {name: getattr(self, name) for name in names} | {"messages": messages}


class Postman:
    """Retours come in with the platform's lock held; mails go out one after the other.

    `bell`: set when there may be something to do. `grouped`: the retours of one authority that are
    due together share a mail and an envelope.
    """

    def __init__(self, quadrigram: str, accounts: Accounts, temper: Temper) -> None:
        self.bell = Event()
        self.grouped = False
        self._quadrigram = quadrigram
        self._accounts = accounts
        self._temper = temper
        self._lock = Lock()
        self._pending: list[Retour] = []
        self._mails: list[Mail] = []
        self._waiting: deque[Mail] = deque()

    def put(self, retour: Retour) -> None:
        """Take one retour, mailed by the next `flush`."""
        with self._lock:
            self._pending.append(retour)
        self.bell.set()

    def flush(self) -> None:
        """Make mails of the retours taken."""
        with self._lock:
            pending, self._pending = self._pending, []
            for group in self._groups(pending):
                self._write(group)

    def waiting(self) -> Mail | None:
        """The oldest mail not delivered yet."""
        with self._lock:
            return self._waiting[0] if self._waiting else None

    def delivered(self, mail: Mail) -> None:
        """Note that the mailbox has it."""
        with self._lock:
            self._waiting.remove(mail)
            mail.attempts, mail.delivered, mail.error, mail.content = (
                mail.attempts + 1,
                True,
                "",
                b"",
            )

    def failed(self, mail: Mail, error: str) -> None:
        """Note that it must be tried again."""
        with self._lock:
            mail.attempts, mail.error = mail.attempts + 1, error

    def totals(self) -> dict[str, int]:
        """How many mails were written, and how many of them the mailbox has."""
        with self._lock:
            written = len(self._mails)
            return {"written": written, "delivered": written - len(self._waiting)}

    def told(self) -> list[dict[str, Any]]:
        """Every mail written, oldest first."""
        with self._lock:
            return [mail.told() for mail in self._mails]

    def _groups(self, pending: list[Retour]) -> list[list[Retour]]:
        if not self.grouped:
            return [[retour] for retour in pending]
        alone = [[retour] for retour in pending if not retour.code]
        together: dict[str, list[Retour]] = {}
        for retour in pending:
            if retour.code:
                together.setdefault(retour.envelope.siren, []).append(retour)
        return alone + list(together.values())

    def _write(self, group: list[Retour]) -> None:
        authority = self._accounts.authority(group[0].envelope.siren)
        mail = retour_mail(group, authority, self._temper, self._quadrigram)
        self._enqueue(mail, group)
        for retour in group:
            acte = retour.about.acte if retour.about else None
            if retour.code == _AR and acte is not None and acte.paper:
                self._enqueue(paper_mail(retour, authority), [], at=retour)

    def _enqueue(
        self, message: EmailMessage, group: list[Retour], at: Retour | None = None
    ) -> None:
        first = at or group[0]
        message["Message-ID"] = f"<{len(self._mails) + 1}.{first.at:%Y%m%d%H%M%S}@mock-tdt.example>"
        content = message.as_bytes()
        mail = Mail(
            at=first.at.isoformat(),
            subject=str(message["Subject"]),
            messages=[
                (retour.code, retour.name, retour.about.message.id_acte if retour.about else "")
                for retour in group
            ],
            attachments=[part.get_filename() or "" for part in _attachments(message)],
            sha256=hashlib.sha256(content).hexdigest(),
            size=len(content),
            content=content,
        )
        self._mails.append(mail)
        self._waiting.append(mail)


def _attachments(message: EmailMessage) -> list[Any]:
    return [part for part in message.walk() if part.get_filename()]
