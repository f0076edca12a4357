"""Facts that stop the domain, each told to a person in French."""

from collections.abc import Sequence
from dataclasses import dataclass


class TransmissionError(Exception):
    """Base of every error of ours; its text is French and meant for a person."""


class IdentifierError(TransmissionError):
    """A string is not the identifier it should be."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why an input is refused: which field, which rule, how to mend it.

    ``field`` is the name of the attribute as the caller wrote it, ``rule`` a stable code,
    ``message`` and ``remedy`` are French sentences.
    """

    field: str
    rule: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.field} : {self.message} {self.remedy}"


class RefusedError(TransmissionError):
    """An input is refused; ``problems`` lists all the reasons at once."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in problems))


class ConflictError(TransmissionError):
    """The same key was already used for something else."""


class AlreadyTakenError(ConflictError):
    """An act was handed over before with another content.

    ``acte_id`` is that act, ``differences`` the names of its fields that differ, ``fichiers`` for
    its files.
    """

    def __init__(self, message: str, acte_id: int, differences: Sequence[str]) -> None:
        self.acte_id = acte_id
        self.differences = tuple(differences)
        super().__init__(message)


class TransitionError(TransmissionError):
    """A declared refusal of the state machine: this event means nothing in this state."""


class NotFoundError(TransmissionError):
    """Nothing of that name exists for this authority."""
