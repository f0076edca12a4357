"""What the register says of an act, in the shapes of the API."""

from collections.abc import Iterator, Sequence

from transmission.api import schemas
from transmission.api.problems import as_json
from transmission.domain.errors import Problem
from transmission.domain.legal.controle import ControlState
from transmission.domain.legal.dates import LegalDate
from transmission.domain.legal.noms import LABELS
from transmission.domain.legal.reading import ActeState, Reading
from transmission.domain.legal.recours import ThirdPartyState
from transmission.domain.messages import ANSWERS, label_of
from transmission.domain.pdf_signatures import PdfSignature, ReadSignatures, SignatureAnswer
from transmission.domain.transmission import StoredFile, Transmission
from transmission.domain.waiting import reason
from transmission.ports.time_stamps import KnownTimeStamp
from transmission.store.queries import Answer, JournalLine, LetterLine, OwnedFile, Thread
from transmission.store.queries.changes import Change
from transmission.store.queries.findings import FindingLine
from transmission.store.queries.own_actes import OwnActe
from transmission.store.queries.own_sittings import OwnSitting
from transmission.store.queries.publications import LookLine, PublicationStory

ACTES = "/api/v1/actes"
COURRIERS = "/api/v1/courriers"


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


def probleme(problem: Problem) -> schemas.Probleme:
    """One reason of a refusal."""
    return schemas.Probleme(**as_json(problem))


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


def letter_link(courrier_id: int) -> str:
    """The address of a letter."""
    return f"{COURRIERS}/{courrier_id}"


def courrier(thread: Thread) -> schemas.Courrier:
    """A letter of the préfecture, with what was answered."""
    letter = thread.letter
    return schemas.Courrier(
        id=letter.id,
        lien=letter_link(letter.id),
        message=_message(letter.message),
        date=letter.date_courrier,
        texte=letter.texte,
        recu_le=letter.received_at,
        documents=[
            _document(letter.acte_id, kept.nom_fichier, kept.file) for kept in thread.documents
        ],
        reponse=_etat(thread.answer) if thread.answer else None,
        reponses=[_reponse(answer) for answer in thread.answers],
    )


def courrier_entier(thread: Thread, acte: schemas.ActeNomme) -> schemas.CourrierEntier:
    """The same, by itself."""
    return schemas.CourrierEntier(
        **dict(courrier(thread)),
        acte=acte,
        reponses_possibles=[_message(code) for code in ANSWERS[thread.letter.message]],
    )


def courrier_ouvert(line: LetterLine) -> schemas.CourrierOuvert:
    """A letter that waits for an answer."""
    return schemas.CourrierOuvert(
        id=line.courrier_id,
        lien=letter_link(line.courrier_id),
        message=_message(line.message),
        date=line.date_courrier,
        texte=line.texte,
        recu_le=line.received_at,
        acte=nomme(line.acte_id, line.numero_interne, line.objet),
    )


def nomme(acte_id: int, numero: str, objet: str) -> schemas.ActeNomme:
    """The act that something is about."""
    return schemas.ActeNomme(id=acte_id, lien=link(acte_id), numero=numero, objet=objet)


def evenement(line: JournalLine) -> schemas.Evenement:
    """Something that happened to an act."""
    return schemas.Evenement(
        id=line.id,
        quand=line.at,
        evenement=line.event,
        message=line.message,
        de=line.source.code if line.source else None,
        vers=line.target.code if line.target else None,
        auteur=line.author,
        motif=line.reason,
    )


def publication(story: PublicationStory, address: str | None) -> schemas.Publication:
    """A mise en ligne, at a public address."""
    copy = story.copy
    last = story.looks[0] if story.looks else None
    return schemas.Publication(
        date=copy.date_mise_en_ligne,
        date_minimum=copy.date_minimum,
        adresse=address,
        registre=copy.is_served,
        sha256=copy.file.sha256 if copy.file else None,
        notee_le=copy.at,
        retiree_le=story.withdrawn_at,
        motif_du_retrait=story.withdrawn_reason,
        dernier_controle=_controle(last) if last else None,
    )


