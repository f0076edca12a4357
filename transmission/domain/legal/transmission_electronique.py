"""Transmission by wire: who must, by which channel, and what to watch for (legal clock EL-1 to 7).

The receipt that starts the clock is followed with the déféré; nothing here gives a date.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from transmission.domain.legal.evenements import EventKind, LegalEvent, in_order
from transmission.domain.legal.sujets import ActeKind, AuthorityKind, LegalActe, LegalAuthority

OBLIGATION = date(2020, 8, 7)
"""First day of the duty to transmit by wire (law n° 2015-991, art. 107 and 128)."""

_LARGE = 50_000
_GENERALISED = 2026
"""Financial year from which every budget goes by wire, with the CFU."""

_ALWAYS = (AuthorityKind.REGION, AuthorityKind.DEPARTEMENT, AuthorityKind.EPCI_FISCALITE_PROPRE)


class Devoir(Enum):
    """Whether an act must go by wire."""

    OBLIGATOIRE = ("obligatoire", "Télétransmission obligatoire")
    FACULTATIVE = ("facultative", "Télétransmission facultative")
    A_CONFIRMER = ("a_confirmer", "Télétransmission à confirmer")

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label


@dataclass(frozen=True, slots=True)
class ElectronicDuty:
    """The answer of EL-1 and why, in French."""

    devoir: Devoir
    raison: str
    warnings: tuple[str, ...] = ()
    rule: str = "EL-1"


class Channel(Enum):
    """How an act reaches the préfet, and what proves the day of its receipt (EL-3, EL-4)."""

    ACTES = ("actes", "Télétransmission", "accusé de réception de @CTES")
    PAPIER = ("papier", "Papier", "avis de réception postal, ou tampon daté de la préfecture")
    AUTRE = ("autre", "Autre moyen", "tout écrit qui établit le jour de la réception")

    def __init__(self, code: str, label: str, preuve: str) -> None:
        self.code = code
        self.label = label
        self.preuve = preuve


@dataclass(frozen=True, slots=True)
class ChannelChoice:
    """The channel to use, the rule, and why in French."""

    channel: Channel
    rule: str
    raison: str


@dataclass(frozen=True, slots=True)
class Reception:
    """An act received by the State: through which channel, on which day, proved by what.

    The day of @CTES is the ``DateReception`` of the AR, which has no time. An anomaly is no
    reception. Source: CGCT L. 2131-1, R. 2131-4; EL-3, EL-4.
    """

    channel: Channel
    date_reception: date
    preuve: str | None = None


def electronic_duty(owner: LegalAuthority, acte: LegalActe, day: date) -> ElectronicDuty:
    """Whether the act must be transmitted by wire on ``day``.

    Source: law n° 2015-991 art. 107 and 128, CGCT L. 5211-3; EL-1.
    """
    if day < OBLIGATION:
        return ElectronicDuty(Devoir.FACULTATIVE, "Aucune obligation avant le 7 août 2020.")
    duty = _duty(owner, acte)
    if duty.devoir is not Devoir.OBLIGATOIRE or _has_convention(owner, day):
        return duty
    warning = f"Aucune convention avec le préfet au {day:%d/%m/%Y} : signez-la."
    return replace(duty, warnings=(*duty.warnings, warning))


def channel_for(
    owner: LegalAuthority, day: date, *, suspended: bool = False, failing: bool = False
) -> ChannelChoice:
    """The channel of an act of the categories that the convention names, on ``day``.

    ``suspended`` says that the préfet suspended the convention in writing, ``failing`` that the
    wire does not work. Source: CGCT R. 2131-3, R. 2131-4; EL-2, EL-4, EL-7.
    """
    if suspended:
        return _on_paper("EL-4", "Le préfet a suspendu la convention : envoyez sur papier.")
    if failing:
        return _on_paper("EL-4", "Panne : envoyez sur papier, ou par un moyen qui se prouve.")
    if not _has_convention(owner, day):
        return _on_paper("EL-2", "Aucune convention en vigueur avec le préfet : sur papier.")
    return ChannelChoice(
        Channel.ACTES, "EL-7", "Par @CTES et par ce seul moyen : ne doublez pas l'envoi sur papier."
    )


def _on_paper(rule: str, raison: str) -> ChannelChoice:
    return ChannelChoice(Channel.PAPIER, rule, raison)


def reception_warnings(receptions: Iterable[Reception]) -> tuple[str, ...]:
    """What is odd in the receptions of one act (French; EL-4, EL-6, EL-7)."""
    known = list(receptions)
    found = [
        f"Réception du {each.date_reception:%d/%m/%Y} sans preuve : il faut {each.channel.preuve}."
        for each in known
        if each.preuve is None
    ]
    if len({each.channel for each in known}) > 1:
        found.append("L'acte a été envoyé par deux canaux : un seul suffit.")
    return tuple(found)


def unasked_pieces(events: Iterable[LegalEvent]) -> tuple[str, ...]:
    """A warning for each sending of documents that no request had asked for (French; EL-5)."""
    asked = False
    found = []
    for event in in_order(events):
        if event.kind is EventKind.DEMANDE_PIECES:
            asked = True
        elif event.kind is EventKind.PIECES and not asked:
            found.append(
                f"Pièces reçues le {event.received:%d/%m/%Y} sans demande : les annexes vont avec "
                "l'acte, un envoi séparé ne le complète pas."
            )
    return tuple(found)


_ALREADY = {
    EventKind.PUBLICATION: "l'acte est publié",
    EventKind.AFFICHAGE_URGENCE: "l'acte est affiché en urgence",
    EventKind.NOTIFICATION: "l'acte est notifié",
    EventKind.DEMANDE_PIECES: "la préfecture a demandé des pièces",
    EventKind.LETTRE_OBSERVATIONS: "la préfecture a envoyé une lettre d'observations",
    EventKind.DEFERE: "le préfet a déféré l'acte",
    EventKind.SUSPENSION: "le préfet a demandé la suspension de l'acte",
}


def annulation_needs_a_person(
    events: Iterable[LegalEvent], executoire: date | None, today: date
) -> tuple[str, ...]:
    """Why a person must confirm the annulation of this transmission (French); empty when nothing.

    An annulation cancels the transmission, never the act. Source: EL-6.
    """
    seen = {event.kind for event in events if event.received <= today}
    found = [why for kind, why in _ALREADY.items() if kind in seen]
    if executoire is not None and executoire <= today:
        found.insert(0, f"l'acte est exécutoire depuis le {executoire:%d/%m/%Y}")
    return tuple(
        f"{why[0].upper()}{why[1:]} : annuler la transmission n'annule pas l'acte." for why in found
    )


def _duty(owner: LegalAuthority, acte: LegalActe) -> ElectronicDuty:
    if owner.kind in _ALWAYS:
        return ElectronicDuty(
            Devoir.OBLIGATOIRE, f"{owner.kind.label} : quelle que soit sa population."
        )
    if owner.kind is AuthorityKind.INCONNUE:
        return ElectronicDuty(Devoir.A_CONFIRMER, "La catégorie de l'autorité n'est pas connue.")
    if owner.kind is AuthorityKind.COMMUNE and owner.population is None:
        return ElectronicDuty(Devoir.A_CONFIRMER, "La population de la commune n'est pas connue.")
    if owner.kind is AuthorityKind.COMMUNE and _is_large(owner):
        return ElectronicDuty(Devoir.OBLIGATOIRE, "Commune de plus de 50 000 habitants.")
    if acte.kind is ActeKind.BUDGET or acte.budget is not None:
        return _budget(owner, acte)
    return ElectronicDuty(Devoir.FACULTATIVE, f"{owner.kind.label} : aucun texte ne l'y oblige.")


def _budget(owner: LegalAuthority, acte: LegalActe) -> ElectronicDuty:
    exercice = acte.budget.exercice if acte.budget else None
    if exercice is not None and exercice >= _GENERALISED:
        return ElectronicDuty(
            Devoir.OBLIGATOIRE,
            f"Document budgétaire de l'exercice {exercice}.",
            ("La généralisation avec le CFU a été lue dans une source secondaire.",),
        )
    if _is_large(owner) or (exercice is None and acte.date_decision.year >= _GENERALISED):
        return ElectronicDuty(
            Devoir.A_CONFIRMER,
            "Document budgétaire : au-dessus de 50 000 habitants, ou à partir de l'exercice 2026.",
        )
    return ElectronicDuty(Devoir.FACULTATIVE, "Document budgétaire d'un exercice avant 2026.")


def _is_large(owner: LegalAuthority) -> bool:
    return owner.population is not None and owner.population > _LARGE


def _has_convention(owner: LegalAuthority, day: date) -> bool:
    return owner.telematics_from is not None and owner.telematics_from <= day
