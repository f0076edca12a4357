"""An act of an invented authority, read by the clock, as the compliance checks see it."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from transmission.domain.acte import Matiere
from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.checked import Accuse, CheckedActe, Sending
from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.horloge import read
from transmission.domain.legal.settings import PRUDENT, LegalSettings
from transmission.domain.legal.sujets import (
    ActeKind,
    AuthorityKind,
    LegalActe,
    LegalAuthority,
    PublicityMode,
)

PARIS = ZoneInfo("Europe/Paris")
DECIDED, RECEIVED, TODAY = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 5)
SENT_AT = datetime(2026, 3, 2, 16, 30, tzinfo=UTC)
ID_ACTE = "042-123456782-20260302-2026_001-DE"
COMMUNE = LegalAuthority(AuthorityKind.COMMUNE, population=12_000, departement="042")
REGULATION = LegalActe(
    NatureActe.DELIBERATION, Matiere((7, 5)), DECIDED, stated_kind=ActeKind.REGLEMENTAIRE
)
INDIVIDUAL = LegalActe(NatureActe.INDIVIDUEL, Matiere((2, 1)), DECIDED, date_signature=DECIDED)
CONTRACT = LegalActe(NatureActe.CONTRAT, Matiere((1, 2)), DECIDED, date_signature=DECIDED)


def at(kind: EventKind, day: date, sent: date | None = None, **given: Any) -> LegalEvent:
    """An event of a day, dispatched that day unless said otherwise."""
    return LegalEvent(kind, day, sent or day, **given)


def received(day: date = RECEIVED, sent: date | None = None) -> LegalEvent:
    """The receipt of the act."""
    return at(EventKind.ACCUSE_RECEPTION, day, sent)


def online(day: date, mode: PublicityMode = PublicityMode.ELECTRONIQUE) -> LegalEvent:
    """A publication, on line unless said otherwise."""
    return at(EventKind.PUBLICATION, day, mode=mode)


def checked(
    *events: LegalEvent,
    acte: LegalActe = REGULATION,
    owner: LegalAuthority = COMMUNE,
    today: date = TODAY,
    settings: LegalSettings = PRUDENT,
    **given: Any,
) -> CheckedActe:
    """An act read on ``today`` at noon in Paris; ``given`` are other fields of ``CheckedActe``."""
    now = datetime.combine(today, time(12), PARIS).astimezone(UTC)
    fields: dict[str, Any] = {"now": now, "zone": PARIS, "state_zone": PARIS} | given
    return CheckedActe(
        acte_id=12,
        collectivite_id=1,
        numero="2026_001",
        reading=read(acte, owner, events, settings, today),
        **fields,
    )


def accuse(day: date = RECEIVED, **given: Any) -> Accuse:
    """An AR taken in the day that it bears."""
    taken_at = datetime.combine(day, time(9), UTC)
    fields: dict[str, Any] = {"id_acte": ID_ACTE, "sha256": "a" * 64, "taken_at": taken_at} | given
    return Accuse(date_reception=day, **fields)


def sending(*accuses: Accuse, **given: Any) -> Sending:
    """A sending of the evening of the decision."""
    fields: dict[str, Any] = {"id": 7, "sent_at": SENT_AT} | given
    return Sending(id_acte=ID_ACTE, tdt="Fictif", accuses=accuses, **fields)


def days(number: int) -> timedelta:
    """A number of days."""
    return timedelta(days=number)
