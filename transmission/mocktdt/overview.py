"""The page of the management port: what was received, for a person's eyes."""

import html
from typing import TYPE_CHECKING

from transmission.mocktdt.transactions import LABELS, Transaction

if TYPE_CHECKING:
    from transmission.mocktdt.mock import MockTdt

_PAGE = """<!DOCTYPE html>
<html lang="fr"><head><meta charset="utf-8"><title>mock-tdt</title>
<style>body{{font:15px sans-serif;margin:2em}}td,th{{padding:.2em .8em;text-align:left}}</style>
</head><body><h1>mock-tdt</h1>
<p>Simulateur : aucun accusé donné ici n'a de valeur. Plateforme : {url}. Horloge : {now}.
{receptions} dépôts reçus, {accepted} acceptés.</p>
<table><tr><th>n°</th><th>SIREN</th><th>message</th><th>état</th><th>depuis</th><th>texte</th></tr>
{rows}</table></body></html>
"""
_SHOWN = 500


def overview(mock: "MockTdt") -> bytes:
    """An HTML page of the latest transactions."""
    platform = mock.platform
    now = platform.settle()
    with platform.lock:
        rows = [_row(transaction) for transaction in platform.registry.every()[-_SHOWN:][::-1]]
    totals = platform.record.totals()
    return _PAGE.format(
        url=html.escape(mock.url),
        now=now.isoformat(timespec="seconds"),
        receptions=totals["receptions"],
        accepted=totals["accepted"],
        rows="\n".join(rows),
    ).encode()


def _row(transaction: Transaction) -> str:
    step = transaction.steps[-1]
    cells = (
        str(transaction.id),
        transaction.siren,
        transaction.message.file_name,
        f"{step.status} {LABELS[step.status]}",
        step.at.isoformat(timespec="seconds"),
        step.text,
    )
    return "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>"
