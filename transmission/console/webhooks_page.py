"""What the pages of webhooks say."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from transmission.console.words import moment
from transmission.domain.cloud_events import PREFIX, EventType
from transmission.domain.collectivite import Collectivite
from transmission.domain.webhooks import Webhook, WebhookState
from transmission.store.queries.webhooks import AttemptLine, Backlog, DeliveryLine

DONE = {
    "pause": "Le webhook est en pause : ce qui arrive attend.",
    "reprise": "Le webhook est repris : ce qui attendait part d'abord.",
    "change": "Le webhook est changé.",
    "supprime": "Le webhook est supprimé.",
    "renvoi": "L'événement part de nouveau, dans la minute.",
    "renvois": "Les événements partent de nouveau, dans la minute.",
    "rien": "Aucun événement n'a été écrit depuis ce jour : rien n'est renvoyé.",
    "essai": "Essai réussi : le logiciel a pris l'événement.",
}
"""What was done, by its code in an address."""

_GROUPS = {
    "acte": "Actes",
    "annulation": "Demandes d'annulation",
    "courrier": "Courriers de la préfecture",
    "reponse": "Réponses à la préfecture",
    "publication": "Mises en ligne",
    "constat": "Alertes de conformité",
    "echeance": "Échéances",
}


@dataclass(frozen=True, slots=True)
class WebhookLine:
    """A subscription in a list, or alone on its page."""

    webhook: Webhook
    owner: Collectivite
    backlog: Backlog

    @property
    def url(self) -> str:
        return f"/webhooks/{self.webhook.id}"

    @property
    def types(self) -> str:
        """The types that are wanted, in French."""
        wanted = [each.label for each in choices() if each.code in self.webhook.types]
        return " ; ".join(wanted) or "Tous"

    @property
    def standing(self) -> str:
        """Where it stands, in a sentence."""
        it, zone = self.webhook, self.owner.time_zone
        if it.state is WebhookState.DISABLED:
            return f"Arrêté depuis le {moment(it.state_since, zone)} : {it.state_reason}."
        if it.state is WebhookState.PAUSED:
            why = f" : {it.state_reason}" if it.state_reason else ""
            return f"En pause depuis le {moment(it.state_since, zone)}{why}."
        if it.failing_since is not None:
            return f"Ne prend rien depuis le {moment(it.failing_since, zone)}."
        return "En service."

    @property
    def is_troubled(self) -> bool:
        return self.webhook.state is WebhookState.DISABLED or bool(self.webhook.failing_since)

    @property
    def is_active(self) -> bool:
        return self.webhook.state is WebhookState.ACTIVE


@dataclass(frozen=True, slots=True)
class Typed:
    """A form as it was typed, and what is wrong with it, by field."""

    values: dict[str, str] = field(default_factory=dict)
    types: Sequence[str] = ()
    problems: dict[str, str] = field(default_factory=dict)

    def value(self, name: str, usual: str = "") -> str:
        return self.values.get(name, usual)


def choices() -> Iterator[EventType]:
    """The types that may be chosen: a test is only ever asked for."""
    return (each for each in EventType if each is not EventType.ESSAI)


def grouped() -> list[tuple[str, list[EventType]]]:
    """The same under French headings, in order."""
    by_head = groupby(choices(), key=lambda each: each.code.removeprefix(PREFIX).split(".")[0])
    return [(_GROUPS[head], list(each)) for head, each in by_head]


def delivery_state(line: DeliveryLine, zone: str) -> str:
    """What became of an event, in a sentence."""
    if line.delivered_at is not None:
        return f"Remis le {moment(line.delivered_at, zone)}."
    if line.next_attempt_at is not None:
        return f"À envoyer le {moment(line.next_attempt_at, zone)}."
    if line.sequence is None:
        return "Essai manqué."
    return "Non remis : il ne partira plus de lui-même."


def attempt_words(attempt: AttemptLine, zone: str) -> str:
    """One call, in a sentence."""
    when = moment(attempt.started_at, zone)
    if attempt.milliseconds is None:
        return f"{when} : interrompu, issue inconnue."
    said = attempt.failure or f"{attempt.status} {attempt.answer or ''}".strip()
    return f"{when}, {attempt.milliseconds} ms : {said}"


def label_of_type(code: str) -> str:
    """Label of a type; an unknown one is shown as it is."""
    return next((each.label for each in EventType if each.code == code), code)
