"""What a file is, from its first bytes and never from its name (ACTES protocol §3.7)."""

import re
from dataclasses import dataclass
from enum import Enum

HEAD_LENGTH = 64 * 1024
_PDF_SEARCH_LENGTH = 1024


class FileKind(Enum):
    """The four kinds that the ministry's system takes."""

    PDF = ("pdf", "application/pdf")
    XML = ("xml", "application/xml")
    JPG = ("jpg", "image/jpeg")
    PNG = ("png", "image/png")

    @property
    def extension(self) -> str:
        """Without the dot, as in the names of files inside the archive."""
        return self.value[0]

    @property
    def mime(self) -> str:
        """The registered media type."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Detection:
    """`kind` is None for any other file; `description` is French and carries its article."""

    kind: FileKind | None
    description: str


# Longer or more telling signatures stand before the shorter ones that they begin with.
_SIGNATURES: tuple[tuple[bytes, FileKind | None, str], ...] = (
    (b"%PDF-", FileKind.PDF, "un PDF"),
    (b"\xff\xd8\xff", FileKind.JPG, "une image JPEG"),
    (b"\x89PNG\r\n\x1a\n", FileKind.PNG, "une image PNG"),
    (b"GIF87a", None, "une image GIF"),
    (b"GIF89a", None, "une image GIF"),
    (b"II*\x00", None, "une image TIFF"),
    (b"MM\x00*", None, "une image TIFF"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", None, "un ancien document Office (Word, Excel…)"),
    (b"{\\rtf", None, "un document RTF"),
    (b"%!PS", None, "un document PostScript"),
    (b"Rar!\x1a\x07", None, "une archive RAR"),
    (b"7z\xbc\xaf\x27\x1c", None, "une archive 7-Zip"),
    (b"\x1f\x8b", None, "une archive compressée gzip"),
    (b"\x7fELF", None, "un programme Linux"),
    (b"MZ", None, "un programme Windows"),
    (b"BM", None, "une image BMP"),
)
_ZIP_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_ZIP_CONTENTS: tuple[tuple[bytes, str], ...] = (
    (b"mimetypeapplication/vnd.oasis.opendocument.text", "un document LibreOffice Writer"),
    (b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "un classeur LibreOffice Calc"),
    (b"mimetypeapplication/vnd.oasis.opendocument", "un document LibreOffice"),
    (b"word/", "un document Word"),
    (b"xl/", "un classeur Excel"),
    (b"ppt/", "une présentation PowerPoint"),
)
_RIFF_WEBP = re.compile(rb"RIFF.{4}WEBP", re.DOTALL)
_HEIF = re.compile(rb".{4}ftyp(?:heic|heix|hevc|mif1|avif)", re.DOTALL)
# A DER sequence whose first member is the object identifier of CMS signed data.
_SIGNED_DATA = re.compile(rb"\x30.{1,5}\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", re.DOTALL)
_PATTERNS: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (_RIFF_WEBP, "une image WebP"),
    (_HEIF, "une photographie HEIC ou AVIF"),
    (_SIGNED_DATA, "un fichier de signature ou un document signé (.p7s, .p7m)"),
)
_HTML = re.compile(
    r"<!doctype\s+html|<(?:html|head|body|meta|title|script|style|table|div|span|p|a|br|h[1-6])[\s/>]",
    re.IGNORECASE,
)
_XHTML_ROOT = re.compile(r"<!doctype\s+html|<(?:\w+:)?html[\s>]", re.IGNORECASE)
_SVG_ROOT = re.compile(r"<!doctype\s+svg|<(?:\w+:)?svg[\s>]", re.IGNORECASE)
_ELEMENT = re.compile(r"<[A-Za-z_][\w.:-]*[\s/>]")
_NOT_IN_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def detect_kind(head: bytes) -> Detection:
    """Recognise a file from its first bytes; `HEAD_LENGTH` of them are enough.

    A PDF may begin with foreign bytes, as readers allow: `%PDF-` is looked for in the first 1024
    bytes, but only once nothing else has been recognised at byte 0, and the description says how
    many bytes stand before it. XML is XML only with its `<?xml` declaration, as for the operators.
    """
    if not head.strip(b"\x00\t\n\r "):
        return Detection(None, "un fichier vide" if not head else "un fichier sans contenu")
    return (
        _from_signature(head)
        or _from_markup(_leading_text(head))
        or _from_displaced_pdf(head)
        or _from_plain_text(head)
    )


def _from_signature(head: bytes) -> Detection | None:
    for signature, kind, description in _SIGNATURES:
        if head.startswith(signature):
            return Detection(kind, description)
    if head.startswith(_ZIP_SIGNATURES):
        return Detection(None, _zip_description(head))
    for pattern, description in _PATTERNS:
        if pattern.match(head):
            return Detection(None, description)
    return None


def _zip_description(head: bytes) -> str:
    found = (description for mark, description in _ZIP_CONTENTS if mark in head)
    return next(found, "une archive ZIP")


def _leading_text(head: bytes) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return head.removeprefix(mark).decode(encoding, errors="replace").lstrip()
    return head.decode("latin-1").lstrip()


def _from_markup(text: str) -> Detection | None:
    if text.startswith("<?xml") and text[5:6].isspace():
        return _xml_dialect(text)
    if _HTML.match(text):
        return Detection(None, "une page HTML")
    if _SVG_ROOT.match(text):
        return Detection(None, "une image SVG")
    if _ELEMENT.match(text):
        return Detection(None, "un fichier XML sans déclaration <?xml … ?>")
    return None


def _xml_dialect(text: str) -> Detection:
    if _XHTML_ROOT.search(text):
        return Detection(None, "une page HTML")
    if _SVG_ROOT.search(text):
        return Detection(None, "une image SVG")
    return Detection(FileKind.XML, "un fichier XML")


def _from_displaced_pdf(head: bytes) -> Detection | None:
    offset = head.find(b"%PDF-", 0, _PDF_SEARCH_LENGTH)
    if offset < 0:
        return None
    return Detection(FileKind.PDF, f"un PDF précédé de {offset} octets étrangers")


def _from_plain_text(head: bytes) -> Detection:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or not _NOT_IN_TEXT.search(head):
        return Detection(None, "un fichier texte")
    return Detection(None, "un fichier binaire de type inconnu")
