"""What its events have made of an act: force, control, appeals, suspensions (legal clock §15.1)."""

from dataclasses import dataclass
from datetime import date

from transmission.domain.legal.controle import Control
from transmission.domain.legal.horloge_dossier import Dossier
from transmission.domain.legal.horloge_exposition import Exposition, exposition_of
from transmission.domain.legal.horloge_force import executory_day
from transmission.domain.legal.horloge_recours import Recours, recours_of
from transmission.domain.legal.horloge_suspension import Suspensions, suspensions_of


@dataclass(frozen=True, slots=True)
class Course:
    """``exposition`` is that of an act that need not be transmitted, once it has force."""

    dossier: Dossier
    executory: date | None
    exposition: Exposition | None
    recours: Recours
    suspensions: Suspensions

    @property
    def control(self) -> Control | None:
        """The control that runs, of a receipt or of a communication; None without one."""
        if self.dossier.portee.must_transmit:
            return self.dossier.receipt
        return self.exposition.control if self.exposition else None


def course_of(dossier: Dossier) -> Course:
    """Follow an act through its log."""
    executory = executory_day(dossier)
    exposed = not dossier.portee.must_transmit and not dossier.outside
    return Course(
        dossier,
        executory,
        exposition_of(dossier, executory) if exposed else None,
        recours_of(dossier),
        suspensions_of(dossier),
    )
