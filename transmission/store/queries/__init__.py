"""The read side: what the console shows of the register. Nothing here writes.

Every function takes an open connection and gives frozen records; instants are aware UTC. Lists
are bounded and paged by key.
"""

from transmission.store.queries.counts import (
    StateCount,
    authority_names,
    newest_journal_id,
    state_counts,
)
from transmission.store.queries.files import (
    OwnedFile,
    acte_file,
    attempt_request,
    extension_of,
    message_name,
    sent_signature,
)
from transmission.store.queries.health import (
    FailingTdt,
    Health,
    Heartbeat,
    Waiting,
    read_health,
)
from transmission.store.queries.letters import Answer, LetterLine, Thread, open_letters
from transmission.store.queries.pages import ActeLine, ActePage, Cursor, Wanted
from transmission.store.queries.queue import STRETCH, find_actes, list_actes
from transmission.store.queries.retours import RetourLine, quarantined_retours, retour_file
from transmission.store.queries.standing import LIVING
from transmission.store.queries.story import (
    ActeStory,
    AttemptLine,
    JournalLine,
    Older,
    read_story,
)

__all__ = [
    "LIVING",
    "STRETCH",
    "ActeLine",
    "ActePage",
    "ActeStory",
    "Answer",
    "AttemptLine",
    "Cursor",
    "FailingTdt",
    "Health",
    "Heartbeat",
    "JournalLine",
    "LetterLine",
    "Older",
    "OwnedFile",
    "RetourLine",
    "StateCount",
    "Thread",
    "Waiting",
    "Wanted",
    "acte_file",
    "attempt_request",
    "authority_names",
    "extension_of",
    "find_actes",
    "list_actes",
    "message_name",
    "newest_journal_id",
    "open_letters",
    "quarantined_retours",
    "read_health",
    "read_story",
    "retour_file",
    "sent_signature",
    "state_counts",
]
