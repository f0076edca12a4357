"""The shapes of the answers to what a program hands over, or decides."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from transmission.api.schemas import Envoi, Jour, Probleme, Resume, Shape


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


class LigneDuLot(Shape):
    """What became of an act of a batch."""

    ligne: str = Field(examples=["ligne 2"])
    numero: str
    sort: Literal["accepte", "deja_remis", "refuse"]
    acte: int | None
    lien: str | None
    problemes: list[Probleme]
    notes: list[str]


class SeanceDuLot(Shape):
    """The sitting that a batch names; ``actes`` is how many acts its list has now."""

    date_seance: Jour
    actes: int | None


class LotRemis(Shape):
    """What became of a batch, as ``rapport-de-remise.json`` says it."""

    lot: str
    siren: str
    date: datetime
    essai: bool = Field(description="Rien n'a été enregistré : ce qui arriverait.")
    actes: dict[str, int] = Field(description="Combien d'actes par « sort ».")
    problemes: list[Probleme] = Field(description="Ceux du lot lui-même, d'aucun acte.")
    notes: list[str]
    seance: SeanceDuLot | None
    lignes: list[LigneDuLot]


class ActeChange(Shape):
    """The answer to a decision about an act: the act now."""

    acte: Resume


class Publie(Shape):
    """The answer to a mise en ligne: ``date_minimum`` is the day through which the law wants it."""

    acte: str = Field(examples=["/api/v1/actes/12"])
    date: Jour
    date_minimum: Jour
    adresse: str | None = Field(description="Adresse publique, si elle est connue.")
    avertissements: list[str]


class Retire(Shape):
    """The answer to the end of a mise en ligne."""

    acte: str = Field(examples=["/api/v1/actes/12"])
    avertissements: list[str]


class Repondu(Shape):
    """The answer to an answer: ``deja_donnee`` when the very same was given before."""

    courrier: str = Field(examples=["/api/v1/courriers/3"])
    envoi: Envoi
    deja_donnee: bool
