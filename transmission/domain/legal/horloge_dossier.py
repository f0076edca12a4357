"""One act with its log, read once for every date and for the states (legal clock §15.1)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from transmission.domain.french_dates import long_date
from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.controle import Control
from transmission.domain.legal.defere import running_control
from transmission.domain.legal.evenements import EventKind, LegalEvent, in_order
from transmission.domain.legal.horloge_publicite import Publicity, publicity_of
from transmission.domain.legal.portee import Portee, Soumission, must_transmit
from transmission.domain.legal.settings import LegalSettings
from transmission.domain.legal.sujets import ActeKind, Categorie, LegalActe, LegalAuthority

_VOTED = (NatureActe.DELIBERATION, NatureActe.BUDGET)


@dataclass(frozen=True, slots=True)
class Dossier:
    """``receipt`` is the control of the receipt that runs, None without one, whether or not the act
    had to be transmitted; ``events`` are in order, each once."""

    acte: LegalActe
    owner: LegalAuthority
    settings: LegalSettings
    events: tuple[LegalEvent, ...]
    portee: Portee
    publicity: Publicity
    receipt: Control | None

    @property
    def received(self) -> date | None:
        """Day of the receipt that counts (EX-1, DF-1)."""
        return self.receipt.received if self.receipt else None

    @property
    def outside(self) -> bool:
        """Whether the act is outside the control of legality (TR-5)."""
        return self.portee.soumission is Soumission.SANS_OBJET

    @property
    def is_permit(self) -> bool:
        """Whether the act is an urban authorisation, declared or told by its matière."""
        urban = self.acte.categorie is Categorie.AUTORISATION_URBANISME
        return self.acte.tacite or (urban and self.publicity.kind is ActeKind.INDIVIDUEL)

    @property
    def voted(self) -> bool:
        """Whether the act is that of an assembly (C-9)."""
        return self.acte.nature in _VOTED

    @property
    def no_receipt(self) -> str:
        """Why no receipt runs, in French."""
        annulled = self.of(EventKind.ANNULATION)
        if not annulled or self.first(EventKind.ACCUSE_RECEPTION) is None:
            return "aucune réception en préfecture n'est connue"
        return (
            f"la transmission a été annulée le {long_date(annulled[-1].received)} et rien n'a été "
            "reçu depuis"
        )

    def of(self, *kinds: EventKind) -> list[LegalEvent]:
        """Events of some kinds, in order."""
        return [event for event in self.events if event.kind in kinds]

    def first(self, *kinds: EventKind) -> LegalEvent | None:
        """The first event of some kinds."""
        return next((event for event in self.events if event.kind in kinds), None)


def dossier_of(
    acte: LegalActe, owner: LegalAuthority, events: Iterable[LegalEvent], settings: LegalSettings
) -> Dossier:
    """Join an act, its authority and its log."""
    log = tuple(in_order(events))
    return Dossier(
        acte,
        owner,
        settings,
        log,
        must_transmit(owner, acte, settings),
        publicity_of(acte, owner, log),
        receipt_of(acte, owner, log, settings),
    )


def receipt_of(
    acte: LegalActe, owner: LegalAuthority, log: tuple[LegalEvent, ...], settings: LegalSettings
) -> Control | None:
    """The control of the receipt that runs, under some settings.

    That of a tacit authorisation does not begin before it is acquired (UR-2).
    """
    return running_control(
        log,
        owner.calendrier,
        settings,
        acte.urban_decision,
        deliberation=acte.nature in _VOTED,
        not_before=acte.date_decision if acte.tacite else None,
    )
