"""Which ones a person chose on a list, and which of them the decision is open to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from fastapi import HTTPException
from sqlalchemy import Connection

from transmission.console.actions.bulk_kinds import KINDS, Item, Many
from transmission.console.actions.sheet import Typed
from transmission.console.compliance_page import FindingFilters
from transmission.console.queue_page import Filters
from transmission.domain.people import Person, Right
from transmission.store.queries import list_actes
from transmission.store.queries.findings import open_findings

MOST = 1000
"""Taken at once, at most."""

FORBIDDEN = "Votre compte ne le permet pas dans cette collectivité."


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a person chose: those that can be, those that cannot and why.

    ``note`` says what was left out of the choice.
    """

    able: tuple[Item, ...]
    unable: tuple[Item, ...]
    note: str = ""


def kind_of(typed: Typed) -> Many:
    """What is to be done. Raises HTTPException 400."""
    kind = KINDS.get(typed.text("action"))
    if kind is None:
        raise HTTPException(400)
    return kind


def chosen(connection: Connection, typed: Typed, kind: Many, person: Person) -> Chosen:
    """Those that a form names, or all those of its filter, as far as a person may see them.

    Raises HTTPException 400 for a filter that means nothing, or too many.
    """
    ids, more = _filtered(connection, typed, kind) if typed.is_ticked("tous") else _named(typed)
    items = [each for each in kind.items(connection, ids) if person.may(Right.READ, each.siren)]
    judged = [
        item if item.why or person.may(kind.right, item.siren) else replace(item, why=FORBIDDEN)
        for item in items
    ]
    note = (
        f"Le filtre en trouve d'autres : seuls les {MOST} premiers sont pris ici." if more else ""
    )
    return Chosen(
        tuple(item for item in judged if not item.why),
        tuple(item for item in judged if item.why),
        note,
    )


def list_chosen_on(typed: Typed, kind: Many) -> str:
    """The address of the list that they were chosen on."""
    given = inner(typed.text("retour"))
    if given:
        return given
    names = ("etat", "collectivite", "tdt", "q", "fixe") if kind.back == "/" else _OF_FINDINGS
    query = urlencode({name: text for name in names if (text := typed.line(name))})
    return f"{kind.back}?{query}" if query else kind.back


def inner(url: object) -> str:
    """An address of this console, empty for any other text."""
    text = str(url)
    return text if text.startswith("/") and not text.startswith("//") and "\\" not in text else ""


def number_of(mark: str) -> int:
    """The number that a form gives back, 0 for anything else."""
    text = mark.partition(".")[0]
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


_OF_FINDINGS = ("gravite", "controle", "collectivite", "vu")


def _named(typed: Typed) -> tuple[Sequence[int], bool]:
    given = typed.given or {}
    marks = [*typed.text("lot").split(), *given.get("envoi", ()), *given.get("constat", ())]
    numbers = dict.fromkeys(number for mark in marks if (number := number_of(mark)))
    if len(numbers) > MOST:
        raise HTTPException(400)
    return list(numbers), False


def _filtered(connection: Connection, typed: Typed, kind: Many) -> tuple[Sequence[int], bool]:
    """The first of a list, and whether there are more."""
    siren = typed.line("collectivite").replace(" ", "")
    try:
        if kind.back == "/":
            filters = Filters(typed.line("etat"), siren, typed.line("q"), tdt=typed.line("tdt"))
            acts = list_actes(connection, filters.wanted, None, MOST)
            return [line.transmission_id for line in acts.lines], acts.following is not None
        gravite, controle, vu = (typed.line(name) for name in ("gravite", "controle", "vu"))
        wanted = FindingFilters(gravite, controle, siren, vu).wanted
        found = open_findings(connection, wanted, None, MOST)
    except ValueError as error:
        raise HTTPException(400) from error
    return [line.id for line in found.lines], found.following is not None
