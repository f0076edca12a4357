"""``event``: what happened to an act and no message told, entered by a person."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from transmission.cli.choices import codes, listed
from transmission.cli.context import Day, about_an_acte, author, author_option, named_acte
from transmission.cli.told import json_option, tell
from transmission.domain.legal.entered import ENTERED
from transmission.domain.legal.sujets import PublicityMode

if TYPE_CHECKING:
    from transmission.cli.facts import Facts
    from transmission.domain.legal.entered import Recorded

_KINDS = {kind.code: kind for kind in ENTERED}
_MODES = {mode.code: mode for mode in PublicityMode}
_EPILOG = """\b
Exemples :
  transmission event D20230009710
  transmission event D20230009710 notification --recu 2023-03-10
  transmission event D20230009710 publication --recu 2023-03-10 --mode papier
  transmission event D20230009710 reponse_attente --reponse 15
  transmission event D20230009710 lettre_observations --courrier 12
  transmission event D20230009710 --retirer 3 --motif "erreur de saisie"

""" + listed("Événements", ENTERED)


@click.command(epilog=_EPILOG)
@about_an_acte
@click.argument("evenement", required=False, metavar="[EVENEMENT]", type=codes(ENTERED))
@click.option("--recu", "received", type=Day(), help="Jour où il est parvenu à son destinataire.")
@click.option("--envoye", "sent", type=Day(), help="Jour de son envoi, s'il est autre.")
@click.option("--mode", type=codes(PublicityMode), help="D'une publication.")
@click.option(
    "--voies-de-recours",
    "remedies",
    type=click.Choice(["oui", "non"]),
    help="Une notification dit-elle comment faire un recours ?",
)
@click.option("--partiel", "partial", is_flag=True, help="Une partie seulement des pièces.")
@click.option(
    "--courrier", "courrier_id", type=int, metavar="N", help="Dire ce qu'est ce courrier."
)
@click.option("--reponse", "transmission_id", type=int, metavar="N", help="Ou cette réponse.")
@click.option("--preuve", metavar="TEXTE", help="Ce qui le montre : recommandé, jugement…")
@click.option("--retirer", "number", type=int, metavar="N", help="Retirer la saisie de ce numéro.")
@click.option("--motif", metavar="TEXTE", help="Pourquoi ; exigé pour retirer.")
@author_option
@json_option
@click.pass_context
def event(
    ctx: click.Context,
    /,
    numero: str,
    day: date | None,
    siren: str | None,
    evenement: str | None,
    number: int | None,
    motif: str | None,
    par: str | None,
    **told: Any,
) -> None:
    """Saisir un EVENEMENT de l'acte NUMERO, ou en retirer un ; sans EVENEMENT, les lister.

    Un accusé de réception ne se saisit pas : il se lit dans le message de l'État. Avec --courrier
    ou --reponse, l'EVENEMENT dit ce qu'est un message déjà enregistré, qui garde ses dates.
    """
    from transmission.services.record_event import events_entered, retract_event

    if evenement is not None and number is not None:
        raise click.UsageError("Saisissez un EVENEMENT ou donnez --retirer, pas les deux.")
    if evenement is None and any(value not in (None, False) for value in told.values()):
        raise click.UsageError("Dites quel EVENEMENT.")
    with named_acte(ctx, numero, day, siren) as named:
        tools, acte_id = named.tools, named.acte_id
        if number is not None:
            retract_event(tools, acte_id, number, author(par, motif))
            tell(
                lambda: {"acte": numero, "saisie": number, "retiree": True},
                lambda: click.echo(f"Acte {numero} : saisie n° {number} retirée."),
            )
        elif evenement is not None:
            added = _record(tools, acte_id, evenement, author(par, motif), **told)
            label = _KINDS[evenement].label
            tell(
                lambda: {"acte": numero, "saisie": added, "evenement": evenement},
                lambda: click.echo(f"Acte {numero} : « {label} » enregistré (saisie n° {added})."),
            )
        else:
            with tools.register() as unit:
                entered = events_entered(unit, acte_id)
            zone = named.owner.collectivite.time_zone
            tell(
                lambda: {"acte": numero, "saisies": [_document(each) for each in entered]},
                lambda: _list(numero, entered, zone),
            )


def _document(recorded: "Recorded") -> dict[str, Any]:
    entry, happened = recorded.entry, recorded.entry.event
    return {
        "id": recorded.id,
        "evenement": happened.kind.code,
        "recu": happened.received,
        "envoye": happened.sent,
        "courrier": entry.courrier_id,
        "reponse": entry.transmission_id,
        "complet": happened.complete,
        "preuve": entry.preuve,
        "par": recorded.author,
        "quand": recorded.at,
        "motif": recorded.reason,
        "retire": recorded.retracted is not None,
    }


def _record(
    tools: Any,
    acte_id: int,
    evenement: str,
    by: Any,
    *,
    received: date | None,
    sent: date | None,
    mode: str | None,
    remedies: str | None,
    partial: bool,
    courrier_id: int | None,
    transmission_id: int | None,
    preuve: str | None,
) -> int:
    from transmission.domain.texte import printable
    from transmission.services.record_event import Told, record_event

    told = Told(
        kind=_KINDS[evenement],
        received=received,
        sent=sent,
        complete=not partial,
        mode=_MODES[mode] if mode else None,
        remedies=None if remedies is None else remedies == "oui",
        preuve=printable(preuve) if preuve else None,
        courrier_id=courrier_id,
        transmission_id=transmission_id,
    )
    return record_event(tools, acte_id, told, by)


def _list(numero: str, entered: Sequence["Recorded"], zone: str) -> None:
    from transmission.cli.facts import show

    if not entered:
        click.echo(f"Acte {numero} : aucun événement n'a été saisi.")
    for recorded in entered:
        show(f"Saisie n° {recorded.id}", _facts(recorded, zone))


def _facts(recorded: "Recorded", zone: str) -> "Facts":
    from transmission.console.words import moment

    entry, happened = recorded.entry, recorded.entry.event
    facts: Facts = {"Événement": happened.kind.label}
    if entry.courrier_id is not None:
        facts["Courrier"] = f"n° {entry.courrier_id}, avec ses propres dates"
    elif entry.transmission_id is not None:
        facts["Réponse"] = f"n° {entry.transmission_id}"
    else:
        facts["Reçu le"] = f"{happened.received:%d/%m/%Y}"
    if happened.sent != happened.received:
        facts["Envoyé le"] = f"{happened.sent:%d/%m/%Y}"
    if happened.mode is not None:
        facts["Mode"] = happened.mode.label
    if happened.remedies is not None:
        facts["Voies de recours"] = "dites" if happened.remedies else "non dites"
    if not happened.complete:
        facts["Étendue"] = "une partie des pièces"
    if entry.preuve:
        facts["Preuve"] = entry.preuve
    facts["Saisi par"] = _who(recorded.author, moment(recorded.at, zone), recorded.reason)
    if taken := recorded.retracted:
        facts["Retiré par"] = _who(taken.author, moment(taken.at, zone), taken.reason)
    return facts


def _who(name: str, when: str, reason: str | None) -> str:
    return f"{name}, {when}" + (f" ({reason})" if reason else "")
