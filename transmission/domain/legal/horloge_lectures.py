"""The other readings of the contested points that an act meets (legal clock §14)."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from transmission.domain.legal.evenements import EventKind
from transmission.domain.legal.horloge_dossier import Dossier
from transmission.domain.legal.periods import MonthEnd
from transmission.domain.legal.settings import (
    AnnulationEffect,
    ArDate,
    LegalSettings,
    PartialPieces,
    Timeliness,
)

_OTHER: dict[Any, Any] = {
    True: False,
    False: True,
    MonthEnd.CLIP_THEN_PLUS_ONE: MonthEnd.DAY_AFTER,
    MonthEnd.DAY_AFTER: MonthEnd.CLIP_THEN_PLUS_ONE,
    MonthEnd.NO_PLUS_ONE: MonthEnd.CLIP_THEN_PLUS_ONE,
    ArDate.AR: ArDate.SENT,
    ArDate.SENT: ArDate.AR,
    Timeliness.DISPATCH: Timeliness.RECEIPT,
    Timeliness.RECEIPT: Timeliness.DISPATCH,
    AnnulationEffect.VOID: AnnulationEffect.INFORMATIVE,
    AnnulationEffect.INFORMATIVE: AnnulationEffect.VOID,
    PartialPieces.NOT_RESTART: PartialPieces.RESTART,
    PartialPieces.RESTART: PartialPieces.NOT_RESTART,
}
_WHY: dict[tuple[str, Any], str] = {
    ("r4213_blocks_expiry", False): "si le silence vaut rejet de la lettre (C-9)",
    ("r4213_blocks_expiry", True): "si le silence ne vaut pas rejet de la lettre (C-9)",
    ("reglement_next_day", True): "si un règlement n'entre en vigueur que le lendemain de sa "
    "publicité (CRPA L. 221-2, C-12)",
    ("reglement_next_day", False): "si un règlement entre en vigueur le jour même de sa publicité "
    "(C-12)",
    ("plu_month_plus_one", False): "si l'on ne compte pas le lendemain de l'échéance (C-16)",
    ("plu_month_plus_one", True): "si l'on attend le lendemain de l'échéance (C-16)",
    ("urba_lo_extends", False): "si l'article L. 600-12-2 du code de l'urbanisme prive d'effet la "
    "lettre du préfet (C-8)",
    ("urba_lo_extends", True): "si la lettre du préfet prolonge encore le délai (C-8)",
    ("late_pieces_restart", False): "si des pièces reçues après le refus implicite ne rouvrent "
    "rien (C-5)",
    ("late_pieces_restart", True): "si des pièces reçues après le refus implicite rouvrent le "
    "délai (C-5)",
    ("pieces_after_lo", False): "si une demande de pièces postérieure à la lettre est sans effet "
    "(C-6)",
    ("pieces_after_lo", True): "si une demande de pièces postérieure à la lettre compte (C-6)",
    ("gracieux_timeliness", Timeliness.RECEIPT): "si la lettre doit être reçue, et non seulement "
    "envoyée, dans le délai (C-4)",
    ("gracieux_timeliness", Timeliness.DISPATCH): "s'il suffit que la lettre soit envoyée dans le "
    "délai (C-4)",
    ("second_gracieux_extends", True): "si une seconde lettre prolonge aussi le délai (C-7)",
    ("second_gracieux_extends", False): "si une seule lettre prolonge le délai (C-7)",
    ("partial_pieces", PartialPieces.RESTART): "si une partie des pièces suffit (C-18)",
    ("partial_pieces", PartialPieces.NOT_RESTART): "si une partie des pièces ne suffit pas (C-18)",
    ("annulation_effect", AnnulationEffect.INFORMATIVE): "si l'annulation de la transmission "
    "n'efface pas la réception (C-17)",
    ("annulation_effect", AnnulationEffect.VOID): "si l'annulation de la transmission efface la "
    "réception (C-17)",
    ("ar_date_source", ArDate.SENT): "si la date de l'envoi compte (C-3)",
    ("ar_date_source", ArDate.AR): "si la date de l'accusé de réception compte (C-3)",
    ("month_end_rule", MonthEnd.DAY_AFTER): "si les mois se comptent du lendemain (C-2)",
    ("month_end_rule", MonthEnd.CLIP_THEN_PLUS_ONE): "si le délai franc finit le lendemain de "
    "l'échéance (C-2)",
    ("franc_deferre", False): "si le délai du déféré n'est pas franc (C-1)",
    ("franc_deferre", True): "si le délai du déféré est franc (C-1)",
}


def other_readings(dossier: Dossier) -> Iterator[tuple[LegalSettings, str]]:
    """Settings with one point read the other way, and why in French: what the act meets first."""
    for name in (*_met(dossier), "month_end_rule", "franc_deferre"):
        yield other_reading(dossier.settings, name)


def receipt_readings(dossier: Dossier) -> Iterator[tuple[LegalSettings, str]]:
    """The same, of the points that give the act another receipt (C-3, C-17)."""
    for name in _met(dossier):
        if name in ("annulation_effect", "ar_date_source"):
            yield other_reading(dossier.settings, name)


def other_reading(settings: LegalSettings, name: str) -> tuple[LegalSettings, str]:
    """One point read the other way, and why in French."""
    other = _OTHER[getattr(settings, name)]
    changed: dict[str, Any] = {name: other}
    return replace(settings, **changed), _WHY[(name, other)]


def _met(dossier: Dossier) -> Iterator[str]:
    """Points that turn on what happened to the act."""
    kinds = {event.kind for event in dossier.events}
    letters = dossier.of(EventKind.LETTRE_OBSERVATIONS)
    if letters and dossier.voted:
        yield "r4213_blocks_expiry"
    if letters and dossier.acte.urban_decision is not None:
        yield "urba_lo_extends"
    if EventKind.DEMANDE_PIECES in kinds and kinds & {EventKind.PIECES, EventKind.REFUS_PIECES}:
        yield "late_pieces_restart"
        yield "partial_pieces"
    if letters and EventKind.DEMANDE_PIECES in kinds:
        yield "pieces_after_lo"
    if any(event.sent != event.received for event in letters):
        yield "gracieux_timeliness"
    if len(letters) > 1:
        yield "second_gracieux_extends"
    if EventKind.ANNULATION in kinds:
        yield "annulation_effect"
    receipts = dossier.of(EventKind.ACCUSE_RECEPTION)
    if any(event.sent != event.received for event in receipts):
        yield "ar_date_source"
