"""What the checks of one act look at: its reading, and what the register holds around it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from transmission.domain.french_dates import long_date
from transmission.domain.legal.check import Check, Evidence, dated
from transmission.domain.legal.evenements import EventKind, LegalEvent, in_order
from transmission.domain.legal.findings import Finding, Severity
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.reading import ActeState, Reading
from transmission.domain.retours import EchoDifference

_GONE = (ActeState.RETIRE, ActeState.ABROGE, ActeState.ANNULE_JUGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuse:
    """An AR of the act (1-2), taken into account or kept aside because it contradicts another.

    ``sha256`` is that of its bytes; ``id_acte`` what it bears. Instants are aware UTC: ``taken_at``
    is when this service got it, ``tdt_at`` when the TdT says that it did, None where nobody says.
    """

    date_reception: date
    id_acte: str
    sha256: str
    taken_at: datetime | None = None
    tdt_at: datetime | None = None
    differences: tuple[EchoDifference, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """One sending of the act (1-1), its retours with it.

    ``sent_at`` (aware UTC) is the first time that it may have left, None before. ``over``: refused
    or taken back without any AR, or annulled with the AR of the State. ``usual_delay`` is the time
    in which this TdT usually gives 99 AR out of 100, None when too few are known.
    ``newest_classification`` is the newest that the authority held on the day of the sending.
    """

    id: int
    id_acte: str
    tdt: str
    sent_at: datetime | None = None
    over: bool = False
    usual_delay: timedelta | None = None
    date_classification: date | None = None
    newest_classification: date | None = None
    accuses: tuple[Accuse, ...] = ()

    @property
    def awaits(self) -> bool:
        """Whether it may have left, and its AR is still to come."""
        return self.sent_at is not None and not self.over and not self.accuses


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter of the préfecture taken from the wire: ``event`` is what the clock was given for it.

    ``courrier_id`` is its number for ``transmission reply``. ``answered_at`` (aware UTC) is when
    the newest answer left that was not refused, its AR known or not.
    """

    courrier_id: int
    event: LegalEvent
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Absence:
    """A time during which each look missed the published act, or in which it was taken down.

    ``first`` and ``last`` are civil days of the first and of the last such look.
    """

    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedActe:
    """One act as its checks see it, on the civil day ``reading.today``.

    ``now`` is an aware UTC instant. ``zone`` is the time zone of the authority, ``state_zone`` that
    in which the State dates its messages (Europe/Paris). ``date_execution`` is the first day on
    which somebody declared that the act was executed; ``date_deliberation_executoire`` the day from
    which the délibération that authorises a contract has force. ``absences`` are those of the
    published act.
    """

    acte_id: int
    collectivite_id: int
    numero: str
    reading: Reading
    now: datetime
    zone: tzinfo
    state_zone: tzinfo
    sendings: tuple[Sending, ...] = ()
    letters: tuple[Letter, ...] = ()
    date_execution: date | None = None
    date_deliberation_executoire: date | None = None
    absences: tuple[Absence, ...] = ()

    @property
    def today(self) -> date:
        """Civil day of the authority on which it is read."""
        return self.reading.today

    @property
    def named(self) -> str:
        """How messages name it."""
        acte = self.reading.acte
        return (
            f"Acte {self.numero} ({acte.nature.label.lower()} du {long_date(acte.date_decision)})"
        )

    @property
    def stands(self) -> bool:
        """Whether it was neither withdrawn, nor repealed, nor annulled by the judge."""
        return self.reading.acte_state not in _GONE

    @property
    def must_transmit(self) -> bool:
        """Whether the préfet must receive it."""
        return self.reading.portee.must_transmit

    @property
    def standing(self) -> tuple[Sending, ...]:
        """Its sendings that are not over."""
        return tuple(each for each in self.sendings if not each.over)

    @property
    def receipt(self) -> LegalEvent | None:
        """The receipt that counts: the first one since the last annulation (EL-6).

        Where an annulation is read as informative (C-17) the control goes on, and so does the first
        receipt of all.
        """
        first = kept = None
        for event in self.past():
            if event.kind is EventKind.ACCUSE_RECEPTION:
                first, kept = first or event, kept or event
            elif event.kind is EventKind.ANNULATION:
                kept = None
        return kept or (first if self.reading.control is not None else None)

    @property
    def made_public(self) -> LegalEvent | None:
        """The first publicity of any kind, valid or not."""
        return next((event for event in self.past() if event.kind in _PUBLICITY), None)

    def past(self) -> tuple[LegalEvent, ...]:
        """Events known to have happened by today, in order."""
        return tuple(each for each in in_order(self.reading.events) if each.received <= self.today)

    def days_of(self, at: datetime) -> tuple[date, date]:
        """Earliest and latest civil day of an instant, here and where the State dates it."""
        here, there = at.astimezone(self.zone).date(), at.astimezone(self.state_zone).date()
        return min(here, there), max(here, there)

    def moment(self, at: datetime) -> str:
        """An instant as evidence shows it, with its distance from UTC."""
        return f"{at.astimezone(self.zone):%d/%m/%Y à %H:%M:%S (UTC%z)}"

    def proof(self, accuse: Accuse) -> Evidence:
        """What identifies an AR: its day, what it bears, when it was seen, its digest."""
        clocks = (("Date donnée par le tiers", accuse.tdt_at), ("Arrivé ici le", accuse.taken_at))
        return (
            *dated(("Date de réception de l'accusé", accuse.date_reception)),
            ("Identifiant de l'accusé", accuse.id_acte),
            *((label, self.moment(at)) for label, at in clocks if at is not None),
            ("Empreinte de l'accusé (SHA-256)", accuse.sha256),
        )

    def force_evidence(self) -> Evidence:
        """From which day the act has force and why, or why that is not known."""
        found = self.reading.named(DateName.EXECUTOIRE)
        if found is None:
            return ()
        if found.day is None:
            return (("Exécutoire", f"non établi : {found.unknown}"),)
        return (*dated(*found.inputs), *dated(("Exécutoire le", found.day)))

    def finding(
        self,
        check: Check,
        said: str,
        evidence: Evidence,
        *,
        part: str | None = None,
        rule: str | None = None,
        severity: Severity | None = None,
        remedy: str | None = None,
    ) -> Finding:
        """A finding on this act; ``part`` tells apart those that one check may make of it."""
        return check.found(
            f"acte:{self.acte_id}" + (f":{part}" if part else ""),
            f"{self.named} : {said}",
            evidence,
            rule=rule,
            severity=severity,
            remedy=remedy,
            numero=self.numero,
            acte_id=self.acte_id,
            collectivite_id=self.collectivite_id,
        )


_PUBLICITY = (EventKind.PUBLICATION, EventKind.NOTIFICATION, EventKind.AFFICHAGE_URGENCE)
