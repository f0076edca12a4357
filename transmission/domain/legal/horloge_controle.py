"""The control of an act, as dates of the clock: the déféré and the silences (legal clock §5).

An act whose receipt is not known has no last day: nothing has begun, and nothing ends it. So has an
act that need not be transmitted and that nobody asked for.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from transmission.domain.french_dates import long_date
from transmission.domain.legal.controle import Asked, Control, Letter
from transmission.domain.legal.dates import DateKind, LegalDate, settings_read, unknown
from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.horloge_defere import (
    ANSWER_EXPRESSLY,
    defere_date,
    other_last_day,
    two_months,
)
from transmission.domain.legal.horloge_dossier import Dossier
from transmission.domain.legal.horloge_exposition import Exposition, Provoked
from transmission.domain.legal.mots import until
from transmission.domain.legal.noms import DateName

_NAME = DateName.DEFERE.code
_SETTINGS = ("franc_deferre", "month_end_rule")


def control_dates(dossier: Dossier, today: date) -> Iterator[LegalDate]:
    """The déféré of an act that must be transmitted, and the silences of its control."""
    if dossier.receipt is None:
        yield replace(_not_started(dossier), alternative=other_last_day(dossier, None))
        return
    yield defere_date(dossier, dossier.receipt, today)
    yield from _silences(dossier.receipt, today)


def _not_started(dossier: Dossier) -> LegalDate:
    missing, rule = dossier.no_receipt, "DF-11"
    if dossier.acte.tacite:
        missing, rule = "le dossier complet n'est pas reçu en préfecture", "UR-2"
    elif dossier.of(EventKind.ANNULATION):
        rule = "EL-6"
    return unknown(
        _NAME,
        DateKind.LAST_DAY,
        rule,
        f"le délai du préfet n'a pas commencé et rien n'y met fin, car {missing}",
        awaits="la réception en préfecture",
    )


def exposed_dates(
    dossier: Dossier, exposition: Exposition | None, today: date
) -> Iterator[LegalDate]:
    """The same of an act that need not be transmitted, and the last day to ask for it (DF-6)."""
    if exposition is None:
        because = "l'acte n'est pas exécutoire"
        yield unknown(DateName.DEMANDE_ACTE.code, DateKind.LAST_DAY, "DF-6", because)
        yield unknown(_NAME, DateKind.LAST_DAY, "DF-6", because)
        return
    yield _ask_date(exposition, dossier)
    yield _exposed_defere(dossier, exposition, today)
    if exposition.control is not None:
        yield from _silences(exposition.control, today)


def _exposed_defere(dossier: Dossier, exposition: Exposition, today: date) -> LegalDate:
    """The later of what the préfet asked for and of what an injured person did (DF-6, DF-7)."""
    control, person = exposition.control, exposition.provoked
    if exposition.asked is not None and control is None:
        return _not_communicated(exposition.asked)
    if person is not None and exposition.last_day == person.until:
        return _of_a_person(dossier, person)
    if control is not None:
        return defere_date(dossier, control, today, exposition.asked)
    because = "aucune demande du préfet n'est connue, et sans elle il ne peut pas déférer l'acte"
    return unknown(_NAME, DateKind.LAST_DAY, "DF-6", because)


def _not_communicated(asked: LegalEvent) -> LegalDate:
    return unknown(
        _NAME,
        DateKind.LAST_DAY,
        "DF-6",
        f"l'acte, que le préfet a demandé le {long_date(asked.sent)}, ne lui est pas communiqué",
        inputs=(("Demande de l'acte", asked.sent),),
        awaits="la communication de l'acte au préfet",
    )


def _ask_date(exposition: Exposition, dossier: Dossier) -> LegalDate:
    start, last = exposition.executory, exposition.ask_until
    end = until(last, two_months(start, dossier.settings))
    return LegalDate(
        name=DateName.DEMANDE_ACTE.code,
        kind=DateKind.LAST_DAY,
        rule="DF-6",
        day=last,
        explanation=(
            f"Acte non soumis à transmission, exécutoire le {long_date(start)} : le préfet peut le "
            f"demander dans les deux mois, {end}. Sans cette demande, il ne peut pas le déférer."
        ),
        inputs=(("Caractère exécutoire", start),),
        calendrier=dossier.owner.calendrier,
        settings=settings_read(dossier.settings, *_SETTINGS),
    )


def _of_a_person(dossier: Dossier, person: Provoked) -> LegalDate:
    asked = person.by.received
    end = until(person.until, two_months(asked, dossier.settings))
    return LegalDate(
        name=_NAME,
        kind=DateKind.LAST_DAY,
        rule="DF-7",
        day=person.until,
        explanation=(
            f"Demande d'une personne lésée reçue par le préfet le {long_date(asked)} : elle lui "
            f"ouvre deux mois, {end}."
        ),
        inputs=(("Demande au préfet", asked),),
        calendrier=dossier.owner.calendrier,
        settings=settings_read(dossier.settings, *_SETTINGS),
    )


def _silences(control: Control, today: date) -> Iterator[LegalDate]:
    """Implicit refusals and rejections that are born, or will be if nothing comes (DF-2, DF-3)."""
    asked, letter = control.asked, control.letter
    if asked is not None and (asked.answer is None or asked.answer.received > asked.tacit):
        waits = asked.answer is None and control.filed is None and today <= asked.tacit
        yield _silence(
            DateName.REFUS_TACITE_PIECES,
            "DF-2",
            ("Demande de pièces", "refus", asked),
            waits=waits,
        )
    if letter is not None and (letter.answer is None or letter.answer.received > letter.tacit):
        waits = letter.answer is None and control.filed is None and today <= letter.tacit
        found = _silence(
            DateName.REJET_TACITE_LETTRE,
            "DF-3",
            ("Lettre d'observations", "rejet", letter),
            waits=waits,
        )
        yield replace(found, warnings=(ANSWER_EXPRESSLY,)) if control.unanswered else found


def _silence(
    name: DateName, rule: str, story: tuple[str, str, Asked | Letter], *, waits: bool
) -> LegalDate:
    what, means, silent = story
    received, tacit = silent.by.received, silent.tacit
    return LegalDate(
        name=name.code,
        kind=DateKind.STATUS,
        rule=rule,
        day=tacit,
        explanation=(
            f"{what} reçue le {long_date(received)} : deux mois de silence valent {means} "
            f"le {long_date(tacit)}, même un jour non ouvré."
        ),
        inputs=((f"{what} reçue", received),),
        provisional=waits,
        awaits="une réponse de la collectivité" if waits else None,
    )
