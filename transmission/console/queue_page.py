"""The queue: what waits, since when, for what."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from sqlalchemy import Connection

from transmission.console.words import number, plural
from transmission.domain.lifecycle import FINAL, State
from transmission.store.queries import (
    LIVING,
    STRETCH,
    ActePage,
    Cursor,
    LetterLine,
    RetourLine,
    StateCount,
    Wanted,
    authority_names,
    list_actes,
    open_letters,
    quarantined_retours,
    state_counts,
)
from transmission.store.queries.counts import tdt_names

LIVING_CODE = "en-cours"
ALL_CODE = "tous"
QUARANTINE_SHOWN = 50
LETTERS_SHOWN = 50
NAMES_SHOWN = 60
"""Beyond that many authorities, a SIREN is typed rather than chosen in a list."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address of the queue says. An empty ``etat`` means what waits, or all acts when
    something is searched."""

    etat: str = ""
    collectivite: str = ""
    q: str = ""
    apres: str = ""
    fixe: bool = False
    tdt: str = ""

    @property
    def chosen(self) -> str:
        """The code of the filter in force."""
        return self.etat or (ALL_CODE if self.q else LIVING_CODE)

    @property
    def states(self) -> tuple[State, ...]:
        """The states looked at. Raises ValueError for an unknown code."""
        groups = {ALL_CODE: tuple(State), LIVING_CODE: LIVING}
        return groups.get(self.chosen) or (State.of(self.chosen),)

    @property
    def cursor(self) -> Cursor | None:
        """Where the page begins. Raises ValueError."""
        return Cursor.parse(self.apres) if self.apres else None

    @property
    def wanted(self) -> Wanted:
        """What to ask of the register. Raises ValueError."""
        return Wanted(self.states, self.collectivite or None, self.q, self.tdt)

    def url(self, **changes: str | bool) -> str:
        """Address of the queue with other filters; a new filter starts at its first page."""
        chosen = replace(self, **({"apres": ""} | changes))  # type: ignore[arg-type]
        named = {
            "etat": chosen.etat,
            "collectivite": chosen.collectivite,
            "tdt": chosen.tdt,
            "q": chosen.q,
            "apres": chosen.apres,
            "fixe": "1" if chosen.fixe else "",
        }
        query = urlencode({name: value for name, value in named.items() if value})
        return f"/?{query}" if query else "/"


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Everything the page of the queue shows."""

    filters: Filters
    now: datetime
    counts: tuple[StateCount, ...]
    page: ActePage
    quarantine: Sequence[RetourLine]
    letters: Sequence[LetterLine]
    names: Sequence[tuple[str, str]]
    everywhere: bool = True
    """Whether all authorities may be looked at together."""
    tdts: Sequence[str] = ()

    @property
    def living(self) -> tuple[StateCount, ...]:
        """Counts of the states that wait."""
        return tuple(count for count in self.counts if count.state not in FINAL)

    @property
    def ended(self) -> tuple[StateCount, ...]:
        """Counts of the states that an act may end in."""
        ended = FINAL - {State.DELIVERED}
        return tuple(count for count in self.counts if count.state in ended)

    @property
    def chooses_names(self) -> bool:
        """Whether authorities are few enough to be chosen in a list."""
        return len(self.names) <= NAMES_SHOWN

    @property
    def shows_quarantine(self) -> bool:
        """Whether the list is the whole desk, where the quarantine belongs."""
        return bool(self.quarantine) and self.is_whole_desk

    @property
    def quarantine_shown(self) -> Sequence[RetourLine]:
        """The retours of the page."""
        return self.quarantine[:QUARANTINE_SHOWN]

    @property
    def quarantine_count(self) -> str:
        """How many retours are in quarantine; more than are shown is said so."""
        return _counted(len(self.quarantine), QUARANTINE_SHOWN)

    @property
    def shows_letters(self) -> bool:
        """Whether the list is the whole desk, where letters without an answer belong."""
        return bool(self.letters) and self.is_whole_desk

    @property
    def is_whole_desk(self) -> bool:
        """Whether everything that waits is looked at, by whichever TdT."""
        return self.filters.chosen == LIVING_CODE and not self.filters.tdt

    @property
    def letters_shown(self) -> Sequence[LetterLine]:
        """The letters of the page."""
        return self.letters[:LETTERS_SHOWN]

    @property
    def letters_count(self) -> str:
        """How many letters have no answer; more than are shown is said so."""
        return _counted(len(self.letters), LETTERS_SHOWN)

    @property
    def title(self) -> str:
        """What the list shows."""
        names = {LIVING_CODE: "Envois à suivre", ALL_CODE: "Tous les actes"}
        chosen = self.filters.chosen
        name = names.get(chosen) or State.of(chosen).label
        return f"{name} : « {self.filters.q} »" if self.filters.q else name

    @property
    def stop(self) -> str:
        """Where a search stopped before the end of the list, and what to do; empty otherwise."""
        if not self.page.stopped:
            return ""
        found = "Il peut y en avoir d'autres" if self.page.lines else "Rien parmi les plus récents"
        return (
            f"{found} : la recherche s'arrête après {number(STRETCH)} lignes de cette liste. "
            "Poursuivez-la plus loin, ou ajoutez un mot, un numéro ou une collectivité."
        )

    @property
    def order(self) -> str:
        """In which order the list is."""
        waiting = self.filters.wanted.oldest_first
        return "l'attente la plus longue d'abord" if waiting else "les plus récents d'abord"

    @property
    def summary(self) -> str:
        """The state of the queue in one sentence, told aloud when it changes."""
        held = next(count.count for count in self.counts if count.state is State.HELD)
        waiting = sum(count.count for count in self.living)
        sentence = plural(waiting, "envoi à suivre", "envois à suivre")
        if held:
            sentence += f", dont {plural(held, 'attend', 'attendent')} la décision d'une personne"
        if self.letters:
            several = "s" if len(self.letters) > 1 else ""
            sentence += f" ; {self.letters_count} courrier{several} sans réponse"
        if self.quarantine:
            several = "s" if len(self.quarantine) > 1 else ""
            sentence += f" ; {self.quarantine_count} retour{several} en quarantaine"
        return f"{sentence}."


def read_queue(
    connection: Connection, filters: Filters, now: datetime, readable: Collection[str] | None = None
) -> QueuePage:
    """The page of the queue, for whoever may read of some authorities, or of all.

    Raises ValueError when the address means nothing.
    """
    siren = filters.collectivite or None
    return QueuePage(
        filters=filters,
        now=now,
        page=list_actes(connection, filters.wanted, filters.cursor),
        counts=state_counts(connection, siren, filters.tdt),
        letters=open_letters(connection, siren, LETTERS_SHOWN + 1),
        quarantine=quarantined_retours(connection, siren, QUARANTINE_SHOWN + 1),
        names=authority_names(connection, NAMES_SHOWN + 1, readable),
        everywhere=readable is None,
        tdts=tdt_names(connection, readable),
    )


def _counted(found: int, shown: int) -> str:
    return f"plus de {shown}" if found > shown else str(found)
