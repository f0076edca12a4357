"""``transmission status``: where an act stands, since when, and what it waits for."""

from datetime import date

import click

from transmission.cli.context import about_an_acte, named_acte


@click.command(epilog="Exemple : transmission status D20230009710")
@about_an_acte
@click.pass_context
def status(ctx: click.Context, numero: str, day: date | None, siren: str | None) -> None:
    """Dire où en est l'acte NUMERO, depuis quand, et ce qu'il attend."""
    from transmission.cli.facts import facts_of, show

    with named_acte(ctx, numero, day, siren) as named, named.tools.register() as unit:
        acte = unit.acte(named.acte_id)
        transmission = unit.current_transmission(named.acte_id)
        online = unit.publication(named.acte_id)
        now = named.tools.clock.now()
    facts = facts_of(named.owner.collectivite, acte, transmission, now)
    if online is not None:
        facts["Mis en ligne le"] = f"{online:%d/%m/%Y}"
    show(f"Acte {acte.numero_interne}", facts)
