"""Time stamps: asked for with what they date, obtained apart, and once."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.support.bench import RECEPTION, Bench
from tests.support.prefecture import Prefecture, acte_received
from tests.support.tsa import OpensslTsa, served
from transmission.bootstrap import time_stamper_of
from transmission.domain.collectivite import SigningKey
from transmission.domain.lifecycle import State
from transmission.ports.proof import SoundTimeStamp, Trust
from transmission.ports.time_stamps import KnownTimeStamp, NotStamped, Stamped, TimeStampKind
from transmission.services.check_lists import check_lists
from transmission.services.prepare import prepare, prepare_together
from transmission.services.time_stamps import (
    BATCH,
    EVERYBODY,
    LEASE,
    TASK,
    ask_missing,
    obtain,
    ring_time_stamps,
)
from transmission.settings import load_settings
from transmission.store.documents import DamagedDocumentError
from transmission.store.tables import outbox
from transmission.store.tables_legal import finding
from transmission.store.tables_time_stamps import time_stamp

SEAL, AR = TimeStampKind.SEAL, TimeStampKind.AR


class PlayedTsa:
    """A stamper that gives what a test says; tokens are texts that nobody verifies here."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.asked: list[str] = []
        self.reason: str | None = None
        self.ahead = timedelta()
        self.refused: set[str] = set()
        self.meanwhile: Callable[[], None] = lambda: None

    def stamp(self, digest: bytes) -> Stamped | NotStamped:
        self.asked.append(digest.hex())
        rank = len(self.asked)
        self.meanwhile()
        if self.reason is not None or digest.hex() in self.refused:
            return NotStamped(self.reason or "refusé")
        at = self.bench.clock.now() + self.ahead
        sound = SoundTimeStamp(at, "CN=Unité d'essai", b"", Trust.TRUSTED, "")
        return Stamped(b"jeton " + digest + str(rank).encode(), sound)


@pytest.fixture
def tsa(bench: Bench) -> PlayedTsa:
    played = PlayedTsa(bench)
    bench.tools = replace(bench.tools, time_stamper=played)
    return played


def _known(bench: Bench) -> list[KnownTimeStamp]:
    with bench.tools.register() as unit:
        rows = bench.engine.connect()
        with rows:
            ids = rows.execute(select(time_stamp.c.kind, time_stamp.c.subject_id)).all()
        return [
            each
            for kind, subject in sorted(set(map(tuple, ids)))
            for each in unit.time_stamps(TimeStampKind.of(kind), [subject])
        ]


def _count(bench: Bench) -> int:
    with bench.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(time_stamp)).scalar_one()


def _round(bench: Bench) -> None:
    ring_time_stamps(bench.tools)
    bench.run(TASK)


def test_without_an_authority_of_time_nothing_is_asked(bench: Bench) -> None:
    bench.prepared()
    ring_time_stamps(bench.tools)
    assert ask_missing(bench.tools) == 0
    assert _count(bench) == 0
    assert bench.bells() == []


def test_the_seal_of_an_act_is_stamped_or_its_archive_without_a_seal(
    bench: Bench, tsa: PlayedTsa, signing_key: SigningKey
) -> None:
    bare = bench.prepared()
    bench.changed(lambda c: replace(c, signing_key=signing_key))
    sealed = bench.prepared()
    assert bare.parcel
    assert sealed.parcel
    assert sealed.parcel.seal
    _round(bench)
    assert tsa.asked == [bare.parcel.archive.sha256, sealed.parcel.seal.sha256]
    assert [(each.kind, each.subject_id) for each in _known(bench)] == [
        (SEAL, bare.id),
        (SEAL, sealed.id),
    ]


def test_an_act_that_could_not_be_prepared_asks_for_nothing(bench: Bench, tsa: PlayedTsa) -> None:
    one, held = bench.acte(), bench.acte(contents=(b"%PDF-1.4 autre",))
    with bench.tools.register() as unit:
        file = unit.acte(held.acte_id).pieces[0].file
    bench.tools.documents.path(file).unlink()
    with pytest.raises(DamagedDocumentError):
        prepare_together(bench.tools, [one, held])
    assert _count(bench) == 0
    prepare(bench.tools, one)
    assert [each.subject_id for each in _known(bench)] == [one.id]


