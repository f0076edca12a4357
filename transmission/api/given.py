"""Files that a program hands over, whichever way they came: parts of a body, or uploads."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from transmission.domain.access import Access
from transmission.domain.errors import NotFoundError, Problem
from transmission.domain.transmission import StoredFile
from transmission.domain.uploads import Upload
from transmission.services.files import DepositedFile
from transmission.services.toolbox import Toolbox
from transmission.services.uploads import (
    IncompleteError,
    find_upload,
    read_upload,
    settle_uploads,
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """An upload that is named where ``field`` says it, and its typology if given."""

    field: str
    upload_id: int
    code_type_pj: str | None = None


@dataclass(slots=True)
class Given:
    """Files in the order given, and all that is wrong with those that cannot be had.

    ``became`` are the uploads among them, each with its digest and size.
    """

    files: list[DepositedFile] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    became: list[tuple[int, StoredFile]] = field(default_factory=list)


def uploads_given(tools: Toolbox, access: Access, wanted: Sequence[Wanted], folder: Path) -> Given:
    """The files of uploads, written in a folder, each once."""
    given = Given()
    paths: dict[int, tuple[Upload, Path]] = {}
    for each in wanted:
        try:
            if each.upload_id not in paths:
                paths[each.upload_id] = _fetched(tools, access, each.upload_id, folder, given)
        except NotFoundError:
            given.problems.append(_unknown(each))
        except IncompleteError as error:
            given.problems.append(_incomplete(each, error))
        else:
            upload, path = paths[each.upload_id]
            given.files.append(DepositedFile(path, upload.nom, each.code_type_pj))
    return given


def taken(tools: Toolbox, given: Given, used: Iterable[Path] | None = None) -> None:
    """Say that the uploads among the files, all or those at some paths, serve in the register."""
    kept = None if used is None else {path.name for path in used}
    settle_uploads(tools, [each for each in given.became if kept is None or _name(each[0]) in kept])


def _fetched(
    tools: Toolbox, access: Access, upload_id: int, folder: Path, given: Given
) -> tuple[Upload, Path]:
    upload, path = find_upload(tools, access, upload_id), folder / _name(upload_id)
    given.became.append((upload_id, read_upload(tools, upload, path)))
    return upload, path


def _name(upload_id: int) -> str:
    return f"{upload_id}.upload"


def _unknown(wanted: Wanted) -> Problem:
    return Problem(
        wanted.field,
        "televersement_inconnu",
        f"Aucun téléversement n° {wanted.upload_id} n'est en cours : il a expiré, ou n'a jamais "
        "été fait.",
        "Envoyez de nouveau le fichier, puis nommez ce téléversement-là.",
    )


def _incomplete(wanted: Wanted, error: IncompleteError) -> Problem:
    return Problem(
        wanted.field,
        "televersement_incomplet",
        f"Le téléversement n° {wanted.upload_id} n'est pas terminé : {error.received} octets sont "
        "arrivés.",
        "Finissez de l'envoyer, puis refaites cette demande.",
    )
