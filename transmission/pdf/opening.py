"""The one way to open a PDF: qpdf's errors become ours, and hostile files meet its limits."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import BinaryIO

import pikepdf
from pikepdf import AccessMode
from pikepdf.settings import set_qpdf_limits

from transmission.pdf.errors import PasswordPdfError, UnreadablePdfError
from transmission.pdf.kinds import HEAD_LENGTH, FileKind, detect_kind

# A cross-reference or object stream never needs so much; a decompression bomb does.
_DECODED_STREAM_LIMIT = 256 * 1024 * 1024
_WARNING_LIMIT = 1000


@contextmanager
def opened_pdf(source: Path | BinaryIO) -> Iterator[pikepdf.Pdf]:
    """Open `source` for reading; a stream is read from its beginning and is not closed.

    A stream over a file is mapped in memory: nobody may shorten that file meanwhile. Raises
    `UnreadablePdfError` or `PasswordPdfError`, also for damage met inside the block.
    """
    _limit_qpdf()
    # A path may lead to a file that others write.
    access = AccessMode.default if isinstance(source, Path) else AccessMode.mmap
    try:
        with pikepdf.open(source, access_mode=access) as pdf:
            yield pdf
    except pikepdf.PasswordError as error:
        raise PasswordPdfError(
            "Le PDF est protégé par un mot de passe d'ouverture. "
            "Enregistrez-le sans mot de passe, puis déposez-le de nouveau."
        ) from error
    # pikepdf lets a number beyond 64 bits or a name that is not UTF-8 out as a ValueError.
    except (pikepdf.PikepdfError, ValueError) as error:
        raise UnreadablePdfError(_what_it_is_instead(source) or _DAMAGED) from error


_DAMAGED = (
    "Le PDF est endommagé ou sans page et ne peut pas être lu. "
    "Exportez-le de nouveau depuis le logiciel d'origine, puis déposez-le."
)


def _what_it_is_instead(source: Path | BinaryIO) -> str | None:
    detection = detect_kind(_head(source))
    if detection.kind is FileKind.PDF:
        return None
    return (
        f"Le fichier n'est pas un PDF lisible : son contenu est {detection.description}. "
        "Déposez l'acte au format PDF."
    )


def _head(source: Path | BinaryIO) -> bytes:
    if isinstance(source, Path):
        with source.open("rb") as file:
            return file.read(HEAD_LENGTH)
    source.seek(0)
    return source.read(HEAD_LENGTH)


@cache
def _limit_qpdf() -> None:
    # These settings belong to the process and qpdf wants them before its first file.
    set_qpdf_limits(
        doc_max_warnings=_WARNING_LIMIT,
        flate_max_memory=_DECODED_STREAM_LIMIT,
        run_length_max_memory=_DECODED_STREAM_LIMIT,
    )
