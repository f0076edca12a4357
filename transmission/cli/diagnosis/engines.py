"""Database, clock and broker: do they answer, and are they what the service needs?"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from transmission.cli.diagnosis.findings import Finding, Subject, fine, warning, wrong
from transmission.clock import Clock
from transmission.console.words import size
from transmission.settings import Settings
from transmission.store.migrations import is_behind
from workers.broker import BrokerAddressError, BrokerAwayError, BrokerFacts, broker_facts

_QUICK = {"connect_timeout": 5, "options": "-c statement_timeout=15000"}
_DRIFT = timedelta(seconds=2)
_FULL = 0.8
_FACTS = text(
    "SELECT current_setting('server_version') AS version,"
    " current_setting('transaction_read_only') = 'on' AS read_only,"
    " pg_database_size(current_database()) AS size"
)


@dataclass(frozen=True, slots=True)
class Known:
    """What became known of the database; ``usable`` when the other checks may read it."""

    findings: tuple[Finding, ...]
    usable: bool


@contextmanager
def quick_engine(url: str) -> Iterator[Engine]:
    """Connections that never wait long. Raises sqlalchemy.exc.ArgumentError."""
    engine = create_engine(url, connect_args=_QUICK, poolclass=NullPool)
    try:
        yield engine
    finally:
        engine.dispose()


def database(engine: Engine) -> Known:
    """Whether the register answers, takes writings, and holds what this program needs."""
    try:
        with engine.connect() as connection:
            behind, facts = is_behind(connection), connection.execute(_FACTS).one()
    except SQLAlchemyError as error:
        return Known((wrong(Subject.DATABASE, _away(error)),), usable=False)
    if behind:
        said = (
            "Elle n'est pas à la version du programme : sauvegardez-la, puis lancez "
            "« transmission migrate »."
        )
        return Known((wrong(Subject.DATABASE, said),), usable=False)
    if facts.read_only:
        said = (
            "Elle ne prend que des lectures : donnez dans TRANSMISSION_DATABASE_URL l'adresse du "
            "serveur principal, et non d'une copie."
        )
        return Known((wrong(Subject.DATABASE, said),), usable=True)
    said = f"PostgreSQL {facts.version.split()[0]} répond et est à jour ({size(facts.size)})."
    return Known((fine(Subject.DATABASE, said),), usable=True)


def clock(engine: Engine, ours: Clock) -> Iterator[Finding]:
    """Whether this machine and the database's agree on the time."""
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        before = ours.now()
        theirs: Any = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        after = ours.now()
    drift = theirs - (before + (after - before) / 2)
    if abs(drift) <= _DRIFT:
        yield fine(Subject.CLOCK, "Cette machine et celle de la base de données sont à l'heure.")
        return
    seconds = abs(drift.total_seconds())
    side = "retarde" if drift > timedelta() else "avance"
    yield wrong(
        Subject.CLOCK,
        f"L'horloge de cette machine {side} de {seconds:.0f} s sur celle de la base de données : "
        "réglez-les par le réseau (NTP), car les attentes et les signatures en dépendent.",
    )


def broker(settings: Settings) -> Iterator[Finding]:
    """Whether the broker answers, keeps what it is given, and has room."""
    try:
        facts = broker_facts(settings)
    except BrokerAddressError:
        yield wrong(
            Subject.BROKER,
            "TRANSMISSION_BROKER_URL n'est pas l'adresse d'un Redis. Elle a la forme "
            "redis://:secret@machine:6379/0.",
        )
    except BrokerAwayError as error:
        yield wrong(
            Subject.BROKER,
            "Il ne répond pas : démarrez-le, ou corrigez TRANSMISSION_BROKER_URL. Aucun acte n'est "
            f"perdu, mais rien ne part. Détail : {error}",
        )
    else:
        yield from _judged(facts)


def _judged(facts: BrokerFacts | None) -> Iterator[Finding]:
    if facts is None:
        yield warning(Subject.BROKER, "Ce n'est pas un Redis : rien n'en a été vérifié.")
        return
    found = list(_faults(facts))
    if not found:
        yield fine(Subject.BROKER, f"{facts.name} répond et garde ce qu'on lui confie.")
    yield from found


def _faults(facts: BrokerFacts) -> Iterator[Finding]:
    if facts.eviction != "noeviction":
        yield wrong(
            Subject.BROKER,
            f"Sa mémoire pleine, il jetterait des messages (maxmemory-policy {facts.eviction}) : "
            "réglez maxmemory-policy noeviction.",
        )
    if not facts.appends:
        yield warning(
            Subject.BROKER,
            "Arrêté, il oublie ses messages, ce qui coûte environ une minute à chaque fois : "
            "réglez appendonly yes.",
        )
    if not facts.written:
        yield wrong(
            Subject.BROKER,
            "Il n'a pas pu écrire son fichier (appendonly) : vérifiez la place et les droits sur "
            "son disque.",
        )
    if facts.limit and facts.used > _FULL * facts.limit:
        yield wrong(
            Subject.BROKER,
            f"Sa mémoire est presque pleine ({size(facts.used)} sur {size(facts.limit)}) : "
            "vérifiez que les exécutants travaillent, puis augmentez maxmemory.",
        )


def _away(error: SQLAlchemyError) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    detail = str(cause).strip().splitlines()
    return (
        "Elle ne répond pas : démarrez-la, ou corrigez TRANSMISSION_DATABASE_URL. Aucun acte n'est "
        f"perdu, mais rien n'avance. Détail : {detail[0] if detail else type(cause).__name__}"
    )
