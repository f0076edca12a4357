"""Webhooks as the command line shows them: to people, or in JSON to programs."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from transmission.cli.facts import Facts, show
from transmission.cli.told import tell
from transmission.console.words import moment
from transmission.domain.cloud_events import PREFIX
from transmission.domain.collectivite import Collectivite
from transmission.domain.webhooks import Webhook
from transmission.services.webhook_log import Tested
from transmission.store.queries.webhooks import Backlog, DeliveryLine, backlogs

if TYPE_CHECKING:
    from transmission.bootstrap import Container


def show_secret(made: "Container", of: Webhook, secret: str, done: str) -> None:
    """The secret alone on the standard output, or with all the rest in JSON."""
    tell(lambda: _document(made, of) | {"secret": secret}, lambda: _say_secret(of, secret, done))


def _say_secret(of: Webhook, secret: str, done: str) -> None:
    click.echo(done, err=True)
    if of.overlap_until is not None:
        click.echo(
            f"L'ancien secret signe aussi jusqu'au {of.overlap_until:%d/%m/%Y %H:%M} UTC.", err=True
        )
    click.echo("Notez ce secret maintenant : il ne sera plus jamais montré.", err=True)
    click.echo(secret)


def show_state(made: "Container", of: Webhook) -> None:
    """Where it stands now."""
    tell(
        lambda: _document(made, of),
        lambda: click.echo(f"Webhook « {of.name} » : {of.state.label}."),
    )


def show_webhooks(
    known: Sequence[Webhook], waiting: Mapping[int, Backlog], owner: Collectivite
) -> None:
    """Those of an authority."""
    tell(
        lambda: {"webhooks": [_one(each, waiting[each.id]) for each in known]},
        lambda: _list(known, waiting, owner),
    )


def _list(known: Sequence[Webhook], waiting: Mapping[int, Backlog], owner: Collectivite) -> None:
    if not known:
        click.echo(f"Aucun logiciel n'est prévenu pour {owner.nom}.")
    for each in known:
        show(f"Webhook « {each.name} »", _facts(each, waiting[each.id], owner.time_zone))


def show_test(tested: Tested) -> None:
    """What a test came to."""
    tell(lambda: _shapes().essai(tested).model_dump(mode="json"), lambda: _say_test(tested))


def _say_test(tested: Tested) -> None:
    ended = tested.ended
    lasted = round((ended.at - tested.started_at) / timedelta(milliseconds=1))
    if tested.delivered:
        click.echo(f"Remis en {lasted} ms : {ended.status} {ended.answer}".rstrip())
    else:
        click.echo(f"Non remis : {ended.failure}", err=True)


def show_log(found: Sequence[DeliveryLine], most: int, zone: str) -> None:
    """The newest ``most`` events and their attempts; one more found says that there are others."""
    tell(
        lambda: {
            "envois": [_shapes().envoi(line).model_dump(mode="json") for line in found[:most]],
            "complet": len(found) <= most,
        },
        lambda: _list_log(found[:most], zone),
    )


def _list_log(lines: Sequence[DeliveryLine], zone: str) -> None:
    if not lines:
        click.echo("Rien n'a été écrit pour ce webhook.")
    for line in lines:
        _show_line(line, zone)


def show_replayed(count: int) -> None:
    """How many events will be told again."""
    tell(
        lambda: {"nombre": count},
        lambda: click.echo(f"{count} événement{'s' * (count > 1)} à renvoyer : dans la minute."),
    )


def _show_line(line: DeliveryLine, zone: str) -> None:
    facts: Facts = {"Type": line.type.removeprefix(PREFIX), "Identifiant": line.event_id}
    if line.sequence is not None:
        facts["Numéro"] = str(line.sequence)
    if line.numero_interne is not None:
        facts["Acte"] = line.numero_interne
    facts["Écrit"] = moment(line.at, zone)
    facts["État"] = _state(line, zone)
    for rank, each in enumerate(line.attempts):
        facts[f"Essai n° {line.tries - rank}"] = _attempt(each, zone)
    show(f"Envoi n° {line.id}", facts)


def _state(line: DeliveryLine, zone: str) -> str:
    if line.delivered_at is not None:
        return f"Remis le {moment(line.delivered_at, zone)}"
    if line.next_attempt_at is not None:
        return f"À envoyer le {moment(line.next_attempt_at, zone)}"
    return "Non remis : il ne partira plus de lui-même"


def _attempt(each: Any, zone: str) -> str:
    when = moment(each.started_at, zone)
    if each.milliseconds is None:
        return f"{when} : interrompu, issue inconnue"
    said = each.failure or f"{each.status} {each.answer or ''}".strip()
    return f"{when}, {each.milliseconds} ms : {said}"


def _facts(of: Webhook, waiting: Backlog, zone: str) -> Facts:
    types = [each.removeprefix(PREFIX) for each in of.types]
    facts: Facts = {
        "Adresse": of.url,
        "Événements": ", ".join(types) or "tous",
        "État": f"{of.state.label} depuis le {moment(of.state_since, zone)}",
    }
    if of.state_reason:
        facts["Raison"] = of.state_reason
    if of.failing_since is not None:
        facts["En échec"] = f"depuis le {moment(of.failing_since, zone)}"
    last = of.last_success_at
    facts["Dernier pris"] = "aucun" if last is None else moment(last, zone)
    facts["En attente"] = str(waiting.waiting)
    if waiting.given_up:
        facts["Abandonnés"] = str(waiting.given_up)
    facts["Créé"] = f"{moment(of.created_at, zone)}, par {of.created_by}"
    return facts


def _document(made: "Container", of: Webhook) -> dict[str, Any]:
    with made.engine.connect() as connection:
        return _one(of, backlogs(connection, [of.id])[of.id])


def _one(of: Webhook, waiting: Backlog) -> dict[str, Any]:
    told: dict[str, Any] = _shapes().webhook(of, waiting).model_dump(mode="json")
    return told


def _shapes() -> Any:
    # Only a program pays for the shapes of the API.
    from transmission.api import webhook_shown

    return webhook_shown
