"""The service of this machine, through its register."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import click

from transmission.cli.context import NamedActe, author, chosen_authority, named_acte, wired
from transmission.cli.handing import Taker, TakerHere
from transmission.cli.service import (
    Acte,
    Answered,
    Named,
    Online,
    Outcome,
    PutOnline,
    Service,
    Told,
    Writer,
)
from transmission.cli.story_told import letter_facts, line_facts, story_facts
from transmission.cli.waiting import wait_for
from transmission.clock import civil_day
from transmission.console.waiting import reason
from transmission.console.words import safe_name
from transmission.domain.access import Access
from transmission.domain.errors import Problem, RefusedError
from transmission.domain.lifecycle import State
from transmission.domain.messages import ANSWERS, label_of
from transmission.domain.transmission import KeptCourrier, StoredFile, Transmission
from transmission.ports.file_accesses import Channel, FileReading
from transmission.services.cancel import cancel
from transmission.services.dossier import DOSSIER, make_dossier
from transmission.services.files import DepositedFile
from transmission.services.hand_out import hand_out
from transmission.services.publish import publish
from transmission.services.reply import reply
from transmission.services.resend import resend
from transmission.services.stamp import received, stamp
from transmission.services.toolbox import Toolbox
from transmission.services.unpublish import unpublish
from transmission.store.queries import (
    ActeStory,
    LetterLine,
    extension_of,
    open_letters,
    read_story,
)
from transmission.store.queries.legal import legal_case

LETTERS_SHOWN = 200


class ActeHere:
    """The port ``Acte``."""

    def __init__(self, named: NamedActe, par: str | None) -> None:
        self._named = named
        self._tools = named.tools
        self._par = par

    def document(self) -> dict[str, Any]:
        from transmission.api.reading import Reading
        from transmission.api.wiring import WiredApi

        owner = self._named.owner
        nobody = Access("", 0, owner.id, owner.collectivite.siren, frozenset())
        reading = Reading(WiredApi(self._named.engine, self._tools, ()), self._named.engine)
        return reading.acte(nobody, self._named.acte_id).model_dump(mode="json")

    def story(self) -> Told:
        with self._named.engine.connect() as connection:
            story = self._read(connection)
            case = legal_case(connection, self._named.acte_id)
        assert case is not None  # noqa: S101 - it was just found
        now = self._tools.clock.now()
        reading = case.read(civil_day(now, case.time_zone))
        facts = story_facts(self._named.owner.collectivite, story, reading, now)
        return f"Acte {story.acte.numero_interne}", facts

    def letters(self) -> Sequence[Told]:
        with self._named.engine.connect() as connection:
            story = self._read(connection)
        numero, state = story.acte.numero_interne, story.latest.state
        return [
            (f"Courrier n° {thread.letter.id}", letter_facts(thread, numero, state))
            for thread in story.threads
        ]

    def stamp(self, target: BinaryIO) -> None:
        with self._tools.register() as unit:
            source = unit.acte(self._named.acte_id).pieces[0].file
        self._note("acte tamponné", source)
        stamp(self._tools, self._named.acte_id, target)

    def accuse_reception(self, target: BinaryIO) -> None:
        file = received(self._tools, self._named.acte_id)
        self._note("accusé de réception", file)
        target.write(self._tools.documents.read(file))

    def id_acte(self) -> str:
        with self._tools.register() as unit:
            return str(unit.current_transmission(self._named.acte_id).id_acte)

    def dossier(self, target: BinaryIO, progress: Callable[[int, int], None]) -> None:
        who = author(self._par)
        reading = FileReading(Channel.COMMAND, who.name, DOSSIER, self._named.acte_id)
        hand_out(self._tools, reading)
        make_dossier(self._tools, self._named.acte_id, who, target, progress)

    def _note(self, what: str, file: StoredFile) -> None:
        who = author(self._par).name
        reading = FileReading(Channel.COMMAND, who, what, self._named.acte_id)
        hand_out(self._tools, reading, file)

    def cancel(self, motif: str) -> State:
        return cancel(self._tools, self._named.acte_id, author(self._par, motif)).state

    def resend(self, motif: str, renamed: str | None) -> tuple[State, str]:
        opened = resend(self._tools, self._named.acte_id, author(self._par, motif), renamed)
        return opened.state, opened.id_acte.numero_interne

    def publish(self, asked: Online) -> PutOnline:
        published = publish(
            self._tools,
            self._named.acte_id,
            asked.day,
            asked.adresse,
            author(self._par, asked.motif),
            on_register=asked.registre,
            individual=asked.individuel,
            names_checked=asked.noms_verifies,
        )
        return PutOnline(published.address, published.date_minimum, published.warnings)

    def unpublish(self, motif: str | None, *, early: bool) -> tuple[str, ...]:
        who = author(self._par, motif)
        return tuple(unpublish(self._tools, self._named.acte_id, who, early=early))

    def _read(self, connection: Any) -> ActeStory:
        story = read_story(connection, self._named.acte_id)
        assert story is not None  # noqa: S101 - it was just found
        return story


class ServiceHere:
    """The port ``Service``."""

    def __init__(self, ctx: click.Context, par: str | None) -> None:
        self._ctx = ctx
        self._par = par

    @contextmanager
    def acte(self, named: Named) -> Iterator[Acte]:
        with named_acte(self._ctx, named.numero, named.day, named.siren) as found:
            yield ActeHere(found, self._par)

    def open_letters(self, siren: str | None) -> tuple[Sequence[Told], Sequence[Any], bool]:
        wanted = siren.replace(" ", "") if siren else None
        with wired(self._ctx) as made, made.engine.connect() as connection:
            found = open_letters(connection, wanted, LETTERS_SHOWN + 1, newest_first=True)
        shown = found[:LETTERS_SHOWN]
        told = [(f"Courrier n° {line.courrier_id}", line_facts(line)) for line in shown]
        return told, [_document(line) for line in shown], len(found) <= LETTERS_SHOWN

    def letter_files(self, courrier: int) -> Iterator[tuple[str, Writer]]:
        with wired(self._ctx) as made:
            with made.tools.register() as unit:
                letter = unit.courrier(courrier)
                documents = unit.pieces_of_retour(letter.retour_id)
            yield f"courrier-{courrier}.xml", partial(self._copy, made.tools, letter, letter.file)
            for rank, piece in enumerate(documents, start=1):
                safe = safe_name(piece.nom_fichier, extension_of(piece.nom_fichier))
                yield (
                    f"courrier-{courrier}-{rank}-{safe}",
                    partial(self._copy, made.tools, letter, piece.file),
                )

    def _copy(
        self, tools: Toolbox, letter: KeptCourrier, file: StoredFile, target: BinaryIO
    ) -> None:
        what, who = f"courrier n° {letter.id}", author(self._par).name
        hand_out(tools, FileReading(Channel.COMMAND, who, what, letter.acte_id), file)
        target.write(tools.documents.read(file))

    def reply(
        self,
        courrier: int,
        fichiers: Sequence[tuple[Path, str | None]],
        message: str | None,
        *,
        refuses: bool,
    ) -> Answered:
        given = [DepositedFile(path, path.name, code) for path, code in fichiers]
        with wired(self._ctx) as made:
            chosen = message or _default(made.tools, courrier, refuses=refuses)
            answer = reply(made.tools, courrier, chosen, given, author(self._par))
            with made.tools.register() as unit:
                numero = unit.acte(answer.transmission.acte_id).numero_interne
        code = answer.transmission.message
        return Answered(numero, code, label_of(code), answer.repeated)

    @contextmanager
    def taker(self, siren: str | None) -> Iterator[Taker]:
        with wired(self._ctx) as made:
            owner = chosen_authority(made.tools, siren)
            yield TakerHere(made.tools, owner, author(self._par))

    def watch(self, actes: Sequence[int]) -> list[Outcome]:
        with wired(self._ctx) as made:
            return [_outcome(made.tools, sent) for sent in wait_for(made.tools, actes)]


@contextmanager
def here(ctx: click.Context, par: str | None) -> Iterator[Service]:
    """The service of this machine, in the name of ``par`` or of the account."""
    yield ServiceHere(ctx, par)


def _outcome(tools: Toolbox, sent: Transmission) -> Outcome:
    with tools.register() as unit:
        numero = unit.acte(sent.acte_id).numero_interne
    why = reason(sent.state, sent.waiting_for)
    return Outcome(numero, sent.state, sent.date_reception, why)


def _document(line: LetterLine) -> dict[str, Any]:
    from transmission.api.shown import courrier_ouvert

    return courrier_ouvert(line).model_dump(mode="json")


def _default(tools: Toolbox, courrier: int, *, refuses: bool) -> str:
    """The code of the answer that the letter calls for, or of its refusal. Raises RefusedError."""
    with tools.register() as unit:
        letter = unit.courrier(courrier)
    answers = ANSWERS[letter.message][refuses:]
    if answers:
        return answers[0]
    asked = "de refus" if refuses and ANSWERS[letter.message] else "de réponse"
    raise RefusedError(
        [
            Problem(
                "courrier",
                "reponse_prevue",
                f"Le courrier n° {courrier} ({label_of(letter.message)}) n'appelle pas {asked}.",
                "Rien n'a été envoyé.",
            )
        ]
    )
