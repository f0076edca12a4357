"""The page of an action: what will happen, the fields, what was typed, what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from transmission.console.words import plural
from transmission.domain.errors import Problem, RefusedError
from transmission.domain.texte import printable

REASON = "motif"
REASON_MAX = 500
SINCE = "vu"
"""Hidden field: what had happened when the form was shown."""


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file that came with a form: where its bytes are, and the name that it had."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form says; ``given`` is None before anybody typed anything."""

    given: Mapping[str, Sequence[str]] | None = None
    files: Mapping[str, Sequence[UploadedFile]] = field(default_factory=dict)

    def text(self, name: str, default: str = "") -> str:
        """What was typed in a field, ``default`` before that."""
        if self.given is None:
            return default
        return next(iter(self.given.get(name, ())), "")

    def line(self, name: str) -> str:
        """The same as one line that can be kept and shown."""
        return " ".join(printable(self.text(name)).split())

    def is_ticked(self, name: str) -> bool:
        """Whether a box was ticked."""
        return bool(self.text(name))

    def number(self, name: str) -> int:
        """A number of ours, 0 for anything else."""
        text = self.text(name)
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field. ``kind`` is text, long, date, choice, box, files or hidden.

    ``choices`` are pairs (code, label), by group; ``problems`` what is wrong with what was typed.
    ``is_optional`` where the page has to say so.
    """

    name: str
    label: str = ""
    kind: str = "text"
    value: str = ""
    hint: str = ""
    required: bool = False
    is_optional: bool = False
    most: int = 0
    several: bool = False
    choices: Sequence[tuple[str, Sequence[tuple[str, str]]]] = ()
    problems: tuple[str, ...] = ()

    @property
    def described_by(self) -> str:
        """Ids of what explains the field."""
        parts = [f"aide-{self.name}"] if self.hint else []
        parts += [f"probleme-{self.name}"] if self.problems else []
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class Told:
    """A problem in the summary: the field that it leads to, empty for the whole page."""

    field: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Everything the page of an action shows.

    ``happens`` says in a sentence what confirming does, ``undo`` whether it can be undone. ``path``
    leads there: pairs (label, address). ``warns`` are sentences to read first, ``quote`` what
    somebody wrote and it is about, ``links`` what else to look at. ``extra`` is what ``template``
    shows besides, of the authority of ``siren``.
    """

    title: str
    path: tuple[tuple[str, str], ...]
    about: str
    happens: str
    undo: str
    confirm: str
    fields: tuple[Field, ...]
    warns: tuple[str, ...] = ()
    is_grave: bool = False
    problems: tuple[Told, ...] = ()
    quote: str = ""
    links: tuple[tuple[str, str], ...] = ()
    template: str = "action.html"
    extra: object = None
    siren: str = ""
    time_zone: str = ""

    @property
    def back(self) -> str:
        """Where whoever gives up goes."""
        return self.path[-1][1]

    @property
    def takes_files(self) -> bool:
        """Whether the form sends files."""
        return any(each.kind == "files" for each in self.fields)

    @property
    def heading(self) -> str:
        """What is said over the problems."""
        count = plural(len(self.problems), "point est", "points sont")
        return f"Rien n'a été fait : {count} à corriger"

    def refused(self, problems: Sequence[Problem], fields_of: Mapping[str, str]) -> "Sheet":
        """The same with every problem beside its field, and all of them told first.

        ``fields_of`` gives the field of a problem whose own name is another.
        """
        names = {each.name for each in self.fields if each.kind != "hidden"}
        told = []
        for problem in problems:
            name = fields_of.get(problem.field, problem.field)
            text = f"{problem.message} {problem.remedy}".strip()
            told.append(Told(name if name in names else "", text))
        fields = tuple(
            replace(each, problems=tuple(one.text for one in told if one.field == each.name))
            for each in self.fields
        )
        return replace(self, fields=fields, problems=tuple(told))


def reason_field(typed: Typed, label: str = "Motif") -> Field:
    """The reason, which every action asks for."""
    return Field(
        name=REASON,
        label=label,
        kind="long",
        value=typed.text(REASON),
        hint=f"En une phrase, {REASON_MAX} caractères au plus ; il entre au journal, à votre nom.",
        required=True,
        most=REASON_MAX,
    )


def reason_of(typed: Typed) -> tuple[str, list[Problem]]:
    """The reason as it is kept, and what is wrong with it."""
    reason = typed.line(REASON)
    if not reason:
        return reason, [
            Problem(
                REASON,
                "motif_absent",
                "Cette décision doit porter un motif.",
                "Dites en une phrase pourquoi vous la prenez.",
            )
        ]
    if len(reason) > REASON_MAX:
        excess = plural(len(reason) - REASON_MAX, "caractère", "caractères")
        return reason, [
            Problem(
                REASON,
                "motif_longueur",
                f"Le motif compte {len(reason)} caractères ; {REASON_MAX} au plus sont admis.",
                f"Retirez au moins {excess}.",
            )
        ]
    return reason, []


def refuse(problems: Sequence[Problem]) -> None:
    """Raises RefusedError when there is any problem."""
    if problems:
        raise RefusedError(list(problems))
