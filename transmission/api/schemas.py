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
    """A document that came with a letter."""

    nom: str
    sha256: str
    octets: int


class Courrier(Shape):
    """A letter of the préfecture; ``reponse`` is where its answer stands, if there is one."""

    id: int
    message: Libelle
    date: Jour
    texte: str
    recu_le: datetime
    documents: list[Document]
    reponse: Etat | None


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


class ActeEntier(Resume):
    """An act with all that a program needs of it."""

    envois: list[Envoi]
    fichiers: list[Fichier]
    courriers: list[Courrier]
    lecture: Lecture
    accuse_reception: str | None = Field(description="Lien vers l'accusé, s'il est arrivé.")
    tampon: str | None = Field(description="Lien vers l'acte tamponné, s'il peut l'être.")


class ActeRemis(Shape):
    """The answer to a deposit; ``notes`` say what was normalised and what is good to know."""

    acte: Resume
    deja_remis: bool
    notes: list[str]


class Essai(Shape):
    """The answer to a rehearsal; ``deja_remis`` is the act, when this very deposit made it."""

    serait_accepte: bool = True
    deja_remis: str | None
    notes: list[str]


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
