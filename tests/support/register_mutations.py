"""Alterations of a register and of its folders, by whoever owns both: one thing at a time.

Columns that ``docs/audit.md`` says to prove nothing are left alone, and so are rows whose absence
it says to be unseen.
"""

import random
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, text

from tests.support.tampering import (
    EVIDENCE,
    Change,
    changes_of,
    flipped,
    inserted,
    rows_of,
    spoilt,
    swapped,
    tampered,
)
from transmission.domain.audits import Page

DOCS = Path(__file__).parents[2] / "docs" / "audit.md"
NEAR = {
    "collectivite": ("transmission", "journal"),
    "journal": ("journal_link", "anchor_part"),
    "journal_link": ("journal", "anchor_part"),
    "answer_piece": ("transmission",),
    "retour": ("courrier", "transmission"),
    "transmission": ("acte",),
    "piece": ("acte", "transmission"),
}
"""Where what contradicts a row is told: where its contents were used."""

UNSEEN_WHEN_GONE = frozenset({"idempotency", "classification", "time_stamp"})
ELSEWHERE = frozenset({"sha256", "size"})
"""Of a publication that our register does not serve: looks at the outside are not reread."""

_ANCHORED = (
    "SELECT link.id FROM journal_link AS link JOIN anchor_part AS part "
    "ON part.collectivite_id = link.collectivite_id AND place BETWEEN first AND last ORDER BY 1"
)
"""Lines that no owner of the database can take away unseen, nor move."""

KEYS = frozenset({"number", "anchor"})
"""Columns that name a row: another value is a row gone and another put in."""


@dataclass(frozen=True)
class Alteration:
    """What is altered; ``places`` are names of tables or files, one of which must be told."""

    kind: str
    places: frozenset[str]
    made: AbstractContextManager[object]
    what: str = ""
    of_files: bool = False

    def is_placed(self, page: Page) -> bool:
        """Whether a difference tells the place."""
        told = {each.place.table for each in page.differences}
        return bool(self.places & (told | {each.place.file for each in page.differences}))


def unproven() -> dict[str, set[str]]:
    """By table, the columns that prove nothing, as the page about the audit says."""
    found = re.findall(r"^\| `(\w+)` \| (.+?) \|", DOCS.read_text(encoding="utf-8"), re.M)
    return {table: set(re.findall(r"`(\w+)`", names)) for table, names in found}


def alterations(
    engine: Engine, documents: Path, anchors: Path, each: int, rng: random.Random
) -> Iterator[Alteration]:
    """So many of each kind, drawn among all that can be altered; ``engine`` is defenceless."""
    yield from _of_columns(engine, each, rng)
    yield from _of_rows(engine, each, rng)
    yield from _of_the_journal(engine, each, rng)
    yield from _of_files(documents, "document", each, rng)
    yield from _of_files(anchors, "anchor", each, rng)


def _of_columns(engine: Engine, each: int, rng: random.Random) -> Iterator[Alteration]:
    idle = unproven()
    idle["published_copy"] |= ELSEWHERE
    anchored = set(_anchored(engine))
    for table in EVIDENCE:
        with engine.connect() as connection:
            every = [
                change
                for change in changes_of(connection, table)
                if change.column and change.column not in idle.get(table, set()) | KEYS
            ]
        if table == "journal":
            every = [change for change in every if change.row in anchored]
        for change in rng.sample(every, min(2 * each, len(every))):
            made = tampered(engine, change)
            places = frozenset({table, *NEAR.get(table, ())})
            what = f"{change.name} of {change.row}"
            yield Alteration(f"column of {table}", places, made, what)


def _of_rows(engine: Engine, each: int, rng: random.Random) -> Iterator[Alteration]:
    for table in EVIDENCE.keys() - UNSEEN_WHEN_GONE - {"enveloppe_counter", "collectivite"}:
        with engine.connect() as connection:
            every = rows_of(connection, table) if table != "journal" else _anchored(engine)
        for row in rng.sample(every, min(each, len(every))):
            # What leads to it, or holds what it held, tells of a row that is gone.
            yield Alteration(
                f"row of {table} gone", frozenset(EVIDENCE), tampered(engine, Change(table, row))
            )


def _anchored(engine: Engine) -> list[int]:
    with engine.connect() as connection:
        return list(connection.execute(text(_ANCHORED)).scalars())


def _of_the_journal(engine: Engine, each: int, rng: random.Random) -> Iterator[Alteration]:
    lines = _anchored(engine)
    here = frozenset({"journal", *NEAR["journal"]})
    for line in rng.sample(lines[:-1], each):
        other = lines[lines.index(line) + 1]
        gone = tampered(engine, Change("journal", line), Change("journal_link", line))
        yield Alteration("line gone with its link", here, gone, f"{line}")
        yield Alteration("line put in the place of one", here, _replaced(engine, line, other))
        yield Alteration("line put in", here, _put_in(engine, line, lines[-1] + 500))
        yield Alteration(
            "lines that change places", here, swapped(engine, "journal", line, other), f"{line}"
        )


@contextmanager
def _replaced(engine: Engine, line: int, other: int) -> Iterator[None]:
    with (
        tampered(engine, Change("journal", line)),
        inserted(engine, "journal", other, {"id": line}),
    ):
        yield


@contextmanager
def _put_in(engine: Engine, line: int, free: int) -> Iterator[None]:
    """A line below what is linked: its number is one that nobody used."""
    with inserted(engine, "journal", line, {"id": free}):
        _run(engine, "UPDATE chain SET linked_to = linked_to + 1000")
        try:
            yield
        finally:
            _run(engine, "UPDATE chain SET linked_to = linked_to - 1000")


def _run(engine: Engine, said: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(said))


def _of_files(folder: Path, kind: str, each: int, rng: random.Random) -> Iterator[Alteration]:
    every = sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)
    for path in rng.sample(every, min(each, len(every))):
        content, place = path.read_bytes(), frozenset({path.name})
        changed = {
            f"{kind}: one byte": flipped(content, rng.randrange(len(content))),
            f"{kind}: cut": content[: rng.randrange(len(content))],
            f"{kind}: longer": content + b"\0",
            f"{kind}: gone": None,
            f"{kind}: another's": rng.choice(every).read_bytes() + b" ",
        }
        for name, other in changed.items():
            yield Alteration(name, place, spoilt(path, other), of_files=True)
