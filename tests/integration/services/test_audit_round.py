"""The round that rereads everything: its pace, its place, what it opens and closes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from tests.support.bench import Bench
from transmission.domain.audits import Difference, Kind, Page, Place, Stage, Unread
from transmission.ports.audits import Round, Scope
from transmission.services.audit_round import LEASE, PAGE, TASK, carry_on, due, ring_audit
from transmission.services.toolbox import Toolbox

DAYS = 30
_STAGES = tuple(Stage)


@dataclass
class Played:
    """An auditor of so many acts, which finds what it is told to, by act."""

    actes: int
    found: dict[int, Difference] = field(default_factory=dict)
    unread: Sequence[Unread] = ()
    asked: list[tuple[Stage, int, int]] = field(default_factory=list)
    dies: bool = False
    meanwhile: Callable[[], None] = lambda: None

    def reread(self, stage: Stage, after: int, limit: int, scope: Scope) -> Page:
        del scope
        self.asked.append((stage, after, limit))
        self.meanwhile()
        if self.dies:
            raise OSError("killed")
        if stage is not Stage.ACTES:
            return Page(1, None, (), ())
        last = min(after + limit, self.actes)
        mine = tuple(each for acte, each in self.found.items() if after < acte <= last)
        return Page(last - after, last if last < self.actes else None, mine, tuple(self.unread))

    def count(self, scope: Scope) -> int:
        del scope
        return self.actes

    def fresh(self) -> "Played":
        return self

    @property
    def reread_actes(self) -> int:
        return sum(1 for stage, _, _ in self.asked if stage is Stage.ACTES)


def _difference(acte: int, found: str = "autre") -> Difference:
    place = Place("123456782", f"D{acte}", "acte", acte, "objet")
    return Difference(Kind.DEPOT, place, "un objet", found, acte)


def _tools(bench: Bench, auditor: Played, days: int = DAYS) -> Toolbox:
    return replace(bench.tools, auditor=auditor, audit_days=days)


def _last(tools: Toolbox) -> Round:
    with tools.register() as unit:
        last = unit.last_round()
    assert last is not None
    return last


def _open(tools: Toolbox) -> list[tuple[int, str]]:
    with tools.register() as unit:
        assert unit.count_differences() == len(unit.open_differences(100))
        return [(each.difference.subject, each.difference.found) for each in
                unit.open_differences(100)]  # fmt: skip


def _over(bench: Bench, tools: Toolbox) -> None:
    """The round, to its end."""
    bench.clock.advance(timedelta(days=DAYS).total_seconds())
    while _last(tools).finished_at is None:
        carry_on(tools)


def test_a_round_is_spread_over_its_days(bench: Bench) -> None:
    auditor = Played(300)
    tools = _tools(bench, auditor)
    carry_on(tools)
    assert _last(tools).reread == 1
    bench.clock.advance(timedelta(days=3).total_seconds())
    carry_on(tools)
    assert _last(tools).reread == 31
    carry_on(tools)
    assert _last(tools).reread == 31
    _over(bench, tools)
    assert (_last(tools).reread, _last(tools).number) == (300, 1)
    assert [stage for stage, after, _ in auditor.asked if after == 0] == list(_STAGES)


def test_the_next_round_waits_for_the_days_of_the_one_before(bench: Bench) -> None:
    tools = _tools(bench, Played(1))
    carry_on(tools)
    assert _last(tools).finished_at is not None
    carry_on(tools)
    assert _last(tools).number == 1
    bench.clock.advance(timedelta(days=DAYS).total_seconds())
    carry_on(tools)
    assert _last(tools).number == 2


def test_a_difference_opens_lasts_and_closes_when_it_is_gone(bench: Bench) -> None:
    auditor = Played(2, {1: _difference(1), 2: _difference(2)})
    tools = _tools(bench, auditor)
    carry_on(tools)
    _over(bench, tools)
    assert _open(tools) == [(1, "autre"), (2, "autre")]
    first = bench.clock.now()
    del auditor.found[1]
    auditor.found[2] = _difference(2, "encore autre")
    carry_on(tools)
    _over(bench, tools)
    assert _open(tools) == [(2, "encore autre")]
    with tools.register() as unit:
        (known,) = unit.open_differences(10)
        assert known.first_seen_at <= first < known.last_seen_at


def test_what_could_not_be_read_is_counted_and_told(bench: Bench) -> None:
    tools = _tools(bench, Played(1, unread=[Unread(Place(table="piece", row=4), "disque absent")]))
    carry_on(tools)
    assert (_last(tools).unread, _last(tools).last_unread) == (
        1,
        "ligne piece n° 4 : disque absent",
    )
    assert _open(tools) == []


def test_two_workers_never_carry_on_the_same_round(bench: Bench) -> None:
    auditor = Played(300)
    tools = _tools(bench, auditor)
    carry_on(tools)
    now = bench.clock.now()
    with tools.register() as unit:
        held = unit.hold_round(1, now, now + LEASE)
        unit.commit()
    assert held is not None
    before = len(auditor.asked)
    bench.clock.advance(60)
    assert carry_on(tools) == 0
    assert len(auditor.asked) == before


def test_a_worker_that_died_leaves_its_page_to_another(bench: Bench) -> None:
    auditor = Played(300, dies=True)
    tools = _tools(bench, auditor)
    with pytest.raises(OSError, match="killed"):
        carry_on(tools)
    auditor.dies = False
    bench.clock.advance(LEASE.total_seconds())
    carry_on(tools)
    assert auditor.asked[0][:2] == auditor.asked[1][:2]
    assert _last(tools).stage is Stage.ACTES


def test_a_worker_that_slept_writes_nothing_over_whoever_took_its_place(bench: Bench) -> None:
    tools = _tools(bench, Played(300))
    carry_on(tools)
    now = bench.clock.now()
    with tools.register() as unit:
        asleep = unit.hold_round(1, now, now + LEASE)
        unit.commit()
    assert asleep is not None
    bench.clock.advance(LEASE.total_seconds())
    carry_on(tools)
    with tools.register() as unit:
        assert not unit.move_round(replace(asleep, place=0))
        unit.release_round(asleep)
        unit.commit()


def test_a_page_read_too_slowly_is_left_to_whoever_took_the_round(bench: Bench) -> None:
    auditor = Played(300, {1: _difference(1)})
    tools = _tools(bench, auditor)

    def another_takes_it() -> None:
        bench.clock.advance(LEASE.total_seconds())
        now = bench.clock.now()
        with tools.register() as unit:
            assert unit.hold_round(1, now, now + LEASE)
            unit.commit()

    auditor.meanwhile = another_takes_it
    assert carry_on(tools) == 0
    assert _last(tools).stage is _STAGES[0]
    assert _last(tools).held_until == bench.clock.now() + LEASE


@pytest.mark.parametrize("days", [0, DAYS])
def test_nobody_rereads_where_it_is_not_wanted(bench: Bench, days: int) -> None:
    auditor = Played(1)
    tools = _tools(bench, auditor, days)
    ring_audit(tools)
    carry_on(tools)
    assert ((TASK, 0) in bench.bells(), bool(auditor.asked)) == (bool(days), bool(days))


def test_a_round_that_is_late_goes_at_full_pace(bench: Bench) -> None:
    now = bench.clock.now()
    late = Round(1, now - timedelta(days=31), None, Stage.ACTES, 9, 10**6, 9, 0, None, None)
    assert due(late, now, DAYS) == PAGE
    on_time = replace(late, started_at=now, reread=1)
    assert due(on_time, now, DAYS) == 0
