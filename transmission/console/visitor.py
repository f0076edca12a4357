"""Who asks for a page, and what they may do there."""

from dataclasses import dataclass

from fastapi import HTTPException, Request

from transmission.domain.errors import TransmissionError
from transmission.domain.people import Person, Right
from transmission.domain.transmission import Author

VISIT = "transmission.visit"
"""Where a request carries the visit, once the guard has let it in."""


class ForbiddenError(TransmissionError):
    """The person sees it, and may not do that."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A person at the console; ``csrf`` is what their forms must give back."""

    person: Person
    csrf: str


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
    raise ForbiddenError(
        f"Votre compte ne permet pas cette action. Il y faut le droit de {right.label} ; demandez-"
        "le à l'administrateur du service."
    )


def signed(person: Person, reason: str | None = None) -> Author:
    """What a person decides, as it enters the journal."""
    return Author(person.name, reason)
