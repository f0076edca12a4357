"""The préfet's déféré: when it may still come, and what moves that day (legal clock §5).

A receipt starts the clock; requests for documents move one track, the lettre d'observations
another, and the later of both counts. Where this stands on a day is in ``controle``.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from transmission.domain.collectivite import Calendrier
from transmission.domain.legal.controle import Asked, Control, Letter
from transmission.domain.legal.evenements import EventKind, LegalEvent, in_order
from transmission.domain.legal.periods import add_months, franc_months, roll, tacit_date
from transmission.domain.legal.settings import (
    AnnulationEffect,
    ArDate,
    LegalSettings,
    PartialPieces,
    Timeliness,
)

URBAN_REFORM = date(2025, 11, 28)
"""Urban decisions from that day fall under C. urb. L. 600-12-2 (UR-4)."""


def running_control(
    events: Iterable[LegalEvent],
    calendrier: Calendrier,
    settings: LegalSettings,
    urban_decision: date | None = None,
    *,
    deliberation: bool = False,
    not_before: date | None = None,
) -> Control | None:
    """The control of the receipt that runs now; None when none does (CGCT L. 2131-6; DF-11).

    The first receipt counts; an annulation voids it (C-17) and the next receipt starts again,
    without anything of before. Without annulation a second receipt does not (EL-6).
    ``not_before`` is the day on which a tacit authorisation is acquired (UR-2).
    """
    receipt, since, void = _since_the_receipt(events, settings)
    if receipt is None:
        return None
    start = receipt.sent if settings.ar_date_source is ArDate.SENT else receipt.received
    start = max(start, not_before or start)
    control = control_of(
        start, since, calendrier, settings, urban_decision, deliberation=deliberation
    )
    before = [(event, _BEFORE) for event in void if event.kind in _MOVES]
    return replace(control, ignored=(*before, *control.ignored))


def control_of(
    received: date,
    events: Iterable[LegalEvent],
    calendrier: Calendrier,
    settings: LegalSettings,
    urban_decision: date | None = None,
    *,
    deliberation: bool = False,
) -> Control:
    """Follow the events of one receipt, in the order in which they reached their addressee.

    ``received`` is the day of the AR, or of the complete file of a tacit authorisation (UR-2);
    ``urban_decision`` the day of a decision on an urban authorisation (UR-4); ``deliberation``
    tells the act of an assembly, to which CJA R. 421-3 may apply (C-9).
    A request by a third party does not move it (DF-7), nor does the publication. It is the same
    for a contract (DF-14). Source: CGCT L. 2131-6, L. 3132-1, L. 4142-1, L. 5211-3; CE 5 June 2009
    n° 312682; DF-1 to DF-5.
    """
    walk = _Walk(calendrier, settings, urban_decision)
    control = Control(
        received,
        defere_months(received, calendrier, settings),
        needs_answer=deliberation,
        blocked=settings.r4213_blocks_expiry,
    )
    for event in in_order(events):
        control = walk.follow(control, event)
    return control


def defere_months(day: date, calendrier: Calendrier, settings: LegalSettings) -> date:
    """Last day of the préfet's two months counted from ``day`` (DF-1; C-1, C-2)."""
    if settings.franc_deferre:
        return franc_months(day, 2, calendrier, settings.month_end_rule)
    return roll(add_months(day, 2), calendrier)


def defence_last_day(start: date, calendrier: Calendrier, settings: LegalSettings) -> date:
    """Last day to refer to the Conseil d'État an act that impairs a defence installation.

    ``start`` is the transmission, or the publication; for information only. Source: CGCT
    L. 1111-7, CJA L. 554-4; DF-12.
    """
    return defere_months(start, calendrier, settings)


def no_position_on(received: date) -> date:
    """Day on which the préfet's silence on a draft is no position: three months, never carried.

    ``received`` is the receipt of the request, or of the complements that he asked for. Source:
    CGCT L. 1116-1, R. 1116-1 to R. 1116-5; DF-13.
    """
    return tacit_date(received, 3)


def _since_the_receipt(
    events: Iterable[LegalEvent], settings: LegalSettings
) -> tuple[LegalEvent | None, list[LegalEvent], list[LegalEvent]]:
    """The receipt that counts, what followed it, and what came before."""
    receipt: LegalEvent | None = None
    since: list[LegalEvent] = []
    void: list[LegalEvent] = []
    for event in in_order(events):
        starts = event.kind is EventKind.ACCUSE_RECEPTION
        if starts and (receipt is None or settings.retransmission_restarts):
            receipt, since, void = event, [], void + since
        elif _voids(event, settings):
            receipt, since, void = None, [], void + since
        else:
            since.append(event)
    return receipt, since, void


def _voids(event: LegalEvent, settings: LegalSettings) -> bool:
    voids = settings.annulation_effect is AnnulationEffect.VOID
    return voids and event.kind is EventKind.ANNULATION


