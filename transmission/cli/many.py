"""``--tous``: one decision about all the sendings in a state, one by one, each outcome told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from transmission.cli.choices import codes
from transmission.cli.context import (
    NotFromAfarError,
    author,
    chosen_authority,
    settings_of,
    wired,
)
from transmission.cli.told import tell_line
from transmission.domain.decisions import Decision
from transmission.domain.lifecycle import State

if TYPE_CHECKING:
    from transmission.bootstrap import Container
    from transmission.domain.transmission import Author, Transmission
    from transmission.store.queries import ActeLine

_MOST = 1000
"""Taken at once, at most."""

_OF_MANY = ("etat", "limite", "essai")
_OF_ONE = {"numero": "NUMERO", "day": "--date", "message": "--message", "renamed": "--numero"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be decided, and of which sendings."""

    decision: Decision
    state: State
    siren: str | None
    most: int
    rehearsal: bool
    renumber: bool


def or_many(decision: Decision) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Have a command about one act do the same, with ``--tous``, to all those in a state."""

    def given(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def called(ctx: click.Context, numero: str | None, **options: Any) -> Any:
            every = options.pop("tous")
            many = {name: options.pop(name) for name in _OF_MANY}
            renumber = options.pop("renumeroter", False)
            if not every:
                _refuse_many(ctx, numero, many | {"renumeroter": renumber})
                return command(ctx, numero, **options)
            _refuse_one(ctx, options | {"numero": numero})
            if many["etat"] is None:
                raise click.UsageError("--tous : dites lesquels avec --etat.", ctx)
            asked = Asked(
                decision,
                State.of(many["etat"]),
                options["siren"],
                many["limite"] or _MOST,
                many["essai"],
                renumber,
            )
            return _decide_many(ctx, asked, author(options["par"], options["motif"]))

        for option in _options(decision):
            called = option(called)
        return called

    return given


def _options(decision: Decision) -> Sequence[Callable[[Any], Any]]:
    options = [
        click.option("--essai", is_flag=True, help="Avec --tous : le dire, sans rien faire."),
        click.option(
            "--limite",
            type=click.IntRange(1, _MOST),
            metavar="N",
            help=f"Avec --tous : combien au plus ({_MOST}).",
        ),
        click.option(
            "--etat",
            type=codes(State),
            metavar="CODE",
            help="Avec --tous : l'état où ils sont (held, rejected…).",
        ),
        click.option("--tous", is_flag=True, help="Tous ceux qui sont dans un état, un par un."),
    ]
    if decision is Decision.RESEND:
        told = "Avec --tous : prendre un numéro libre là où le TdT l'exige."
        options.append(click.option("--renumeroter", is_flag=True, help=told))
    return options


def _refuse_many(ctx: click.Context, numero: str | None, many: dict[str, Any]) -> None:
    if named := [f"--{name}" for name, value in many.items() if value]:
        raise click.UsageError(f"{', '.join(named)} : avec --tous.", ctx)
    if numero is None:
        raise click.MissingParameter(ctx=ctx, param_hint="'NUMERO'", param_type="argument")


def _refuse_one(ctx: click.Context, options: dict[str, Any]) -> None:
    if named := [said for name, said in _OF_ONE.items() if options.get(name)]:
        raise click.UsageError(f"{', '.join(named)} : sans --tous.", ctx)


def _decide_many(ctx: click.Context, asked: Asked, who: "Author") -> None:
    from transmission.services.decisions import require_reason

    if settings_of(ctx).service_url is not None:
        raise NotFromAfarError(
            f"« transmission {ctx.info_name} --tous » ne se fait pas à distance : lancez-la sur la "
            "machine du service, ou décidez acte par acte."
        )
    require_reason(who)
    with wired(ctx) as made:
        found, complete = _listed(made, asked)
        # Each is told as soon as it is known: what was done is known even after a Ctrl-C.
        done = [_one(made, asked, line, why, who) for line, why in found]
    if not complete:
        click.echo(f"Il y en a d'autres : seuls les {asked.most} premiers sont pris.", err=True)
    _summary(asked, done)
    if not all(done):
        ctx.exit(1)


def _listed(made: "Container", asked: Asked) -> tuple[Sequence[tuple["ActeLine", str]], bool]:
    """The sendings, why the decision is closed to each, and whether these are all of them."""
    from transmission.services.decide_many import why_closed
    from transmission.store.queries import list_actes
    from transmission.store.queries.pages import Wanted
    from transmission.store.queries.queue import newest_sendings

    siren = chosen_authority(made.tools, asked.siren).collectivite.siren
    with made.engine.connect() as connection:
        page = list_actes(connection, Wanted((asked.state,), siren), None, asked.most)
        newest = newest_sendings(connection, {line.acte_id for line in page.lines})
    judged = [(line, why_closed(asked.decision, line, newest[line.acte_id])) for line in page.lines]
    return judged, page.following is None


def _one(made: "Container", asked: Asked, line: "ActeLine", why: str, who: "Author") -> bool:
    """Decide of one and tell it; whether it was done, or could be."""
    from transmission.domain.errors import RefusedError, TransmissionError
    from transmission.services.decide_many import decide

    moved = None
    if not why and not asked.rehearsal:
        try:
            moved = decide(made.tools, asked.decision, line, who, renumber=asked.renumber)
        except RefusedError as error:
            why = " ".join(f"{each.message} {each.remedy}".strip() for each in error.problems)
        except TransmissionError as error:
            why = str(error)
    tell_line(lambda: _document(asked, line, moved, why), lambda: _say(asked, line, moved, why))
    return not why


def _document(
    asked: Asked, line: "ActeLine", moved: "Transmission | None", why: str
) -> dict[str, Any]:
    state = line.state if moved is None else moved.state
    fates = ("possible", "impossible") if asked.rehearsal else ("fait", "refuse")
    told = {
        "acte": line.numero_interne,
        "message": line.message,
        "sort": fates[bool(why)],
        "etat": state.code,
        "etat_libelle": state.label,
    }
    if why:
        told["raison"] = why
    if moved is not None and asked.decision is Decision.RESEND:
        told["envoye_sous"] = moved.id_acte.numero_interne
    return told


def _say(asked: Asked, line: "ActeLine", moved: "Transmission | None", why: str) -> None:
    from transmission.domain.messages import ACTE, label_of

    named = line.numero_interne
    if line.message != ACTE:
        named = f"{named}, {label_of(line.message)}"
    if why:
        said = "impossible" if asked.rehearsal else "refusé"
        click.echo(f"{named} : {said}. {why}", err=True)
    elif moved is None:
        click.echo(f"{named} : possible.")
    else:
        sent_as = moved.id_acte.numero_interne
        anew = asked.decision is Decision.RESEND and sent_as != line.numero_interne
        under = f", sous le numéro {sent_as}" if anew else ""
        click.echo(f"{named} : {moved.state.label}{under}.")


def _summary(asked: Asked, done: Sequence[bool]) -> None:
    from transmission.cli.told import wants_json
    from transmission.console.words import plural

    if wants_json():
        return
    if not done:
        click.echo(f"Aucun envoi n'est dans l'état « {asked.state.label} ».")
        return
    words = (
        (("possible", "possibles"), ("impossible", "impossibles"))
        if asked.rehearsal
        else (("fait", "faits"), ("refusé", "refusés"))
    )
    counted = ", ".join(
        plural(count, *said)
        for count, said in zip((sum(done), len(done) - sum(done)), words, strict=True)
        if count
    )
    click.echo(f"{counted} ; rien n'a été fait." if asked.rehearsal else f"{counted}.")
