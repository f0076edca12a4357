"""Templates to pages. What comes from outside is escaped and made visible in one place, here."""

import gzip
import hashlib
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from transmission.console import labels, waiting, words
from transmission.console.actions import offers
from transmission.console.actions.done import said
from transmission.console.actions.page_words import for_pages
from transmission.console.english import English, foreign, keep, quote, say, tell
from transmission.console.forms import FIELD
from transmission.console.language import SPOKEN
from transmission.console.visitor import VISIT, Visit
from transmission.domain.accounts import FRENCH, LANGUAGES
from transmission.domain.journal_words import event_label
from transmission.domain.people import Right
from transmission.store.queries import message_name

_PACKAGE = "transmission.console"
_GZIP = re.compile(r"(?:^|,)\s*gzip\s*(?:,|;(?!\s*q=0(?:\.0*)?\s*(?:,|$))|$)", re.IGNORECASE)
_ASSETS = {
    "console.css": "text/css; charset=utf-8",
    "console.js": "text/javascript; charset=utf-8",
    "icone.svg": "image/svg+xml",
}


def render(
    request: Request | None, template: str, status: int = 200, **values: Any
) -> HTMLResponse:
    """A page from a template of this package, for whoever asked.

    Templates know the ``visit`` (``transmission.console.visitor``), None when nobody is let in.
    """
    visit: Visit | None = request.scope.get(VISIT) if request else None
    page = _environment(SPOKEN.get()).get_template(template).render(values, visit=visit)
    return HTMLResponse(page, status)


def error_page(
    status: int, heading: str, *advice: str, request: Request | None = None
) -> HTMLResponse:
    """A page that says what happened and what to do, a sentence or two each."""
    return render(request, "erreur.html", status, code=status, heading=heading, advice=advice)


def asset(name: str, accepted: str = "") -> Response | None:
    """A file of the console's own, None for any other name.

    ``accepted`` is what a browser says of the encodings that it reads. Pages are never compressed:
    they mix secrets with what was asked for, and their length would tell them (BREACH).
    """
    if name not in _ASSETS:
        return None
    # The address bears the digest of the content, so a copy may be kept for ever.
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    if not _GZIP.search(accepted):
        return Response(_contents()[name], media_type=_ASSETS[name], headers=headers)
    headers["Content-Encoding"] = "gzip"
    return Response(_compressed(name), media_type=_ASSETS[name], headers=headers)


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        extensions=() if language == FRENCH else (English,),
        loader=PackageLoader(_PACKAGE),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "moment": words.moment,
        "distance": words.distance,
        "duration": words.duration,
        "day": words.day,
        "size": words.size,
        "number": words.number,
        "plural": words.plural,
        "shortened": words.shortened,
        "author": labels.author_label,
        "event": event_label,
        "outcome": labels.outcome_label,
        "retour": labels.retour_label,
        "field": labels.field_label,
        "message": labels.message_label,
        "for_pages": for_pages,
        "said": said,
        "foreign": foreign,
        "keep": keep,
        "say": say,
        "tell": tell,
        "quote": quote,
    }
    environment.globals |= {
        "CSRF": FIELD,
        "Right": Right,
        "LANGUAGES": LANGUAGES,
        "spoken": SPOKEN.get,
        "asset": _address,
        "details": labels.detail_lines,
        "quarantined": labels.quarantined_label,
        "brief": waiting.brief,
        "message_name": message_name,
        "offers": offers,
    }
    return environment


def _visible(value: Any) -> Any:
    if isinstance(value, str) and not isinstance(value, Markup):
        return words.visible(value)
    return value


@cache
def _contents() -> Mapping[str, bytes]:
    folder = files(_PACKAGE) / "statique"
    return {name: (folder / name).read_bytes() for name in _ASSETS}


@cache
def _compressed(name: str) -> bytes:
    return gzip.compress(_contents()[name], 9, mtime=0)


def _address(name: str) -> str:
    return f"/statique/{name}?v={hashlib.sha256(_contents()[name]).hexdigest()[:12]}"
