"""Check each act that the clock has just read, and keep what is found; what people say of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

from transmission.domain.delays import UsualDelay
from transmission.domain.errors import ConflictError
from transmission.domain.legal.cases import LegalCase
from transmission.domain.legal.check import DEFAULTS
from transmission.domain.legal.checked import CheckedActe, Sending
from transmission.domain.legal.checks import ACTE_CHECKS, check_acte
from transmission.domain.legal.checks_fichier import (
    PublicLook,
    fichier_public_absent,
    fichier_public_change,
)
from transmission.domain.legal.checks_service import (
    RECALCUL_DIFFERENT,
    Recomputed,
    recalcul_different,
)
from transmission.domain.legal.echeances_controles import next_check
from transmission.domain.legal.findings import Finding
from transmission.domain.legal.horloge import next_change
from transmission.domain.legal.mise_en_ligne import absences_of, last_looks
from transmission.domain.legal.reading import Reading
from transmission.domain.transmission import Author
from transmission.ports import UnitOfWork
from transmission.ports.findings import Examined, KeptFinding, Surroundings
from transmission.services.assessed import Assessed
from transmission.services.decisions import require_reason
from transmission.services.toolbox import Toolbox

USUAL_FROM = 50
"""Acts of a TdT under which nothing is said of its usual delay."""

SEEN = "Une personne en a pris acte."
"""Why an alert about a single moment closes."""

_STATE_ZONE = ZoneInfo("Europe/Paris")


def check_readings(
    unit: UnitOfWork, assessed: Sequence[Assessed], now: datetime
) -> Mapping[int, Exception]:
    """Check acts that were just read, and keep what is found; by act, the faults met.

    Nothing changes of an act whose checks fail. ``now`` is aware UTC.
    """
    if not assessed:
        return {}
    round_ = _Round(unit, assessed, now)
    faults: dict[int, Exception] = {}
    found: dict[int, tuple[Finding, ...]] = {}
    for each in assessed:
        try:
            found[each.case.acte_id] = tuple(round_.check(each))
        except Exception as fault:  # noqa: BLE001 - one act must not keep the others from their checks
            faults[each.case.acte_id] = fault
    unit.save_findings(
        assessed[0].case.collectivite_id,
        Examined(ACTE_CHECKS, frozenset(found)),
        tuple(chain.from_iterable(found.values())),
        now,
    )
    return faults


def next_day(case: LegalCase, reading: Reading) -> date | None:
    """The first civil day after that of a reading on which time alone changes what is read or found
    of the act, None when nothing more is to come."""
    days = (next_change(reading), next_check(reading, case.declaration.date_execution))
    return min((day for day in days if day is not None), default=None)


def recheck_silent(tools: Toolbox) -> int:
    """Have the acts without an AR checked again as their hours pass; how many were marked."""
    before = tools.clock.now() - timedelta(hours=DEFAULTS.accuse_hours)
    with tools.register() as unit:
        marked = unit.mark_silent(before)
        unit.commit()
    return marked


def acknowledge(tools: Toolbox, finding_id: int, author: Author) -> KeptFinding:
    """Write that a person saw an open alert, and why it may stay: it is kept with it for ever.

    The alert stays open until its cause is gone; one about a single moment, which has no cause
    that could go, closes. Raises RefusedError without a reason, NotFoundError, ConflictError.
    """
    require_reason(author)
    with tools.register() as unit:
        found = unit.finding(finding_id)
        _require_open(found)
        closing = SEEN if found.check == RECALCUL_DIFFERENT.code else None
        unit.acknowledge_finding(finding_id, author, tools.clock.now(), closing=closing)
        seen = unit.finding(finding_id)
        unit.commit()
    return seen


def _require_open(found: KeptFinding) -> None:
    if found.closed_at is not None:
        raise ConflictError(
            f"L'alerte n° {found.id} est fermée ({found.closed_reason}) : rien n'est à faire."
        )
    if found.acknowledged_at is not None:
        raise ConflictError(
            f"{found.acknowledged_by} a déjà pris acte de l'alerte n° {found.id} ; rien n'a changé."
        )


@dataclass(frozen=True, slots=True)
class _Around:
    """An act that was read, and what is around it."""

    assessed: Assessed
    around: Surroundings
    now: datetime

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.assessed.case.time_zone)


class _Round:
    """The checks of one batch."""

    def __init__(self, unit: UnitOfWork, assessed: Sequence[Assessed], now: datetime) -> None:
        self._unit = unit
        self._now = now
        self._around = unit.surroundings([each.case.acte_id for each in assessed])
        self._usual: Mapping[str, UsualDelay] | None = None

    def check(self, assessed: Assessed) -> Iterator[Finding]:
        """All that is found of one act."""
        about = _Around(assessed, self._around[assessed.case.acte_id], self._now)
        sendings = tuple(map(self._with_usual, about.around.sendings))
        yield from check_acte(_checked(about, sendings))
        look = _look(about)
        if look is not None:
            yield from fichier_public_change(look, DEFAULTS)
            yield from fichier_public_absent(look, assessed.reading.today, DEFAULTS)
        for moved in _recomputed(about):
            yield from recalcul_different(moved, DEFAULTS)

    def _with_usual(self, sending: Sending) -> Sending:
        if not sending.awaits:
            return sending
        if self._usual is None:
            self._usual = self._unit.usual_delays()
        usual = self._usual.get(sending.tdt)
        known = usual is not None and usual.acts >= USUAL_FROM
        return replace(sending, usual_delay=usual.p99 if usual and known else None)


def _checked(about: _Around, sendings: tuple[Sending, ...]) -> CheckedActe:
    case = about.assessed.case
    return CheckedActe(
        acte_id=case.acte_id,
        collectivite_id=case.collectivite_id,
        numero=case.numero,
        reading=about.assessed.reading,
        now=about.now,
        zone=about.zone,
        state_zone=_STATE_ZONE,
        sendings=sendings,
        letters=about.around.letters,
        date_execution=case.declaration.date_execution,
        absences=absences_of(about.around.publications, about.zone),
    )


def _look(about: _Around) -> PublicLook | None:
    """What the last looks at the public address saw amiss, None when all is well."""
    looks = last_looks(about.around.publications)
    if not looks:
        return None
    case, current, last = about.assessed.case, about.around.publications[-1], looks[-1]
    return PublicLook(
        acte_id=case.acte_id,
        collectivite_id=case.collectivite_id,
        numero=case.numero,
        date_mise_en_ligne=current.date_mise_en_ligne,
        address=current.address or "Registre public du service",
        expected_sha256=current.sha256,
        found_sha256=None if last.is_miss else last.sha256,
        since_at=looks[0].at,
        looks=len(looks),
        zone=about.zone,
        detail=last.detail or last.verdict.label,
    )


def _recomputed(about: _Around) -> Iterator[Recomputed]:
    case, read_at = about.assessed.case, about.assessed.read_at
    for moved in about.assessed.moved:
        yield Recomputed(
            acte_id=case.acte_id,
            collectivite_id=case.collectivite_id,
            numero=case.numero,
            name=moved.name,
            rule=moved.rule,
            stored=moved.old,
            computed=moved.new,
            read_at=read_at or about.now,
            zone=about.zone,
        )
