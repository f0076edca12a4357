"""The pages of the desks: what waits for a person, and who deals with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from sqlalchemy import Connection

from transmission.clock import civil_day
from transmission.console.words import number, plural
from transmission.domain.desks import Desk
from transmission.domain.people import Person
from transmission.store.queries.desk_shapes import (
    COUNTED,
    DeskCount,
    DeskCursor,
    DeskLine,
    DeskPage,
    Looked,
)
from transmission.store.queries.desks import desk_count, desk_page

MINE, NOBODYS = "moi", "personne"
CHARGES = (("", "Tous"), (MINE, "Dont je me charge"), (NOBODYS, "Dont personne ne se charge"))
GLANCE = 5
"""Items of each desk on the page of all of them."""

SOON_DAYS = 7

DONE = {
    "pris": "Ce dossier est à votre charge.",
    "rendu": "Ce dossier est rendu au bureau : personne ne s'en charge.",
    "confie": "Ce dossier est confié à votre collègue.",
    "classe": "Ce dossier est classé sans suite : il a quitté le bureau.",
    "rejoue": "Cet avis sera renvoyé dans la minute.",
}
"""What is said on a page after something was done, by the code in its address."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of a desk says, all of them with None."""

    desk: Desk | None = None
    charge: str = ""
    apres: str = ""

    def url(self, **changes: str | Desk | None) -> str:
        """Another address; another filter starts at its first page."""
        chosen = replace(self, **({"apres": ""} | changes))  # type: ignore[arg-type]
        path = f"/bureaux/{chosen.desk.code}" if chosen.desk else "/bureaux"
        named = {"charge": chosen.charge, "apres": chosen.apres}
        query = urlencode({name: value for name, value in named.items() if value})
        return f"{path}?{query}" if query else path

    def looked(self, person: Person) -> Looked:
        """What to ask of the register for a person. Raises ValueError."""
        if self.charge not in dict(CHARGES):
            raise ValueError(f"unknown filter {self.charge!r}")
        mine = person.id if self.charge == MINE else None
        return Looked(person.sirens(), mine, self.charge == NOBODYS)


@dataclass(frozen=True, slots=True)
class DesksPage:
    """Everything the page shows: the counts of every desk, and the items of those looked at."""

    asked: Asked
    now: datetime
    counts: Mapping[Desk, DeskCount]
    pages: Sequence[tuple[Desk, DeskPage]]
    done: str = ""

    @property
    def title(self) -> str:
        """What the page is about."""
        return self.asked.desk.label if self.asked.desk else "Bureaux"

    @property
    def summary(self) -> str:
        """What waits, in one sentence."""
        total = sum(each.count for each in self.counts.values())
        if not total:
            return "Rien n'attend personne."
        late = self.late
        said = f"{plural(total, 'dossier attend', 'dossiers attendent')} une personne"
        if any(each.capped for each in self.counts.values()):
            said = f"Plus de {said}"
        return f"{said} ; {late}." if late else f"{said}."

    @property
    def late(self) -> str:
        """The first letter due, when its day is past or near."""
        due = self.counts[Desk.LETTERS].first_due
        if due is None:
            return ""
        left = (due - civil_day(self.now, "Europe/Paris")).days
        return f"première échéance : {in_days(left)}" if left <= SOON_DAYS else ""


def read_desks(
    connection: Connection, asked: Asked, person: Person, now: datetime, done: str = ""
) -> DesksPage:
    """The page of an address. Raises ValueError when the address means nothing."""
    looked = asked.looked(person)
    counts = {desk: desk_count(connection, desk, looked) for desk in Desk}
    if asked.desk is None:
        shown = [desk for desk in Desk if counts[desk].count]
        pages = [(desk, desk_page(connection, desk, looked, limit=GLANCE)) for desk in shown]
    else:
        after = DeskCursor.parse(asked.apres, asked.desk) if asked.apres else None
        pages = [(asked.desk, desk_page(connection, asked.desk, looked, after))]
    return DesksPage(asked, now, counts, pages, DONE.get(done, ""))


def counted(count: DeskCount) -> str:
    """How many items a desk has."""
    return f"plus de {number(COUNTED)}" if count.capped else number(count.count)


def days_left(line: DeskLine, now: datetime) -> int | None:
    """Civil days until an item is due, negative once it is late; None without a day."""
    return None if line.due is None else (line.due - civil_day(now, line.time_zone)).days


def in_days(left: int) -> str:
    """How far a day is, in words."""
    if left == 0:
        return "aujourd'hui"
    some = plural(abs(left), "jour", "jours")
    return f"dans {some}" if left > 0 else f"en retard de {some}"


def standing(left: int | None) -> str:
    """How a due day is shown."""
    if left is None:
        return ""
    return "alerte" if left < 0 else "doute" if left <= SOON_DAYS else ""


def due_words(line: DeskLine) -> str:
    """What the silence of the authority means once the day has come (legal clock CT-2, CT-3)."""
    return {"3-1": "refus tacite", "4-1": "rejet tacite"}.get(line.message or "", "échéance")
