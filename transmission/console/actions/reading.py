"""What people type, as services take it; what cannot be read is a problem of its field."""

from datetime import date

from transmission.console.actions.sheet import Typed
from transmission.domain import typed as values
from transmission.domain.errors import Problem


def civil(typed: Typed, name: str, problems: list[Problem], *, required: bool) -> date | None:
    """A civil date, None for an empty field or one that cannot be read."""
    text = typed.line(name)
    if not text:
        if required:
            problems.append(Problem(name, "date_absente", "Il manque la date.", "Donnez-la."))
        return None
    try:
        return values.day(text)
    except ValueError:
        problems.append(
            Problem(
                name,
                "date_forme",
                f"« {text} » n'est pas une date du calendrier.",
                "Écrivez-la AAAA-MM-JJ, par exemple 2026-03-09.",
            )
        )
        return None
