"""What the clock answers about one act on one day (legal clock §15.2 and §15.4)."""

from dataclasses import dataclass
from datetime import date
from enum import Enum

from transmission.domain.legal.controle import Control, ControlState
from transmission.domain.legal.dates import DateKind, LegalDate
from transmission.domain.legal.evenements import LegalEvent
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.portee import Portee
from transmission.domain.legal.recours import ThirdPartyState
from transmission.domain.legal.sujets import LegalActe, LegalAuthority


class ActeState(Enum):
    """Where an act stands in law: code kept, label shown (legal clock §15.2)."""

    ADOPTE = ("adopte", "Adopté")
    SIGNE = ("signe", "Signé")
    TRANSMIS = ("transmis", "Transmis")
    ANOMALIE = ("anomalie", "Anomalie : non reçu")
    PUBLIE = ("publie", "Publié")
    EXECUTOIRE = ("executoire", "Exécutoire")
    SUSPENDU = ("suspendu", "Suspendu")
    RETIRE = ("retire", "Retiré")
    ABROGE = ("abroge", "Abrogé")
    ANNULE_JUGE = ("annule_juge", "Annulé par le juge")
    TRANSMISSION_ANNULEE = ("transmission_annulee", "Transmission annulée")

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label


@dataclass(frozen=True, slots=True)
class Reading:
    """One act read on ``today``, a civil day of its authority.

    ``dates`` are in the order of their days, unknown ones last; ``events`` are the log in its
    order, and ``ignored`` those of them that change nothing, each with the French reason.
    ``control`` is that of the receipt that runs or, for an act that need not be transmitted, of its
    communication; None without one. ``next_turn`` is the first day
    after ``today`` on which time alone may change something, None when nothing more is to come.
    """

    acte: LegalActe
    owner: LegalAuthority
    today: date
    portee: Portee
    acte_state: ActeState
    control_state: ControlState
    third_state: ThirdPartyState
    dates: tuple[LegalDate, ...]
    events: tuple[LegalEvent, ...]
    ignored: tuple[tuple[LegalEvent, str], ...] = ()
    warnings: tuple[str, ...] = ()
    control: Control | None = None
    next_turn: date | None = None

    def named(self, name: DateName) -> LegalDate | None:
        """The date of that name, known or not; None when the act has no such date."""
        return next((each for each in self.dates if each.name == name.code), None)

    def day(self, name: DateName) -> date | None:
        """Its day, None when it is unknown or the act has no such date."""
        found = self.named(name)
        return found.day if found else None

    def running(self) -> tuple[LegalDate, ...]:
        """Limits that are not past: last days and duties on ``today`` or later."""
        return tuple(
            each
            for each in self.dates
            if each.kind is not DateKind.STATUS and each.day is not None and each.day >= self.today
        )
