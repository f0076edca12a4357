"""Alterations of dossiers de preuve, far more than what the tests make: each seen, each placed.

    python -m tests.mutations [--actes N] [--each N] [--seed S]

Real dossiers are made of real acts (PostgreSQL, a mock TdT, an authority of time), then altered.
Prints figures by kind; ends with 1 when an alteration went unseen or unplaced.
"""

import argparse
import io
import random
import secrets
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from tests.support import mutations
from tests.support.mutations import Mutation, is_detected, is_placed
from tests.support.proofs import Proofs, make_proofs
from transmission.audit.dossier import verify_dossier
from transmission.audit.dossier_report import Report, Verdict
from transmission.embedded.postgres import EmbeddedPostgres
from transmission.store.migrations import upgrade
from transmission.store.unit_of_work import open_engine

MEMORY = Path("/dev/shm")
SCENE_MAX = 20
"""Acts lived by one authority: each takes a day, and its key lasts a month."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutations")
    parser.add_argument("--actes", type=int, default=40, help="dossiers made (default 40)")
    parser.add_argument("--each", type=int, default=12, help="alterations of a kind, by dossier")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    started, tally = time.perf_counter(), Tally()
    place = str(MEMORY) if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="transmission-", dir=place) as name:
        folder, left = Path(name), given.actes
        folder.chmod(0o711)
        with EmbeddedPostgres(folder / "postgres", for_tests=True) as server:
            while left > 0:
                scene = folder / f"scene-{left}"
                scene.mkdir()
                proofs = _made(server.url, scene, min(left, SCENE_MAX))
                tally.play(proofs, given.each, random.Random(given.seed + left))
                left -= SCENE_MAX
    tally.tell()
    print(f"{given.actes} dossiers, {time.perf_counter() - started:.0f} s")
    return 1 if tally.missed else 0


def _made(server: str, folder: Path, count: int) -> Proofs:
    name = f"proofs_{secrets.token_hex(4)}"
    administration = create_engine(server, isolation_level="AUTOCOMMIT")
    with administration.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    administration.dispose()
    url = make_url(server).set(database=name).render_as_string(hide_password=False)
    upgrade(url)
    engine = open_engine(url)
    try:
        return make_proofs(engine, folder, others=count - 1)
    finally:
        engine.dispose()


@dataclass
class Tally:
    """How many alterations of each kind were made, seen, placed."""

    made: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)
    placed: Counter[str] = field(default_factory=Counter)

    @property
    def missed(self) -> int:
        return 2 * self.made.total() - self.seen.total() - self.placed.total()

    def play(self, proofs: Proofs, each: int, rng: random.Random) -> None:
        dossiers = (proofs.whole, *proofs.others)
        for rank, dossier in enumerate(dossiers):
            untouched = verify_dossier(io.BytesIO(dossier), proofs.checker)
            assert untouched.verdict is Verdict.WHOLE, untouched.faults
            for mutation in _altered(dossier, dossiers[rank - 1], proofs, each, rng):
                self._count(mutation, verify_dossier(io.BytesIO(mutation.content), proofs.checker))
            proofs.checker.forget()

    def _count(self, mutation: Mutation, report: Report) -> None:
        seen, placed = is_detected(report, mutation), is_placed(report, mutation)
        self.made[mutation.kind] += 1
        self.seen[mutation.kind] += seen
        self.placed[mutation.kind] += placed
        if not (seen and placed):
            path = Path(tempfile.gettempdir()) / f"alteration-{self.made.total()}.asice"
            path.write_bytes(mutation.content)
            print(f"NOT SEEN OR NOT PLACED: {mutation.kind}, {mutation.places[:1]}, see {path}")

    def tell(self) -> None:
        for kind in (*self.made, "all"):
            made, seen, placed = (
                counter.total() if kind == "all" else counter[kind]
                for counter in (self.made, self.seen, self.placed)
            )
            print(f"{kind:40} {made:6}   seen {seen:6}   placed {placed:6}")


def _altered(
    dossier: bytes, other: bytes, proofs: Proofs, each: int, rng: random.Random
) -> Iterator[Mutation]:
    structure = list(mutations.structure(dossier))
    anywhere = range(len(dossier))
    yield from mutations.flips(dossier, iter(rng.choices(structure, k=2 * each)), rng)
    yield from mutations.flips(dossier, iter(rng.choices(anywhere, k=2 * each)), rng)
    yield from mutations.cuts(dossier, rng, 1 + each // 6)
    yield from mutations.rebound(dossier, other, rng, 1 + each // 6)
    yield from mutations.forged(dossier, other, rng, 1 + each // 6, proofs.forger)


if __name__ == "__main__":
    sys.exit(main())
