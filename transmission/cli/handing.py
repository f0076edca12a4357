"""Hand one act over: propose what is missing, have it confirmed, take it in charge."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Protocol

import click

from transmission.cli.facts import wrapped
from transmission.cli.items import Item
from transmission.cli.proposal import Fields, as_document, completed
from transmission.cli.told import is_quiet, wants_json
from transmission.domain.acceptance import Form
from transmission.domain.collectivite import Collectivite
from transmission.domain.errors import Problem, RefusedError, TransmissionError
from transmission.domain.transmission import Author
from transmission.ports import AuthorityRow
from transmission.services.accept import Deposit, accept, check
from transmission.services.files import DepositedFile
from transmission.services.toolbox import Toolbox

LABELS = {
    "numero": "Numéro",
    "date": "Date de décision",
    "nature": "Nature",
    "matiere": "Matière",
    "objet": "Objet",
}
_EXAMPLES = {
    "numero": "2023_001",
    "date": "2023-03-02",
    "nature": "DE",
    "matiere": "7.5",
    "objet": "« Subvention à l'école »",
}


class NotConfirmedError(TransmissionError):
    """What was proposed was not confirmed, so nothing was handed over."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How the caller wants to hand over. ``asks``: somebody is there to answer."""

    yes: bool
    asks: bool
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an act that was handed over."""

    acte_id: int
    numero: str
    repeated: bool
    notes: tuple[str, ...]


class Taker(Protocol):
    """Who takes acts in charge."""

    @property
    def collectivite(self) -> Collectivite | None:
        """Whose they are, where its settings are known."""
        ...

    def check(self, deposit: Deposit) -> None:
        """Raises RefusedError, ConflictError for what would not be taken; keeps nothing."""
        ...

    def accept(self, deposit: Deposit) -> Taken:
        """Take an act in charge. Raises RefusedError, ConflictError."""
        ...


@dataclass(frozen=True, slots=True)
class TakerHere:
    """The service of this machine."""

    tools: Toolbox
    owner: AuthorityRow
    author: Author

    @property
    def collectivite(self) -> Collectivite:
        return self.owner.collectivite

    def check(self, deposit: Deposit) -> None:
        check(self.tools, self.collectivite.siren, deposit)

    def accept(self, deposit: Deposit) -> Taken:
        made = accept(self.tools, self.collectivite.siren, deposit, self.author)
        return Taken(made.acte_id, made.acte.numero_interne, made.repeated, made.notes)


def hand_over(taker: Taker, item: Item, manner: Manner) -> Taken:
    """Take an act in charge, once what was proposed for it is confirmed.

    Raises RefusedError and ConflictError as ``accept``, NotConfirmedError, UnreadableTextError,
    UnprintableTextError, OSError.
    """
    found, guessed = completed(item.document, item.fields, taker.collectivite)
    _show(item.document, found, guessed)
    with _deposited(item, found, manner.key) as deposit, _missing_told(found):
        if guessed and not manner.yes:
            # Nobody is asked to confirm what would be refused.
            taker.check(deposit)
            _confirm(guessed, manner)
        return taker.accept(deposit)


def would_be_taken(taker: Taker, item: Item) -> None:
    """Check an act as it would be handed over, store nothing. Raises as :func:`hand_over`."""
    found, guessed = completed(item.document, item.fields, taker.collectivite)
    _show(item.document, found, guessed)
    with _deposited(item, found, None) as deposit, _missing_told(found):
        taker.check(deposit)


def _show(document: Path, found: Fields, guessed: Sequence[str]) -> None:
    if wants_json() or is_quiet():
        return
    if guessed:
        click.echo(f"{document.name} : proposé d'après le document")
    for name in guessed:
        lines = wrapped(f"{LABELS[name]} : {getattr(found, name)}", 78)
        click.echo("\n".join(f"  {line}" for line in lines))


def _confirm(guessed: Sequence[str], manner: Manner) -> None:
    if not manner.asks:
        options = ", ".join(f"--{name}" for name in guessed)
        raise NotConfirmedError(
            "Ce qui est proposé doit être confirmé : vérifiez-le, puis relancez avec --yes "
            f"(ou donnez {options})."
        )
    answer = click.prompt(
        "  Est-ce exact ? [o/N]", default="n", show_default=False, prompt_suffix=" "
    )
    if answer.strip().lower() not in ("o", "oui"):
        raise NotConfirmedError(
            "Vous n'avez pas confirmé. Donnez vous-même ce qui est faux, par exemple "
            f"--{guessed[0]}."
        )


@contextmanager
def _deposited(item: Item, found: Fields, key: str | None) -> Iterator[Deposit]:
    form = Form(
        **{field.name: getattr(found, field.name) or "" for field in fields(Fields)},
        document_papier=item.document_papier,
    )
    given = ((item.document, item.typologie), *((a.path, a.typologie) for a in item.annexes))
    _refuse_absent([annexe.path for annexe in item.annexes])
    with ExitStack() as rendered:
        files = []
        for path, code in given:
            document = rendered.enter_context(as_document(path))
            # A rendered document keeps the name that people know it by.
            files.append(DepositedFile(document, path.with_suffix(document.suffix).name, code))
        yield Deposit(form, tuple(files), key)


def _refuse_absent(annexes: Sequence[Path]) -> None:
    absent = [path for path in annexes if not path.is_file()]
    remedy = "Vérifiez son chemin."
    if absent:
        raise RefusedError(
            [
                Problem("annexes", "annexe_introuvable", f"{path} n'est pas un fichier.", remedy)
                for path in absent
            ]
        )


@contextmanager
def _missing_told(found: Fields) -> Iterator[None]:
    """Say of a field that nobody gave that it is missing, rather than what an empty one breaks."""
    try:
        yield
    except RefusedError as error:
        absent = [p for p in error.problems if p.field in LABELS and not getattr(found, p.field)]
        others = [problem for problem in error.problems if problem not in absent]
        if any(problem.field == "document" for problem in others):
            # Another document is needed, and may well say what is missing.
            raise RefusedError(others) from error
        raise RefusedError([*others, *map(_missing, absent)]) from error


def _missing(problem: Problem) -> Problem:
    return Problem(
        problem.field,
        f"{problem.field}_absent",
        "ni donné, ni dit clairement par le document.",
        f"Donnez --{problem.field}, par exemple {_EXAMPLES[problem.field]}.",
    )
