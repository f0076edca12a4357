"""The limits of an authority as an iCalendar feed (RFC 5545), which calendars subscribe to."""

import hashlib
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Request, Response
from fastapi.responses import PlainTextResponse, StreamingResponse
from icalendar import Calendar, Event, vText
from sqlalchemy import Engine

from transmission.clock import civil_day
from transmission.console.container import ConsoleContainer
from transmission.console.visitor import VISIT, require
from transmission.console.words import visible
from transmission.domain.access import AccessDeniedError, Scope
from transmission.domain.collectivite import Collectivite
from transmission.domain.legal.dates import DateKind
from transmission.domain.legal.rappels import Limit, is_duty, is_open, is_recalled
from transmission.domain.legal.rappels_conseils import CONSEILS
from transmission.domain.people import Right
from transmission.services.tokens import authenticate
from transmission.store.queries.limits import (
    ReadLimit,
    Span,
    find_authority,
    limits_between,
    limits_state,
)

PAST, AHEAD = timedelta(days=30), timedelta(days=400)
"""What the feed holds before and after the authority's civil day."""

REFRESH = timedelta(hours=6)
"""How often calendars are asked to look again."""

_END = b"END:VCALENDAR\r\n"
_DUTY, _OTHER = "À faire", "Pour information"

Siren = Annotated[str, Path(pattern=r"^\d{9}$")]


def router(container: ConsoleContainer, engine: Engine) -> APIRouter:
    """The address of the feed. ``engine`` opens read-only transactions."""
    feeds, routes = Feeds(container, engine), APIRouter()
    routes.add_api_route(
        "/calendriers/{siren}.ics", feeds.feed, methods=["GET", "HEAD"], response_model=None
    )
    return routes


@dataclass(frozen=True)
class Feeds:
    """The feeds of the authorities."""

    container: ConsoleContainer
    engine: Engine

    def feed(self, request: Request, siren: Siren) -> Response:
        """The limits of an authority; 304 while what the caller has is still true."""
        if not self._may_read(request, siren):
            return _identify_yourself()
        console = str(request.base_url).rstrip("/")
        with self.engine.connect() as connection:
            found = find_authority(connection, siren)
            if found is None:
                raise HTTPException(404)
            authority_id, owner = found
            today = civil_day(self.container.clock.now(), owner.time_zone)
            span = Span(authority_id, today - PAST, today + AHEAD)
            headers = _headers(siren, _tag(owner, span, limits_state(connection, span), console))
            # Among several, or made weak by a proxy that compresses.
            if headers["ETag"] in request.headers.get("if-none-match", ""):
                return Response(status_code=304, headers=headers)
            # Read before anything is sent: no reader, however slow, holds a connection.
            limits = [each for each in limits_between(connection, span) if is_shown(each.limit)]
        media_type = "text/calendar; charset=utf-8"
        return StreamingResponse(feed_of(owner, limits, console), 200, headers, media_type)

    def _may_read(self, request: Request, siren: str) -> bool:
        """Whether whoever asks is known to read an authority: by a session, or by the token of a
        program, in the place of a password, for calendars know no other way.

        Raises HTTPException 404 for a person who may not.
        """
        if VISIT in request.scope:
            require(request, Right.READ, siren)
            return True
        password = _basic_password(request.headers.get("authorization", ""))
        if password is None:
            return False
        try:
            access = authenticate(self.container.tools, password)
        except AccessDeniedError:
            return False
        return access.siren == siren and Scope.READ in access.scopes


def _basic_password(header: str) -> str | None:
    """The password of HTTP Basic (RFC 7617), None for any other header."""
    kind, _, given = header.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        _login, colon, password = b64decode(given, validate=True).decode("utf-8").partition(":")
    except ValueError:
        return None
    return password if colon else None


def _identify_yourself() -> Response:
    asked = {"WWW-Authenticate": 'Basic realm="Transmission des actes", charset="UTF-8"'}
    return PlainTextResponse(
        "Ce calendrier demande un mot de passe : le secret d'un jeton de cette collectivité qui "
        "permet de lire.\n",
        401,
        asked,
    )


def is_shown(limit: Limit) -> bool:
    """Whether a date is a limit of its authority: a last day, a duty, or a silence to break."""
    return is_open(limit) and (limit.kind is not DateKind.STATUS or is_recalled(limit.name))


def feed_of(owner: Collectivite, limits: list[ReadLimit], console: str) -> Iterator[bytes]:
    """The feed, event by event; ``console`` is the address before the paths of the pages."""
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//transmission//echeances//FR")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    # The library escapes nothing of a property that it does not know.
    name = vText(_line(f"Échéances légales : {owner.nom}"))
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    yield calendar.to_ical().removesuffix(_END)
    for each in limits:
        yield event_of(each, str(owner.siren), console).to_ical()
    yield _END


def event_of(read: ReadLimit, siren: str, console: str) -> Event:
    """One limit as an event of a whole day, which blocks nobody's time.

    Its UID is the same whatever the day becomes; SEQUENCE is the number of the reading, which grows
    each time that a reading of the act says something new.
    """
    limit, event = read.limit, Event()
    event.add("uid", f"acte-{limit.acte_id}-{limit.name.code}@{siren}.transmission")
    event.add("sequence", read.reading_id)
    event.add("dtstamp", read.read_at)
    event.add("last-modified", read.read_at)
    event.add("dtstart", limit.day)
    event.add("dtend", limit.day + timedelta(days=1))
    event.add("summary", f"{limit.name.label}, acte {limit.numero}")
    event.add("description", "\n".join(_description(limit)))
    event.add("url", f"{console}/actes/{limit.acte_id}")
    event.add("categories", [limit.name.label, _DUTY if is_duty(limit.name) else _OTHER])
    event.add("status", "TENTATIVE" if limit.provisional else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    return event


def _description(limit: Limit) -> Iterator[str]:
    yield f"Objet : {_line(limit.objet)}"
    conseil = CONSEILS.get(limit.name)
    if conseil is not None:
        yield f"{conseil.title.capitalize()}. {conseil.why} {conseil.todo}"
    if limit.provisional:
        yield "Date provisoire : un nouvel élément peut la déplacer."
    yield f"Règle : {limit.basis}."
    if limit.to_verify:
        yield "Cette règle est à vérifier."


def _tag(owner: Collectivite, span: Span, state: tuple[int, int], console: str) -> str:
    parts = (version("transmission"), owner.siren, owner.nom, owner.time_zone, span, state, console)
    return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'


def _headers(siren: str, tag: str) -> dict[str, str]:
    return {
        "ETag": tag,
        # Kept by whoever asks, and asked again each time.
        "Cache-Control": "private, no-cache",
        "Content-Disposition": f'inline; filename="echeances-{siren}.ics"',
    }


def _line(text: str) -> str:
    """Text from outside on one line: some readers cut lines at any of Unicode's ends of line."""
    return " ".join(visible(text).split())
