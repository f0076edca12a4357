"""Answer a letter of the préfecture, with files."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from transmission.console import threads
from transmission.console.actions.action import ActeAction, ActeSubject, Keys, row_id
from transmission.console.actions.sheet import Field, Sheet, Typed, UploadedFile, reason_field
from transmission.console.labels import message_label
from transmission.console.words import size
from transmission.domain.acte import ARCHIVE_MAX, TypePieceJointe
from transmission.domain.answers import PIECES
from transmission.domain.errors import ConflictError, Problem, RefusedError
from transmission.domain.lifecycle import State
from transmission.domain.messages import ACKNOWLEDGED_BY, ANSWERS
from transmission.domain.people import Right
from transmission.domain.transmission import Author
from transmission.services.classify import kept_classification
from transmission.services.files import DepositedFile
from transmission.services.reply import reply
from transmission.services.toolbox import Toolbox
from transmission.store.queries import Thread

ROWS = 4
"""Groups of files that a form takes, each with its typology."""


@dataclass(frozen=True, slots=True)
class AnswerSubject(ActeSubject):
    """A letter, and the code of the answer that is being given."""

    thread: Thread
    message: str

    @property
    def rows(self) -> int:
        """How many groups of files the answer takes."""
        return ROWS if self.message == PIECES else 1


class Reply(ActeAction):
    """Give an answer; the address says which."""

    right = Right.FOLLOW
    done_code = "repondu"

    def find(self, connection: Connection, keys: Keys) -> AnswerSubject | None:
        found = super().find(connection, keys)
        wanted, message = row_id(keys["courrier_id"]), keys["message"]
        for thread in found.story.threads if found else ():
            if thread.letter.id == wanted and message in ANSWERS[thread.letter.message]:
                assert found  # noqa: S101 - the loop is empty otherwise
                return AnswerSubject(found.story, found.newest, thread, message)
        return None

    def closed(self, about: ActeSubject) -> str:
        answer = _answer(about)
        if answer.message in threads.ways(answer.thread, about.story.latest.state):
            return ""
        expected = threads.expected(answer.thread, about.story.latest.state)
        return f"Cette réponse ne peut pas être donnée maintenant. {expected}"

    def sheet(self, about: ActeSubject, typed: Typed) -> Sheet:
        answer = _answer(about)
        letter = answer.thread.letter
        title = threads.title(letter)
        button = threads.way(answer.message, answer.thread)
        return Sheet(
            title=f"{button} : {title}",
            path=(*about.path[:-1], (about.path[-1][0], _place(answer))),
            about=about.name,
            happens=(
                f"Le message « {message_label(answer.message)} » est pris en charge, puis envoyé à "
                f"la préfecture. {_dated(answer.message)}"
            ),
            undo=_undo(answer),
            quote=answer.thread.letter.texte,
            links=tuple(
                (f"Lire {each.nom_fichier}", f"/fichiers/{letter.acte_id}/{each.file.sha256}")
                for each in answer.thread.documents
            ),
            confirm=button,
            fields=(*self._rows(answer, typed), reason_field(typed)),
        )

    def run(self, tools: Toolbox, about: ActeSubject, typed: Typed, author: Author) -> str:
        answer = _answer(about)
        if about.story.latest.state is State.CANCELLED:
            raise ConflictError(self.closed(about))
        placed = list(_placed(answer, typed))
        files = [DepositedFile(one.path, one.name, code or None) for _, one, code in placed]
        try:
            _reply_once(tools, answer, files, author)
        except RefusedError as error:
            rows = {f"documents[{rank}]": row for rank, (row, _, _) in enumerate(placed, 1)}
            raise RefusedError([_in_row(problem, rows) for problem in error.problems]) from error
        return self.told_at(about, typed)

    def told_at(self, about: ActeSubject, typed: Typed) -> str:
        del typed
        place = _place(_answer(about)).partition("#")[2]
        return f"{about.url}?fait={self.done_code}#{place}"

    def _rows(self, answer: AnswerSubject, typed: Typed) -> Iterator[Field]:
        choices = self._typologies(answer)
        usual = answer.story.acte.nature.typologie_par_defaut
        for rank in range(1, answer.rows + 1):
            several = answer.message == PIECES
            label = "Document" if not several else f"Documents, groupe {rank}"
            yield Field(
                name=f"fichiers_{rank}",
                label=label,
                kind="files",
                several=several,
                required=rank == 1,
                hint=_files_hint(rank, several=several),
            )
            yield Field(
                name=f"typologie_{rank}",
                label="Typologie" if not several else f"Typologie du groupe {rank}",
                kind="choice",
                value=typed.text(f"typologie_{rank}", usual),
                choices=(("", tuple((each.code_type_pj, _label(each)) for each in choices)),),
            )

    def _typologies(self, answer: AnswerSubject) -> Sequence[TypePieceJointe]:
        tools, nature = self.container.tools, answer.story.acte.nature
        with tools.register() as unit:
            held = unit.classification_file(answer.thread.letter.collectivite_id)
        usual = TypePieceJointe(nature.typologie_par_defaut, "la plus courante")
        if held is None:
            return (usual,)
        return kept_classification(tools, held[1]).types_pj.get(nature) or (usual,)


def _answer(about: ActeSubject) -> AnswerSubject:
    if not isinstance(about, AnswerSubject):
        raise TypeError("found by find()")
    return about


def _reply_once(
    tools: Toolbox, answer: AnswerSubject, files: Sequence[DepositedFile], author: Author
) -> None:
    letter = answer.thread.letter.id
    try:
        reply(tools, letter, answer.message, files, author)
    except ConflictError:
        # The same form came twice at once: by now the service knows its files again.
        reply(tools, letter, answer.message, files, author)


def _placed(answer: AnswerSubject, typed: Typed) -> Iterator[tuple[str, UploadedFile, str]]:
    """Every file in order, with the field that it came in and its typology."""
    for rank in range(1, answer.rows + 1):
        for file in typed.files.get(f"fichiers_{rank}", ()):
            yield f"fichiers_{rank}", file, typed.line(f"typologie_{rank}")


def _in_row(problem: Problem, rows: dict[str, str]) -> Problem:
    """A problem beside the field of its file; about all of them, beside the first."""
    general = {"documents": "fichiers_1", "fichiers": "fichiers_1"}
    row = rows.get(problem.field) or general.get(problem.field, problem.field)
    if problem.rule == "typologie":
        row = row.replace("fichiers", "typologie")
    return Problem(row, problem.rule, problem.message, problem.remedy)


def _place(answer: AnswerSubject) -> str:
    return f"{answer.url}#courrier-{answer.thread.letter.id}"


def _dated(message: str) -> str:
    if message in ACKNOWLEDGED_BY:
        return "La date à laquelle elle l'a reçu sera celle de son accusé."
    return "Elle n'en accuse pas réception."


def _undo(answer: AnswerSubject) -> str:
    if answer.message == PIECES:
        return "Non. D'autres pièces pourront encore compléter celles-ci, une fois reçues."
    return "Non : un courrier reçoit une réponse, et une seule."


def _files_hint(rank: int, *, several: bool) -> str:
    if rank > 1:
        return "Facultatif : pour des documents d'une autre typologie."
    kinds = f"PDF, JPEG, PNG ou XML, {size(ARCHIVE_MAX)} en tout au plus."
    return f"{kinds} Vous pouvez en choisir plusieurs." if several else kinds


def _label(each: TypePieceJointe) -> str:
    return f"{each.code_type_pj} – {each.libelle}"
