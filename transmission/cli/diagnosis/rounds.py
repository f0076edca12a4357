"""Every check in order, all problems at once: what could not be looked at is told too."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import ArgumentError

from transmission.bootstrap import Addresses, NotRunningError, addresses, provider_of, wire
from transmission.cli.diagnosis.audit import audit
from transmission.cli.diagnosis.certificates import certificates, own_seal
from transmission.cli.diagnosis.documents import (
    folder_of_database,
    folder_of_documents,
    store_of_documents,
    temporary_folder,
)
from transmission.cli.diagnosis.engines import broker, clock, database, quick_engine
from transmission.cli.diagnosis.findings import Finding, Subject, fine, guarded, warning, wrong
from transmission.cli.diagnosis.journal import journal, role
from transmission.cli.diagnosis.login import login
from transmission.cli.diagnosis.mails import mails as told_by_mail
from transmission.cli.diagnosis.notices import RECENT, notices
from transmission.cli.diagnosis.people import people
from transmission.cli.diagnosis.tdts import tdts
from transmission.cli.diagnosis.time_stamps import time_stamps
from transmission.cli.diagnosis.tokens import tokens
from transmission.cli.diagnosis.webhooks import PATIENCE, webhooks
from transmission.cli.diagnosis.work import scheduler_at_work, waiting, workers_at_work
from transmission.clock import Clock
from transmission.services.tell_people import listeners
from transmission.settings import Settings, SettingsError, load_settings
from transmission.signature.own_seal import OwnSeal
from transmission.store.anchor_folder import DiskAnchorFolder
from transmission.store.queries import read_health
from transmission.store.queries.notices import failed_notices
from transmission.store.queries.time_stamps import latest_odd
from transmission.store.queries.webhooks import has_webhooks, troubled_webhooks
from transmission.store.roles import standing
from transmission.store.unit_of_work import Register
from transmission.tdt.registry import ConnectorRegistry, Timeouts

_TIMEOUTS = Timeouts(connect=5, read=15)


def examined(overrides: dict[str, Any], now: Clock) -> Iterator[Finding]:
    """Findings on the installation that the environment and ``overrides`` name."""
    try:
        settings = load_settings(**overrides)
    except SettingsError as error:
        yield wrong(Subject.SETTINGS, str(error))
        return
    try:
        told = addresses(settings)
    except (SettingsError, NotRunningError) as error:
        yield wrong(Subject.SETTINGS, str(error))
        yield from guarded(Subject.DOCUMENTS, lambda: _documents(settings, None, now))
        return
    yield fine(Subject.SETTINGS, "Ils sont valides.")
    yield from guarded(Subject.BROKER, lambda: broker(settings))
    yield from guarded(Subject.DOCUMENTS, lambda: _documents(settings, told, now))
    yield from guarded(Subject.DOCUMENTS, temporary_folder)
    yield from guarded(Subject.LOGIN, lambda: login(provider_of(settings), now.now()))
    yield from guarded(Subject.DATABASE, lambda: _registered(settings, told, now))


def _documents(settings: Settings, told: Addresses | None, now: Clock) -> Iterator[Finding]:
    if settings.documents == "disk":
        yield from folder_of_documents(settings.documents_folder())
    elif settings.documents == "database":
        yield fine(Subject.DOCUMENTS, "Ils sont dans la base de données.")
    elif told is not None:
        with quick_engine(told.database_url) as engine:
            yield from store_of_documents(wire(settings, engine, now).documents)


def _registered(settings: Settings, told: Addresses, now: Clock) -> Iterator[Finding]:
    try:
        with quick_engine(told.database_url) as engine:
            known = database(engine)
            yield from known.findings
            if known.usable:
                if settings.database() is None:
                    yield from guarded(Subject.DATABASE, lambda: _embedded_room(settings))
                yield from _in_the_register(settings, engine, now)
                return
    except ArgumentError:
        yield wrong(
            Subject.DATABASE,
            "TRANSMISSION_DATABASE_URL n'est pas l'adresse d'une base de données. Elle a la forme "
            "postgresql+psycopg://compte:secret@machine:5432/base.",
        )
    yield warning(
        Subject.WAITING,
        "Sans la base de données, ni l'horloge, ni les certificats, ni les TdT, ni le travail fait "
        "n'ont pu être vérifiés : relancez « transmission doctor » quand elle répondra.",
    )


def _embedded_room(settings: Settings) -> Iterator[Finding]:
    from transmission.embedded.postgres_cluster import locate

    yield from folder_of_database(locate((settings.home / "postgres").resolve()).directory)


def _in_the_register(settings: Settings, engine: Engine, now: Clock) -> Iterator[Finding]:
    with Register(engine)() as unit:
        known = unit.authorities()
        held = [(row.collectivite, unit.tokens(row.id)) for row in known]
        accounts = unit.accounts()
        listening = listeners(unit)
    authorities = [row.collectivite for row in known]
    with engine.connect() as connection:
        health = read_health(connection)
        failed = failed_notices(connection, now.now() - RECENT)
        odd = latest_odd(connection)
        subscribed = has_webhooks(connection)
        troubled = troubled_webhooks(connection, now.now() - PATIENCE)
        held_role = standing(connection)
    registry, at, period = ConnectorRegistry(_TIMEOUTS), now.now(), settings.sweep_period
    mails = settings.smtp_host is not None
    yield from guarded(Subject.DATABASE, lambda: role(held_role))
    yield from guarded(Subject.CLOCK, lambda: clock(engine, now))
    yield from guarded(Subject.CERTIFICATES, lambda: certificates(authorities, at))
    seal = OwnSeal(settings.home / "seal", settings.seal_key).known()
    yield from guarded(Subject.CERTIFICATES, lambda: own_seal(seal, at))
    yield from guarded(
        Subject.TIME_STAMPS,
        lambda: time_stamps(settings.tsa_urls, settings.tsa_roots_file, health.unstamped, odd, at),
    )
    yield from guarded(Subject.TDT, lambda: tdts(authorities, registry, now))
    yield from guarded(Subject.SCHEDULER, lambda: scheduler_at_work(health, period, at))
    yield from guarded(Subject.WORKERS, lambda: workers_at_work(health, at))
    yield from guarded(Subject.WAITING, lambda: waiting(health, at))
    yield from guarded(Subject.NOTICES, lambda: notices(authorities, failed, mails=mails))
    yield from guarded(Subject.NOTICES, lambda: told_by_mail(listening, server=mails))
    yield from guarded(Subject.TOKENS, lambda: tokens(held, at))
    yield from guarded(Subject.PEOPLE, lambda: people(accounts))
    yield from guarded(Subject.JOURNAL, lambda: _journal(settings, engine, now))
    yield from guarded(Subject.AUDIT, lambda: audit(health, settings.audit_days, at))
    if subscribed:
        key_file = settings.secrets_key()
        yield from guarded(Subject.WEBHOOKS, lambda: webhooks(troubled, key_file))


def _journal(settings: Settings, engine: Engine, now: Clock) -> Iterator[Finding]:
    with Register(engine)() as unit:
        yield from journal(unit, DiskAnchorFolder(settings.anchors_folder()), now.now())
