"""The shapes of the answers, as programs read them and as the OpenAPI document shows them."""

from datetime import date, datetime
from typing import TypeAlias

from pydantic import BaseModel, ConfigDict, Field

Jour: TypeAlias = date
"""A civil date; fields are named as people name them, and one is called ``date``."""


class Shape(BaseModel):
    """Answers are made once and never changed."""

    model_config = ConfigDict(frozen=True)


class Libelle(Shape):
    """A stable code for programs and its French words for people."""

    code: str = Field(examples=["DE"])
    libelle: str = Field(examples=["Délibération"])


class Etat(Libelle):
    """Where a sending stands, and since when."""

    code: str = Field(examples=["submitted"])
    libelle: str = Field(examples=["Transmise"])
    depuis: datetime


class Resume(Shape):
    """An act in a list."""

    id: int = Field(examples=[12])
    lien: str = Field(examples=["/api/v1/actes/12"])
    numero: str = Field(examples=["2023_001"])
    date: Jour
    nature: Libelle
    matiere: str = Field(examples=["7.5"])
    objet: str = Field(examples=["Subvention à l'école"])
    document_papier: bool
    id_acte: str = Field(examples=["042-123456782-20230302-2023_001-DE"])
    remis_le: datetime
    remis_par: str = Field(examples=["api:assemblees"])
    etat: Etat
    attend: str = Field(
        examples=["Le service attend l'accusé de réception de la préfecture."],
        description="Une phrase : ce que l'acte attend.",
    )
    date_reception: Jour | None = Field(
        description="Jour de réception en préfecture, lu dans l'accusé et nulle part ailleurs."
    )


class Fichier(Shape):
    """A file of an act."""

    sha256: str
    octets: int
    nom: str
    type: str = Field(examples=["pdf"], description="Extension, d'après le contenu.")
    lien: str


class Envoi(Shape):
    """A sending about an act: itself, an answer, a cancellation."""

    id: int
    message: Libelle
    id_acte: str
    etat: Etat
    attend: str
    date_reception: Jour | None


class Document(Shape):
    """A document of a letter or of an answer."""

    nom: str
    sha256: str
    octets: int
    lien: str = Field(examples=[f"/api/v1/actes/12/fichiers/{'0' * 64}"])


class Reponse(Shape):
    """An answer to a letter, and where it stands."""

    envoi: Envoi
    documents: list[Document]


class Courrier(Shape):
    """A letter of the préfecture; ``reponse`` is where the answer that counts stands, if there is
    one, ``reponses`` all of them, the newest first."""

    id: int
    lien: str = Field(examples=["/api/v1/courriers/3"])
    message: Libelle
    date: Jour
    texte: str
    recu_le: datetime
    documents: list[Document]
    reponse: Etat | None
    reponses: list[Reponse]


class ActeNomme(Shape):
    """The act that something is about."""

    id: int
    lien: str
    numero: str
    objet: str


class CourrierEntier(Courrier):
    """A letter with its act and the messages that may answer it, the one that grants it first."""

    acte: ActeNomme
    reponses_possibles: list[Libelle]


class CourrierOuvert(Shape):
    """A letter that waits for an answer."""

    id: int
    lien: str
    message: Libelle
    date: Jour
    texte: str
    recu_le: datetime
    acte: ActeNomme


class PageCourriers(Shape):
    """A page of letters, the oldest first; ``suivant`` is the cursor of the next one."""

    courriers: list[CourrierOuvert]
    suivant: str | None


class Evenement(Shape):
    """Something that happened to an act, as the journal keeps it."""

    id: int
    quand: datetime
    evenement: str = Field(examples=["ar_received"])
    message: str | None = Field(examples=["1-1"])
    de: str | None
    vers: str | None = Field(examples=["acknowledged"])
    auteur: str
    motif: str | None


class PageEvenements(Shape):
    """A page of events, the newest first; ``suivant`` is the cursor of the next one."""

    evenements: list[Evenement]
    suivant: str | None


class Controle(Shape):
    """What the last look at a publication found."""

    quand: datetime
    verdict: Libelle


class Publication(Shape):
    """A mise en ligne: ``date_minimum`` is the day through which the law wants it."""

    date: Jour
    date_minimum: Jour
    adresse: str | None
    registre: bool = Field(description="Servie par le registre public de ce service.")
    sha256: str | None
    notee_le: datetime
    retiree_le: datetime | None
    motif_du_retrait: str | None
    dernier_controle: Controle | None


class Preuve(Shape):
    """By what a finding can be verified."""

    libelle: str
    valeur: str


class Constat(Shape):
    """What a check of compliance found; open until its cause is gone (``ferme_le``)."""

    id: int
    code: str = Field(examples=["accuse_en_retard"])
    gravite: Libelle
    message: str
    remede: str
    fondement: str
    preuves: list[Preuve]
    depuis: datetime
    vu_par: str | None
    ferme_le: datetime | None
    acte: ActeNomme | None


class PageConstats(Shape):
    """A page of open findings, the gravest first; ``suivant`` is the cursor of the next one."""

    constats: list[Constat]
    suivant: str | None


