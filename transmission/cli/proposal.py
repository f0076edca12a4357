"""What a document says of itself, proposed for the fields that the caller left out."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from transmission.domain.collectivite import Collectivite
from transmission.pdf.extraction import ProposedMetadata, extract_text, propose_metadata
from transmission.pdf.numero_template import NumeroTemplateError, apply_numero_template
from transmission.pdf.rendering import render_markdown, render_text

_MARKDOWN = (".md", ".markdown")
_TEXT = (".txt",)


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
    """The document to send: Markdown and text are first rendered to PDF, in a private folder."""
    suffix = path.suffix.lower()
    if suffix not in (*_MARKDOWN, *_TEXT):
        yield path
        return
    text = path.read_text(encoding="utf-8")
    content = render_text(text) if suffix in _TEXT else render_markdown(text, path.stem)
    with tempfile.TemporaryDirectory(prefix="transmission-") as folder:
        rendered = Path(folder) / f"{path.stem}.pdf"
        rendered.write_bytes(content)
        yield rendered


def proposed(path: Path, collectivite: Collectivite) -> Fields:
    """What the document's own text says; fields that it does not say clearly stay None."""
    text = (
        path.read_text(encoding="utf-8")
        if path.suffix.lower() in (*_MARKDOWN, *_TEXT)
        else extract_text(path)
    )
    found = propose_metadata(text)
    return Fields(
        numero=_numero(found, collectivite),
        date=found.date_decision.isoformat() if found.date_decision else None,
        nature=found.nature,
        objet=found.objet,
    )


def completed(given: Fields, found: Fields) -> tuple[Fields, tuple[str, ...]]:
    """The caller's fields, completed by the proposal; names of those that were proposed."""
    names = ("numero", "date", "nature", "matiere", "objet")
    taken = tuple(
        name for name in names if getattr(given, name) is None and getattr(found, name) is not None
    )
    values = {name: getattr(given, name) or getattr(found, name) for name in names}
    return Fields(**values), taken


def _numero(found: ProposedMetadata, collectivite: Collectivite) -> str | None:
    if found.numero_imprime is None or collectivite.numero_template is None:
        return found.numero_imprime
    try:
        return apply_numero_template(collectivite.numero_template, found.numero_imprime)
    except NumeroTemplateError:
        return None
