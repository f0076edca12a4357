"""The readable summary of a dossier de preuve: what a judge reads first (evidence.md [D1])."""

from collections.abc import Iterator
from typing import BinaryIO

from transmission.pdf.flow import Flow, shown
from transmission.pdf.synthese_parts import (
    JOURNAL_TOLD,
    acte_rows,
    dates,
    events,
    holes_told,
    how_to_verify,
    members_told,
    reception_rows,
    sendings,
    stamps_told,
)
from transmission.ports.dossiers import SummaryFacts

_TITLE = "Dossier de preuve"


def write_summary(facts: SummaryFacts, target: BinaryIO) -> None:
    """Write the summary as a tagged PDF; the same facts give the same bytes.

    A character that the font lacks is printed as its code point. Raises PdfError.
    """
    acte = facts.dossier.acte
    flow = Flow(f"{_TITLE} · acte {acte.numero_interne} · {acte.collectivite}")
    flow.text(acte.collectivite, bold=True, scale=1.15)
    flow.text(f"SIREN {acte.siren}")
    flow.title(_TITLE)
    flow.text(_what(facts), centred=True)
    for title, rows in _tables(facts):
        flow.heading(title)
        flow.rows(rows)
    _lists(flow, facts)
    flow.write(
        target,
        title=shown(f"{_TITLE} : acte {acte.numero_interne}"),
        author=shown(acte.collectivite),
        subject=shown(acte.objet),
    )


def _what(facts: SummaryFacts) -> str:
    acte = facts.dossier.acte
    return f"{acte.nature_label} n° {acte.numero_interne}, {acte.id_acte}"


def _tables(facts: SummaryFacts) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    yield "Acte", list(acte_rows(facts))
    yield "Réception par le représentant de l'État", list(reception_rows(facts))
    yield from sendings(facts)


def _lists(flow: Flow, facts: SummaryFacts) -> None:
    flow.heading("Ce qui manque à ce dossier")
    flow.items(holes_told(facts))
    flow.heading("Ce qui est arrivé")
    flow.rows(events(facts))
    flow.heading("Délais et dates juridiques")
    flow.items(dates(facts))
    flow.heading("Horodatages")
    flow.items(stamps_told(facts))
    flow.heading("Fichiers versés et leurs empreintes SHA-256")
    flow.rows(members_told(facts))
    flow.heading("Comment vérifier ce dossier")
    flow.commands(how_to_verify(facts))
    flow.text(JOURNAL_TOLD)
