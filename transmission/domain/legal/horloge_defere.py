"""The last day of the déféré once the préfet has the act, with the reasons (legal clock §5).

The day is the later of what the documents and the letter make of it, as ``defere`` follows them.
Where a contested point would give another day for this very act, that day is its alternative: what
happened to the act first, how months are counted after.
"""

from dataclasses import replace
from datetime import date

from transmission.domain.french_dates import long_date
from transmission.domain.legal.controle import Control
from transmission.domain.legal.dates import Alternative, DateKind, LegalDate, settings_read, unknown
from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.horloge_dossier import Dossier, receipt_of
from transmission.domain.legal.horloge_exposition import exposition_of
from transmission.domain.legal.horloge_force import executory_day
from transmission.domain.legal.horloge_lectures import other_readings
from transmission.domain.legal.mots import in_days, sentences, until
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.periods import add_months, franc_end
from transmission.domain.legal.settings import LegalSettings

_NAME = DateName.DEFERE.code
_URBAN = "C-8"
ANSWER_EXPRESSLY = (
    "Répondez expressément à la lettre : pour un acte d'assemblée, le silence peut ne pas valoir "
    "rejet (CJA R. 421-3, C-9), et le délai ne finirait alors jamais."
)
_FILE_IN_DOUBT = (
    "Des pièces ont été demandées : si le dossier reçu n'était pas complet, le délai d'une "
    "autorisation tacite n'a pas commencé (UR-2)."
)
_SECOND_LETTER = "Une seconde lettre d'observations est arrivée : elle ne prolonge rien (C-7)."


def defere_date(
    dossier: Dossier, control: Control, today: date, asked: LegalEvent | None = None
) -> LegalDate:
    """Last day of the déféré of an act that the préfet has; ``asked`` is his request for it.

    Source: CGCT L. 2131-6; DF-1 to DF-6, UR-2, UR-4.
    """
    last = control.last_day
    if last is None:
        return _blocked(dossier, control)
    return LegalDate(
        name=_NAME,
        kind=DateKind.LAST_DAY,
        rule=_rule(dossier, control, asked),
        day=last,
        explanation=_story(dossier, control, asked, last),
        inputs=_inputs(control, asked),
        calendrier=dossier.owner.calendrier,
        settings=settings_read(dossier.settings, *_settings(control)),
        provisional=control.is_provisional(today) or _file_in_doubt(dossier, control),
        warnings=_warnings(dossier, control),
        alternative=other_last_day(dossier, last),
        awaits=_awaits(control, today),
    )


def _blocked(dossier: Dossier, control: Control) -> LegalDate:
    found = unknown(
        _NAME,
        DateKind.LAST_DAY,
        "DF-3",
        "la lettre d'observations n'a pas reçu de réponse expresse, et le silence ne vaut pas "
        "rejet (CJA R. 421-3, C-9)",
        inputs=_inputs(control, None),
        awaits="une réponse expresse à la lettre d'observations",
        warnings=_warnings(dossier, control),
    )
    return replace(found, alternative=other_last_day(dossier, None))


def other_last_day(dossier: Dossier, last: date | None) -> Alternative | None:
    """Another last day, by the first contested point that gives one (§14)."""
    for settings, why in other_readings(dossier):
        other = _last_day_under(dossier, settings)
        if other is not None and other != last:
            return Alternative(other, why)
    return None


def _last_day_under(dossier: Dossier, settings: LegalSettings) -> date | None:
    receipt = receipt_of(dossier.acte, dossier.owner, dossier.events, settings)
    if dossier.portee.must_transmit:
        return receipt.last_day if receipt else None
    other = replace(dossier, settings=settings, receipt=receipt)
    exposition = exposition_of(other, executory_day(other))
    return exposition.last_day if exposition else None


def two_months(start: date, settings: LegalSettings) -> date:
    """End of the préfet's two months before it is carried to a working day (C-1, C-2)."""
    if settings.franc_deferre:
        return franc_end(start, 2, settings.month_end_rule)
    return add_months(start, 2)


def _by_letter(control: Control) -> bool:
    return control.after_letter is not None and control.after_letter >= control.initial


def _rule(dossier: Dossier, control: Control, asked: LegalEvent | None) -> str:
    if control.letter is not None and _by_letter(control):
        return "DF-4" if control.letter.answer else "DF-3"
    if control.asked is not None:
        return "DF-2"
    if _letter_without_effect(control):
        return "UR-4"
    if asked is not None:
        return "DF-6"
    return "UR-2" if dossier.acte.tacite else "DF-1"


def _letter_without_effect(control: Control) -> bool:
    letters = (why for event, why in control.ignored if event.kind is EventKind.LETTRE_OBSERVATIONS)
    return any(_URBAN in why for why in letters)


def _start(control: Control) -> date:
    """Day from which the last two months are counted."""
    track = control.letter if _by_letter(control) else control.asked
    if track is None:
        return control.received
    return max(control.received, track.answer.received) if track.answer else track.tacit


