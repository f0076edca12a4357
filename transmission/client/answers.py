"""The answers of the API, each under the names of its JSON. Instants are aware, dates are civil."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from transmission.client.errors import Probleme

Jour: TypeAlias = date
"""A civil date: some fields are themselves called ``date``."""


@dataclass(frozen=True, slots=True)
class Libelle:
    """A stable code for programs and its French words for people."""

    code: str
    libelle: str


@dataclass(frozen=True, slots=True)
class Etat:
    """Where a sending stands, and since when."""

    code: str
    libelle: str
    depuis: datetime


@dataclass(frozen=True, slots=True)
class Resume:
    """An act in a list."""

    id: int
    lien: str
    numero: str
    date: Jour
    nature: Libelle
    matiere: str
    objet: str
    document_papier: bool
    id_acte: str
    remis_le: datetime
    remis_par: str
    etat: Etat
    attend: str
    date_reception: Jour | None


@dataclass(frozen=True, slots=True)
class Fichier:
    """A file of an act; ``lien`` is where its bytes are."""

    sha256: str
    octets: int
    nom: str
    type: str
    lien: str


@dataclass(frozen=True, slots=True)
class Envoi:
    """A sending about an act: itself, an answer, a cancellation."""

    id: int
    message: Libelle
    id_acte: str
    etat: Etat
    attend: str
    date_reception: Jour | None


@dataclass(frozen=True, slots=True)
class Document:
    """A document of a letter or of an answer; ``lien`` is where its bytes are."""

    nom: str
    sha256: str
    octets: int
    lien: str


@dataclass(frozen=True, slots=True)
class Reponse:
    """An answer to a letter, and where it stands."""

    envoi: Envoi
    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class Courrier:
    """A letter of the préfecture; ``reponse`` is where the answer that counts stands, ``reponses``
    are all of them, the newest first."""

    id: int
    lien: str
    message: Libelle
    date: Jour
    texte: str
    recu_le: datetime
    documents: tuple[Document, ...]
    reponse: Etat | None
    reponses: tuple[Reponse, ...]


@dataclass(frozen=True, slots=True)
class ActeNomme:
    """The act that something is about."""

    id: int
    lien: str
    numero: str
    objet: str


@dataclass(frozen=True, slots=True)
class CourrierEntier(Courrier):
    """A letter with its act and the messages that may answer it, the one that grants it first."""

    acte: ActeNomme
    reponses_possibles: tuple[Libelle, ...]


@dataclass(frozen=True, slots=True)
class CourrierOuvert:
    """A letter that waits for an answer."""

    id: int
    lien: str
    message: Libelle
    date: Jour
    texte: str
    recu_le: datetime
    acte: ActeNomme


@dataclass(frozen=True, slots=True)
class PageCourriers:
    """A page of letters, the oldest first; ``suivant`` is the cursor of the next one."""

    courriers: tuple[CourrierOuvert, ...]
    suivant: str | None


@dataclass(frozen=True, slots=True)
class Evenement:
    """Something that happened to an act, as the journal keeps it."""

    id: int
    quand: datetime
    evenement: str
    message: str | None
    de: str | None
    vers: str | None
    auteur: str
    motif: str | None


@dataclass(frozen=True, slots=True)
class PageEvenements:
    """A page of events, the newest first; ``suivant`` is the cursor of the next one."""

    evenements: tuple[Evenement, ...]
    suivant: str | None


@dataclass(frozen=True, slots=True)
class Controle:
    """What the last look at a publication found."""

    quand: datetime
    verdict: Libelle


@dataclass(frozen=True, slots=True)
class Publication:
    """A mise en ligne: ``date_minimum`` is the day through which the law wants it."""

    date: Jour
    date_minimum: Jour
    adresse: str | None
    registre: bool
    sha256: str | None
    notee_le: datetime
    retiree_le: datetime | None
    motif_du_retrait: str | None
    dernier_controle: Controle | None


@dataclass(frozen=True, slots=True)
class Preuve:
    """By what a finding can be verified."""

    libelle: str
    valeur: str


@dataclass(frozen=True, slots=True)
class Constat:
    """What a check of compliance found; open until its cause is gone (``ferme_le``)."""

    id: int
    code: str
    gravite: Libelle
    message: str
    remede: str
    fondement: str
    preuves: tuple[Preuve, ...]
    depuis: datetime
    vu_par: str | None
    ferme_le: datetime | None
    acte: ActeNomme | None


@dataclass(frozen=True, slots=True)
class PageConstats:
    """A page of open findings, the gravest first; ``suivant`` is the cursor of the next one."""

    constats: tuple[Constat, ...]
    suivant: str | None


@dataclass(frozen=True, slots=True)
class LigneDeSeance:
    """An act that the list of a sitting names, or (``sur_la_liste`` false) one of that day that no
    list names; ``acte`` is None until it is handed over."""

    numero: str
    sur_la_liste: bool
    nature: Libelle | None
    objet: str | None
    acte: Resume | None


@dataclass(frozen=True, slots=True)
class Seance:
    """The list of a sitting that counts, and what was handed over of it."""

    date_seance: Jour
    liste: str
    importee_le: datetime
    importee_par: str
    attendus: int
    remis: int
    actes: tuple[LigneDeSeance, ...]


@dataclass(frozen=True, slots=True)
class DateLegale:
    """One date of the legal clock; ``jour`` is None when it is not known."""

    nom: str
    libelle: str
    jour: Jour | None
    nature: Libelle
    regle: str
    fondement: str
    provisoire: bool
    explication: str


@dataclass(frozen=True, slots=True)
class Lecture:
    """What the legal clock says of an act on a civil day of its authority."""

    jour: Jour
    acte: Libelle
    controle: Libelle
    tiers: Libelle
    dates: tuple[DateLegale, ...]
    avertissements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DocumentScelle:
    """What became of the seal of a PDF; ``lien`` is None when it was sent as it came."""

    envoi: int
    rang: int
    niveau: str | None
    sha256: str | None
    motif: str | None
    lien: str | None


@dataclass(frozen=True, slots=True)
class SignaturePdf:
    """A signature found in a PDF as received; ``reponse`` is one of three."""

    envoi: int
    rang: int
    reponse: Libelle
    signataire: str | None
    emetteur: str | None
    date: datetime | None
    source: Libelle | None
    couvre: str
    changements: str
    algorithmes: str
    raisons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Horodatage:
    """A time stamp asked for; ``instant`` and ``lien`` are None until it is obtained."""

    objet: Libelle
    sha256: str
    demande_le: datetime
    instant: datetime | None
    autorite: str | None
    remarque: str | None
    motif: str | None
    lien: str | None


@dataclass(frozen=True, slots=True)
class ActeEntier(Resume):
    """An act with all that is known of it; ``accuse_reception`` and ``tampon`` are links."""

    envois: tuple[Envoi, ...]
    fichiers: tuple[Fichier, ...]
    courriers: tuple[Courrier, ...]
    lecture: Lecture
    evenements: tuple[Evenement, ...]
    suite: str
    publications: tuple[Publication, ...]
    constats: tuple[Constat, ...]
    horodatages: tuple[Horodatage, ...]
    accuse_reception: str | None
    tampon: str | None
    documents_scelles: tuple[DocumentScelle, ...] = ()
    signatures: tuple[SignaturePdf, ...] = ()


@dataclass(frozen=True, slots=True)
class ActeRemis:
    """What became of a deposit; ``notes`` say what was normalised and what is good to know."""

    acte: Resume
    deja_remis: bool
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ActeChange:
    """What a decision made of an act."""

    acte: Resume


@dataclass(frozen=True, slots=True)
class Publie:
    """What a mise en ligne came to."""

    acte: str
    date: Jour
    date_minimum: Jour
    adresse: str | None
    avertissements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Retire:
    """What the end of a mise en ligne came to."""

    acte: str
    avertissements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Repondu:
    """What an answer came to; ``deja_donnee`` when the very same was given before."""

    courrier: str
    envoi: Envoi
    deja_donnee: bool


@dataclass(frozen=True, slots=True)
class Essai:
    """What would become of a deposit; ``deja_remis`` is the act that this very one made before."""

    serait_accepte: bool
    deja_remis: str | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PageActes:
    """A page of acts; ``suivant`` is the cursor of the next one."""

    actes: tuple[Resume, ...]
    suivant: str | None


@dataclass(frozen=True, slots=True)
class Changement:
    """Something that happened to an act; ``curseur`` is where to go on after it."""

    curseur: int
    acte: int
    lien: str
    numero: str
    message: str | None
    evenement: str
    de: str | None
    vers: str | None
    quand: datetime
    auteur: str
    motif: str | None


@dataclass(frozen=True, slots=True)
class PageChangements:
    """Changes in order; ask again after ``curseur``, at once when there is more (``encore``)."""

    changements: tuple[Changement, ...]
    curseur: int
    encore: bool


@dataclass(frozen=True, slots=True)
class LigneDuLot:
    """What became of an act of a batch: ``sort`` is accepte, deja_remis or refuse."""

    ligne: str
    numero: str
    sort: str
    acte: int | None
    lien: str | None
    problemes: tuple[Probleme, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SeanceDuLot:
    """The sitting that a batch names; ``actes`` is how many acts its list has now."""

    date_seance: Jour
    actes: int | None


@dataclass(frozen=True, slots=True)
class LotRemis:
    """What became of a batch; ``actes`` counts them by ``sort``."""

    lot: str
    siren: str
    date: datetime
    essai: bool
    actes: dict[str, int]
    problemes: tuple[Probleme, ...]
    notes: tuple[str, ...]
    seance: SeanceDuLot | None
    lignes: tuple[LigneDuLot, ...]
