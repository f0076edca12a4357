"""Can the journal be rewritten without showing? Who works in the database, and the anchors."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from transmission.cli.diagnosis.findings import Finding, Subject, fine, warning, wrong
from transmission.ports import UnitOfWork
from transmission.ports.chain import AnchorFolder
from transmission.services.anchor_check import anchor_faults
from transmission.store.roles import Standing

NEWEST = 30
"""Anchors whose files are read; of the others, only the names are looked at."""

_LATE = timedelta(days=2)
_SHOWN = 3


def role(found: Standing) -> Iterator[Finding]:
    """Under which role the service works, and whether it could rewrite the journal."""
    if not found.superuser and not found.alterable:
        said = f"Le service y travaille avec le rôle {found.name}, qui ne peut pas changer le"
        yield fine(Subject.DATABASE, f"{said} journal.")
        return
    yield warning(
        Subject.DATABASE,
        f"Le service y travaille avec le rôle {found.name}, qui pourrait changer ou vider le "
        "journal. Donnez à TRANSMISSION_DATABASE_OWNER_URL ce compte, et à "
        "TRANSMISSION_DATABASE_URL un autre, que « transmission roles » crée.",
    )


def journal(unit: UnitOfWork, folder: AnchorFolder, now: datetime) -> Iterator[Finding]:
    """Whether lines were put where all was linked, and anchors are made and written.

    Raises AnchorFolderError.
    """
    intruders = unit.intruders(_SHOWN)
    if intruders:
        numbers = ", ".join(map(str, intruders))
        yield wrong(
            Subject.JOURNAL,
            f"Des lignes ont été ajoutées à la main parmi celles qui étaient déjà chaînées (n° "
            f"{numbers}…) : elles ne prouvent rien. Faites chercher qui a accès à la base de "
            "données.",
        )
    faults = anchor_faults(unit, folder, None, NEWEST)
    for fault in faults[:_SHOWN]:
        yield wrong(
            Subject.JOURNAL,
            f"Dans le dossier des ancres ({folder.place}), {fault.said}. Gardez tout en l'état et "
            "voyez « transmission anchors --verifier ».",
        )
    if not intruders and not faults:
        yield from _made(unit, folder, now)


def _made(unit: UnitOfWork, folder: AnchorFolder, now: datetime) -> Iterator[Finding]:
    last = unit.last_anchor()
    if last is None:
        yield _none_yet(unit)
        return
    if now - last.at > _LATE:
        yield wrong(
            Subject.JOURNAL,
            f"La dernière ancre est du {last.at:%d/%m/%Y} : il en faut une par jour. Vérifiez que "
            "les exécutants servent la file anchor, et leurs messages.",
        )
        return
    said = f"La dernière ancre (n° {last.number}) est du {last.at:%d/%m/%Y} ; les fichiers de"
    yield fine(Subject.JOURNAL, f"{said} {folder.place} sont ceux de la base de données.")


def _none_yet(unit: UnitOfWork) -> Finding:
    if unit.linked_to() or unit.has_lines_to_link():
        said = (
            "Il n'a pas encore d'ancre : elle est faite dans le quart d'heure par les exécutants."
        )
        return warning(Subject.JOURNAL, said)
    return fine(Subject.JOURNAL, "Rien n'y est encore écrit.")
