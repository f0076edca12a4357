"""The ports that read files from outside, each in the process apart."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime
from io import UnsupportedOperation
from pathlib import Path
from shutil import copyfileobj
from typing import Any, BinaryIO, Final

from transmission.actes.budget import NotABudgetError, Scellement
from transmission.actes.safe_xml import UnreadableXmlError
from transmission.domain.errors import TransmissionError
from transmission.domain.pdf_signatures import PdfSignatures, load_signatures
from transmission.pdf.errors import (
    OversizedPdfError,
    PasswordPdfError,
    PdfError,
    UnprintableTextError,
    UnreadablePdfError,
)
from transmission.pdf.kinds import HEAD_LENGTH, FileKind, detect_kind
from transmission.ports import Examination, StampFacts
from transmission.sandbox.pool import RefusedInsideError, Sandbox, TooHeavyError, shared

_ERRORS: Final[Mapping[str, type[TransmissionError]]] = {
    kind.__name__: kind
    for kind in (
        PdfError,
        UnreadablePdfError,
        PasswordPdfError,
        OversizedPdfError,
        UnprintableTextError,
        UnreadableXmlError,
        NotABudgetError,
    )
}


class ApartInspector:
    """The port ``DocumentInspector``: what a file is, is told from its first bytes; a PDF is opened
    apart."""

    def __init__(self, sandbox: Sandbox | None = None) -> None:
        self._sandbox = sandbox

    def examine(self, content: BinaryIO) -> Examination:
        """Look at a content from its beginning. One that cannot be read has a problem.

        Raises OSError.
        """
        content.seek(0)
        detected = detect_kind(content.read(HEAD_LENGTH))
        kind = detected.kind.extension if detected.kind else None
        if detected.kind is not FileKind.PDF:
            return Examination(kind, detected.description)
        try:
            with _handle(content) as handle:
                told = _run(self._sandbox, "examine", {}, handle)
        except TooHeavyError as error:
            return Examination(kind, detected.description, f"{error}.")
        return _examination(told, kind, detected.description)


def _examination(told: Any, kind: str | None, described: str) -> Examination:
    # What reads hostile files is believed for nothing but words.
    problem, notes = told.get("pdf_problem"), told.get("notes", ())
    return Examination(
        kind, described, None if problem is None else str(problem), tuple(map(str, notes))
    )


class ApartStamper:
    """The port ``Stamper``."""

    def __init__(self, sandbox: Sandbox | None = None) -> None:
        self._sandbox = sandbox

    def stamp(self, source: Path, target: BinaryIO, facts: StampFacts) -> None:
        """Write a stamped copy. Raises PdfError."""
        given = {name: _plain(value) for name, value in asdict(facts).items()}
        with source.open("rb") as content, tempfile.TemporaryFile() as copy:
            handles = content.fileno(), copy.fileno()
            try:
                _run(self._sandbox, "stamp", given, *handles)
            except TooHeavyError as error:
                raise PdfError(f"Le PDF ne peut pas être tamponné : {error}.") from error
            copy.seek(0)
            copyfileobj(copy, target)


class ApartTexts:
    """The port ``TextReader``."""

    def __init__(self, sandbox: Sandbox | None = None) -> None:
        self._sandbox = sandbox

    def text_of(self, source: Path) -> str:
        """Words of the first pages; empty for a scan, and for what cannot be read."""
        with source.open("rb") as content:
            try:
                return str(_run(self._sandbox, "text", {}, content.fileno()))
            except TooHeavyError:
                return ""


class ApartBudgets:
    """The port ``BudgetReader``."""

    def __init__(self, sandbox: Sandbox | None = None) -> None:
        self._sandbox = sandbox

    def scellement(self, content: BinaryIO) -> str:
        """The name of the verdict. Raises NotABudgetError, UnreadableXmlError."""
        try:
            with _handle(content) as handle:
                told = _run(self._sandbox, "scellement", {}, handle)
        except TooHeavyError as error:
            raise UnreadableXmlError(f"Le fichier n'a pas pu être lu : {error}.") from error
        return Scellement[str(told)].name


class ApartSignatures:
    """The port ``PdfSignatureReader``, by the roots of a PEM file, read again at each look."""

    def __init__(self, roots_file: Path | None, sandbox: Sandbox | None = None) -> None:
        self._roots_file = roots_file
        self._sandbox = sandbox

    def read(self, content: BinaryIO, now: datetime) -> PdfSignatures:
        """Judge every signature of a PDF; one too heavy to be read has an answer too."""
        try:
            roots = self._roots_file.read_text(encoding="utf-8") if self._roots_file else ""
        except (OSError, UnicodeDecodeError):
            return PdfSignatures(unread=f"les racines de confiance manquent ({self._roots_file})")
        given = {"roots": roots, "now": now.isoformat()}
        try:
            with _handle(content) as handle:
                return load_signatures(_run(self._sandbox, "signatures", given, handle))
        except TooHeavyError as error:
            return PdfSignatures(unread=str(error))
        except (AttributeError, KeyError, TypeError, ValueError):
            return PdfSignatures(unread="ce qui a lu les signatures n'a rien dit de lisible")


def _run(sandbox: Sandbox | None, job: str, given: Mapping[str, Any], *handles: int) -> Any:
    try:
        return (sandbox or shared()).run(job, given, handles)
    except RefusedInsideError as error:
        raise _ERRORS.get(error.kind, PdfError)(str(error)) from None


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


@contextmanager
def _handle(content: BinaryIO) -> Iterator[int]:
    """An open file of the system with this content, which can only be read."""
    handle = _reopened(content) or _copied(content)
    try:
        yield handle
    finally:
        os.close(handle)


def _reopened(content: BinaryIO) -> int | None:
    try:
        content.flush()
        return _to_be_read(content.fileno())
    except (UnsupportedOperation, AttributeError):
        return None


def _copied(content: BinaryIO) -> int:
    with os.fdopen(os.memfd_create("content"), "wb") as copy:
        content.seek(0)
        copyfileobj(content, copy)
        copy.flush()
        return _to_be_read(copy.fileno())


def _to_be_read(handle: int) -> int:
    # What reads must not be able to write into what was hashed already.
    return os.open(f"/proc/self/fd/{handle}", os.O_RDONLY | os.O_CLOEXEC)
