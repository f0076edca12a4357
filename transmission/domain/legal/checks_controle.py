"""Checks of the préfet's control: a late déféré, and letters near the end of their silence."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from transmission.domain.french_dates import long_date
from transmission.domain.legal.check import Check, CheckSettings, dated
from transmission.domain.legal.checked import CheckedActe, Letter
from transmission.domain.legal.controle import Control, ControlState
from transmission.domain.legal.evenements import LegalEvent
from transmission.domain.legal.findings import Finding, Severity
from transmission.domain.legal.mots import in_days
from transmission.domain.legal.noms import DateName

DEFERE_TARDIF = Check(
    "defere_tardif",
    "Déféré déposé après son dernier jour",
    Severity.GRAVE,
    "La date de dépôt du déféré au greffe, comparée à son dernier jour, avec la marge en jours. "
    "Attention seulement si une autre lecture du délai le rend recevable.",
    "Faites vérifier le calcul par un juriste (« transmission explain NUMERO ») et opposez la "
    "tardiveté au tribunal, avec l'accusé de réception tel que reçu (« transmission ar NUMERO »).",
    ("DF-1",),
)
PIECES_SANS_REPONSE = Check(
    "pieces_sans_reponse",
    "Demande de pièces sans réponse",
    Severity.ATTENTION,
    "Les demandes de pièces faites à temps, sans réponse reçue par l'État, dans les jours "
    "(reminder_days) qui précèdent le refus implicite ; grave une fois ce jour passé, tant que le "
    "déféré est possible. Attention si une réponse est partie.",
    "Envoyez les pièces, ou refusez-les expressément (« transmission courriers NUMERO », puis « "
    "transmission reply »). Une réponse donnée par une autre voie s'enregistre par « transmission "
    "event NUMERO ».",
    ("DF-2",),
)
LETTRE_SANS_REPONSE = Check(
    "lettre_sans_reponse",
    "Lettre d'observations sans réponse",
    Severity.ATTENTION,
    "Les lettres d'observations reçues à temps, sans réponse expresse reçue par l'État, dans les "
    "jours (reminder_days) qui précèdent leur rejet implicite ; grave une fois ce jour passé, "
    "tant que le déféré est possible. Attention si une réponse est partie, ou si le délai n'est "
    "éteint que sous réserve.",
    "Répondez expressément, par un rejet ou par ce que vous corrigez (« transmission courriers "
    "NUMERO », puis « transmission reply ») : une réponse d'attente ne compte pas. Une réponse "
    "donnée par une autre voie s'enregistre par « transmission event NUMERO ».",
    ("DF-3",),
)
CHECKS = (DEFERE_TARDIF, PIECES_SANS_REPONSE, LETTRE_SANS_REPONSE)


@dataclass(frozen=True, slots=True)
class _Silence:
    """A letter without answer: what it is called, what its silence becomes on ``tacit``."""

    check: Check
    by: LegalEvent
    tacit: date
    called: str
    becomes: str


def defere_tardif(acte: CheckedActe, _: CheckSettings) -> Iterator[Finding]:
    """The déféré was filed after the last day of the préfet (DF-1)."""
    control = acte.reading.control
    if control is None or control.filed is None or control.last_day is None:
        return
    filed, late = control.filed.sent, -(control.margin or 0)
    if late <= 0:
        return
    other = _other_last_day(acte)
    admitted = other is not None and filed <= other
    yield acte.finding(
        DEFERE_TARDIF,
        f"déféré déposé le {long_date(filed)}, {in_days(late)} après le "
        f"{long_date(control.last_day)}, dernier jour.",
        (
            *dated(
                ("Départ du délai", control.received),
                ("Dernier jour", control.last_day),
                ("Déposé le", filed),
            ),
            ("Retard", in_days(late)),
            *dated(("Dernier jour, autre lecture", other)),
        ),
        severity=Severity.ATTENTION if admitted else None,
    )


def pieces_sans_reponse(acte: CheckedActe, settings: CheckSettings) -> Iterator[Finding]:
    """A request for documents whose silence is about to be a refusal, or is one (DF-2)."""
    control = acte.reading.control
    asked = control.asked if control else None
    if control is None or asked is None or asked.answer is not None:
        return
    silence = _Silence(
        PIECES_SANS_REPONSE, asked.by, asked.tacit, "demande de pièces", "refus implicite"
    )
    yield from _unanswered(acte, control, silence, settings)


def lettre_sans_reponse(acte: CheckedActe, settings: CheckSettings) -> Iterator[Finding]:
    """A lettre d'observations whose silence is about to reject it, or does (DF-3)."""
    control = acte.reading.control
    letter = control.letter if control else None
    if control is None or letter is None or letter.answer is not None:
        return
    silence = _Silence(
        LETTRE_SANS_REPONSE, letter.by, letter.tacit, "lettre d'observations", "rejet implicite"
    )
    yield from _unanswered(acte, control, silence, settings)


def _unanswered(
    acte: CheckedActe, control: Control, silence: _Silence, settings: CheckSettings
) -> Iterator[Finding]:
    over = control.filed is not None or not acte.stands
    if over or acte.today < silence.tacit - timedelta(days=settings.reminder_days):
        return
    reserved = acte.reading.control_state is ControlState.EXPIRE_RESERVE
    if acte.today > control.silent_last_day and not (reserved and _is_letter(silence)):
        return
    answer = _answer_of(acte, silence.by)
    born = acte.today > silence.tacit
    left = answer is not None and answer.answered_at is not None
    yield _silent(acte, control, silence, answer, born=born, lesser=left or reserved)


def _silent(
    acte: CheckedActe,
    control: Control,
    silence: _Silence,
    answer: Letter | None,
    *,
    born: bool,
    lesser: bool,
) -> Finding:
    by = silence.by
    left = answer.answered_at if answer else None
    verb = "vaut" if born else "vaudra"
    told = f"le silence {verb} {silence.becomes} au {long_date(silence.tacit)}"
    known = () if answer is None else (("Courrier n°", str(answer.courrier_id)),)
    sent = () if left is None else (("Réponse partie le", acte.moment(left)),)
    return acte.finding(
        silence.check,
        f"{silence.called} du {long_date(by.sent)}, reçue le {long_date(by.received)}, sans "
        f"réponse reçue par l'État ; {told}.",
        (
            *known,
            *dated(
                ("Datée du", by.sent),
                ("Reçue le", by.received),
                (silence.becomes.capitalize(), silence.tacit),
                ("Dernier jour du déféré, si le silence dure", control.silent_last_day),
            ),
            *sent,
        ),
        part=by.received.isoformat(),
        severity=Severity.GRAVE if born and not lesser else None,
    )


def _is_letter(silence: _Silence) -> bool:
    return silence.check is LETTRE_SANS_REPONSE


def _answer_of(acte: CheckedActe, by: LegalEvent) -> Letter | None:
    return next((letter for letter in acte.letters if letter.event == by), None)


def _other_last_day(acte: CheckedActe) -> date | None:
    found = acte.reading.named(DateName.DEFERE)
    return found.alternative.day if found and found.alternative else None