def test_an_ar_is_stamped_over_the_bytes_that_came(
    bench: Bench, tsa: PlayedTsa, prefecture: Prefecture
) -> None:
    sent = bench.sent()
    prefecture.sends(acte_received(sent.id_acte, RECEPTION))
    assert bench.now_of(sent.id).state is State.ACKNOWLEDGED
    _round(bench)
    retour = bench.retours()[-1]
    about = {each.kind: each for each in _known(bench)}
    assert (about[AR].subject_id, about[AR].sha256) == (retour.id, retour.sha256)
    with bench.tools.register() as unit:
        assert [each.kind for each in unit.time_stamps_about(sent.acte_id)] == [SEAL, AR]
    assert retour.sha256 in tsa.asked


def test_a_token_is_kept_among_the_documents_with_what_it_says(
    bench: Bench, tsa: PlayedTsa
) -> None:
    made = bench.prepared()
    tsa.ahead = timedelta(seconds=2)
    _round(bench)
    (known,) = _known(bench)
    assert known.obtained is not None
    assert known.obtained.tsa == "CN=Unité d'essai"
    assert known.obtained.at - known.obtained.obtained_at == timedelta(seconds=2)
    assert known.obtained.oddity is None
    token = bench.tools.documents.read(known.obtained.token)
    assert token == b"jeton " + bytes.fromhex(known.sha256) + b"1"
    assert made.parcel
    assert known.sha256 == made.parcel.archive.sha256
    _round(bench)
    assert len(tsa.asked) == 1


@pytest.mark.parametrize(("ahead", "way"), [(3600, "en avance de 60"), (-7200, "en retard de 120")])
def test_an_absurd_instant_is_kept_and_told(
    bench: Bench, tsa: PlayedTsa, ahead: int, way: str
) -> None:
    bench.prepared()
    tsa.ahead = timedelta(seconds=ahead)
    _round(bench)
    (known,) = _known(bench)
    assert known.obtained is not None
    assert way in (known.obtained.oddity or "")


def test_nobody_answers_and_the_act_leaves_all_the_same(bench: Bench, tsa: PlayedTsa) -> None:
    tsa.reason = "tsa.example : connexion refusée"
    sent = [bench.sent() for _ in range(3)]
    assert {bench.now_of(each.id).state for each in sent} == {State.SUBMITTED}
    _round(bench)
    # The first is enough to know: the others wait, untried.
    assert len(tsa.asked) == 1
    first, *others = _known(bench)
    assert (first.attempts, first.reason) == (1, "tsa.example : connexion refusée.")
    assert [each.attempts for each in others] == [0, 0]
    _round(bench)
    assert len(tsa.asked) == 1


def test_a_hole_is_filled_once_whoever_comes_back(bench: Bench, tsa: PlayedTsa) -> None:
    tsa.reason = "connexion refusée"
    bench.prepared()
    waits = []
    for _ in range(7):
        before = len(tsa.asked)
        while len(tsa.asked) == before:
            _round(bench)
            bench.clock.advance(60)
        waits.append(bench.clock.now())
    minutes = [(b - a).total_seconds() / 60 for a, b in pairwise(waits)]
    assert minutes == [1, 2, 5, 10, 30, 30]
    tsa.reason = None
    bench.clock.advance(1800)
    _round(bench)
    (known,) = _known(bench)
    assert known.obtained is not None
    assert known.reason is None
    assert known.attempts == 8


def test_one_that_is_always_refused_holds_nobody_back(bench: Bench, tsa: PlayedTsa) -> None:
    poison, *others = [bench.prepared() for _ in range(3)]
    assert poison.parcel
    tsa.refused = {poison.parcel.archive.sha256}
    _round(bench)
    bench.clock.advance(60)
    now = bench.clock.now()
    with bench.tools.register() as unit:
        (first,) = unit.claim_time_stamps(now, now, 1)
    assert first.subject_id != poison.id
    _round(bench)
    filled = {each.subject_id for each in _known(bench) if each.obtained}
    assert filled == {each.id for each in others}


def test_a_worker_that_dies_leaves_its_share_to_another_after_its_lease(
    bench: Bench, tsa: PlayedTsa
) -> None:
    bench.prepared()

    def killed() -> None:
        raise SystemExit

    tsa.meanwhile = killed
    with pytest.raises(SystemExit):
        obtain(bench.tools)
    tsa.meanwhile = lambda: None
    obtain(bench.tools)
    assert len(tsa.asked) == 1
    bench.clock.advance(LEASE.total_seconds())
    _round(bench)
    (known,) = _known(bench)
    assert known.obtained is not None


