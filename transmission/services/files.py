"""Files handed over with an act or an answer: copied, looked at, then kept or thrown away."""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import copyfileobj

from transmission.domain.acceptance import ExaminedFile
from transmission.domain.errors import Problem, RefusedError
from transmission.domain.identifiers import NatureActe
from transmission.domain.texte import printable
from transmission.domain.transmission import Piece, StoredFile
from transmission.ports import SMALL, Draft, UnitOfWork
from transmission.services.toolbox import Toolbox

_STRIDE = 256 * 1024
"""Bytes copied and hashed at a time: they stay in the cache of the core meanwhile."""


@dataclass(frozen=True, slots=True)
class DepositedFile:
    """A file handed over: where its bytes are, the name it had, its typology if given."""

    path: Path
    nom_original: str
    code_type_pj: str | None = None


@dataclass(frozen=True, slots=True)
class ExaminedDeposit:
    """The same once copied and looked at: what is kept is what was looked at.

    ``notes`` are what to say of a PDF that is taken all the same (ACTES protocol §3.7).
    """

    file: DepositedFile
    facts: ExaminedFile
    notes: tuple[str, ...]
    draft: Draft


@contextmanager
def examined(
    tools: Toolbox, files: Sequence[DepositedFile]
) -> Iterator[tuple[ExaminedDeposit, ...]]:
    """Private copies of files handed over, in their order; those not kept are gone at the end.

    Raises RefusedError for a file that changes while it is copied, OSError.
    """
    with ExitStack() as drafts:
        yield tuple(
            _examined(tools, file, rank, drafts.enter_context(tools.documents.draft()))
            for rank, file in enumerate(files)
        )


def _examined(tools: Toolbox, file: DepositedFile, rank: int, draft: Draft) -> ExaminedDeposit:
    # A name that a file system gave may be no text at all.
    file = replace(file, nom_original=printable(file.nom_original))
    _copy(file, rank, draft)
    found = tools.inspector.examine(draft.read_again())
    facts = ExaminedFile(
        nom_original=file.nom_original,
        size=draft.file.size,
        kind=found.kind,
        described="" if found.kind else found.described,
        pdf_problem=found.pdf_problem,
        code_type_pj=file.code_type_pj,
    )
    notes = tuple(f"« {file.nom_original} » : {note}" for note in found.notes)
    return ExaminedDeposit(file, facts, notes, draft)


def _copy(file: DepositedFile, rank: int, draft: Draft) -> None:
    with file.path.open("rb") as source:
        before = os.fstat(source.fileno())
        copyfileobj(source, draft, _STRIDE)
        after = os.fstat(source.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise RefusedError(
            [
                Problem(
                    f"annexes[{rank}]" if rank else "document",
                    "fichier_modifie",
                    f"« {file.nom_original} » a changé pendant son dépôt.",
                    "Attendez la fin de son écriture, puis redéposez-le.",
                )
            ]
        )


def kept(tools: Toolbox, unit: UnitOfWork, *contents: bytes) -> tuple[StoredFile, ...]:
    """Keep what the service made or was told: with the transaction that names it when it is small.

    Raises OSError.
    """
    if all(len(content) <= SMALL for content in contents):
        return unit.keep(*contents)
    return tuple(map(tools.documents.put_bytes, contents))


def pieces_of(examined: Sequence[ExaminedDeposit], nature: NatureActe) -> tuple[Piece, ...]:
    """Files in the order given, 1 first; those without a typology take that of the nature."""
    return tuple(
        Piece(
            rank,
            item.file.nom_original,
            item.file.code_type_pj or nature.typologie_par_defaut,
            item.facts.kind or "",
            item.draft.file,
        )
        for rank, item in enumerate(examined, start=1)
    )
