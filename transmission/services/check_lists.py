"""Check what many acts say together: lists of sittings, numbers, files, and the certificates."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

from transmission.clock import civil_day
from transmission.domain.collectivite import Collectivite
from transmission.domain.legal.cadence import usual_interval
from transmission.domain.legal.check import DEFAULTS
from transmission.domain.legal.checks import check_numbering
from transmission.domain.legal.checks_fichier import (
    MEME_FICHIER,
    SIGNATURE_INVALIDE,
    meme_fichier,
    signature_invalide,
)
from transmission.domain.legal.checks_seance import ADOPTE_JAMAIS_TRANSMIS, adopte_jamais_transmis
from transmission.domain.legal.checks_serie import CHECKS as SERIES
from transmission.domain.legal.checks_service import (
    CERTIFICAT_EXPIRE,
    HORODATAGE_MANQUANT,
    Certificate,
    Unstamped,
    certificat_expire,
    horodatage_manquant,
)
from transmission.domain.legal.findings import Finding
from transmission.domain.legal.noms import DateName
from transmission.ports import UnitOfWork
from transmission.ports.findings import Examined
from transmission.ports.held_certificates import HeldCertificate, HeldCertificates
from transmission.services.toolbox import Toolbox

TASK = "review"
"""Name of the task that checks an authority."""

LIST_CHECKS = frozenset(
    check.code
    for check in (
        ADOPTE_JAMAIS_TRANSMIS,
        MEME_FICHIER,
        SIGNATURE_INVALIDE,
        CERTIFICAT_EXPIRE,
        HORODATAGE_MANQUANT,
        *SERIES,
    )
)
"""Codes of the checks made here."""

_NUMBERINGS = frozenset(check.code for check in SERIES)

_BY_WIRE = frozenset(
    {DateName.TRANSMISSION, DateName.REFUS_TACITE_PIECES, DateName.REJET_TACITE_LETTRE}
)
"""Limits that nobody meets without a certificate."""

_FORESEEN = timedelta(days=180)
"""Before the end of a certificate, and after: when limits past it are worth looking for."""


def check_lists(tools: Toolbox, authority_id: int) -> int:
    """Make these checks for an authority, and keep what is found; how many findings.

    What was found and is not any more closes: an act sent since, a number that came. Of
    certificates nothing closes while the file of one cannot be read.
    """
    tools.answer(TASK, authority_id)
    now = tools.clock.now()
    with tools.register() as unit:
        unit.hold_review(authority_id)
        owner = unit.authority(authority_id).collectivite
        held = tools.certificates.held_by(owner)
        review = _Review(unit, authority_id, owner, now, now - tools.stamps_late)
        found = tuple(review.findings(held))
        examined = LIST_CHECKS if held.whole else LIST_CHECKS - {CERTIFICAT_EXPIRE.code}
        unit.save_findings(authority_id, Examined(examined), found, now)
        unit.commit()
    return len(found)


@dataclass(frozen=True, slots=True)
class _Review:
    """The checks of one authority, in the transaction that keeps what they find."""

    unit: UnitOfWork
    authority_id: int
    owner: Collectivite
    now: datetime
    stamps_due: datetime

    @property
    def today(self) -> date:
        return civil_day(self.now, self.owner.time_zone)

    def findings(self, held: HeldCertificates) -> Iterator[Finding]:
        """All that is found."""
        listed = self.unit.unsent_listed(self.authority_id)
        yield from adopte_jamais_transmis(listed, self.today, DEFAULTS)
        yield from meme_fichier(self.unit.same_files(self.authority_id), DEFAULTS)
        for signed in self.unit.invalid_signatures(self.authority_id):
            yield from signature_invalide(signed, DEFAULTS)
        for numbering in self.unit.numberings(self.authority_id, self._years(), self.today):
            yield from check_numbering(numbering)
        yield from chain.from_iterable(map(self._of_certificate, held.certificates))
        yield from self._of_time_stamps()

    def _of_time_stamps(self) -> Iterator[Finding]:
        missing = self.unit.missing_time_stamps(self.authority_id)
        if missing is None or missing.oldest_at > self.stamps_due:
            return
        unstamped = Unstamped(
            collectivite_id=self.authority_id,
            count=missing.count,
            oldest_at=missing.oldest_at,
            reason=missing.reason,
            zone=ZoneInfo(self.owner.time_zone),
        )
        yield from horodatage_manquant(unstamped, DEFAULTS)

    def _years(self) -> frozenset[int]:
        """This year and the one before; and others, as long as something is open about them."""
        still = self.unit.years_of_findings(self.authority_id, _NUMBERINGS)
        return still | {self.today.year, self.today.year - 1}

    def _of_certificate(self, held: HeldCertificate) -> Iterator[Finding]:
        if held.not_after > self.now + _FORESEEN:
            return
        zone = ZoneInfo(self.owner.time_zone)
        days = (at.astimezone(zone).date() for at in self.unit.handed_over_at(self.authority_id))
        certificate = Certificate(
            collectivite_id=self.authority_id,
            usage=held.usage,
            label=held.label,
            subject=held.subject,
            not_after=held.not_after,
            zone=zone,
            usual_interval=usual_interval(days),
            limits=tuple(self._limits(held.not_after.astimezone(zone).date())),
        )
        yield from certificat_expire(certificate, self.now, DEFAULTS)

    def _limits(self, ends: date) -> Iterator[tuple[str, date]]:
        first = max(ends, self.today)
        limit = self.unit.first_limit(self.authority_id, _BY_WIRE, first, first + _FORESEEN)
        if limit is not None:
            yield f"{limit.name.label} (acte {limit.numero})", limit.day
