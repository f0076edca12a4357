"""What every decision of a person must carry."""

from transmission.domain.errors import Problem, RefusedError
from transmission.domain.transmission import Author


def require_reason(author: Author) -> None:
    """Raises RefusedError when a person gives no reason."""
    if not author.reason or not author.reason.strip():
        raise RefusedError(
            [
                Problem(
                    "motif",
                    "motif_absent",
                    "Cette décision doit porter un motif.",
                    "Dites en une phrase pourquoi vous la prenez.",
                )
            ]
        )
