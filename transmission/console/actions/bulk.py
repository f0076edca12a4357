"""Many at once: chosen on a list, looked at before, done one by one, each outcome told.

A form works for a few seconds at most, then says what is left and asks to go on: no request runs
into a time-out, and nothing goes on when nobody is there.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace

from fastapi import HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import Engine

from transmission.console.actions.bulk_choice import (
    FORBIDDEN,
    MOST,
    Chosen,
    chosen,
    inner,
    kind_of,
    list_chosen_on,
    number_of,
)
from transmission.console.actions.bulk_kinds import Item, Many
from transmission.console.actions.incoming import incoming
from transmission.console.actions.page_words import for_pages, problem_for_pages
from transmission.console.actions.sheet import Field, Told, Typed, reason_field, reason_of
from transmission.console.container import ConsoleContainer
from transmission.console.rendering import render
from transmission.console.visitor import signed, visit
from transmission.domain.errors import RefusedError, TransmissionError
from transmission.domain.people import Person, Right
from transmission.domain.transmission import Author
from transmission.store.queries import newest_journal_id

SHOWN = 50
STEP_SECONDS = 8.0
"""How long a form works before it says what is left."""

_TOLD_MAX = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The page before. ``since`` is the last row of the journal that it knows."""

    kind: Many
    chosen: Chosen
    back: str
    since: int
    reason: Field
    renumber: bool
    problems: tuple[Told, ...]

    @property
    def told(self) -> Sequence[tuple[str, str]]:
        """What will happen, and whether it can be undone."""
        return self.kind.told(self.chosen.able)

    @property
    def marks(self) -> str:
        """Those that can be, as the form gives them back."""
        return " ".join(item.mark for item in self.chosen.able)

    @property
    def shown(self) -> tuple[Item, ...]:
        """The first that can be."""
        return self.chosen.able[:SHOWN]

    @property
    def shown_unable(self) -> tuple[Item, ...]:
        """The first that cannot."""
        return self.chosen.unable[:SHOWN]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one: the number to undo it by, 0 when it was not done, and why not."""

    name: str
    url: str
    number: int
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What was done so far, and the marks of what is left."""

    kind: Many
    back: str
    since: int
    reason: str
    renumber: bool
    outcomes: tuple[Outcome, ...]
    left: tuple[str, ...]

    @property
    def done(self) -> tuple[Outcome, ...]:
        """Those that were done."""
        return tuple(each for each in self.outcomes if each.number)

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """Those that were not."""
        return tuple(each for each in self.outcomes if not each.number)

    @property
    def shown(self) -> tuple[Outcome, ...]:
        """The first that were done."""
        return self.done[:SHOWN]

    @property
    def total(self) -> int:
        """How many there were."""
        return len(self.outcomes) + len(self.left)

    @property
    def kept(self) -> str:
        """What was done so far, as the form gives it back."""
        return json.dumps([astuple(each) for each in self.outcomes], ensure_ascii=False)

    @property
    def undo_marks(self) -> str:
        """What was done, as the form that undoes it names it."""
        return " ".join(str(each.number) for each in self.done)


@dataclass(frozen=True)
class Bulk:
    """``/lot``: the page before, the steps, the page after."""

    container: ConsoleContainer
    engine: Engine

    def preview(self, request: Request) -> Response:
        """What would be done to those that the address names."""
        names = request.query_params
        return self._previewed(request, Typed({name: names.getlist(name) for name in names}))

    async def obey(self, request: Request) -> Response:
        """Look at those that the form names, or do it to some of them."""
        async with incoming(request) as typed:
            return await run_in_threadpool(self._obeyed, request, typed)

    def _obeyed(self, request: Request, typed: Typed) -> Response:
        if typed.text("apercu"):
            return self._previewed(request, typed)
        reason, problems = reason_of(typed)
        if problems:
            told = (Told(each.field, f"{each.message} {each.remedy}") for each in problems)
            return self._previewed(request, typed, tuple(told))
        progress = Progress(
            kind=kind_of(typed),
            back=list_chosen_on(typed, kind_of(typed)),
            since=typed.number("vu"),
            reason=reason,
            renumber=typed.is_ticked("renumeroter"),
            outcomes=_kept(typed),
            left=tuple(typed.text("lot").split()),
        )
        if progress.total > MOST:
            raise HTTPException(400)
        worked = self._worked(progress, visit(request).person)
        return render(request, "action_lot_fait.html", view=worked)

    def _previewed(
        self, request: Request, typed: Typed, problems: tuple[Told, ...] = ()
    ) -> Response:
        kind = kind_of(typed)
        with self.engine.connect() as connection:
            found = chosen(connection, typed, kind, visit(request).person)
            since = newest_journal_id(connection)
        reason = replace(reason_field(typed), problems=tuple(one.text for one in problems))
        view = Preview(
            kind=kind,
            chosen=found,
            back=list_chosen_on(typed, kind),
            since=since,
            reason=reason,
            renumber=typed.is_ticked("renumeroter") if problems else True,
            problems=problems,
        )
        return render(request, "action_lot.html", 422 if problems else 200, view=view)

    def _worked(self, progress: Progress, person: Person) -> Progress:
        """The same after some seconds of work; at least one more is done."""
        ending = time.monotonic() + STEP_SECONDS
        outcomes, left = [*progress.outcomes], list(reversed(progress.left))
        while left:
            outcomes.append(self._outcome(progress, left.pop(), person))
            if time.monotonic() >= ending:
                break
        return replace(progress, outcomes=tuple(outcomes), left=tuple(reversed(left)))

    def _outcome(self, progress: Progress, mark: str, person: Person) -> Outcome:
        kind, number = progress.kind, number_of(mark)
        with self.engine.connect() as connection:
            item = next(iter(kind.items(connection, [number])), None)
        if item is None or not person.may(Right.READ, item.siren):
            return Outcome(f"n° {number}", "", 0, "Rien n'est enregistré sous ce numéro.")
        if not person.may(kind.right, item.siren):
            return Outcome(item.name, item.url, 0, FORBIDDEN)
        author = signed(person, progress.reason)
        undo, why = self._done(progress, item, mark, author)
        if not undo:
            with self.engine.connect() as connection:
                # The same form came twice: the first time, it was obeyed.
                again = kind.was_done(connection, item, author, progress.since)
            undo = item.id if again else 0
        return Outcome(item.name, item.url, undo, "" if undo else for_pages(why)[:_TOLD_MAX])

    def _done(self, progress: Progress, item: Item, mark: str, author: Author) -> tuple[int, str]:
        """The number of what was done, 0 when nothing was, and why."""
        if item.why:
            return 0, item.why
        if item.mark != mark:
            return 0, "A changé depuis l'aperçu ; rien n'a été fait."
        tools = self.container.tools
        try:
            return progress.kind.run(tools, item, author, renumber=progress.renumber), ""
        except RefusedError as error:
            told = map(problem_for_pages, error.problems)
            return 0, " ".join(f"{each.message} {each.remedy}".strip() for each in told)
        except TransmissionError as error:
            return 0, str(error)


def _kept(typed: Typed) -> tuple[Outcome, ...]:
    """What former steps did, as their page gave it back. Raises HTTPException 400."""
    try:
        return tuple(
            Outcome(str(name), inner(url), int(number), str(why)[:_TOLD_MAX])
            for name, url, number, why in json.loads(typed.text("fait") or "[]")
        )
    except (ValueError, TypeError) as error:
        raise HTTPException(400) from error
