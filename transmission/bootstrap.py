"""The composition root: settings in, wired services out. Only here do ports meet adapters."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Engine, event

from transmission import killpoints, logs
from transmission.audit.review import StoreAuditor
from transmission.clock import Clock, SystemClock
from transmission.domain.accounts import Stay
from transmission.domain.errors import TransmissionError
from transmission.outbound.clamd import Clamd
from transmission.outbound.fetch import HttpFetcher
from transmission.outbound.http import Timeouts as LookTimeouts
from transmission.outbound.webhook import HttpWebhookSender
from transmission.pdf.certifier import PdfCertifier
from transmission.pdf.summariser import PdfSummariser
from transmission.ports import SMALL, DocumentStore
from transmission.ports.oidc import IdentityProvider
from transmission.ports.outbound import Mailer
from transmission.ports.proof import ProofChecker
from transmission.ports.time_stamps import TimeStamper
from transmission.sandbox.adapters import (
    ApartBudgets,
    ApartInspector,
    ApartSignatures,
    ApartStamper,
    ApartTexts,
)
from transmission.services.toolbox import Delays, Toolbox
from transmission.settings import Settings, SettingsError
from transmission.signature.asice import AsiceBinder
from transmission.signature.held import CertificateFiles
from transmission.signature.own_seal import OwnSeal
from transmission.signature.pades import RestingTimeStamper
from transmission.signature.signers import SignerCache
from transmission.store.anchor_folder import DiskAnchorFolder
from transmission.store.documents import DiskDocumentStore
from transmission.store.documents_database import DatabaseDocumentStore, open_documents_engine
from transmission.store.documents_small import LayeredDocumentStore
from transmission.store.sealing import KeyFileSealer
from transmission.store.unit_of_work import Register, open_engine
from transmission.tdt.registry import ConnectorRegistry, Timeouts

RUNNING = "running.json"
"""File of ``home`` where a running installation tells its addresses to other commands."""

# Five redirects and a file, within half the time of a task.
_LOOK = LookTimeouts(body=120)


class NotRunningError(TransmissionError):
    """No database is configured and the embedded one is not running."""


@dataclass(frozen=True, slots=True)
class Container:
    """Everything a process needs, wired once."""

    settings: Settings
    engine: Engine
    tools: Toolbox


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the engines of an installation are; ``owner_url`` is that of the tables' owner."""

    database_url: str
    broker_url: str
    console_url: str | None = None
    registre_url: str | None = None
    owner_url: str | None = None


def addresses(settings: Settings) -> Addresses:
    """Addresses from the settings, else those told by the running embedded installation.

    Raises NotRunningError, SettingsError.
    """
    database, broker, owner = settings.database(), settings.broker(), settings.database_owner()
    if database and broker:
        return Addresses(database, broker, owner_url=owner)
    told = _told(settings.home / RUNNING)
    if told is None:
        raise NotRunningError(
            f"Le service n'est pas démarré (dossier {settings.home}). Lancez-le avec "
            "« transmission up » ou « make demo », ou donnez TRANSMISSION_DATABASE_URL et "
            "TRANSMISSION_BROKER_URL."
        )
    return replace(
        told,
        database_url=database or told.database_url,
        broker_url=broker or told.broker_url,
        # A database that the settings name is not the one whose owner was told.
        owner_url=owner if database else told.owner_url,
    )


@contextmanager
def container(settings: Settings, clock: Clock | None = None) -> Iterator[Container]:
    """A wired container, its connections closed at the end; this process's logs are settled.

    Raises as :func:`addresses`.
    """
    logs.configure()
    if settings.kill_at:
        killpoints.arm(settings.kill_at)
    engine = open_engine(addresses(settings).database_url)
    try:
        yield Container(settings, engine, wire(settings, engine, clock or SystemClock()))
    finally:
        engine.dispose()


def wire(settings: Settings, engine: Engine, clock: Clock) -> Toolbox:
    """The toolbox of the services over an engine."""
    return Toolbox(
        register=Register(engine),
        documents=_documents(settings, engine, clock),
        inspector=ApartInspector(),
        stamper=ApartStamper(),
        texts=ApartTexts(),
        budgets=ApartBudgets(),
        certifier=PdfCertifier(),
        binder=AsiceBinder(),
        summariser=PdfSummariser(),
        signers=SignerCache(OwnSeal(settings.home / "seal", settings.seal_key)),
        certificates=CertificateFiles(),
        signatures=ApartSignatures(settings.signature_roots_file),
        tdts=ConnectorRegistry(Timeouts(settings.connect_timeout, settings.read_timeout)),
        clock=clock,
        delays=Delays(
            submission_max=settings.submission_max,
            settle=settings.settle_delay,
            retry=settings.retry_delays,
            poll=settings.poll_delays,
            lost_bell=settings.lost_bell_delay,
        ),
        webhooks=HttpWebhookSender(public_only=settings.webhook_reach == "public"),
        sealer=_sealer(settings),
        fetcher=HttpFetcher(timeouts=_LOOK),
        own_fetcher=HttpFetcher(allow_private=True, timeouts=_LOOK),
        anchors=DiskAnchorFolder(settings.anchors_folder()),
        mailer=_mailer(settings),
        scanner=Clamd(settings.antivirus) if settings.antivirus else None,
        console_url=settings.console_url and settings.console_url.rstrip("/"),
        registre_url=settings.register_public_url and settings.register_public_url.rstrip("/"),
        stay=Stay(
            timedelta(seconds=settings.session_idle), timedelta(seconds=settings.session_longest)
        ),
        provider=provider_of(settings),
        auditor=_auditor(settings, engine, clock),
        audit_days=settings.audit_days,
        stamps_late=timedelta(seconds=settings.tsa_late),
        time_stamper=(time_stamper := time_stamper_of(settings)),
        seal_stamper=time_stamper and RestingTimeStamper(time_stamper, clock),
    )


