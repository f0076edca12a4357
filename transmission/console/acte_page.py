"""One act: what it is, where it stands, and all that happened to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from transmission.console import threads, waiting
from transmission.console.compliance_page import FindingView
from transmission.console.drawing import Drawing, drawing_of
from transmission.console.timeline import Happened, Timeline
from transmission.console.whatif import WhatIf
from transmission.console.words import day
from transmission.domain.identifiers import IdActe
from transmission.domain.lifecycle import State
from transmission.domain.messages import ACKNOWLEDGED_BY, ACTE, ANNULATION
from transmission.domain.transmission import Transmission
from transmission.store.queries import ActeStory, Thread
from transmission.store.queries.findings import FindingLine
from transmission.store.queries.retours import RetourLine

EVENTS_SHOWN = 8
"""Events of a long legal story that are not folded: the newest."""

EVENTS_FOLDED = 4
"""A story is long when it folds that many events at least."""


@dataclass(frozen=True, slots=True)
class ThreadView:
    """A letter as the page shows it: what it is, what it waits for."""

    thread: Thread
    title: str
    is_open: bool
    expected: str


@dataclass(frozen=True, slots=True)
class ActePage:
    """Everything the page of an act shows."""

    story: ActeStory
    now: datetime
    what_if: WhatIf
    found: Sequence[FindingLine] = ()
    is_online: bool = False

    @property
    def title(self) -> str:
        """Nature and number."""
        return f"{self.story.acte.nature.label} {self.story.acte.numero_interne}"

    @property
    def time_zone(self) -> str:
        """Where the authority reads its clocks."""
        return self.story.collectivite.time_zone

    @property
    def state(self) -> State:
        """Where the act stands."""
        return self.story.latest.state

    @property
    def reason(self) -> str:
        """What the act waits for."""
        return waiting.reason(self.state, self.story.latest.waiting_for)

    @property
    def following(self) -> str:
        """What the service will do next."""
        next_attempt_at = self.story.latest.next_attempt_at
        return waiting.following(self.state, next_attempt_at, self.now, self.time_zone)

    @property
    def road(self) -> tuple[waiting.Step, ...]:
        """The stages passed, present and ahead."""
        latest = self.story.latest
        return waiting.road(latest.state, latest.state_since, self.story.reached)

    @property
    def id_acte(self) -> IdActe:
        """The identifier on the wire."""
        return self.story.latest.id_acte

    @property
    def numero_envoye(self) -> str | None:
        """The number that the act was sent under, None when it is the one it was adopted under."""
        numero = self.id_acte.numero_interne
        return None if numero == self.story.acte.numero_interne else numero

    @property
    def threads(self) -> tuple[ThreadView, ...]:
        """The letters of the préfecture, newest first."""
        return tuple(
            ThreadView(
                thread,
                threads.title(thread.letter),
                threads.is_open(thread, self.state),
                threads.expected(thread, self.state),
            )
            for thread in self.story.threads
        )

    @property
    def annulations(self) -> tuple[Transmission, ...]:
        """The requests to cancel the act, newest first."""
        return self.story.of_message(ANNULATION)

    @property
    def former(self) -> tuple[Transmission, ...]:
        """The sendings of the act before the present one, newest first."""
        return self.story.of_message(ACTE)[1:]

    @property
    def printed(self) -> str:
        """The file identifier as printed on the act."""
        return printed(self.story)

    @property
    def sent_at(self) -> datetime | None:
        """When the TdT took the act, as far as it told us."""
        return self.story.reached.get(State.SUBMITTED)

    @property
    def date_reception(self) -> date | None:
        """The legal date, read from the AR."""
        return self.story.latest.date_reception

    @property
    def proof(self) -> RetourLine | None:
        """The AR that the date was read from; None until it comes."""
        ars = (each for each in self.story.retours if each.kind == ACKNOWLEDGED_BY[ACTE])
        return next((each for each in ars if each.decisive), None)

    @property
    def timeline(self) -> Timeline:
        """The legal story, as the register knows it."""
        return Timeline(self.what_if.before)

    @property
    def drawing(self) -> Drawing | None:
        """Its drawing, None without a known date."""
        return drawing_of(self.timeline)

    @property
    def findings(self) -> tuple[FindingView, ...]:
        """What the checks found about the act and is not settled, the gravest first."""
        return tuple(FindingView(line) for line in self.found if line.closed_at is None)

    @property
    def settled(self) -> tuple[FindingView, ...]:
        """What they found, and is settled: the newest first."""
        return tuple(FindingView(line) for line in self.found if line.closed_at is not None)

    @property
    def older_events(self) -> tuple[Happened, ...]:
        """The events of the legal story that are folded."""
        older = self.timeline.events[:-EVENTS_SHOWN]
        return older if len(older) >= EVENTS_FOLDED else ()

    @property
    def newer_events(self) -> tuple[Happened, ...]:
        """Those that are not."""
        return self.timeline.events[len(self.older_events) :]

    @property
    def tried(self) -> Timeline | None:
        """The legal story with the events supposed, None when none is."""
        return Timeline(self.what_if.after) if self.what_if.after else None

    @property
    def tried_drawing(self) -> Drawing | None:
        """What the events supposed would move, drawn; None when they would move nothing."""
        return drawing_of(self.tried, self.timeline) if self.tried else None

    @property
    def mention(self) -> tuple[str, ...]:
        """The lines stamped on the act, none before the AR nor once it is cancelled."""
        if self.date_reception is None or self.state is State.CANCELLED:
            return ()
        return (
            "RECU EN PREFECTURE",
            f"Le {day(self.date_reception)}",
            f"VIA {self.story.collectivite.tdt.nom}",
            self.printed,
        )

    @property
    def can_be_stamped(self) -> bool:
        """Whether a stamped copy exists: the AR came, still stands, and the act is a PDF."""
        is_received = self.date_reception is not None and self.state is not State.CANCELLED
        return is_received and self.story.acte.pieces[0].extension == "pdf"


def printed(story: ActeStory) -> str:
    """The file identifier as printed on an act (ACTES protocol §4.4)."""
    return story.latest.id_acte.printed(story.acte.pieces[0].code_type_pj)
