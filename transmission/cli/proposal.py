"""What a document says of itself, proposed for the fields that the caller left out."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path

from transmission.domain.collectivite import Collectivite
from transmission.domain.errors import IdentifierError, TransmissionError
from transmission.domain.identifiers import NumeroInterne
from transmission.pdf.errors import PdfError
from transmission.pdf.extraction import ProposedMetadata, extract_text, propose_metadata
from transmission.pdf.numero_template import from_printed

_MARKDOWN = (".md", ".markdown")
_TEXT = (".txt",)
_TEXT_MAX = 1_000_000


class UnreadableTextError(TransmissionError):
    """A text that cannot be printed on pages as it stands."""


@dataclass(frozen=True, slots=True)
class Fields:
    """Metadata of an act as text; None where nobody said."""

    numero: str | None = None
    date: str | None = None
    nature: str | None = None
    matiere: str | None = None
    objet: str | None = None


@contextmanager
def as_document(path: Path) -> Iterator[Path]:
    """The document to send: Markdown and text are first rendered to PDF, in a private folder.

    Raises UnreadableTextError, UnprintableTextError, OSError.
    """
    if not _is_text(path):
        yield path
        return
    # Imported late: reportlab costs a tenth of a second, which a PDF should not pay.
    from transmission.pdf.rendering import render_markdown, render_text

    text = _text(path)
    typed = path.suffix.lower() in _TEXT
    content = render_text(text) if typed else render_markdown(text, path.stem)
    with tempfile.TemporaryDirectory(prefix="transmission-") as folder:
        rendered = Path(folder) / f"{path.stem}.pdf"
        rendered.write_bytes(content)
        yield rendered


def completed(
    path: Path, given: Fields, collectivite: Collectivite | None
) -> tuple[Fields, tuple[str, ...]]:
    """The caller's fields, completed by what the document says; names of those to be confirmed.

    A number given as it is printed becomes an act number by the authority's template; where its
    settings are not known (None), it is left to the service. Fields that
    the document does not say clearly stay None. Raises UnreadableTextError, OSError.
    """
    names = [field.name for field in fields(Fields)]
    missing = not all(getattr(given, name) for name in names)
    found = _proposed(path, collectivite) if missing else Fields()
    values = {name: getattr(given, name) or getattr(found, name) for name in names}
    values["numero"] = _declared(values["numero"], collectivite)
    guessed = tuple(name for name in names if values[name] and values[name] != getattr(given, name))
    return Fields(**values), guessed


def _proposed(path: Path, collectivite: Collectivite | None) -> Fields:
    try:
        text = _text(path) if _is_text(path) else extract_text(path)
    except PdfError:
        # Not a PDF, or one that says nothing: taking it in charge will say why it is refused.
        return Fields()
    found = propose_metadata(text)
    return Fields(
        numero=_numero(found, collectivite),
        date=found.date_decision.isoformat() if found.date_decision else None,
        nature=found.nature,
        objet=found.objet,
    )


def _numero(found: ProposedMetadata, collectivite: Collectivite | None) -> str | None:
    if collectivite is None or found.numero_imprime is None or collectivite.numero_template is None:
        return found.numero_imprime
    return from_printed(found.numero_imprime, collectivite)


def _declared(numero: str | None, collectivite: Collectivite | None) -> str | None:
    if numero is None or collectivite is None:
        return numero
    try:
        return NumeroInterne(numero)
    except IdentifierError:
        return from_printed(numero, collectivite) or numero


def _is_text(path: Path) -> bool:
    return path.suffix.lower() in (*_MARKDOWN, *_TEXT)


def _text(path: Path) -> str:
    if path.stat().st_size > _TEXT_MAX:
        raise UnreadableTextError(
            f"« {path.name} » est trop long pour être mis en page (plus de 1 Mo). "
            "Convertissez-le vous-même en PDF."
        )
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableTextError(
            f"« {path.name} » n'est pas un texte en UTF-8 (octet {error.start + 1}). "
            "Enregistrez-le en UTF-8, ou convertissez-le en PDF."
        ) from error