def test_of_two_tokens_for_one_hole_the_first_stays(bench: Bench, tsa: PlayedTsa) -> None:
    bench.prepared()

    def another_worker() -> None:
        tsa.meanwhile = lambda: None
        bench.clock.advance(LEASE.total_seconds())
        obtain(bench.tools)

    tsa.meanwhile = another_worker
    obtain(bench.tools)
    (known,) = _known(bench)
    assert known.obtained is not None
    assert bench.tools.documents.read(known.obtained.token).endswith(b"2")


def test_a_fault_of_the_program_is_a_reason_too(bench: Bench, tsa: PlayedTsa) -> None:
    bench.prepared()

    def broken() -> None:
        raise KeyError("défaut")

    tsa.meanwhile = broken
    _round(bench)
    (known,) = _known(bench)
    assert known.reason == "défaut du programme (KeyError), à signaler."


def test_what_was_sent_before_there_was_an_authority_is_asked_for_in_pages(
    bench: Bench, prefecture: Prefecture
) -> None:
    sent = bench.sent()
    prefecture.sends(acte_received(sent.id_acte, RECEPTION))
    waiting = bench.prepared()
    bench.acte()
    tsa = PlayedTsa(bench)
    bench.tools = replace(bench.tools, time_stamper=tsa)
    assert ask_missing(bench.tools, most=2) == 2
    assert [each.subject_id for each in _known(bench)] == [sent.id, waiting.id]
    assert ask_missing(bench.tools) == 1
    assert ask_missing(bench.tools) == 0
    assert sorted(each.kind.code for each in _known(bench)) == ["ar", "seal", "seal"]
    _round(bench)
    assert len(tsa.asked) == 3


def test_more_than_a_round_rings_for_the_next(bench: Bench, tsa: PlayedTsa) -> None:
    with bench.tools.register() as unit:
        for number in range(BATCH + 3):
            digest = hashlib.sha256(str(number).encode()).hexdigest()
            unit.ask_time_stamp(TimeStampKind.ANCHOR, number, None, digest, bench.clock.now())
        unit.commit()
    obtain(bench.tools)
    assert len(tsa.asked) == BATCH
    assert bench.bells() == [(TASK, EVERYBODY)]
    bench.run(TASK)
    assert len(tsa.asked) == BATCH + 3


def test_it_is_rung_for_once_and_only_when_one_is_due(bench: Bench, tsa: PlayedTsa) -> None:
    ring_time_stamps(bench.tools)
    assert bench.bells() == []
    bench.prepared()
    ring_time_stamps(bench.tools)
    ring_time_stamps(bench.tools)
    with bench.engine.connect() as connection:
        rung = connection.execute(select(outbox.c.task).where(outbox.c.task == TASK)).all()
    assert len(rung) == 1


@pytest.fixture
def real_tsa(bench: Bench, tmp_path: Path) -> Iterator[OpensslTsa]:
    """openssl, asked over HTTP by the adapters that the settings wire."""
    made = OpensslTsa(tmp_path / "tsa")
    with served(made.answer) as there:
        settings = load_settings(tsa_urls=(there.address,), tsa_roots_file=made.roots_file)
        bench.tools = replace(bench.tools, time_stamper=time_stamper_of(settings))
        yield made


def test_openssl_stamps_what_is_sent_and_verifies_what_is_kept(
    bench: Bench, real_tsa: OpensslTsa
) -> None:
    bench.prepared()
    _round(bench)
    (known,) = _known(bench)
    assert known.obtained is not None, known.reason
    # The bench lives years ago.
    assert "en avance" in (known.obtained.oddity or "")
    token = bench.tools.documents.read(known.obtained.token)
    assert real_tsa.accepts(token, bytes.fromhex(known.sha256))


def test_what_is_missing_for_too_long_is_one_finding_that_closes_once_filled(
    bench: Bench, tsa: PlayedTsa
) -> None:
    tsa.reason = "connexion refusée"
    bench.prepared()
    _round(bench)
    bench.clock.advance(86_399)
    assert _missing(bench) == []
    bench.clock.advance(1)
    (found,) = _missing(bench)
    assert found.message == "1 horodatage manque, le plus ancien demandé le 10 mars 2023."
    assert ["Dernier essai", "connexion refusée."] in found.evidence
    tsa.reason = None
    _round(bench)
    assert _missing(bench) == []


def _missing(bench: Bench) -> list[Any]:
    check_lists(bench.tools, bench.authority_id)
    with bench.engine.connect() as connection:
        open_ones = select(finding).where(
            finding.c.code == "horodatage_manquant", finding.c.closed_at.is_(None)
        )
        return list(connection.execute(open_ones))