def proof_checker(roots_file: Path | None) -> ProofChecker:
    """What checks evidence with the roots of a PEM file; without any, trust is never known.

    Needs no settings and no database. Raises UnsoundError when the file cannot be read.
    """
    # Here, for those who check: commands that do not must not pay for it.
    from transmission.signature.checker import EvidenceChecker
    from transmission.signature.time_stamp import read_roots

    return EvidenceChecker(() if roots_file is None else read_roots(roots_file))


def _auditor(settings: Settings, engine: Engine, clock: Clock) -> StoreAuditor:
    # Whoever sealed or stamped is judged elsewhere: what matters here is that nothing changed.
    return StoreAuditor(
        engine,
        _documents(settings, engine, clock),
        DiskAnchorFolder(settings.anchors_folder()),
        partial(proof_checker, None),
    )


def _sealer(settings: Settings) -> KeyFileSealer:
    # Several machines share one file, which whoever installs them makes.
    alone = settings.secrets_key_file is None and (settings.home / RUNNING).exists()
    return KeyFileSealer(settings.secrets_key(), make=alone)


def _mailer(settings: Settings) -> Mailer | None:
    if settings.smtp_host is None or settings.smtp_from is None:
        return None
    # Here, for those who have a mail server.
    from transmission.outbound.mail import MailServer, Security, SmtpMailer

    return SmtpMailer(
        MailServer(
            host=settings.smtp_host,
            port=settings.smtp_port,
            security=Security(settings.smtp_security),
            sender=settings.smtp_from,
            user=settings.smtp_user,
            password_file=settings.smtp_password_file,
            ca_file=settings.smtp_ca_file,
        )
    )


def time_stamper_of(settings: Settings) -> TimeStamper | None:
    """The authorities of time that the settings name, None when they name none."""
    if not settings.tsa_urls or settings.tsa_roots_file is None:
        return None
    # Here, for those who have one.
    from transmission.outbound.tsa import HttpTimeStamper, TsaAccess
    from transmission.signature.time_stamp import TimeStampFormat

    access = TsaAccess(
        addresses=settings.tsa_urls,
        user=settings.tsa_user,
        password_file=settings.tsa_password_file,
        ca_file=settings.tsa_ca_file,
    )
    form = TimeStampFormat(settings.tsa_roots_file, settings.tsa_policy)
    return HttpTimeStamper(access, form, secrets.token_bytes)


def provider_of(settings: Settings) -> IdentityProvider | None:
    """The provider by which people log in, None when the settings name none."""
    issuer, client_id = settings.oidc_issuer, settings.oidc_client_id
    if issuer is None or client_id is None or settings.oidc_client_secret_file is None:
        return None
    # Here, for those who have a provider.
    from transmission.outbound.oidc import Client, OidcProvider

    client = Client(
        issuer=issuer,
        client_id=client_id,
        secret_file=settings.oidc_client_secret_file,
        name=settings.oidc_name,
        scopes=settings.oidc_scopes,
        login_claim=settings.oidc_login_claim,
        acr_values=settings.oidc_acr_values,
        ca_file=settings.oidc_ca_file,
    )
    return OidcProvider(client, secrets.token_bytes)


def _documents(settings: Settings, engine: Engine, clock: Clock) -> DocumentStore:
    own = open_documents_engine(engine.url)
    # Whoever closes the register closes its documents: they are one database.
    event.listen(engine, "engine_disposed", lambda _engine: own.dispose())
    register = DatabaseDocumentStore(own)
    match settings.documents:
        case "database":
            return register
        case "disk":
            place: DocumentStore = _documents_on_disk(settings, clock)
        case "s3":
            place = _documents_in_s3(settings)
    return LayeredDocumentStore(register, place, SMALL)


def _documents_on_disk(settings: Settings, clock: Clock) -> DiskDocumentStore:
    store = DiskDocumentStore(settings.documents_folder())
    # No deposit lasts that long: a process that was killed left them.
    store.forget_abandoned(clock.now() - timedelta(days=1))
    return store


def _documents_in_s3(settings: Settings) -> DocumentStore:
    if settings.s3_bucket is None:
        raise SettingsError("TRANSMISSION_DOCUMENTS vaut s3 : donnez TRANSMISSION_S3_BUCKET.")
    try:
        # Imported for those who use it: it is large, and not always installed.
        from transmission.store.documents_s3 import Bucket, S3DocumentStore
    except ModuleNotFoundError as error:
        raise SettingsError(
            "TRANSMISSION_DOCUMENTS vaut s3, et le module boto3 manque : installez-le avec "
            "« pip install 'transmission[s3]' »."
        ) from error
    bucket = Bucket(
        settings.s3_bucket,
        settings.s3_prefix or "",
        settings.s3_endpoint,
        settings.s3_region,
        settings.s3_access_key,
        settings.s3_secret(),
        settings.s3_ca_file,
    )
    return S3DocumentStore(bucket)


def tell(home: Path, told: Addresses) -> None:
    """Write the addresses of a running installation, readable by its owner alone."""
    path = home / RUNNING
    aside = path.with_suffix(".new")
    aside.touch(mode=0o600)
    aside.write_text(json.dumps(asdict(told)), encoding="utf-8")
    aside.replace(path)


def _told(path: Path) -> Addresses | None:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return Addresses(**content)
