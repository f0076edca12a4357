"""``transmission status``: where an act stands, since when, what it waits for, what followed it."""

from datetime import date
from typing import TYPE_CHECKING

import click

from transmission.cli.context import about_an_acte, named_acte

if TYPE_CHECKING:
    from transmission.cli.facts import Facts
    from transmission.store.queries import ActeStory


@click.command(epilog="Exemple : transmission status D20230009710")
@about_an_acte
@click.pass_context
def status(ctx: click.Context, numero: str, day: date | None, siren: str | None) -> None:
    """Dire où en est l'acte NUMERO, depuis quand, et ce qu'il attend.

    Puis les courriers de la préfecture, les réponses et l'annulation, s'il y en a.
    """
    from transmission.cli.facts import facts_of, show
    from transmission.clock import civil_day
    from transmission.store.queries import read_story
    from transmission.store.queries.legal import legal_case

    with named_acte(ctx, numero, day, siren) as named, named.engine.connect() as connection:
        story = read_story(connection, named.acte_id)
        case = legal_case(connection, named.acte_id)
        assert story is not None and case is not None  # noqa: S101, PT018 - it was just found
        now = named.tools.clock.now()
    reading = case.read(civil_day(now, case.time_zone))
    facts = facts_of(named.owner.collectivite, story.acte, story.latest, reading, now)
    if story.date_mise_en_ligne is not None:
        facts["Mis en ligne le"] = f"{story.date_mise_en_ligne:%d/%m/%Y}"
    show(f"Acte {story.acte.numero_interne}", facts | _what_followed(story))


def _what_followed(story: "ActeStory") -> "Facts":
    from transmission.console.threads import expected, summary, title
    from transmission.domain.messages import ANNULATION

    facts: Facts = {}
    sent_as = story.latest.id_acte.numero_interne
    if sent_as != story.acte.numero_interne:
        facts["Envoyé sous le numéro"] = sent_as
    for sent in story.of_message(ANNULATION)[:1]:
        facts["Annulation"] = summary(sent)
    for thread in reversed(story.threads):
        told = expected(thread, story.latest.state)
        facts[f"Courrier n° {thread.letter.id}"] = f"{title(thread.letter)}. {told}"
        for answer in reversed(thread.answers):
            facts[f"Réponse n° {answer.sent.id}"] = summary(answer.sent)
    return facts
