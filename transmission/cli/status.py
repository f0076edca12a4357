"""``transmission status``: where an act stands, since when, and what it waits for."""

import click
from rich.console import Console
from rich.table import Table

from transmission.cli.context import chosen_authority, named_acte, wired
from transmission.domain.collectivite import Collectivite
from transmission.domain.legal.deadlines import defere_last_day
from transmission.domain.transmission import AdoptedActe, Transmission


@click.command()
@click.argument("numero")
@click.option("--date", "day", help="Date de la décision, si le numéro a servi plusieurs fois.")
@click.option("--siren", help="Collectivité, s'il y en a plusieurs.")
@click.pass_context
def status(ctx: click.Context, numero: str, day: str | None, siren: str | None) -> None:
    """Dire où en est l'acte NUMERO, depuis quand, et ce qu'il attend."""
    with wired(ctx) as made:
        owner = chosen_authority(made.tools, siren)
        acte_id = named_acte(made.tools, owner, numero, day)
        with made.tools.register() as unit:
            acte = unit.acte(acte_id)
            transmission = unit.current_transmission(acte_id)
            online = unit.publication(acte_id)
    facts = facts_of(owner.collectivite, acte, transmission)
    if online is not None:
        facts["Mis en ligne le"] = f"{online:%d/%m/%Y}"
    show(f"Acte {acte.numero_interne}", facts)


def facts_of(
    collectivite: Collectivite, acte: AdoptedActe, transmission: Transmission
) -> dict[str, str]:
    """What a person asks about an act, label by label, in the order of its life."""
    facts = {
        "Collectivité": collectivite.nom,
        "Objet": acte.objet,
        "Date de la décision": f"{acte.date_decision:%d/%m/%Y}",
        "État": transmission.state.label,
    }
    if transmission.waiting_for:
        facts["Attend"] = transmission.waiting_for
    if transmission.reference:
        facts["Référence du TdT"] = transmission.reference
    if transmission.parcel:
        facts["Archive"] = transmission.parcel.archive_name
    if transmission.date_reception is None or transmission.id_acte is None:
        return facts
    deadline = defere_last_day(transmission.date_reception, collectivite.calendrier)
    return facts | {
        "Identifiant de télétransmission": str(transmission.id_acte),
        "Identifiant de fichier": transmission.id_acte.printed(acte.pieces[0].code_type_pj),
        "Reçu en préfecture le": f"{transmission.date_reception:%d/%m/%Y}",
        "Dernier jour du déféré": f"{deadline.last_day:%d/%m/%Y} (règle {deadline.rule})",
    }


def show(title: str, facts: dict[str, str]) -> None:
    """Print labelled facts."""
    table = Table(title=title, show_header=False, title_justify="left", box=None)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for label, text in facts.items():
        table.add_row(label, text)
    Console().print(table)
