"""Import the list of the acts of a sitting, against which the register is checked."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from transmission.clock import civil_day
from transmission.domain.errors import Problem, RefusedError
from transmission.domain.sitting_list import (
    MAX_BYTES,
    NumberOf,
    SittingActe,
    SittingList,
    read_list,
)
from transmission.domain.texte import printable
from transmission.domain.transmission import Author
from transmission.ports.sittings import KeptSitting, NewSitting
from transmission.services.files import kept
from transmission.services.toolbox import Toolbox


@dataclass(frozen=True, slots=True, kw_only=True)
class SittingFile:
    """What a person gives: the bytes of a list, the name that they had, the date of the sitting
    unless the file bears it. ``may_be_empty`` lets a list name no act: nothing is then expected of
    that sitting. ``adds`` keeps what the list that counts already expects: it only adds
    to it."""

    content: bytes
    nom_fichier: str
    date_seance: date | None = None
    may_be_empty: bool = False
    adds: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """The list that now counts for a date.

    ``repeated`` when it already did: nothing has changed then. ``replaced`` is the one that counted
    before, ``notes`` (French, no final stop) what was read otherwise than written.
    """

    seance_id: int
    date_seance: date
    actes: int
    repeated: bool = False
    replaced: KeptSitting | None = None
    notes: tuple[str, ...] = ()


def import_sitting(
    tools: Toolbox,
    authority_id: int,
    given: SittingFile,
    author: Author,
    number_of: NumberOf = lambda _: None,
) -> Imported:
    """Keep the list of a sitting, and have the register checked against it.

    The bytes are kept before they are read. The newest list of a date counts, the others stay.
    ``number_of`` reads the numbers that the authority prints. Raises RefusedError with every fault
    of the file at once, and then nothing of it counts.
    """
    if len(given.content) > MAX_BYTES:
        # Refused like any other that cannot be read, and not kept.
        read_list(given.content)
    file = tools.documents.put_bytes(given.content)
    listed = read_list(given.content, number_of)
    now = tools.clock.now()
    with tools.register() as unit:
        today = civil_day(now, unit.authority(authority_id).collectivite.time_zone)
        day = _day(given, listed, today)
        held = unit.hold_sitting(authority_id, day)
        if held is not None and held.file == file:
            return _imported(held.id, day, listed, repeated=True)
        if given.adds and held is not None:
            before = read_list(tools.documents.read(held.file), number_of)
            listed = _added(before, listed)
            if len(listed.actes) == len(before.actes):
                return _imported(held.id, day, listed, repeated=True)
            (file,) = kept(tools, unit, content_of(listed.actes))
        new = NewSitting(
            collectivite_id=authority_id,
            date_seance=day,
            nom_fichier=printable(given.nom_fichier),
            file=file,
            at=now,
            author=author.name,
            actes=listed.actes,
        )
        number = unit.add_sitting(new)
        unit.ring("review", authority_id)
        unit.commit()
    return _imported(number, day, listed, replaced=held)


def content_of(actes: Sequence[SittingActe]) -> bytes:
    """The file (JSON) of a list that nobody wrote as it is."""
    rows = [
        {
            "numero": acte.numero,
            "nature": acte.nature and acte.nature.abrege,
            "objet": acte.objet,
        }
        for acte in actes
    ]
    return json.dumps({"actes": rows}, ensure_ascii=False, indent=1).encode()


def _added(before: SittingList, listed: SittingList) -> SittingList:
    known = {acte.numero for acte in before.actes}
    new = tuple(acte for acte in listed.actes if acte.numero not in known)
    return replace(listed, actes=(*before.actes, *new))


def _day(given: SittingFile, listed: SittingList, today: date) -> date:
    problems = list(_faults(given, listed, today))
    if problems:
        raise RefusedError(problems)
    day = given.date_seance or listed.date_seance
    assert day is not None  # noqa: S101 - it would be a fault
    return day


def _faults(given: SittingFile, listed: SittingList, today: date) -> Iterator[Problem]:
    named, borne = given.date_seance, listed.date_seance
    day = named or borne
    if day is None:
        yield Problem(
            "seance", "date", "La date de la séance manque.", "Donnez --seance AAAA-MM-JJ."
        )
    elif borne is not None and day != borne:
        said = f"Le fichier est celui de la séance du {borne:%d/%m/%Y}, pas du {day:%d/%m/%Y}."
        yield Problem("seance", "date", said, "Donnez l'une ou l'autre.")
    elif day > today:
        said = f"La séance du {day:%d/%m/%Y} n'a pas encore eu lieu : rien n'y est adopté."
        yield Problem("seance", "date", said, "Importez la liste une fois la séance tenue.")
    if not listed.actes and not given.may_be_empty:
        yield Problem(
            "fichier",
            "aucun_acte",
            "La liste ne nomme aucun acte.",
            "Ajoutez --vide si rien n'est attendu de cette séance.",
        )


def _imported(
    number: int,
    day: date,
    listed: SittingList,
    *,
    repeated: bool = False,
    replaced: KeptSitting | None = None,
) -> Imported:
    return Imported(
        seance_id=number,
        date_seance=day,
        actes=len(listed.actes),
        repeated=repeated,
        replaced=replaced,
        notes=listed.notes,
    )
