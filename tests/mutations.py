"""Alterations of dossiers and of registers, far more than what the tests make: each seen, placed.

    python -m tests.mutations [--actes N] [--each N] [--seed S]

Real acts are lived (PostgreSQL, a mock TdT, an authority of time); their dossiers are altered and
verified, then the rows and files of their registers altered and audited.
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
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine, create_engine, make_url, text

from tests.support import mutations
from tests.support.audited import Remembering
from tests.support.mutations import Mutation, is_detected, is_placed
from tests.support.proofs import Proofs, make_proofs
from tests.support.register_mutations import alterations
from tests.support.tampering import defenceless
from transmission.audit.dossier import verify_dossier
from transmission.audit.dossier_report import Report, Verdict
from transmission.audit.review import StoreAuditor
from transmission.bootstrap import proof_checker, wire
from transmission.clock import SystemClock
from transmission.domain.audits import Difference, Page, Stage
from transmission.embedded.postgres import EmbeddedPostgres
from transmission.ports.audits import EVERYTHING
from transmission.settings import Settings
from transmission.store.anchor_folder import DiskAnchorFolder
from transmission.store.migrations import upgrade
from transmission.store.unit_of_work import open_engine

MEMORY = Path("/dev/shm")
SCENE_MAX = 20
"""Acts lived by one authority: each takes a day, and its key lasts a month."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutations")
    parser.add_argument("--actes", type=int, default=40, help="acts lived (default 40)")
    parser.add_argument(
        "--each",
        type=int,
        default=12,
        help="alterations of a kind: by dossier, and a third by register",
    )
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
                with _register(server.url) as engine:
                    rng = random.Random(given.seed + left)
                    proofs = make_proofs(engine, scene, others=min(left, SCENE_MAX) - 1)
                    tally.play(proofs, given.each, rng)
                    tally.play_register(engine, scene, given.each, rng)
                left -= SCENE_MAX
    tally.tell()
    print(f"{given.actes} acts, {time.perf_counter() - started:.0f} s")
    return 1 if tally.missed else 0


@contextmanager
def _register(server: str) -> Iterator[Engine]:
    name = f"proofs_{secrets.token_hex(4)}"
    administration = create_engine(server, isolation_level="AUTOCOMMIT")
    with administration.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    administration.dispose()
    url = make_url(server).set(database=name).render_as_string(hide_password=False)
    upgrade(url)
    engine = open_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def _reread(auditor: StoreAuditor) -> Page:
    """Everything, by an auditor that remembers nothing."""
    differences: list[Difference] = []
    for stage in Stage:
        after: int | None = 0
        while after is not None:
            page = auditor.reread(stage, after, 500, EVERYTHING)
            differences += page.differences
            after = page.last
    return Page(0, None, tuple(differences), ())


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

    def play_register(self, engine: Engine, folder: Path, each: int, rng: random.Random) -> None:
        """Alter the register of a scene, and its folders: the audit must see and place it."""
        settings = Settings(home=folder, documents_dir=folder / "documents")
        documents = wire(settings, engine, SystemClock()).documents
        anchors, checker = folder / "anchors", Remembering(proof_checker(None))
        auditor = StoreAuditor(engine, documents, DiskAnchorFolder(anchors), lambda: checker)
        untouched = [str(each) for each in _reread(auditor.fresh()).differences]
        assert not untouched, untouched
        defenceless(engine)
        every = alterations(engine, folder / "documents", anchors, 1 + each // 3, rng)
        for alteration in every:
            with alteration.made:
                page = _reread(auditor.fresh() if alteration.of_files else auditor)
            placed = alteration.is_placed(page)
            self._add(alteration.kind, seen=bool(page.differences), placed=placed)
            if not placed:
                told = [f"{each.place.table} {each.place.row}" for each in page.differences]
                print(f"NOT SEEN OR NOT PLACED: {alteration.kind}, {alteration.what}, {told[:3]}")

    def _add(self, kind: str, *, seen: bool, placed: bool) -> None:
        self.made[kind] += 1
        self.seen[kind] += seen
        self.placed[kind] += placed

    def _count(self, mutation: Mutation, report: Report) -> None:
        seen, placed = is_detected(report, mutation), is_placed(report, mutation)
        self._add(mutation.kind, seen=seen, placed=placed)
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
