"""Names of the members of a dossier: ASCII, flat in their folder, none twice whatever the case.

Source: docs/evidence.md [D1].
"""

import re
import unicodedata

_LONGEST = 80
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_HARMLESS = frozenset({"pdf", "xml", "jpg", "jpeg", "png"})
_TYPES = {
    "pdf": "application/pdf",
    "xml": "application/xml",
    "json": "application/json",
    "jsonl": "text/plain",
    "txt": "text/plain",
    "p7s": "application/pkcs7-signature",
    "pem": "application/x-pem-file",
    "crl": "application/pkix-crl",
    "tsr": "application/vnd.etsi.timestamp-token",
    "gz": "application/gzip",
    "jpg": "image/jpeg",
    "png": "image/png",
}


def ranked(folder: str, rank: int, given: str, extension: str) -> str:
    """The name of a file in a folder at a rank (from 1), which alone makes it unique.

    ``given`` may be hostile; ``extension``, without its point, comes from us.
    """
    decomposed = unicodedata.normalize("NFKD", given).encode("ascii", "ignore").decode()
    stem = decomposed[: -len(extension) - 1] if _ends(decomposed, extension) else decomposed
    # Two points in a row lead elsewhere, or look as if they did.
    plain = re.sub(r"\.{2,}", ".", _UNSAFE.sub("-", stem)).strip("._-")[:_LONGEST].rstrip("._-")
    return f"{folder}/{rank:02d}-{plain or 'fichier'}.{extension}"


def extension_of(nom_fichier: str) -> str:
    """The extension of a document of the State: one that it claims and that opens harmlessly."""
    claimed = nom_fichier.lower().rpartition(".")[2]
    return claimed if claimed in _HARMLESS else "bin"


def media_type(name: str) -> str:
    """The type that the manifest gives to a member."""
    return _TYPES.get(name.rpartition(".")[2], "application/octet-stream")


def _ends(name: str, extension: str) -> bool:
    return name.lower().endswith(f".{extension}")