class LigneDeSeance(Shape):
    """An act that the list of a sitting names, or (``sur_la_liste`` false) one of that day that no
    list names; ``acte`` is None until it is handed over."""

    numero: str
    sur_la_liste: bool
    nature: Libelle | None
    objet: str | None
    acte: Resume | None


class Seance(Shape):
    """The list of a sitting that counts, if there is one, and what was handed over."""

    date_seance: Jour
    liste: str | None = Field(description="Nom du fichier de la liste, s'il y en a une.")
    importee_le: datetime | None
    importee_par: str | None
    attendus: int = Field(description="Actes que la liste nomme.")
    remis: int = Field(description="Ceux d'entre eux qui ont été remis.")
    actes: list[LigneDeSeance]


class DateLegale(Shape):
    """One date of the legal clock; ``jour`` is null when it is not known."""

    nom: str = Field(examples=["defere"])
    libelle: str
    jour: Jour | None
    nature: Libelle
    regle: str = Field(examples=["DF-1"])
    fondement: str
    provisoire: bool
    explication: str


class Lecture(Shape):
    """What the legal clock says of an act on a civil day of its authority."""

    jour: Jour
    acte: Libelle
    controle: Libelle
    tiers: Libelle
    dates: list[DateLegale]
    avertissements: list[str]


class Horodatage(Shape):
    """A time stamp asked for, and obtained unless ``instant`` is null."""

    objet: Libelle = Field(examples=[{"code": "seal", "libelle": "sceau de l'envoi"}])
    sha256: str = Field(description="Empreinte de ce qui est horodaté.")
    demande_le: datetime
    instant: datetime | None = Field(description="Ce que dit le jeton.")
    autorite: str | None
    remarque: str | None = Field(description="Pourquoi l'instant ne date rien, s'il est suspect.")
    motif: str | None = Field(description="Pourquoi le dernier essai n'a rien donné.")
    lien: str | None = Field(description="Le jeton (TimeStampToken, RFC 3161).")


class DocumentScelle(Shape):
    """What became of the seal of a PDF; ``lien`` is null when it was sent as it came."""

    envoi: int = Field(description="Numéro de l'envoi.")
    rang: int = Field(description="1 pour l'acte, puis les annexes.", examples=[1])
    niveau: str | None = Field(examples=["B-T"])
    sha256: str | None = Field(description="Empreinte de la copie scellée, qui a été envoyée.")
    motif: str | None = Field(description="Pourquoi le sceau manque ou n'est pas horodaté.")
    lien: str | None


class SignaturePdf(Shape):
    """A signature found in a PDF as received; ``reponse`` is one of three."""

    envoi: int
    rang: int = Field(description="1 pour l'acte, puis les annexes.", examples=[1])
    reponse: Libelle = Field(examples=[{"code": "inconnue", "libelle": "on ne sait pas"}])
    signataire: str | None
    emetteur: str | None
    date: datetime | None
    source: Libelle | None = Field(description="Qui dit la date.")
    couvre: str
    changements: str
    algorithmes: str
    raisons: list[str]


class ActeEntier(Resume):
    """An act with all that a program needs of it."""

    envois: list[Envoi]
    fichiers: list[Fichier]
    courriers: list[Courrier]
    lecture: Lecture
    evenements: list[Evenement] = Field(description="Les derniers ; « suite » donne les autres.")
    suite: str = Field(examples=["/api/v1/actes/12/evenements"])
    publications: list[Publication]
    constats: list[Constat] = Field(description="Les ouverts, puis les derniers fermés.")
    horodatages: list[Horodatage]
    documents_scelles: list[DocumentScelle]
    signatures: list[SignaturePdf]
    accuse_reception: str | None = Field(description="Lien vers l'accusé, s'il est arrivé.")
    tampon: str | None = Field(description="Lien vers l'acte tamponné, s'il peut l'être.")


class PageActes(Shape):
    """A page of acts; ``suivant`` is the cursor of the next one."""

    actes: list[Resume]
    suivant: str | None = Field(examples=["12"])


class Changement(Shape):
    """Something that happened to an act."""

    curseur: int
    acte: int
    lien: str
    numero: str
    message: str | None = Field(examples=["1-1"])
    evenement: str = Field(examples=["ar_received"])
    de: str | None
    vers: str | None = Field(examples=["acknowledged"])
    quand: datetime
    auteur: str
    motif: str | None


class PageChangements(Shape):
    """Changes in order; ask again after ``curseur``, at once when there is more (``encore``)."""

    changements: list[Changement]
    curseur: int
    encore: bool


class Probleme(Shape):
    """One reason of a refusal."""

    champ: str = Field(examples=["matiere"])
    code: str = Field(examples=["matiere_classification"])
    message: str
    remede: str


class Erreur(Shape):
    """A refusal (RFC 9457)."""

    type: str = Field(examples=["urn:transmission:erreur:depot_refuse"])
    title: str
    status: int
    detail: str
    problemes: list[Probleme] = []
    differences: list[str] = []
    acte: str | None = None
    etat: Etat | None = None
