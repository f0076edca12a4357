"""The platform as a whole: the parts that every endpoint works with."""

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from threading import RLock

from transmission.mocktdt.accounts import Account, Accounts, Permission
from transmission.mocktdt.answers import RefusedError
from transmission.mocktdt.archive import member_chunks
from transmission.mocktdt.classification import Classifications
from transmission.mocktdt.clock import VirtualClock, civil_day
from transmission.mocktdt.faults import Faults
from transmission.mocktdt.identification import Identification
from transmission.mocktdt.incoming import Request
from transmission.mocktdt.letters import Letter
from transmission.mocktdt.nonces import Nonces
from transmission.mocktdt.postman import Postman
from transmission.mocktdt.prefecture import Prefecture
from transmission.mocktdt.record import Record
from transmission.mocktdt.registry import Registry, origin_of
from transmission.mocktdt.retours import Retour
from transmission.mocktdt.scenarios import Scenarios
from transmission.mocktdt.sessions import Sessions
from transmission.mocktdt.settings import Settings
from transmission.mocktdt.switches import Switches
from transmission.mocktdt.temper import Temper
from transmission.mocktdt.transactions import Transaction
from transmission.mocktdt.workflow import Delays, Outlets, Workflow

_INTEGER = re.compile(r"\s*-?[0-9]{1,18}")
_CHECK_SECONDS, _SENDING_SECONDS, _ANSWER_SECONDS = 0.3, 0.5, 2.0


class Platform:
    """State of a run. `spool`: a private directory for what is received, removed at the end.

    Registry and workflow are touched with `lock` held; the other parts guard themselves.
    """

    def __init__(self, settings: Settings, spool: Path) -> None:
        self.settings = settings
        self.spool = spool
        self.lock = RLock()
        self.clock = VirtualClock(settings.start, frozen=settings.frozen)
        self.temper = Temper(settings.seed, calm=settings.calm)
        self.accounts = Accounts()
        self.nonces = Nonces()
        self.sessions = Sessions()
        self.switches = Switches.of_version(settings.version, settings.switches)
        self.scenarios = Scenarios()
        self.faults = Faults()
        self.record = Record()
        self.classifications = Classifications(settings.classification_date)
        self.registry = Registry(origin_of(settings.start))
        self.postman = (
            Postman(settings.quadrigram, self.accounts, self.temper) if settings.mailbox else None
        )
        self.workflow = Workflow(
            _delays(settings),
            self.classifications,
            self.temper,
            self.registry,
            Outlets(self.send_letter, self._mail),
        )
        self._prefecture = Prefecture(settings, spool, self.registry, self.temper)

    def settle(self) -> datetime:
        """Bring every transaction up to the present instant, which is returned."""
        now = self.clock.now()
        with self.lock:
            self.workflow.settle(now)
            if self.postman:
                self.postman.flush()
        return now

    def send_letter(
        self,
        act: Transaction,
        letter: Letter,
        at: datetime,
        documents: Sequence[bytes] | None = None,
    ) -> Transaction:
        """A letter of the préfecture arrives about an act. The lock is held."""
        authority = self.accounts.authority(act.siren)
        received = self._prefecture.write(act, authority, letter, civil_day(at), documents)
        self.workflow.receive(received, at)
        if act.envelope.direct:
            self._mail(_mailed(act, received, at))
        return received

    def _mail(self, retour: Retour) -> None:
        if self.postman:
            self.postman.put(retour)

    def identify(self, request: Request) -> Account:
        """The caller's account. Raises IdentificationError, RefusedError."""
        identification = Identification(
            self.accounts, self.nonces, self.sessions, self.switches, self.settings.version
        )
        return identification.of(request, self.clock.now())

    def allow(self, request: Request, *permissions: Permission) -> Account:
        """The caller's account, when it has one of these permissions. Raises as `identify`."""
        account = self.identify(request)
        if account.permission not in permissions:
            raise RefusedError("Accès refusé")
        return account


ANY_PERMISSION = tuple(p for p in Permission if p is not Permission.NONE)


def _mailed(act: Transaction, letter: Transaction, at: datetime) -> Retour:
    archive = letter.envelope.archive
    files = [
        (file.name, b"".join(member_chunks(archive, file.name)) if archive else b"")
        for file in letter.files
    ]
    (name, xml), *documents = files
    return Retour(act.envelope, name, xml, at, letter, letter.message.code, tuple(documents))


def intval(text: str) -> int:
    """PHP's integer of a text: its leading digits, 0 when there are none."""
    found = _INTEGER.match(text)
    return int(found[0]) if found else 0


def _delays(settings: Settings) -> Delays:
    answer = settings.ar_delay
    if settings.calm:
        return Delays(0.0, 0.0, 0.0 if answer is None else answer)
    return Delays(_CHECK_SECONDS, _SENDING_SECONDS, _ANSWER_SECONDS if answer is None else answer)
