"""Templates to pages. What comes from outside is made printable and escaped in one place, here."""

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from fastapi import Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from transmission.domain.french_dates import long_date
from transmission.domain.texte import printable
from transmission.registre.links import Links

FOR_A_MINUTE = "public, max-age=60"
"""How long others may keep a page: what is withdrawn is gone that soon."""

_PACKAGE = "transmission.registre"
_ASSETS = {"registre.css": "text/css; charset=utf-8", "icone.svg": "image/svg+xml"}


def render(template: str, links: Links, **values: Any) -> HTMLResponse:
    """A page from a template of this package."""
    return _page(template, links, values, 200, {"Cache-Control": FOR_A_MINUTE})


def error_page(status: int, links: Links, heading: str, *advice: str, **values: Any) -> Response:
    """A page that says what happened and what to do, a sentence or two each."""
    told = {"code": status, "heading": heading, "advice": advice, "way": None, **values}
    return _page("erreur.html", links, told, status, None)


def asset(name: str) -> Response | None:
    """A file of the register's own, None for any other name."""
    if name not in _ASSETS:
        return None
    # The address bears the digest of the content, so a copy may be kept for ever.
    kept = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(_contents()[name], media_type=_ASSETS[name], headers=kept)


def size(count: int) -> str:
    """A size in bytes: ``812 octets``, ``14 ko``, ``2,3 Mo`` (powers of ten)."""
    if count < 1000:
        return f"{count} octets"
    if count < 1_000_000:
        return f"{count // 1000} ko"
    return f"{count / 1_000_000:.1f} Mo".replace(".", ",")


def number(count: int) -> str:
    """A number with the French separator of thousands: ``1 000``."""
    return f"{count:,}".replace(",", " ")


def _page(
    template: str,
    links: Links,
    values: dict[str, Any],
    status: int,
    headers: Mapping[str, str] | None,
) -> HTMLResponse:
    page = _environment().get_template(template)
    return HTMLResponse(
        page.render(values | {"links": links, "version": _version}), status, headers
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(_PACKAGE),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"day": long_date, "size": size, "number": number}
    return environment


def _visible(value: Any) -> Any:
    if isinstance(value, str) and not isinstance(value, Markup):
        return printable(value)
    return value


@cache
def _contents() -> Mapping[str, bytes]:
    folder = files(_PACKAGE) / "statique"
    return {name: (folder / name).read_bytes() for name in _ASSETS}


def _version(name: str) -> str:
    return hashlib.sha256(_contents()[name]).hexdigest()[:12]
