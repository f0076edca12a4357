"""The oracle: everything that reached the mock, accepted or not, complete or not."""

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from threading import Lock
from typing import Any

from transmission.mocktdt.clock import real_now

_KEPT_CALLS = 5_000
# Kind of the receptions at the ministry's own door.
MINISTRY = "ministere"


@dataclass(frozen=True, slots=True)
class Document:
    """A file that came with an act."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Sent:
    """A business message that came. `id_acte`: of the act that it is, or is about."""

    code: str
    file_name: str
    id_acte: str


@dataclass(slots=True)
class Reception:
    """One deposit that arrived whole. `at`: virtual instant; `received_at`: real one.

    `sha256`, `size`: of the archive (of the main document for a deposit field by field).
    `answer`: beginning of what was answered.
    """

    at: str
    kind: str
    siren: str
    name: str
    sha256: str
    size: int
    id_actes: list[str] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    messages: list[Sent] = field(default_factory=list)
    accepted: bool = False
    transactions: list[int] = field(default_factory=list)
    answer: str = ""
    fault: str = ""
    received_at: str = field(default_factory=lambda: real_now().isoformat())


@dataclass(slots=True)
class Call:
    """One HTTP call. `status` 0: cut without an answer. `complete`: its body arrived whole."""

    at: str
    method: str
    path: str
    siren: str
    request_bytes: int = 0
    complete: bool = False
    status: int = 0
    answer_bytes: int = 0
    fault: str = ""


class Record:
    """Appends, counts, and tells. Receptions are kept for the whole run, calls for a while."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._receptions: list[Reception] = []
        self._calls: deque[Call] = deque(maxlen=_KEPT_CALLS)
        self._counts: Counter[str] = Counter()
        self.internal_errors: list[str] = []
        self.refused_handshakes = 0

    def received(self, reception: Reception) -> None:
        """Note a deposit, once its answer is known."""
        with self._lock:
            self._receptions.append(reception)

    def called(self, call: Call) -> None:
        """Note a call."""
        with self._lock:
            self._calls.append(call)
            self._counts[call.path.rsplit("/", 1)[-1]] += 1

    def receptions(self) -> tuple[Reception, ...]:
        """Every deposit, oldest first."""
        with self._lock:
            return tuple(self._receptions)

    def told_receptions(self) -> list[dict[str, Any]]:
        """Every deposit, oldest first, as JSON objects."""
        return [asdict(reception) for reception in self.receptions()]

    def totals(self) -> dict[str, Any]:
        """Counts only: what a benchmark or a quick check needs."""
        receptions = self.receptions()
        accepted: Counter[str] = Counter(
            id_acte for r in receptions if r.accepted for id_acte in r.id_actes
        )
        with self._lock:
            calls = dict(self._counts)
        return {
            "receptions": len(receptions),
            "accepted": sum(r.accepted for r in receptions),
            "acts_accepted": len(accepted),
            "acts_accepted_twice": sorted(a for a, times in accepted.items() if times > 1),
            "messages": _messages(receptions),
            "calls": calls,
            "refused_handshakes": self.refused_handshakes,
        }

    def direct(self) -> dict[str, Any]:
        """The deposits at the ministry's door: acts, archives and messages, and how often."""
        receptions = [each for each in self.receptions() if each.kind == MINISTRY]
        archives: dict[str, list[str]] = {}
        for reception in receptions:
            archives.setdefault(reception.name, []).append(reception.sha256)
        return {
            "deposits": len(receptions),
            "accepted": sum(reception.accepted for reception in receptions),
            "acts": Counter(a for each in receptions if each.accepted for a in each.id_actes),
            "archives": archives,
            "messages": _messages(receptions),
        }

    def archives(self) -> dict[str, dict[str, Any]]:
        """By digest: name, size, how often it came, how often it was accepted."""
        found: dict[str, dict[str, Any]] = {}
        for reception in self.receptions():
            entry = found.setdefault(
                reception.sha256,
                {"name": reception.name, "size": reception.size, "receptions": 0, "accepted": 0},
            )
            entry["receptions"] += 1
            entry["accepted"] += reception.accepted
        return found

    def acts(self) -> dict[str, dict[str, Any]]:
        """By identifiant unique: how often it came, was accepted, in which archives, with what."""
        found: dict[str, dict[str, Any]] = {}
        for reception in self.receptions():
            for id_acte in reception.id_actes:
                _add(found.setdefault(id_acte, _new_act(reception)), reception)
        return found

    def calls(self) -> list[dict[str, Any]]:
        """The last calls, oldest first."""
        with self._lock:
            return [asdict(call) for call in self._calls]


def _messages(receptions: Iterable[Reception]) -> dict[str, int]:
    """Accepted messages by code."""
    codes = Counter(m.code for each in receptions if each.accepted for m in each.messages)
    return dict(sorted(codes.items()))


def _new_act(reception: Reception) -> dict[str, Any]:
    return {
        "siren": reception.siren,
        "receptions": 0,
        "accepted": 0,
        "archives": [],
        "documents": [asdict(document) for document in reception.documents],
        "first_at": reception.at,
        "last_at": reception.at,
    }


def _add(act: dict[str, Any], reception: Reception) -> None:
    act["receptions"] += 1
    act["accepted"] += reception.accepted
    act["last_at"] = reception.at
    if reception.sha256 not in act["archives"]:
        act["archives"].append(reception.sha256)
