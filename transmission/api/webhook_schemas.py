"""The shapes of what is said of webhooks: what programs send, what they read."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from transmission.api.schemas import Etat, Shape
from transmission.domain.webhooks import NAME_MAX, OVERLAP, OVERLAP_MAX, URL_MAX

_HOUR = 3600


class Demande(BaseModel):
    """What is asked: nothing that is not understood passes."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class NouveauWebhook(Demande):
    """A program to tell; no types are all of them."""

    nom: str = Field(max_length=NAME_MAX * 4, examples=["logiciel des assemblées"])
    url: str = Field(max_length=URL_MAX, examples=["https://assemblees.example.org/evenements"])
    types: list[str] = Field(default=[], max_length=100, examples=[["acte.recu", "acte.anomalie"]])


class ModificationWebhook(Demande):
    """What is to change; what is not named stays."""

    nom: str | None = Field(default=None, max_length=NAME_MAX * 4)
    url: str | None = Field(default=None, max_length=URL_MAX)
    types: list[str] | None = Field(default=None, max_length=100)
    etat: Literal["active", "paused"] | None = None


class Rotation(Demande):
    """How long both secrets sign."""

    recouvrement_heures: float = Field(
        default=OVERLAP.total_seconds() / _HOUR, ge=0, le=OVERLAP_MAX.total_seconds() / _HOUR
    )


class Renvoi(Demande):
    """What is to be told again, by civil days of the authority, both included."""

    depuis: date
    jusqu_au: date | None = None
    echecs: bool = Field(default=False, description="Seulement ce qui a été abandonné.")


class Webhook(Shape):
    """A subscription, without its secret."""

    id: int
    lien: str = Field(examples=["/api/v1/webhooks/3"])
    nom: str
    url: str
    types: list[str] = Field(description="Aucun : tous.")
    etat: Etat
    motif: str | None = Field(description="Pourquoi il n'est plus appelé.")
    cree_le: datetime
    cree_par: str
    secret_depuis: datetime
    recouvrement_jusqu_au: datetime | None
    dernier_numero: int = Field(description="« sequence » du dernier événement écrit.")
    en_attente: int
    plus_ancien: datetime | None
    abandonnes: int
    en_echec_depuis: datetime | None
    repos_jusqu_au: datetime | None
    dernier_succes: datetime | None


class WebhookSecret(Webhook):
    """The same with its new secret, this once."""

    secret: str = Field(description="Montré cette seule fois.", examples=["whsec_…"])


class ListeWebhooks(Shape):
    """Those of the authority, by name."""

    webhooks: list[Webhook]


class Tentative(Shape):
    """One call; without ``millisecondes``, the process died before it knew."""

    debut: datetime
    millisecondes: int | None
    statut: int | None
    reponse: str | None
    echec: str | None


class EnvoiEvenement(Shape):
    """An event of a subscription, and the last attempts to tell it, newest first."""

    id: int
    evenement: str = Field(examples=["123456782:journal:4711"])
    type: str
    numero: int | None = Field(description="« sequence » ; null pour un essai.")
    acte: int | None
    quand: datetime
    essais: int
    prochain: datetime | None
    remis_le: datetime | None
    echec: str | None
    tentatives: list[Tentative]


class PageEnvois(Shape):
    """Events, newest first; ``suivant`` is the cursor of the next page."""

    envois: list[EnvoiEvenement]
    suivant: str | None


class Essai(Shape):
    """What a test came to."""

    envoi: int
    remis: bool
    millisecondes: int
    statut: int | None
    reponse: str
    echec: str | None


class Renvoyes(Shape):
    """How many events will be told again."""

    nombre: int
