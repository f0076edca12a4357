"""Checks of the date of an AR, against the act, its sending, the clocks and the other AR.

Of one AR whose date is odd, only the gravest oddity is said: before the decision, before the
sending, in the future, far from every clock. The date itself is never changed by a check.
"""

from collections.abc import Iterator
from datetime import date, datetime

from transmission.domain.french_dates import long_date
from transmission.domain.legal.check import Check, CheckSettings, dated
from transmission.domain.legal.checked import Accuse, CheckedActe, Sending
from transmission.domain.legal.findings import Finding, Severity
from transmission.domain.legal.mots import in_days

_ODD = (
    "La date légale reste celle de l'accusé. Comparez-le, tel que reçu (« transmission ar NUMERO "
    "»), avec le reçu du tiers de télétransmission, et demandez à la préfecture d'en confirmer la "
    "date par écrit ; puis prenez acte de l'alerte en citant sa réponse (« transmission check »)."
)

ACCUSE_AVANT_DECISION = Check(
    "accuse_avant_decision",
    "Accusé daté d'avant la décision",
    Severity.GRAVE,
    "La date de réception de chaque accusé, comparée à la date de la décision.",
    f"Vérifiez d'abord la date de la décision de l'acte NUMERO. {_ODD}",
    ("EL-3",),
)
ACCUSE_AVANT_ENVOI = Check(
    "accuse_avant_envoi",
    "Accusé daté d'avant l'envoi",
    Severity.GRAVE,
    "La date de réception de chaque accusé, comparée au jour du premier envoi, dans le fuseau de "
    "la collectivité et dans celui de l'État.",
    f"Vérifiez d'abord l'heure de cette machine (« transmission doctor »). {_ODD}",
    ("EL-3",),
)
ACCUSE_FUTUR = Check(
    "accuse_futur",
    "Accusé daté d'après son arrivée",
    Severity.GRAVE,
    "La date de réception de chaque accusé, comparée au jour où ce service l'a reçu.",
    f"Vérifiez d'abord l'heure de cette machine (« transmission doctor »). {_ODD}",
    ("EL-3",),
)
ACCUSE_LOIN_DES_HORLOGES = Check(
    "accuse_loin_des_horloges",
    "Accusé dont la date est loin de toutes les horloges",
    Severity.ATTENTION,
    "La date de réception de chaque accusé, comparée au jour où le tiers dit l'avoir eu et à "
    "celui où ce service l'a reçu : l'écart dépasse avec l'un et avec l'autre les jours admis "
    "(accuse_days_apart).",
    _ODD,
    ("EL-3",),
)
ACCUSES_CONTRADICTOIRES = Check(
    "accuses_contradictoires",
    "Accusés qui se contredisent",
    Severity.GRAVE,
    "Les accusés d'un même acte, hors transmission annulée : des dates de réception différentes, "
    "ou des identifiants différents pour un même envoi.",
    "Tant que la préfecture n'a pas dit lequel vaut, retenez la date la plus tardive pour le "
    "déféré et pour l'exécution. L'accusé mis de côté est dans « transmission quarantine » : "
    "rattachez-le (« transmission attach ») ou classez-le (« transmission set-aside »), avec la "
    "réponse de la préfecture pour motif.",
    ("EL-3",),
)
CHECKS = (
    ACCUSE_AVANT_DECISION,
    ACCUSE_AVANT_ENVOI,
    ACCUSE_FUTUR,
    ACCUSE_LOIN_DES_HORLOGES,
    ACCUSES_CONTRADICTOIRES,
)


def accuse_avant_decision(acte: CheckedActe, _: CheckSettings) -> Iterator[Finding]:
    """An AR cannot be older than the act that it acknowledges."""
    for sending, accuse in _receipts(acte):
        if _before_decision(acte, accuse):
            decided = acte.reading.acte.date_decision
            said = f"avant la décision du {long_date(decided)}"
            yield _odd(acte, ACCUSE_AVANT_DECISION, sending, accuse, said)


def accuse_avant_envoi(acte: CheckedActe, _: CheckSettings) -> Iterator[Finding]:
    """An AR cannot be older than the first sending."""
    for sending, accuse in _receipts(acte):
        if sending.sent_at is None or _before_decision(acte, accuse):
            continue
        if _before_sending(acte, sending, accuse):
            said = f"avant l'envoi du {acte.moment(sending.sent_at)}"
            yield _odd(acte, ACCUSE_AVANT_ENVOI, sending, accuse, said)


