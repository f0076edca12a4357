"""Files handed over with an act or an answer: looked at where they are, then kept."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from transmission.domain.acceptance import ExaminedFile
from transmission.domain.errors import Problem, RefusedError
from transmission.domain.identifiers import NatureActe
from transmission.domain.texte import printable
from transmission.domain.transmission import Piece, StoredFile
from transmission.services.toolbox import Toolbox


@dataclass(frozen=True, slots=True)
class DepositedFile:
    """A file handed over: where its bytes are, the name it had, its typology if given."""

    path: Path
    nom_original: str
    code_type_pj: str | None = None


@dataclass(frozen=True, slots=True)
class ExaminedDeposit:
    """The same once looked at; ``sha256`` is that of the bytes which were looked at."""

    file: DepositedFile
    facts: ExaminedFile
    sha256: str


def examine(tools: Toolbox, file: DepositedFile) -> ExaminedDeposit:
    """Say by its content what a file is, without keeping it. Raises OSError.

    Its name is made printable: one that a file system gave may be no text at all.
    """
    file = replace(file, nom_original=printable(file.nom_original))
    with file.path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    kind = tools.inspector.kind(file.path)
    facts = ExaminedFile(
        nom_original=file.nom_original,
        size=file.path.stat().st_size,
        kind=kind,
        described="" if kind else tools.inspector.describe(file.path),
        pdf_problem=tools.inspector.pdf_problem(file.path) if kind == "pdf" else None,
        code_type_pj=file.code_type_pj,
    )
    return ExaminedDeposit(file, facts, sha256)


def pdf_notes(tools: Toolbox, examined: Sequence[ExaminedDeposit]) -> tuple[str, ...]:
    """What to say of the PDF files of a deposit that is taken all the same. Raises OSError.

    Source: ACTES protocol §3.7.
    """
    return tuple(
        f"« {item.file.nom_original} » : {note}"
        for item in examined
        if item.facts.kind == "pdf"
        for note in tools.inspector.pdf_notes(item.file.path)
    )


def pieces_of(examined: Sequence[ExaminedDeposit], nature: NatureActe) -> tuple[Piece, ...]:
    """Files in the order given, 1 first; those without a typology take that of the nature."""
    return tuple(
        Piece(
            rank,
            item.file.nom_original,
            item.file.code_type_pj or nature.typologie_par_defaut,
            item.facts.kind or "",
            StoredFile(item.sha256, item.facts.size),
        )
        for rank, item in enumerate(examined, start=1)
    )


def keep(tools: Toolbox, item: ExaminedDeposit, piece: Piece) -> None:
    """Store the bytes that were looked at. Raises RefusedError when they changed meanwhile."""
    with item.file.path.open("rb") as stream:
        kept = tools.documents.put(stream)
    if kept != piece.file:
        raise RefusedError(
            [
                Problem(
                    "document" if piece.ordre == 1 else f"annexes[{piece.ordre - 1}]",
                    "fichier_modifie",
                    f"« {item.file.nom_original} » a changé pendant son dépôt.",
                    "Attendez la fin de son écriture, puis redéposez-le.",
                )
            ]
        )
