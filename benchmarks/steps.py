"""The services one after the other in this process: what each step costs, and what it asks."""

import cProfile
import os
import pstats
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from sqlalchemy import event

from benchmarks.depositor import AUTHOR, deposit_of, yesterday
from benchmarks.figures import per_item_ms
from benchmarks.material import Load, MadeActe, make_load
from benchmarks.site import Site
from transmission.domain.transmission import RetourStatus, Transmission
from transmission.services.accept import accept
from transmission.services.apply_retour import apply_retour
from transmission.services.collect import collect
from transmission.services.prepare import prepare
from transmission.services.sending import Content
from transmission.services.submit import submit
from transmission.services.toolbox import Toolbox
from transmission.store.statements import Statement

_WARM = 5
_PROFILED_LINES = 45
_SMALL_SHARE = 0.01
_ANSWER_SECONDS = 60


@dataclass
class Tally:
    """What was used since the last look; ``syncs`` counts calls of fsync by this process."""

    statements: int = 0
    begins: int = 0
    commits: int = 0
    syncs: int = 0


def measured(
    site: Site, load: Load, prefix: str, seed: int, profiler: cProfile.Profile | None = None
) -> dict[str, Any]:
    """CPU of this process and of PostgreSQL, statements, transactions, syncs per act, by step."""
    folder = site.home / "actes" / prefix
    actes = make_load(load, folder, prefix, seed)
    try:
        with _counted(site) as tally:
            _through(site, actes[:_WARM], Tally(), None)
            return {"load": load.name, "acts": len(actes) - _WARM} | {
                "steps": _through(site, actes[_WARM:], tally, profiler)
            }
    finally:
        site.query("DELETE FROM outbox")
        shutil.rmtree(folder)


def profile_text(profiler: cProfile.Profile) -> str:
    """Where the time went, own time first, then cumulated."""
    text = StringIO()
    stats = pstats.Stats(profiler, stream=text)
    stats.sort_stats("tottime").print_stats(_PROFILED_LINES)
    stats.sort_stats("cumulative").print_stats(_PROFILED_LINES)
    return text.getvalue()


def shares(profiler: cProfile.Profile) -> dict[str, float]:
    """Share of the CPU that each library, or each package of ours, used by itself."""
    found: dict[str, float] = {}
    for (file, _, name), (_, _, own, _, _) in pstats.Stats(profiler).stats.items():  # type: ignore[attr-defined]
        place = origin(file, name)
        found[place] = found.get(place, 0.0) + own
    whole = sum(found.values())
    kept = {place: own / whole for place, own in found.items() if own / whole >= _SMALL_SHARE}
    return kept | {"all others": 1 - sum(kept.values())}


def origin(file: str, name: str) -> str:
    """What a profiled function belongs to: a library, a package of ours, a built-in."""
    _, installed, inside = file.rpartition("/site-packages/")
    if installed:
        return inside.split("/")[0].removesuffix(".py")
    _, ours, inside = file.rpartition("/transmission/")
    if ours:
        return f"transmission.{inside.split('/')[0].removesuffix('.py')}"
    return "Python: " + (name.strip("{}<>").split(" of ")[0] if file == "~" else Path(file).stem)


def _through(
    site: Site, actes: Sequence[MadeActe], tally: Tally, profiler: cProfile.Profile | None
) -> dict[str, dict[str, float]]:
    tools, count = site.made.tools, len(actes)
    day, siren = yesterday(tools), site.senders[0]
    ids: list[int] = []

    def step(name: str, work: Callable[[], object]) -> None:
        found[name] = _step(site, tally, profiler, count, work)

    found: dict[str, dict[str, float]] = {}
    deposits = [deposit_of(acte, day) for acte in actes]
    step(
        "accept",
        lambda: ids.extend(accept(tools, siren, each, AUTHOR).acte_id for each in deposits),
    )
    with tools.register() as unit:
        sendings = [unit.current_transmission(acte_id) for acte_id in ids]
    made: list[Content] = []
    step("prepare", lambda: made.extend(_prepared(tools, sendings)))
    step("submit", lambda: _submit(tools, made))
    _make_due(site)
    step("collect", lambda: _collect(site))
    kept = _stored(site)
    step("apply", lambda: _each(apply_retour, tools, kept))
    return found


def _prepared(tools: Toolbox, sendings: Sequence[Transmission]) -> Iterator[Content]:
    for sending in sendings:
        if content := prepare(tools, sending):
            yield content


def _submit(tools: Toolbox, made: Sequence[Content]) -> None:
    for content in made:
        submit(tools, content.transmission, content)


def _each(service: Callable[[Toolbox, int], None], tools: Toolbox, subjects: Sequence[int]) -> None:
    for subject in subjects:
        service(tools, subject)


def _collect(site: Site) -> None:
    # In several turns where one looks at so many at most.
    tools, authority_id = site.made.tools, site.authorities[site.senders[0]]
    deadline = time.monotonic() + _ANSWER_SECONDS
    while _due(site, authority_id) and time.monotonic() < deadline:
        collect(tools, authority_id)


def _due(site: Site, authority_id: int) -> bool:
    statement = (
        "SELECT 1 FROM transmission WHERE collectivite_id = %s AND state = 'submitted' "
        "AND next_attempt_at <= now() LIMIT 1"
    )
    return bool(site.query(statement, authority_id))


def _make_due(site: Site) -> None:
    site.query("UPDATE transmission SET next_attempt_at = now() WHERE state = 'submitted'")


def _stored(site: Site) -> list[int]:
    statement = "SELECT id FROM retour WHERE status = %s ORDER BY id"
    return [row[0] for row in site.query(statement, RetourStatus.STORED.value)]


def _step(
    site: Site,
    tally: Tally,
    profiler: cProfile.Profile | None,
    count: int,
    work: Callable[[], object],
) -> dict[str, float]:
    tally.statements = tally.begins = tally.commits = tally.syncs = 0
    engine, wall, own = site.cpu()["postgres"], time.perf_counter(), time.process_time()
    if profiler:
        profiler.enable()
    work()
    if profiler:
        profiler.disable()
    own, wall = time.process_time() - own, time.perf_counter() - wall
    return {
        "cpu_ms": per_item_ms(own, count),
        "wall_ms": per_item_ms(wall, count),
        "postgres_cpu_ms": per_item_ms(site.cpu()["postgres"] - engine, count),
        "statements": tally.statements / count,
        "begins": tally.begins / count,
        "commits": tally.commits / count,
        "syncs": tally.syncs / count,
    }


@contextmanager
def _counted(site: Site) -> Iterator[Tally]:
    """Count statements, transactions and syncs of this process."""
    tally, fsync, engine, run = Tally(), os.fsync, site.made.engine, Statement._executed

    def synced(handle: int) -> None:
        tally.syncs += 1
        fsync(handle)

    def executed(*_: object) -> None:
        tally.statements += 1

    def ran(statement: Statement, *given: Any) -> Any:
        tally.statements += 1
        return run(statement, *given)

    def begun(*_: object) -> None:
        tally.begins += 1

    def committed(*_: object) -> None:
        tally.commits += 1

    event.listen(engine, "before_cursor_execute", executed)
    event.listen(engine, "begin", begun)
    event.listen(engine, "commit", committed)
    os.fsync = synced  # type: ignore[assignment]
    Statement._executed = ran  # type: ignore[method-assign,assignment]
    try:
        yield tally
    finally:
        os.fsync = fsync
        Statement._executed = run  # type: ignore[method-assign]
        event.remove(engine, "before_cursor_execute", executed)
        event.remove(engine, "begin", begun)
        event.remove(engine, "commit", committed)