def _controle(look: LookLine) -> schemas.Controle:
    verdict = look.verdict
    return schemas.Controle(
        quand=look.at, verdict=schemas.Libelle(code=verdict.code, libelle=verdict.label)
    )


def constat(line: FindingLine) -> schemas.Constat:
    """What a check found."""
    about = line.acte_id is not None
    return schemas.Constat(
        id=line.id,
        code=line.check,
        gravite=schemas.Libelle(code=line.severity.code, libelle=line.severity.label),
        message=line.message,
        remede=line.remedy,
        fondement=line.article,
        preuves=[schemas.Preuve(libelle=label, valeur=value) for label, value in line.evidence],
        depuis=line.opened_at,
        vu_par=line.acknowledged_by,
        ferme_le=line.closed_at,
        acte=nomme(line.acte_id or 0, line.numero_interne or "", line.objet or "")
        if about
        else None,
    )


def horodatage(acte_id: int, known: KnownTimeStamp) -> schemas.Horodatage:
    """A time stamp, obtained or not."""
    made = known.obtained
    return schemas.Horodatage(
        objet=schemas.Libelle(code=known.kind.code, libelle=known.kind.label),
        sha256=known.sha256,
        demande_le=known.asked_at,
        instant=made.at if made else None,
        autorite=made.tsa if made else None,
        remarque=made.oddity if made else None,
        motif=known.reason,
        lien=f"{link(acte_id)}/fichiers/{made.token.sha256}" if made else None,
    )


def documents_scelles(acte_id: int, sent: Transmission) -> Iterator[schemas.DocumentScelle]:
    """What became of the seals of the PDFs of a sending."""
    for rang, document in enumerate(sent.parcel.documents if sent.parcel else (), start=1):
        if document is not None:
            file = document.file
            yield schemas.DocumentScelle(
                envoi=sent.id,
                rang=rang,
                niveau=document.level,
                sha256=file.sha256 if file else None,
                motif=document.reason,
                lien=f"{link(acte_id)}/fichiers/{file.sha256}" if file else None,
            )


def signatures(sent_id: int, read: ReadSignatures) -> Iterator[schemas.SignaturePdf]:
    """The signatures of a PDF of a sending; one that nobody can say when they are not readable."""
    unread = read.found.unread
    unknown = [PdfSignature(SignatureAnswer.UNKNOWN, why=(unread,))] if unread else []
    for each in (*read.found.signatures, *unknown):
        source = each.time_source
        yield schemas.SignaturePdf(
            envoi=sent_id,
            rang=read.ordre,
            reponse=schemas.Libelle(code=each.answer.code, libelle=each.answer.label),
            signataire=each.signer,
            emetteur=each.issuer,
            date=each.signed_at,
            source=schemas.Libelle(code=source.code, libelle=source.label) if source else None,
            couvre=each.coverage,
            changements=each.changes,
            algorithmes=each.algorithms,
            raisons=list(each.why),
        )


def seance(sitting: OwnSitting) -> schemas.Seance:
    """A sitting, its list first."""
    listed = [line for line in sitting.lines if line.listed]
    imported = sitting.imported
    return schemas.Seance(
        date_seance=sitting.date_seance,
        liste=imported.nom_fichier if imported else None,
        importee_le=imported.at if imported else None,
        importee_par=imported.author if imported else None,
        attendus=len(listed),
        remis=sum(line.acte is not None for line in listed),
        actes=[
            schemas.LigneDeSeance(
                numero=line.numero_interne,
                sur_la_liste=line.listed,
                nature=line.nature
                and schemas.Libelle(code=line.nature.abrege, libelle=line.nature.label),
                objet=line.objet,
                acte=resume(line.acte) if line.acte else None,
            )
            for line in sitting.lines
        ],
    )


def _reponse(answer: Answer) -> schemas.Reponse:
    acte_id = answer.sent.acte_id
    return schemas.Reponse(
        envoi=envoi(answer.sent),
        documents=[_document(acte_id, each.nom_original, each.file) for each in answer.pieces],
    )


def _document(acte_id: int, nom: str, file: StoredFile) -> schemas.Document:
    return schemas.Document(
        nom=nom,
        sha256=file.sha256,
        octets=file.size,
        lien=f"{link(acte_id)}/fichiers/{file.sha256}",
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
