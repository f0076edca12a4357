"""Who asks for a page, and what they may do there."""

from dataclasses import dataclass

from fastapi import HTTPException, Request
from sqlalchemy import Connection

from transmission.domain.accounts import FRENCH
from transmission.domain.errors import TransmissionError
from transmission.domain.people import Person, Right
from transmission.domain.transmission import Author
from transmission.store.queries.counts import authority_names
from transmission.store.queries.ownership import owner_of_acte, owner_of_retour

Readable = frozenset[str] | None
"""SIRENs of the authorities of which somebody may read, None for all."""

VISIT = "transmission.visit"
"""Where a request carries the visit, once the guard has let it in."""


class ForbiddenError(TransmissionError):
    """The person sees it, and may not do that."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A person at the console; ``csrf`` is what their forms must give back.

    ``language`` is the one that they chose, a key of ``LANGUAGES``.
    """

    person: Person
    csrf: str
    language: str = FRENCH


def visit(request: Request) -> Visit:
    """The visit to which a request belongs."""
    found: Visit = request.scope[VISIT]
    return found


def require(request: Request, right: Right, siren: str | None) -> Person:
    """The person, once they may do something in an authority (None: in all of them).

    Raises HTTPException 404 where they may not even read, as for what does not exist, and
    ForbiddenError where they may.
    """
    person = visit(request).person
    if person.may(right, siren):
        return person
    if not person.may(Right.READ, siren):
        raise HTTPException(404)
    raise forbidden(right)


def forbidden(right: Right) -> ForbiddenError:
    """What is said to a person who lacks a right."""
    return ForbiddenError(
        f"Votre compte ne permet pas cette action. Il y faut le droit de {right.label} ; demandez-"
        "le à l'administrateur du service."
    )


def readable(request: Request) -> Readable:
    """The authorities of which the visitor may read, None for all.

    Raises ForbiddenError for a person without any role.
    """
    sirens = visit(request).person.sirens()
    if sirens is not None and not sirens:
        raise ForbiddenError(
            "Votre compte n'a encore aucun rôle : il ne permet de rien lire. Demandez-en un à "
            "l'administrateur du service."
        )
    return sirens


def chosen_siren(readable: Readable, connection: Connection, asked: str) -> str:
    """The authority that a list is about, empty for all: what was asked, if it may be read.

    Whoever has roles in some authorities alone works in one at a time: the first by its name when
    they ask for none. Raises HTTPException 404 for one that they may not read.
    """
    if readable is None:
        return asked
    if asked:
        if asked not in readable:
            raise HTTPException(404)
        return asked
    named = authority_names(connection, 1, readable)
    if not named:
        raise HTTPException(404)
    return named[0][0]


def require_acte(request: Request, connection: Connection, acte_id: int) -> Person:
    """The person, once they may read an act. Raises HTTPException 404."""
    return _required(request, owner_of_acte(connection, acte_id))


def require_retour(request: Request, connection: Connection, retour_id: int) -> Person:
    """The person, once they may read a retour. Raises HTTPException 404."""
    return _required(request, owner_of_retour(connection, retour_id))


def _required(request: Request, siren: str | None) -> Person:
    if siren is None:
        raise HTTPException(404)
    return require(request, Right.READ, siren)


def signed(person: Person, reason: str | None = None) -> Author:
    """What a person decides, as it enters the journal."""
    return Author(person.name, reason)
