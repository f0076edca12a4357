"""What every use case is given: the ports, the clock and the delays, by name."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from transmission.clock import Clock
from transmission.domain.accounts import USUAL_STAY, Stay
from transmission.ports import (
    DocumentInspector,
    DocumentStore,
    SignerSource,
    Stamper,
    TdtRegistry,
    TextReader,
    UnitOfWorkFactory,
)
from transmission.ports.audits import Auditor
from transmission.ports.certificat import Certifier
from transmission.ports.chain import AnchorFolder
from transmission.ports.dossiers import Binder, Summariser
from transmission.ports.files import BudgetReader
from transmission.ports.held_certificates import CertificateSource
from transmission.ports.oidc import IdentityProvider
from transmission.ports.outbound import Mailer, PublicFetcher, WebhookSender
from transmission.ports.scans import Scanner
from transmission.ports.signed_pdf import PdfSignatureReader
from transmission.ports.time_stamps import TimeStamper
from transmission.ports.webhooks import Sealer


@dataclass(frozen=True, slots=True)
class Delays:
    """Waits, in seconds; the last of a series repeats."""

    submission_max: float
    settle: float
    retry: tuple[float, ...]
    poll: tuple[float, ...]
    lost_bell: float

    def retry_at(self, now: datetime, failures: int) -> datetime:
        """When to try again after that many failures in a row."""
        return now + timedelta(seconds=_nth(self.retry, failures))

    def poll_at(self, now: datetime, polls: int) -> datetime:
        """When to look again after that many looks."""
        return now + timedelta(seconds=_nth(self.poll, polls))

    def bell_at(self, now: datetime) -> datetime:
        """When a bell rung now is held to be lost."""
        return now + timedelta(seconds=self.lost_bell)


@dataclass(frozen=True, slots=True)
class Toolbox:
    """The ports as the composition root wired them.

    ``auditor`` rereads everything by itself once in ``audit_days`` days, 0 being never.
    ``mailer`` is None without a mail server, ``provider`` without one of OpenID Connect,
    ``time_stamper`` and ``seal_stamper`` (which stamps seals of PDFs) without an authority of time,
    ``scanner`` without an antivirus;
    ``console_url`` and ``registre_url`` (without their last ``/``) when nobody said under which
    address people reach the console and the public register. ``fetcher`` reaches public machines
    alone, ``own_fetcher`` our register too.
    """

    register: UnitOfWorkFactory
    documents: DocumentStore
    inspector: DocumentInspector
    stamper: Stamper
    texts: TextReader
    budgets: BudgetReader
    certifier: Certifier
    binder: Binder
    summariser: Summariser
    signers: SignerSource
    certificates: CertificateSource
    signatures: PdfSignatureReader
    tdts: TdtRegistry
    clock: Clock
    delays: Delays
    webhooks: WebhookSender
    sealer: Sealer
    fetcher: PublicFetcher
    own_fetcher: PublicFetcher
    anchors: AnchorFolder
    mailer: Mailer | None = None
    console_url: str | None = None
    registre_url: str | None = None
    stay: Stay = USUAL_STAY
    provider: IdentityProvider | None = None
    time_stamper: TimeStamper | None = None
    scanner: Scanner | None = None
    auditor: Auditor | None = None
    audit_days: int = 0
    stamps_late: timedelta = timedelta(days=1)
    seal_stamper: TimeStamper | None = None

    def answer(self, task: str, authority_id: int) -> None:
        """Say, before looking at its rows, that the bell of a lane is being answered.

        Committed at once: a bell left out until now is for rows that are seen after it.
        """
        with self.register() as unit:
            unit.answer(task, authority_id)
            unit.commit()


def _nth(delays: tuple[float, ...], rank: int) -> float:
    return delays[min(rank, len(delays) - 1)]
