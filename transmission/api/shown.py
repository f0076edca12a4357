"""What the register says of an act, in the shapes of the API."""

from collections.abc import Sequence

from transmission.api import schemas
from transmission.domain.legal.controle import ControlState
from transmission.domain.legal.dates import LegalDate
from transmission.domain.legal.noms import LABELS
from transmission.domain.legal.reading import ActeState, Reading
from transmission.domain.legal.recours import ThirdPartyState
from transmission.domain.messages import label_of
from transmission.domain.transmission import Transmission
from transmission.domain.waiting import reason
from transmission.store.queries import OwnedFile, Thread
from transmission.store.queries.changes import Change
from transmission.store.queries.own_actes import OwnActe

ACTES = "/api/v1/actes"


def link(acte_id: int) -> str:
    """The address of an act."""
    return f"{ACTES}/{acte_id}"


def resume(acte: OwnActe) -> schemas.Resume:
    """An act in a list."""
    return schemas.Resume(
        id=acte.id,
        lien=link(acte.id),
        numero=acte.numero_interne,
        date=acte.date_decision,
        nature=schemas.Libelle(code=acte.nature.abrege, libelle=acte.nature.label),
        matiere=acte.matiere,
        objet=acte.objet,
        document_papier=acte.document_papier,
        id_acte=acte.id_acte,
        remis_le=acte.accepted_at,
        remis_par=acte.accepted_by,
        etat=schemas.Etat(code=acte.state.code, libelle=acte.state.label, depuis=acte.state_since),
        attend=reason(acte.state, acte.waiting_for),
        date_reception=acte.date_reception,
    )


def envoi(sent: Transmission) -> schemas.Envoi:
    """A sending about an act."""
    return schemas.Envoi(
        id=sent.id,
        message=_message(sent.message),
        id_acte=str(sent.id_acte),
        etat=_etat(sent),
        attend=reason(sent.state, sent.waiting_for, sent.message),
        date_reception=sent.date_reception,
    )


def fichiers(acte_id: int, files: Sequence[OwnedFile]) -> list[schemas.Fichier]:
    """The files of an act, each with the address of its content."""
    return [
        schemas.Fichier(
            sha256=owned.file.sha256,
            octets=owned.file.size,
            nom=owned.name,
            type=owned.extension,
            lien=f"{link(acte_id)}/fichiers/{owned.file.sha256}",
        )
        for owned in files
    ]


def courrier(thread: Thread) -> schemas.Courrier:
    """A letter of the préfecture."""
    letter = thread.letter
    return schemas.Courrier(
        id=letter.id,
        message=_message(letter.message),
        date=letter.date_courrier,
        texte=letter.texte,
        recu_le=letter.received_at,
        documents=[
            schemas.Document(nom=kept.nom_fichier, sha256=kept.file.sha256, octets=kept.file.size)
            for kept in thread.documents
        ],
        reponse=_etat(thread.answer) if thread.answer else None,
    )


def lecture(reading: Reading) -> schemas.Lecture:
    """What the legal clock says."""
    return schemas.Lecture(
        jour=reading.today,
        acte=_state(reading.acte_state),
        controle=_state(reading.control_state),
        tiers=_state(reading.third_state),
        dates=[_date(each) for each in reading.dates],
        avertissements=list(reading.warnings),
    )


def changement(change: Change) -> schemas.Changement:
    """Something that happened."""
    return schemas.Changement(
        curseur=change.id,
        acte=change.acte_id,
        lien=link(change.acte_id),
        numero=change.numero_interne,
        message=change.message,
        evenement=change.event,
        de=change.source.code if change.source else None,
        vers=change.target.code if change.target else None,
        quand=change.at,
        auteur=change.author,
        motif=change.reason,
    )


def _date(each: LegalDate) -> schemas.DateLegale:
    return schemas.DateLegale(
        nom=each.name,
        libelle=LABELS.get(each.name, each.titre),
        jour=each.day,
        nature=schemas.Libelle(code=each.kind.code, libelle=each.kind.label),
        regle=each.rule,
        fondement=each.basis,
        provisoire=each.provisional,
        explication=each.explanation,
    )


def _state(state: ActeState | ControlState | ThirdPartyState) -> schemas.Libelle:
    return schemas.Libelle(code=state.code, libelle=state.label)


def _message(code: str) -> schemas.Libelle:
    return schemas.Libelle(code=code, libelle=label_of(code))


def _etat(sent: Transmission) -> schemas.Etat:
    return schemas.Etat(code=sent.state.code, libelle=sent.state.label, depuis=sent.state_since)
