"""Keep the classification of an authority current: fetch it, or ask for it."""

from datetime import date, timedelta

from transmission.actes.messages import build_demande_classification
from transmission.actes.retours import read_retour
from transmission.domain.acte import Classification, DemandeClassification
from transmission.domain.errors import TransmissionError
from transmission.domain.identifiers import NomFichier
from transmission.domain.outcomes import Accepted, CannotTell, Duplicate, Outcome
from transmission.domain.retours import RetourClassification
from transmission.domain.transmission import StoredFile
from transmission.ports import Parcel, TdtConnector
from transmission.services.prepare import sealed_archive
from transmission.services.toolbox import Toolbox

ASKED_EVERY = timedelta(hours=1)
"""The ministry is asked no oftener for an authority, whatever the number of acts refused."""


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


def kept_classification(tools: Toolbox, file: StoredFile) -> Classification:
    """A classification that is kept; read once for all the acts which use it.

    Raises UnreadableRetourError, DamagedDocumentError.
    """
    known = _READ.get(file.sha256)
    if known is None:
        known = classification_of(tools.documents.read(file))
        if len(_READ) >= _READ_MAX:
            _READ.clear()
        _READ[file.sha256] = known
    return known


# By digest: one content is one classification, whoever it belongs to.
_READ: dict[str, Classification] = {}
_READ_MAX = 64


def classify(tools: Toolbox, authority_id: int) -> date:
    """Store the last classification that the TdT holds for an authority; its date.

    Asks the TdT to request one when it holds none. Old versions stay: an act keeps the one it
    was taken in charge with. Raises ClassificationUnavailableError, TdtConfigurationError.
    """
    tools.answer("classify", authority_id)
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
        outcome = _ask(tools, connector, authority_id, held[0] if held else None)
        if held is not None and not tools.tdts.capabilities(collectivite.tdt).gives_classification:
            # The answer comes by the inbox, if the one held is not the current one.
            return held[0]
        raise _none_yet(collectivite.tdt.nom, outcome)
    file = tools.documents.put_bytes(fetched)
    version = classification_of(fetched).date_classification
    with tools.register() as unit:
        unit.add_classification(authority_id, version, file, tools.clock.now())
        unit.commit()
    return version


def _ask(
    tools: Toolbox, connector: TdtConnector, authority_id: int, held: date | None
) -> Outcome | None:
    """Send a 7-1, unless one was sent lately: None then (ACTES protocol §5.4)."""
    now = tools.clock.now()
    with tools.register() as unit:
        if not unit.may_ask_classification(authority_id, now, now - ASKED_EVERY):
            return None
        collectivite = unit.authority(authority_id).collectivite
        name = str(NomFichier.for_classification(collectivite.departement, collectivite.siren))
        enveloppe, archive = sealed_archive(
            tools, unit, authority_id, name, build_demande_classification(held), ()
        )
        unit.commit()
    parcel = Parcel(
        message=DemandeClassification(held),
        stem=name.removesuffix("_0.xml"),
        archive_name=enveloppe.archive(collectivite.tdt.trigramme),
        archive_size=archive.size,
        archive_sha256=archive.sha256,
        open_archive=lambda: tools.documents.open(archive),
        documents=(),
    )
    return connector.request_classification(parcel).outcome


def _none_yet(tdt: str, outcome: Outcome | None) -> ClassificationUnavailableError:
    if outcome is None or isinstance(outcome, Accepted | Duplicate):
        return ClassificationUnavailableError(
            f"{tdt} n'a encore aucune classification : elle vient d'être demandée au ministère. "
            "Réessayez dans quelques minutes."
        )
    return ClassificationUnavailableError(
        f"{tdt} n'a aucune classification, et n'a pas accepté de la demander ({outcome.reason})."
    )