_BEFORE = "antérieure à la réception qui compte (EL-6)"
_MOVES = (
    EventKind.DEMANDE_PIECES,
    EventKind.PIECES,
    EventKind.REFUS_PIECES,
    EventKind.LETTRE_OBSERVATIONS,
    EventKind.REPONSE_LETTRE,
    EventKind.RENONCIATION,
    EventKind.DEFERE,
)


@dataclass(frozen=True, slots=True)
class _Walk:
    calendrier: Calendrier
    settings: LegalSettings
    urban_decision: date | None

    def follow(self, control: Control, event: LegalEvent) -> Control:
        if control.filed is not None and event.kind in _MOVES:
            return _ignored(control, event, "postérieure au déféré, qui arrête le délai")
        match event.kind:
            case EventKind.DEMANDE_PIECES:
                return self._asked(control, event)
            case EventKind.PIECES | EventKind.REFUS_PIECES:
                return self._pieces(control, event)
            case EventKind.LETTRE_OBSERVATIONS:
                return self._letter(control, event)
            case EventKind.REPONSE_LETTRE:
                return self._answer(control, event)
            case EventKind.RENONCIATION:
                return self._renounced(control, event)
            case EventKind.DEFERE:
                return replace(control, filed=event)
            case EventKind.ACCUSE_RECEPTION:
                return _ignored(control, event, "l'acte était déjà reçu (EL-6)")
            case EventKind.ANNULATION:
                return _ignored(control, event, "elle n'efface pas la réception (C-17)")
        return control

    def _asked(self, control: Control, event: LegalEvent) -> Control:
        if event.sent > control.initial:
            return _ignored(control, event, "envoyée après le dernier jour du délai")
        if control.letter is not None and not self.settings.pieces_after_lo:
            return _ignored(control, event, "postérieure à la lettre d'observations (C-6)")
        if control.asked is not None and not self.settings.repeat_requests:
            return _ignored(control, event, "une première demande a déjà été faite")
        tacit = tacit_date(event.received)
        return replace(control, asked=Asked(event, tacit), initial=self._two_months(tacit))

    def _pieces(self, control: Control, event: LegalEvent) -> Control:
        asked = control.asked
        if asked is None or asked.answer is not None:
            return _ignored(control, event, "aucune demande de pièces ne l'attend")
        if event.received > control.initial:
            return _ignored(control, event, "reçue après le dernier jour du délai")
        if event.received > asked.tacit and not self.settings.late_pieces_restart:
            return _ignored(control, event, "reçue après le refus implicite (C-5)")
        if not event.complete and self.settings.partial_pieces is PartialPieces.NOT_RESTART:
            return _ignored(control, event, "il manque encore des pièces (C-18)")
        answered = replace(asked, answer=event)
        # Documents of before a receipt complete it, and take nothing from its two months.
        start = max(control.received, event.received)
        return replace(control, asked=answered, initial=self._two_months(start))

    def _letter(self, control: Control, event: LegalEvent) -> Control:
        if not self.settings.lo_is_gracieux:
            return _ignored(control, event, "les lettres n'y sont pas tenues pour des recours")
        if control.letter is not None and not self.settings.second_gracieux_extends:
            return _ignored(control, event, "une seule lettre prolonge le délai (C-7)")
        limit = control.initial if control.letter is None else control.silent_last_day
        if self._made_on(event) > limit:
            return _ignored(control, event, "envoyée après le dernier jour du délai")
        if self._is_urban() and not self.settings.urba_lo_extends:
            return _ignored(control, event, "sans effet en urbanisme (C. urb. L. 600-12-2, C-8)")
        tacit = tacit_date(event.received)
        return replace(control, letter=Letter(event, tacit), after_letter=self._two_months(tacit))

    def _answer(self, control: Control, event: LegalEvent) -> Control:
        letter, limit = control.letter, control.after_letter
        if letter is None or limit is None or letter.answer is not None:
            return _ignored(control, event, "aucune lettre d'observations ne l'attend")
        until = self._two_months(event.received)
        if event.received > limit and not (control.needs_answer and control.blocked):
            late = _ignored(control, event, "reçue après le dernier jour du délai")
            return replace(late, letter=replace(letter, late_until=letter.late_until or until))
        return replace(control, letter=replace(letter, answer=event), after_letter=until)

    def _renounced(self, control: Control, event: LegalEvent) -> Control:
        if not self.settings.renonciation_ends_clock:
            return _ignored(control, event, "une renonciation n'engage pas le préfet (C-19)")
        return replace(control, renounced=control.renounced or event.received)

    def _two_months(self, day: date) -> date:
        return defere_months(day, self.calendrier, self.settings)

    def _made_on(self, event: LegalEvent) -> date:
        dispatched = self.settings.gracieux_timeliness is Timeliness.DISPATCH
        return event.sent if dispatched else event.received

    def _is_urban(self) -> bool:
        decided = self.urban_decision
        return decided is not None and decided >= URBAN_REFORM


def _ignored(control: Control, event: LegalEvent, why: str) -> Control:
    return replace(control, ignored=(*control.ignored, (event, why)))
