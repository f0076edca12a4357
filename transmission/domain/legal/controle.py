"""The control of a received act: its two tracks, and its state on a day (legal clock §15.2)."""

from dataclasses import dataclass
from datetime import date
from enum import Enum

from transmission.domain.legal.evenements import LegalEvent


class ControlState(Enum):
    """Where the control of an act stands: code kept, label shown (legal clock §15.2)."""

    SANS_OBJET = ("sans_objet", "Sans objet")
    NON_DEMARRE = ("non_demarre", "Non démarré")
    EN_COURS = ("en_cours", "En cours")
    PIECES_DEMANDEES = ("pieces_demandees", "Pièces demandées")
    APRES_PIECES = ("apres_pieces", "Après les pièces")
    GRACIEUX_EN_COURS = ("gracieux_en_cours", "Lettre d'observations en cours")
    APRES_REJET = ("apres_rejet", "Après le rejet de la lettre")
    DEFERE = ("defere", "Déféré")
    EXPIRE = ("expire", "Expiré")
    EXPIRE_RESERVE = ("expire_reserve", "Expiré, sous réserve")

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label


@dataclass(frozen=True, slots=True)
class Asked:
    """A timely request for documents; without an answer it is refused on ``tacit``."""

    by: LegalEvent
    tacit: date
    answer: LegalEvent | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A timely lettre d'observations; without an answer it is rejected on ``tacit``.

    ``late_until`` is the day until which an answer out of time would keep the préfet in time, were
    silence no rejection (C-9).
    """

    by: LegalEvent
    tacit: date
    answer: LegalEvent | None = None
    late_until: date | None = None


@dataclass(frozen=True, slots=True)
class Control:
    """Both tracks of the control of a received act, and the days that follow.

    ``initial`` follows the file and its documents, ``after_letter`` the letter. ``needs_answer``:
    silence to the letter may be no rejection (C-9), and ``blocked`` that it is held to be none.
    ``renounced`` is the day on which a renunciation ended the control (C-19). ``ignored`` are the
    events that change nothing, each with the French reason.
    """

    received: date
    initial: date
    asked: Asked | None = None
    letter: Letter | None = None
    after_letter: date | None = None
    needs_answer: bool = False
    blocked: bool = False
    filed: LegalEvent | None = None
    renounced: date | None = None
    ignored: tuple[tuple[LegalEvent, str], ...] = ()

    @property
    def silent_last_day(self) -> date:
        """The last day if silence rejects the letter: the later of both tracks (DF-3)."""
        return max(self.initial, self.after_letter or self.initial)

    @property
    def last_day(self) -> date | None:
        """Last day, included, on which the préfet may refer the act to the court.

        None while only an express answer to the letter could set one (C-9).
        """
        return None if self.blocked and self.unanswered else self.silent_last_day

    @property
    def unanswered(self) -> bool:
        """Whether a letter about a délibération has had no express answer in time (C-9)."""
        return self.needs_answer and self.letter is not None and self.letter.answer is None

    @property
    def margin(self) -> int | None:
        """Days between the filing and the last day: negative when late, None if not both."""
        if self.filed is None or self.last_day is None:
            return None
        return (self.last_day - self.filed.sent).days

    def is_provisional(self, today: date) -> bool:
        """Whether the last day supposes a silence that an answer may still break."""
        if self.filed is not None or self.renounced is not None:
            return False
        if self.asked is not None and self.asked.answer is None and today <= self.initial:
            return True
        unanswered = self.letter is not None and self.letter.answer is None
        return unanswered and (self.last_day is None or today <= self.silent_last_day)


def control_state(control: Control | None, today: date) -> ControlState:
    """Where the control of an act that must be transmitted stands on ``today``.

    Without a running receipt it has not begun (DF-11). A déféré, known late or not, stands whatever
    the day; « expiré » only says that no déféré is known (DF-1). ``SANS_OBJET`` is never answered
    here: it is for acts outside the control (TR-5).
    """
    if control is None:
        return ControlState.NON_DEMARRE
    if control.filed is not None:
        return ControlState.DEFERE
    if control.renounced is not None and today > control.renounced:
        return ControlState.EXPIRE
    if control.last_day is not None and today > control.last_day:
        return ControlState.EXPIRE_RESERVE if _reserved(control, today) else ControlState.EXPIRE
    return _running_state(control, today)


def _reserved(control: Control, today: date) -> bool:
    """Whether silence, were it no rejection, would still leave the préfet in time (C-9)."""
    if not control.unanswered or control.letter is None:
        return False
    return control.letter.late_until is None or today <= control.letter.late_until


def _running_state(control: Control, today: date) -> ControlState:
    asked, letter = control.asked, control.letter
    if asked is not None and asked.answer is None and today <= asked.tacit:
        return ControlState.PIECES_DEMANDEES
    if letter is not None and letter.answer is None and today <= letter.tacit:
        return ControlState.GRACIEUX_EN_COURS
    if letter is not None and (
        control.last_day is None or control.silent_last_day > control.initial
    ):
        return ControlState.APRES_REJET
    return ControlState.EN_COURS if asked is None else ControlState.APRES_PIECES
