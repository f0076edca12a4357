"""The programs that the service tells of events: subscribed, tried, told again."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

from transmission.client.answers import Etat
from transmission.client.bodies import JsonBody
from transmission.client.decoding import decoded
from transmission.client.operations import asks
from transmission.client.transport import Call, Transport

_WEBHOOKS = "/webhooks"
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Webhook:
    """A subscription, without its secret; no ``types`` are all of them."""

    id: int
    lien: str
    nom: str
    url: str
    types: tuple[str, ...]
    etat: Etat
    motif: str | None
    cree_le: datetime
    cree_par: str
    secret_depuis: datetime
    recouvrement_jusqu_au: datetime | None
    dernier_numero: int
    en_attente: int
    plus_ancien: datetime | None
    abandonnes: int
    en_echec_depuis: datetime | None
    repos_jusqu_au: datetime | None
    dernier_succes: datetime | None


@dataclass(frozen=True, slots=True)
class WebhookSecret(Webhook):
    """The same with its new secret, which is told once and shown by no text of this object."""

    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ListeWebhooks:
    """Those of the authority, by name."""

    webhooks: tuple[Webhook, ...]


@dataclass(frozen=True, slots=True)
class Tentative:
    """One call; without ``millisecondes``, the service died before it knew."""

    debut: datetime
    millisecondes: int | None
    statut: int | None
    reponse: str | None
    echec: str | None


@dataclass(frozen=True, slots=True)
class EnvoiEvenement:
    """An event of a subscription, and the last attempts to tell it, newest first."""

    id: int
    evenement: str
    type: str
    numero: int | None
    acte: int | None
    quand: datetime
    essais: int
    prochain: datetime | None
    remis_le: datetime | None
    echec: str | None
    tentatives: tuple[Tentative, ...]


@dataclass(frozen=True, slots=True)
class PageEnvois:
    """Events, newest first; ``suivant`` is the cursor of the next page."""

    envois: tuple[EnvoiEvenement, ...]
    suivant: str | None


@dataclass(frozen=True, slots=True)
class EssaiWebhook:
    """What a test came to."""

    envoi: int
    remis: bool
    millisecondes: int
    statut: int | None
    reponse: str
    echec: str | None


@dataclass(frozen=True, slots=True)
class Renvoyes:
    """How many events will be told again."""

    nombre: int


class Hooks:
    """``/webhooks``; a call whose answer was lost is not made again. Raises as the others."""

    _transport: Transport
    _new_key: Callable[[], str]

    @asks("GET", "/webhooks")
    def webhooks(self) -> tuple[Webhook, ...]:
        """Those of the authority, by name."""
        return decoded(ListeWebhooks, self._asked("GET", "")).webhooks

    @asks("POST", "/webhooks")
    def add_webhook(self, nom: str, url: str, types: Sequence[str] = ()) -> WebhookSecret:
        """Have a program told, from now on."""
        said = {"nom": nom, "url": url, "types": list(types)}
        return decoded(WebhookSecret, self._asked("POST", "", said))

    @asks("GET", "/webhooks/{webhook_id}")
    def webhook(self, webhook_id: int) -> Webhook:
        """One of them."""
        return decoded(Webhook, self._asked("GET", f"/{webhook_id}"))

    @asks("PATCH", "/webhooks/{webhook_id}")
    def change_webhook(
        self,
        webhook_id: int,
        *,
        nom: str | None = None,
        url: str | None = None,
        types: Sequence[str] | None = None,
        etat: str | None = None,
    ) -> Webhook:
        """Change what is given; ``etat`` is ``active`` or ``paused``."""
        types_said = None if types is None else list(types)
        given = {"nom": nom, "url": url, "types": types_said, "etat": etat}
        said = {name: value for name, value in given.items() if value is not None}
        return decoded(Webhook, self._asked("PATCH", f"/{webhook_id}", said))

    @asks("DELETE", "/webhooks/{webhook_id}")
    def end_webhook(self, webhook_id: int, motif: str) -> None:
        """End it for ever; its log stays."""
        call = Call("DELETE", f"{_WEBHOOKS}/{webhook_id}", {"motif": motif}, repeatable=False)
        self._transport.call(call)

    @asks("POST", "/webhooks/{webhook_id}/rotation")
    def rotate_webhook(self, webhook_id: int, recouvrement_heures: float = 24) -> WebhookSecret:
        """Give it another secret; the old one signs too for so many hours."""
        said = {"recouvrement_heures": recouvrement_heures}
        return decoded(WebhookSecret, self._asked("POST", f"/{webhook_id}/rotation", said))

    @asks("POST", "/webhooks/{webhook_id}/essai")
    def try_webhook(self, webhook_id: int) -> EssaiWebhook:
        """Call the program at once, with an event that means nothing."""
        return decoded(EssaiWebhook, self._asked("POST", f"/{webhook_id}/essai"))

    @asks("GET", "/webhooks/{webhook_id}/envois")
    def page_of_envois(
        self, webhook_id: int, *, echecs: bool = False, curseur: str | None = None
    ) -> PageEnvois:
        """A page of what was told, or waits to be, the newest first."""
        query = {"echecs": "true"} if echecs else {}
        query |= {"curseur": curseur} if curseur else {}
        path = f"{_WEBHOOKS}/{webhook_id}/envois"
        return decoded(PageEnvois, self._transport.call(Call("GET", path, query)).json())

    def envois(self, webhook_id: int, *, echecs: bool = False) -> Iterator[EnvoiEvenement]:
        """Everything that was told, or waits to be, the newest first."""
        curseur = None
        while True:
            page = self.page_of_envois(webhook_id, echecs=echecs, curseur=curseur)
            yield from page.envois
            if page.suivant is None:
                return
            curseur = page.suivant

    @asks("POST", "/webhooks/{webhook_id}/envois/{envoi_id}/renvoi")
    def replay_event(self, webhook_id: int, envoi_id: int) -> int:
        """Have an event told again, under the same identifier; how many will be."""
        path = f"/{webhook_id}/envois/{envoi_id}/renvoi"
        return decoded(Renvoyes, self._asked("POST", path)).nombre

    @asks("POST", "/webhooks/{webhook_id}/renvois")
    def replay_events(
        self,
        webhook_id: int,
        depuis: date,
        jusqu_au: date | None = None,
        *,
        echecs: bool = False,
    ) -> int:
        """Have told again, in order, what was written in civil days, both included; how many."""
        said: dict[str, Any] = {"depuis": depuis.isoformat(), "echecs": echecs}
        said |= {"jusqu_au": jusqu_au.isoformat()} if jusqu_au else {}
        return decoded(Renvoyes, self._asked("POST", f"/{webhook_id}/renvois", said)).nombre

    def _asked(self, verb: str, path: str, said: Mapping[str, Any] | None = None) -> Any:
        body = None if said is None else JsonBody(said)
        call = Call(verb, f"{_WEBHOOKS}{path}", body=body, repeatable=verb == "GET")
        return self._transport.call(call).json()