def _story(dossier: Dossier, control: Control, asked: LegalEvent | None, last: date) -> str:
    start = _start(control)
    end = until(last, two_months(start, dossier.settings))
    months = "deux mois francs" if dossier.settings.franc_deferre else "deux mois"
    return sentences(
        [
            _opening(dossier, control, asked),
            _pieces(control),
            _letter(control),
            f"Le préfet a {months} à compter du {long_date(start)}, {end}.",
            _filed(control),
        ]
    )


def _opening(dossier: Dossier, control: Control, asked: LegalEvent | None) -> str:
    received = long_date(control.received)
    if asked is not None:
        return f"Acte demandé par le préfet le {long_date(asked.sent)} et communiqué le {received}."
    if not dossier.acte.tacite:
        return f"Acte reçu en préfecture le {received}."
    return (
        f"Autorisation tacite acquise le {long_date(dossier.acte.date_decision)} : avec le dossier "
        f"complet, le délai part du {received}."
    )


def _pieces(control: Control) -> str:
    if control.asked is None:
        return ""
    head = f"Demande de pièces reçue le {long_date(control.asked.by.received)}"
    answer = control.asked.answer
    if answer is None:
        return f"{head} : sans réponse, refus implicite le {long_date(control.asked.tacit)}."
    words = "refus reçu" if answer.kind is EventKind.REFUS_PIECES else "pièces reçues"
    return f"{head} : {words} par l'État le {long_date(answer.received)}."


def _letter(control: Control) -> str:
    if control.letter is None:
        return ""
    head = f"Lettre d'observations reçue le {long_date(control.letter.by.received)}"
    answer = control.letter.answer
    if answer is None:
        return f"{head} : sans réponse, rejet implicite le {long_date(control.letter.tacit)}."
    return f"{head} : réponse expresse reçue par l'État le {long_date(answer.received)}."


def _filed(control: Control) -> str:
    if control.renounced is not None:
        return f"Le préfet y a renoncé le {long_date(control.renounced)} (C-19)."
    if control.filed is None or control.margin is None:
        return "Un déféré déposé à temps peut n'être connu que quelques jours plus tard."
    head = f"Déféré déposé le {long_date(control.filed.sent)}"
    if control.margin < 0:
        return f"{head}, {in_days(-control.margin)} après la fin du délai : il est tardif."
    if control.margin == 0:
        return f"{head}, le dernier jour : il est dans le délai."
    return f"{head}, {in_days(control.margin)} avant la fin du délai."


def _inputs(control: Control, asked: LegalEvent | None) -> tuple[tuple[str, date], ...]:
    found = [("Réception en préfecture", control.received)]
    if asked is not None:
        found = [
            ("Demande de l'acte", asked.sent),
            ("Communication au préfet", control.received),
        ]
    if control.asked is not None:
        found.append(("Demande de pièces reçue", control.asked.by.received))
        found.append(_end(control.asked.answer, control.asked.tacit, "des pièces"))
    if control.letter is not None:
        found.append(("Lettre d'observations reçue", control.letter.by.received))
        found.append(_end(control.letter.answer, control.letter.tacit, "de la lettre"))
    if control.filed is not None:
        found.append(("Déféré", control.filed.sent))
    return tuple(found)


def _end(answer: LegalEvent | None, tacit: date, what: str) -> tuple[str, date]:
    if answer is None:
        return f"Silence au sujet {what}", tacit
    return f"Réponse au sujet {what}", answer.received


def _warnings(dossier: Dossier, control: Control) -> tuple[str, ...]:
    found = []
    if control.unanswered:
        found.append(ANSWER_EXPRESSLY)
    if any("(C-7)" in why for _, why in control.ignored):
        found.append(_SECOND_LETTER)
    if _file_in_doubt(dossier, control):
        found.append(_FILE_IN_DOUBT)
    return tuple(found)


def _file_in_doubt(dossier: Dossier, control: Control) -> bool:
    unanswered = control.asked is not None and control.asked.answer is None
    return dossier.acte.tacite and unanswered


def _awaits(control: Control, today: date) -> str | None:
    if not control.is_provisional(today):
        return None
    if control.asked and control.asked.answer is None and today <= control.initial:
        return "les pièces demandées, ou leur refus"
    return "une réponse expresse à la lettre d'observations"


def _settings(control: Control) -> tuple[str, ...]:
    names = ["franc_deferre", "month_end_rule", "ar_date_source", "annulation_effect"]
    if control.renounced is not None:
        names.append("renonciation_ends_clock")
    if control.asked is not None:
        names += ["late_pieces_restart", "repeat_requests", "partial_pieces", "pieces_after_lo"]
    if control.letter is not None or _letter_without_effect(control):
        names += ["lo_is_gracieux", "gracieux_timeliness", "urba_lo_extends", "r4213_blocks_expiry"]
    return tuple(names)
