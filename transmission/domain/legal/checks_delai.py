"""Checks of what has a last day: transmitting, voting, withdrawing; and of the wait for an AR.

Late is after the day of the text: the cautious one, shown before it, is nobody's fault (C-14).
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from transmission.domain.french_dates import long_date
from transmission.domain.legal.calendars import is_working_day
from transmission.domain.legal.check import Check, CheckSettings, Evidence, dated
from transmission.domain.legal.checked import CheckedActe, Sending
from transmission.domain.legal.dates import LegalDate
from transmission.domain.legal.evenements import EventKind
from transmission.domain.legal.findings import Finding, Severity
from transmission.domain.legal.horloge_echeance import text_day
from transmission.domain.legal.noms import DateName

_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)

RECEPTION_TARDIVE = Check(
    "reception_tardive",
    "Acte reçu en préfecture après le délai de transmission",
    Severity.ATTENTION,
    "La date de l'accusé, comparée au dernier jour pour transmettre. Information seulement si "
    "l'acte a été envoyé dans le délai. Les budgets et les comptes relèvent de budget_en_retard.",
    "Le retard n'annule pas l'acte, qui n'a force qu'à compter de sa réception. Vérifiez que rien "
    "n'a été exécuté avant (« transmission explain NUMERO »), puis prenez acte de l'alerte en "
    "donnant le motif du retard (« transmission check »).",
    ("DT-1", "DT-2", "DT-5"),
)
TRANSMISSION_EN_RETARD = Check(
    "transmission_en_retard",
    "Délai de transmission dépassé, acte non reçu",
    Severity.GRAVE,
    "Les actes à transmettre dont le délai est passé sans accusé. Attention seulement si l'acte a "
    "été envoyé dans le délai, ou s'il reste à confirmer qu'il est à transmettre.",
    "Voyez où il en est (« transmission status NUMERO ») et faites-le partir sans attendre. S'il "
    "a été remis par une autre voie, enregistrez sa réception (« transmission event NUMERO ») ; "
    "s'il n'est pas à transmettre, déclarez-le (« transmission declare NUMERO »).",
    ("DT-1", "DT-2", "DT-5"),
)
BUDGET_EN_RETARD = Check(
    "budget_en_retard",
    "Budget ou compte voté, ou transmis, en retard",
    Severity.GRAVE,
    "La date du vote et celle de l'accusé, comparées aux limites du budget ou du compte ; à défaut "
    "d'accusé, le jour présent.",
    "Le préfet peut saisir la chambre régionale des comptes. Si le document n'est pas encore "
    "reçu, faites-le partir sans attendre (« transmission status NUMERO »), et prévenez la "
    "préfecture. Une limite mal déclarée (année, renouvellement) se corrige par « transmission "
    "declare NUMERO ».",
    ("BU-1", "DT-3", "DT-4", "DT-5"),
)
ACCUSE_ABSENT = Check(
    "accuse_absent",
    "Acte envoyé, sans accusé de réception",
    Severity.ATTENTION,
    "Le temps passé depuis l'envoi, comparé à celui dans lequel ce tiers rend d'habitude 99 "
    "accusés sur 100, et au moins aux heures de jours ouvrés admises (accuse_hours). Grave "
    "au-delà d'un second seuil (accuse_grave_hours) et de deux fois l'habitude.",
    "Sans accusé, l'acte n'est pas tenu pour reçu. « transmission status NUMERO » dit où en est "
    "l'envoi ; demandez au tiers de télétransmission s'il l'a remis, puis à la préfecture si elle "
    "l'a reçu. Ne le remettez pas une seconde fois : il pourrait y être deux fois.",
    ("EL-3",),
)
RETRAIT_TARDIF = Check(
    "retrait_tardif",
    "Acte retiré après le délai de retrait",
    Severity.GRAVE,
    "La date du retrait enregistré, comparée au dernier jour du retrait par son auteur.",
    "Un retrait tardif est illégal, sauf fraude, demande du bénéficiaire, ou condition d'une "
    "subvention non remplie. Si c'est l'un de ces cas, prenez acte de l'alerte en disant lequel "
    "(« transmission check ») ; sinon, voyez avec un juriste s'il faut rapporter le retrait.",
    ("WD-1", "WD-2", "WD-3"),
)
CHECKS = (
    RECEPTION_TARDIVE,
    TRANSMISSION_EN_RETARD,
    BUDGET_EN_RETARD,
    ACCUSE_ABSENT,
    RETRAIT_TARDIF,
)


def reception_tardive(acte: CheckedActe, _: CheckSettings) -> Iterator[Finding]:
    """The receipt is later than the last day to transmit (legal clock DT-1, DT-2, DT-5)."""
    duty, receipt = _duty(acte, RECEPTION_TARDIVE.rules), acte.receipt
    if duty is None or receipt is None or receipt.received <= duty[1]:
        return
    found, limit = duty
    in_time = receipt.sent <= limit
    said = (
        f"reçu en préfecture le {long_date(receipt.received)}, après le {long_date(limit)}, "
        "dernier jour pour le transmettre."
    )
    sent = f" Il avait été envoyé le {long_date(receipt.sent)}, dans le délai." if in_time else ""
    yield acte.finding(
        RECEPTION_TARDIVE,
        said + sent,
        (
            *_limits(found, limit),
            *dated(("Envoyé le", receipt.sent), ("Reçu en préfecture le", receipt.received)),
        ),
        rule=found.rule,
        severity=Severity.INFO if in_time else None,
    )


def transmission_en_retard(acte: CheckedActe, _: CheckSettings) -> Iterator[Finding]:
    """The last day to transmit is past, and nothing was received (DT-1, DT-2, DT-5)."""
    duty = _duty(acte, TRANSMISSION_EN_RETARD.rules)
    if duty is None or not _is_overdue(acte, duty[1]):
        return
    found, limit = duty
    portee = acte.reading.portee
    lesser = portee.to_confirm or _left_by(acte, limit)
    yield acte.finding(
        TRANSMISSION_EN_RETARD,
        f"il devait être transmis au plus tard le {long_date(limit)}, et n'est pas reçu en "
        "préfecture.",
        (*_limits(found, limit), ("À transmettre", portee.raison), *_departures(acte)),
        rule=found.rule,
        severity=Severity.ATTENTION if lesser else None,
    )


def budget_en_retard(acte: CheckedActe, _: CheckSettings) -> Iterator[Finding]:
    """A budget or accounts voted, or received, after its limit (BU-1, DT-3, DT-4, DT-5)."""
    vote, limit = _limit(acte, DateName.VOTE_BUDGET)
    voted = acte.reading.acte.date_decision
    if vote is not None and limit is not None and voted > limit:
        yield acte.finding(
            BUDGET_EN_RETARD,
            f"voté le {long_date(voted)}, après le {long_date(limit)}, dernier jour du vote.",
            (*_limits(vote, limit), *dated(("Voté le", voted))),
            part="vote",
            rule=vote.rule,
        )
    duty = _duty(acte, ("DT-3", "DT-4"))
    if duty is not None:
        yield from _budget_transmission(acte, *duty)


def _budget_transmission(acte: CheckedActe, found: LegalDate, limit: date) -> Iterator[Finding]:
    receipt = acte.receipt
    if receipt is not None and receipt.received > limit:
        said = f"reçu en préfecture le {long_date(receipt.received)}"
    elif _is_overdue(acte, limit):
        said = "il n'est pas reçu en préfecture"
    else:
        return
    yield acte.finding(
        BUDGET_EN_RETARD,
        f"{said}, alors qu'il devait être transmis au plus tard le {long_date(limit)}.",
        (
            *_limits(found, limit),
            *dated(("Reçu en préfecture le", receipt.received if receipt else None)),
            *_departures(acte),
        ),
        part="transmission",
        rule=found.rule,
    )


def accuse_absent(acte: CheckedActe, settings: CheckSettings) -> Iterator[Finding]:
    """A sending has had no AR for longer than this TdT usually takes (EL-3)."""
    for sending in acte.sendings:
        if sending.sent_at is None or not sending.awaits:
            continue
        expected = _expected(acte, sending.sent_at, sending.usual_delay, settings.accuse_hours)
        if acte.now > expected:
            yield _missing_accuse(acte, sending, sending.sent_at, expected, settings)


def _missing_accuse(
    acte: CheckedActe,
    sending: Sending,
    sent_at: datetime,
    expected: datetime,
    settings: CheckSettings,
) -> Finding:
    usual = sending.usual_delay
    twice = None if usual is None else 2 * usual
    grave = acte.now > _expected(acte, sent_at, twice, settings.accuse_grave_hours)
    habit = () if usual is None else (("99 accusés sur 100 en", f"{usual / _HOUR:.1f} heures"),)
    return acte.finding(
        ACCUSE_ABSENT,
        f"envoyé par {sending.tdt} le {acte.moment(sent_at)}, sans accusé de réception.",
        (
            ("Tiers de télétransmission", sending.tdt),
            ("Identifiant envoyé", sending.id_acte),
            ("Envoyé le", acte.moment(sent_at)),
            ("Accusé attendu avant le", acte.moment(expected)),
            *habit,
        ),
        part=f"envoi:{sending.id}",
        severity=Severity.GRAVE if grave else None,
    )


def retrait_tardif(acte: CheckedActe, _: CheckSettings) -> Iterator[Finding]:
    """The author withdrew the act after the months that he had (WD-1 to WD-3)."""
    found, limit = _limit(acte, DateName.RETRAIT)
    done = next((each for each in acte.past() if each.kind is EventKind.RETRAIT), None)
    if found is None or limit is None or done is None or done.sent <= limit:
        return
    yield acte.finding(
        RETRAIT_TARDIF,
        f"retiré le {long_date(done.sent)}, après le {long_date(limit)}, dernier jour du retrait.",
        (*_limits(found, limit), *dated(("Retiré le", done.sent))),
        rule=found.rule,
    )


def _limit(acte: CheckedActe, name: DateName) -> tuple[LegalDate | None, date | None]:
    """A date of the reading, and its last day as the text counts it."""
    found = acte.reading.named(name)
    return found, text_day(found) if found else None


def _duty(acte: CheckedActe, rules: tuple[str, ...]) -> tuple[LegalDate, date] | None:
    """The date of transmission under one of these rules, and its last day."""
    found, limit = _limit(acte, DateName.TRANSMISSION)
    if found is None or limit is None or found.rule not in rules or not acte.must_transmit:
        return None
    return found, limit


def _is_overdue(acte: CheckedActe, limit: date) -> bool:
    return acte.receipt is None and acte.stands and acte.today > limit


def _left_by(acte: CheckedActe, limit: date) -> bool:
    """Whether a sending that still awaits its AR left by that day."""
    return any(
        sending.awaits and sending.sent_at is not None and acte.days_of(sending.sent_at)[0] <= limit
        for sending in acte.sendings
    )


def _limits(found: LegalDate, limit: date) -> Evidence:
    cautious = found.day if found.day != limit else None
    return (
        *dated(*found.inputs),
        *dated(("Dernier jour", limit), ("Jour de prudence", cautious)),
    )


def _departures(acte: CheckedActe) -> Evidence:
    return tuple(
        ("Envoyé le", acte.moment(sending.sent_at))
        for sending in acte.sendings
        if sending.sent_at is not None
    )


def _expected(
    acte: CheckedActe, sent_at: datetime, usual: timedelta | None, hours: int
) -> datetime:
    floor = _after_working_hours(acte, sent_at, hours)
    return floor if usual is None else max(floor, sent_at + usual)


def _after_working_hours(acte: CheckedActe, start: datetime, hours: int) -> datetime:
    """Instant by which that many hours of working days have passed: some préfectures give no AR on
    the other days (legal clock C-3)."""
    left, at = timedelta(hours=hours), start.astimezone(UTC)
    while True:
        day = at.astimezone(acte.zone).date()
        midnight = datetime.combine(day + _DAY, time(), acte.zone).astimezone(UTC)
        if is_working_day(day, acte.reading.owner.calendrier):
            if at + left <= midnight:
                return at + left
            left -= midnight - at
        at = midnight
