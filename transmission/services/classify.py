"""Keep the classification of an authority current: fetch it, or ask for it."""

from datetime import date

from transmission.actes.retours import read_retour
from transmission.domain.acte import Classification
from transmission.domain.errors import TransmissionError
from transmission.domain.outcomes import Accepted, CannotTell, Duplicate
from transmission.domain.retours import RetourClassification
from transmission.ports import TdtConnector
from transmission.services.toolbox import Toolbox


class ClassificationUnavailableError(TransmissionError):
    """No classification could be had; the text says why and what happens next."""


def classification_of(raw: bytes) -> Classification:
    """The classification that a 7-2 carries. Raises UnreadableRetourError."""
    retour = read_retour(raw).retour
    if not isinstance(retour, RetourClassification):
        raise ClassificationUnavailableError(
            "Le TdT a donné autre chose qu'une classification (message 7-2). "
            "Signalez-le à son assistance."
        )
    return retour.classification


def classify(tools: Toolbox, authority_id: int) -> date:
    """Store the last classification that the TdT holds for an authority; its date.

    Asks the TdT to request one when it holds none. Old versions stay: an act keeps the one it
    was taken in charge with. Raises ClassificationUnavailableError, TdtConfigurationError.
    """
    with tools.register() as unit:
        collectivite = unit.authority(authority_id).collectivite
        held = unit.classification_file(authority_id)
    connector = tools.tdts.connector(collectivite.tdt)
    fetched = connector.fetch_classification()
    if isinstance(fetched, CannotTell):
        raise ClassificationUnavailableError(
            f"{collectivite.tdt.nom} n'a pas donné la classification ({fetched.reason}). "
            "Une nouvelle tentative aura lieu d'elle-même."
        )
    if fetched is None:
        raise _asked(connector, collectivite.tdt.nom, held[0] if held else None)
    file = tools.documents.put_bytes(fetched)
    version = classification_of(fetched).date_classification
    with tools.register() as unit:
        unit.add_classification(authority_id, version, file, tools.clock.now())
        unit.commit()
    return version


def _asked(connector: TdtConnector, tdt: str, held: date | None) -> ClassificationUnavailableError:
    outcome = connector.request_classification(held).outcome
    if isinstance(outcome, Accepted | Duplicate):
        return ClassificationUnavailableError(
            f"{tdt} n'a encore aucune classification : elle vient d'être demandée au ministère. "
            "Réessayez dans quelques minutes."
        )
    return ClassificationUnavailableError(
        f"{tdt} n'a aucune classification, et n'a pas accepté de la demander ({outcome.reason})."
    )
