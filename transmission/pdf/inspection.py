"""What a PDF is made of, read without executing anything in it (ACTES protocol §3.7, §3.8)."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream

from transmission.pdf.errors import (
    OversizedPdfError,
    PasswordPdfError,
    PdfError,
    UnreadablePdfError,
)
from transmission.pdf.opening import opened_pdf

__all__ = [
    "OversizedPdfError",
    "PasswordPdfError",
    "PdfError",
    "PdfInspection",
    "UnreadablePdfError",
    "has_signature",
    "inspect_pdf",
    "inspected",
]

_MAX_VALUES = 5_000_000

# Readers take such a page as it is, where qpdf speaks of repairing it.
_NO_RESOURCES = re.compile(r"object (\d+) (\d+) at offset \d+: .*Resources is missing or invalid;")
# Bytes before decompression, in the whole file: a thousand times more at worst afterwards.
_BARE_CONTENT_MAX = 64 * 1024

_JAVASCRIPT = "JavaScript"
_EMBEDDED = "fichiers embarqués"
_LAUNCH = "actions de lancement"
_FORM_SENDING = "envoi ou import de données de formulaire"
_OTHER_FILE = "renvois vers d'autres fichiers"
_MULTIMEDIA = "contenu multimédia"
_XFA = "formulaire XFA"

_BY_KEY = {"/JS": _JAVASCRIPT, "/EF": _EMBEDDED, "/XFA": _XFA}
_BY_ENTRY = {
    ("/S", "/JavaScript"): _JAVASCRIPT,
    ("/S", "/Launch"): _LAUNCH,
    ("/S", "/SubmitForm"): _FORM_SENDING,
    ("/S", "/ImportData"): _FORM_SENDING,
    ("/S", "/GoToR"): _OTHER_FILE,
    ("/S", "/GoToE"): _OTHER_FILE,
    ("/S", "/Rendition"): _MULTIMEDIA,
    ("/S", "/Movie"): _MULTIMEDIA,
    ("/S", "/Sound"): _MULTIMEDIA,
    ("/S", "/RichMediaExecute"): _MULTIMEDIA,
    ("/Subtype", "/RichMedia"): _MULTIMEDIA,
    ("/Subtype", "/Movie"): _MULTIMEDIA,
    ("/Subtype", "/Sound"): _MULTIMEDIA,
    ("/Subtype", "/Screen"): _MULTIMEDIA,
    ("/Subtype", "/3D"): _MULTIMEDIA,
    ("/Subtype", "/FileAttachment"): _EMBEDDED,
    ("/Type", "/EmbeddedFile"): _EMBEDDED,
}


@dataclass(frozen=True, slots=True)
class PdfInspection:
    """Facts about one PDF; `active_content` holds French names, `repaired` qpdf's own warnings.

    `encrypted` means an owner password only: the file opens, its permissions are restricted.
    `repaired` is not empty when the file was damaged and could be read all the same; a page that
    states no resources and draws with none is not damaged.
    """

    pages: int
    encrypted: bool
    signed: bool
    repaired: tuple[str, ...]
    active_content: tuple[str, ...]


def inspect_pdf(source: Path | BinaryIO, *, max_pages: int = 20000) -> PdfInspection:
    """Open a PDF and inspect it. Raises what `opened_pdf` and `inspected` raise."""
    with opened_pdf(source) as pdf:
        return inspected(pdf, source, max_pages=max_pages)


def inspected(
    pdf: pikepdf.Pdf, source: Path | BinaryIO, *, max_pages: int = 20000
) -> PdfInspection:
    """Walk every object of `pdf`, opened from `source`; nested ones, those of object streams too.

    To be called inside `opened_pdf`. Raises `OversizedPdfError` beyond `max_pages` or five million
    values. Objects that nothing refers to any more are walked too.
    """
    with pikepdf.explicit_conversion():
        pages = _counted_pages(pdf, max_pages)
        active_content = _active_content(pdf)
        signed = has_signature(pdf)
        # qpdf finds damage as it reads: the warnings are complete only after the walk.
        repaired = tuple(_without_source(warning, source) for warning in _damage(pdf))
        return PdfInspection(pages, pdf.is_encrypted, signed, repaired, active_content)


def _without_source(warning: str, source: Path | BinaryIO) -> str:
    # qpdf begins with the path, or the address in memory, of what it reads.
    return warning.removeprefix("stream ").removeprefix(str(source)).lstrip(" :")


def _damage(pdf: pikepdf.Pdf) -> list[str]:
    warnings = [str(warning) for warning in pdf.get_warnings()]
    bare = [found for warning in warnings if (found := _NO_RESOURCES.search(warning))]
    pages = [pdf.get_object(int(page[1]), int(page[2])) for page in bare]
    if not _draw_with_nothing(page.get("/Contents") for page in pages):
        return warnings
    return [warning for warning in warnings if not _NO_RESOURCES.search(warning)]


def _draw_with_nothing(contents: Iterable[object]) -> bool:
    # A font, an image or a colour is called by a name, and a name begins with a slash. Where its
    # resources are missing one reader shows text in a font of its own, another shows none.
    left = _BARE_CONTENT_MAX
    pending, seen = list(contents), pikepdf.ObjectSet()
    while pending:
        content = pending.pop()
        if not isinstance(content, Array | Stream) or not seen.add(content):
            continue
        if isinstance(content, Array):
            pending.extend(content)
            continue
        left -= len(content.read_raw_bytes())
        if left < 0 or not _plainly_coded(content) or b"/" in content.read_bytes():
            return False
    return True


def _plainly_coded(content: Stream) -> bool:
    coding = content.get("/Filter")
    codings = list(coding) if isinstance(coding, Array) else [coding]
    return codings in ([], [None], [Name.FlateDecode])


def has_signature(pdf: pikepdf.Pdf) -> bool:
    """Tell whether a field of the form holds a signature with a byte range."""
    form = pdf.Root.get("/AcroForm")
    pending = _children(form, "/Fields")
    seen = pikepdf.ObjectSet()
    while pending:
        field = pending.pop()
        if not isinstance(field, Dictionary) or not seen.add(field):
            continue
        value = field.get("/V")
        if isinstance(value, Dictionary) and isinstance(value.get("/ByteRange"), Array):
            return True
        pending.extend(_children(field, "/Kids"))
    return False


def _children(parent: object, key: str) -> list[Object]:
    children = parent.get(key) if isinstance(parent, Dictionary) else None
    return list(children) if isinstance(children, Array) else []


def _counted_pages(pdf: pikepdf.Pdf, max_pages: int) -> int:
    pages = len(pdf.pages)
    if pages > max_pages:
        raise OversizedPdfError(
            f"Le PDF compte {pages} pages, la limite est de {max_pages}. "
            "Déposez l'acte en plusieurs fichiers."
        )
    return pages


def _active_content(pdf: pikepdf.Pdf) -> tuple[str, ...]:
    found: set[str] = set()
    for key, value in _entries(pdf):
        if key in _BY_KEY:
            found.add(_BY_KEY[key])
        elif isinstance(value, Name):
            found.update(filter(None, [_BY_ENTRY.get((key, str(value)))]))
    return tuple(sorted(found))


def _entries(pdf: pikepdf.Pdf) -> Iterator[tuple[str, Object]]:
    """Yield every (key, value) of every dictionary; references are followed by the object list."""
    values = 0
    for root in (pdf.trailer, *pdf.objects):
        pending = [root]
        while pending:
            holder = pending.pop()
            members = _members(holder)
            values += len(members)
            if values > _MAX_VALUES:
                raise OversizedPdfError(
                    f"Le PDF contient plus de {_MAX_VALUES} éléments et n'a pas été examiné en "
                    "entier. Exportez-le de nouveau sous une forme plus simple, puis déposez-le."
                )
            yield from ((key, value) for key, value in members if key)
            pending.extend(value for _, value in members if not value.is_indirect)


def _members(holder: Object) -> list[tuple[str, Object]]:
    if isinstance(holder, Array):
        return [("", value) for value in holder if value is not None]
    if isinstance(holder, Dictionary | Stream):
        return [(key, value) for key, value in holder.items() if value is not None]
    return []