def accuse_futur(acte: CheckedActe, _: CheckSettings) -> Iterator[Finding]:
    """An AR cannot bear a day later than the one on which it came."""
    for sending, accuse in _receipts(acte):
        if _in_the_future(acte, accuse):
            came = accuse.taken_at or acte.now
            said = f"après le jour où il est arrivé ({long_date(acte.days_of(came)[1])})"
            yield _odd(acte, ACCUSE_FUTUR, sending, accuse, said)


def accuse_loin_des_horloges(acte: CheckedActe, settings: CheckSettings) -> Iterator[Finding]:
    """The day of an AR is far from every clock that saw it: the TdT's and ours."""
    for sending, accuse in _receipts(acte):
        clocks = [at for at in (accuse.tdt_at, accuse.taken_at) if at is not None]
        if not clocks or _is_impossible(acte, sending, accuse):
            continue
        apart = min(_distance(acte, at, accuse.date_reception) for at in clocks)
        if apart > settings.accuse_days_apart:
            said = f"à {in_days(apart)} au moins de toutes les horloges qui l'ont vu passer"
            yield _odd(acte, ACCUSE_LOIN_DES_HORLOGES, sending, accuse, said)


def accuses_contradictoires(acte: CheckedActe, _: CheckSettings) -> Iterator[Finding]:
    """Two AR of the same act give two days, or two identifiers for one sending (EL-6)."""
    accuses = [accuse for sending in acte.standing for accuse in sending.accuses]
    several_days = len({accuse.date_reception for accuse in accuses}) > 1
    if not several_days and not any(map(_has_two_names, acte.standing)):
        return
    said = ", ".join(sorted({_described(accuse) for accuse in accuses}))
    yield acte.finding(
        ACCUSES_CONTRADICTOIRES,
        f"ses accusés de réception se contredisent ({said}).",
        tuple(pair for accuse in accuses for pair in acte.proof(accuse)),
    )


def _receipts(acte: CheckedActe) -> Iterator[tuple[Sending, Accuse]]:
    """Each day of each sending once, by the AR that came first: a repeated AR is no other fact."""
    for sending in acte.standing:
        first: dict[date, Accuse] = {}
        for accuse in sorted(sending.accuses, key=lambda each: each.taken_at or acte.now):
            first.setdefault(accuse.date_reception, accuse)
        for accuse in first.values():
            yield sending, accuse


def _before_decision(acte: CheckedActe, accuse: Accuse) -> bool:
    return accuse.date_reception < acte.reading.acte.date_decision


def _before_sending(acte: CheckedActe, sending: Sending, accuse: Accuse) -> bool:
    sent_at = sending.sent_at
    return sent_at is not None and accuse.date_reception < acte.days_of(sent_at)[0]


def _in_the_future(acte: CheckedActe, accuse: Accuse) -> bool:
    return accuse.date_reception > acte.days_of(accuse.taken_at or acte.now)[1]


def _is_impossible(acte: CheckedActe, sending: Sending, accuse: Accuse) -> bool:
    return (
        _before_decision(acte, accuse)
        or _before_sending(acte, sending, accuse)
        or _in_the_future(acte, accuse)
    )


def _distance(acte: CheckedActe, at: datetime, day: date) -> int:
    """Days between a civil day and an instant, wherever that instant is dated."""
    first, last = acte.days_of(at)
    return max((first - day).days, (day - last).days, 0)


def _has_two_names(sending: Sending) -> bool:
    return len({accuse.id_acte.upper() for accuse in sending.accuses}) > 1


def _described(accuse: Accuse) -> str:
    return f"{long_date(accuse.date_reception)} pour {accuse.id_acte}"


def _odd(acte: CheckedActe, check: Check, sending: Sending, accuse: Accuse, said: str) -> Finding:
    day = accuse.date_reception
    sent = () if sending.sent_at is None else (("Envoyé le", acte.moment(sending.sent_at)),)
    return acte.finding(
        check,
        f"son accusé de réception est daté du {long_date(day)}, {said}.",
        (
            *dated(("Décision du", acte.reading.acte.date_decision)),
            *sent,
            *acte.proof(accuse),
        ),
        part=f"envoi:{sending.id}:{day.isoformat()}",
    )
