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
    UnitOfWorkFactory,
)
from transmission.ports.certificat import Certifier
from transmission.ports.held_certificates import CertificateSource
from transmission.ports.oidc import IdentityProvider
from transmission.ports.outbound import Mailer, PublicFetcher, WebhookSender
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

    ``mailer`` is None without a mail server, ``provider`` without one of OpenID Connect;
    ``console_url`` and ``registre_url`` (without their last ``/``) when nobody said under which
    address people reach the console and the public register. ``fetcher`` reaches public machines
    alone, ``own_fetcher`` our register too.
    """

    register: UnitOfWorkFactory
    documents: DocumentStore
    inspector: DocumentInspector
    stamper: Stamper
    certifier: Certifier
    signers: SignerSource
    certificates: CertificateSource
    tdts: TdtRegistry
    clock: Clock
    delays: Delays
    webhooks: WebhookSender
    sealer: Sealer
    fetcher: PublicFetcher
    own_fetcher: PublicFetcher
    mailer: Mailer | None = None
    console_url: str | None = None
    registre_url: str | None = None
    stay: Stay = USUAL_STAY
    provider: IdentityProvider | None = None

    def answer(self, task: str, authority_id: int) -> None:
        """Say, before looking at its rows, that the bell of a lane is being answered.

        Committed at once: a bell left out until now is for rows that are seen after it.
        """
        with self.register() as unit:
            unit.answer(task, authority_id)
            unit.commit()


def _nth(delays: tuple[float, ...], rank: int) -> float:
    return delays[min(rank, len(delays) - 1)]
