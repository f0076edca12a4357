"""Nothing leaves that an antivirus has not seen to be clean, by whatever way it came."""

import ast
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

import transmission.services as services
from tests.support.antivirus import NAME, VIRUS, PlayedClamd, clamd
from tests.support.bench import Bench
from tests.support.prefecture import Prefecture, letter
from tests.support.scene import AUTHOR, pdf
from transmission.domain.acceptance import Form
from transmission.domain.lifecycle import State
from transmission.domain.transmission import Author, KeptCourrier, StoredFile, Transmission
from transmission.outbound.clamd import Clamd
from transmission.services.accept import Deposit, accept
from transmission.services.files import DepositedFile
from transmission.services.prepare import prepare
from transmission.services.release import release
from transmission.services.reply import reply
from transmission.services.screen import (
    InfectedFileError,
    require_not_infected,
    screen,
    screen_arrivals,
)
from transmission.services.send import send
from transmission.services.submit import submit
from transmission.services.sweep import sweep
from transmission.store.tables import journal, transmission
from transmission.store.tables_protection import scan

INFECTED = pdf("Plan") + VIRUS
Open = Callable[[str], KeptCourrier]
Give = Callable[..., list[DepositedFile]]


@pytest.fixture
def antivirus(bench: Bench) -> Iterator[PlayedClamd]:
    with clamd() as played:
        bench.tools = replace(bench.tools, scanner=Clamd(played.address, wait=5))
        yield played


def due(bench: Bench) -> None:
    with bench.engine.begin() as connection:
        now = bench.clock.now()
        waiting = transmission.c.next_attempt_at.is_not(None)
        connection.execute(update(transmission).where(waiting).values(next_attempt_at=now))


def turn(bench: Bench) -> None:
    due(bench)
    send(bench.tools, bench.authority_id)


def test_without_an_antivirus_nothing_is_looked_at(bench: Bench) -> None:
    made = bench.acte(contents=(INFECTED,))
    turn(bench)
    assert bench.now_of(made.id).state is State.SUBMITTED


def test_what_is_clean_leaves_and_each_content_is_looked_at_once(
    bench: Bench, antivirus: PlayedClamd
) -> None:
    made = [bench.acte(contents=(pdf(), pdf("Plan"))) for _ in range(3)]
    turn(bench)
    assert {bench.now_of(each.id).state for each in made} == {State.SUBMITTED}
    assert sorted(antivirus.shown) == sorted([pdf(), pdf("Plan")])
    with bench.engine.connect() as connection:
        assert {row.base for row in connection.execute(select(scan))} == {antivirus.version}


def test_an_infected_act_is_held_told_and_handed_to_nobody_and_the_others_leave(
    bench: Bench, antivirus: PlayedClamd
) -> None:
    fine, sick, other = (
        bench.acte(contents=content) for content in ((pdf(),), (pdf("A"), INFECTED), (pdf("B"),))
    )
    turn(bench)
    held = bench.now_of(sick.id)
    assert held.state is State.HELD
    assert NAME in (held.waiting_for or "")
    assert "piece-2.pdf" in (held.waiting_for or "")
    assert {bench.now_of(each.id).state for each in (fine, other)} == {State.SUBMITTED}
    assert len(bench.parcels()) == 2
    with bench.tools.register() as unit:
        good, bad = (each.file for each in unit.pieces_sent(held))
        require_not_infected(unit, good)
        with pytest.raises(InfectedFileError, match=NAME):
            require_not_infected(unit, bad)
    with bench.engine.connect() as connection:
        (told,) = connection.execute(select(journal.c.details).where(journal.c.event == "held"))
    assert told.details == {
        "fichier": "« piece-2.pdf » (fichier 2)", "sha256": bad.sha256, "virus": NAME,
    }  # fmt: skip
    assert antivirus.shown.count(INFECTED) == 1


def test_a_person_who_lets_go_an_infected_act_sends_nothing_until_it_is_cleared(
    bench: Bench, antivirus: PlayedClamd
) -> None:
    made = bench.acte(contents=(INFECTED,))
    turn(bench)
    release(bench.tools, made.acte_id, Author("opératrice", "je crois à une erreur"))
    turn(bench)
    assert bench.now_of(made.id).state is State.HELD
    assert len(antivirus.shown) == 1
    bench.clock.advance(60)
    antivirus.version, antivirus.virus = "ClamAV 1.4.2/27501/Tue", b"nothing of that"
    release(bench.tools, made.acte_id, Author("opératrice", "signatures corrigées"))
    turn(bench)
    assert bench.now_of(made.id).state is State.SUBMITTED
    assert len(antivirus.shown) == 2


@pytest.mark.parametrize("fault", ["away", "wrong", "too long"])
def test_what_is_unknown_waits_says_why_and_leaves_once_it_is_known(
    bench: Bench, antivirus: PlayedClamd, fault: str
) -> None:
    antivirus.away = fault == "away"
    antivirus.instead = b"stream: broken ERROR\0" if fault == "wrong" else None
    antivirus.largest = 10 if fault == "too long" else antivirus.largest
    made = bench.acte()
    turn(bench)
    waiting = bench.now_of(made.id)
    assert (waiting.state, waiting.claims) == (State.ACCEPTED, 0)
    assert "antivirus" in (waiting.waiting_for or "")
    assert waiting.next_attempt_at is not None
    assert waiting.next_attempt_at > bench.clock.now()
    assert bench.parcels() == []
    antivirus.away, antivirus.instead, antivirus.largest = False, None, 1 << 30
    bench.clock.advance(60)
    sweep(bench.tools)
    bench.run()
    assert bench.now_of(made.id).state is State.SUBMITTED


def test_an_antivirus_that_goes_away_takes_back_nothing_that_it_knew(
    bench: Bench, antivirus: PlayedClamd
) -> None:
    bench.acte(contents=(pdf(),))
    bench.acte(contents=(INFECTED,))
    turn(bench)
    antivirus.away = True
    again, sick = bench.acte(contents=(pdf(),)), bench.acte(contents=(INFECTED,))
    turn(bench)
    assert bench.now_of(again.id).state is State.SUBMITTED
    assert bench.now_of(sick.id).state is State.HELD


def test_what_was_prepared_before_there_was_an_antivirus_is_looked_at_before_it_leaves(
    bench: Bench, antivirus: PlayedClamd
) -> None:
    fine, sick = bench.prepared(contents=(pdf(),)), bench.prepared(contents=(INFECTED,))
    turn(bench)
    assert bench.now_of(fine.id).state is State.SUBMITTED
    assert bench.now_of(sick.id).state is State.HELD
    assert len(antivirus.shown) == 2


@pytest.mark.usefixtures("antivirus")
def test_the_last_step_lets_nothing_leave_that_nobody_looked_at(bench: Bench) -> None:
    made = bench.prepared()
    submit(bench.tools, bench.now_of(made.id))
    assert bench.tdt.times("submit") == 0
    waiting = bench.now_of(made.id)
    assert waiting.state is State.PREPARED
    assert "antivirus" in (waiting.waiting_for or "")
    assert screen(bench.tools, waiting)
    submit(bench.tools, bench.now_of(made.id))
    assert bench.now_of(made.id).state is State.SUBMITTED


def test_a_parcel_is_given_to_a_tdt_in_one_place_which_asks_first() -> None:
    """Whatever entrance an act came by, this is the only way out."""
    calls = [
        (path.name, node)
        for path in Path(str(services.__file__)).parent.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "submit"
        and "connector" in ast.unparse(node.func)
    ]
    assert [name for name, _ in calls] == ["submit.py"]


def test_an_infected_answer_to_the_prefecture_is_held(
    bench: Bench, thread: Open, give: Give, request: pytest.FixtureRequest
) -> None:
    opened = thread("2-1")
    request.getfixturevalue("antivirus")
    answer = reply(bench.tools, opened.id, "2-2", give(INFECTED), AUTHOR).transmission
    before = len(bench.parcels())
    turn(bench)
    assert bench.now_of(answer.id).state is State.HELD
    assert len(bench.parcels()) == before


def test_an_infected_document_of_the_state_is_kept_told_once_and_handed_to_nobody(
    bench: Bench, antivirus: PlayedClamd, prefecture: Prefecture
) -> None:
    bench.classified()
    antivirus.away = True
    acte = bench.prepared()
    antivirus.away = False
    turn(bench)
    bench.acknowledged()
    sent = bench.now_of(acte.id)
    prefecture.sends(letter("2-1", sent.id_acte, contents=(INFECTED,)), reference="812")
    antivirus.away = True
    assert screen_arrivals(bench.tools) == 0
    antivirus.away = False
    assert screen_arrivals(bench.tools) == 1
    assert screen_arrivals(bench.tools) == 0
    with bench.engine.connect() as connection:
        told = connection.execute(select(journal).where(journal.c.event == "document_infecte"))
        (row,) = told
        (kept,) = connection.execute(select(scan).where(scan.c.verdict == "infecte"))
    assert NAME in row.reason
    with bench.tools.register() as unit, pytest.raises(InfectedFileError):
        require_not_infected(unit, StoredFile(kept.sha256, 0))


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_happens_no_parcel_holds_what_was_not_seen_to_be_clean(
    bench: Bench, antivirus: PlayedClamd, tmp_path: Path, seed: int
) -> None:
    bench.classified()
    play = _Play(bench, antivirus, tmp_path, random.Random(seed))
    bench.tdt.on_submit = play.judged(bench.tdt.on_submit)
    for _ in range(40):
        play.step()
    antivirus.away, antivirus.instead = False, None
    for _ in range(3):
        bench.clock.advance(3600)
        turn(bench)
    assert play.left > 5
    assert play.wrong == []
    states = {bench.now_of(each.id).state for each in play.made}
    assert states <= {State.SUBMITTED, State.HELD}
    assert State.HELD in states


class _Play:
    """Acts that come by every way, an antivirus of every mood, hands that let go what is held."""

    def __init__(
        self, bench: Bench, antivirus: PlayedClamd, folder: Path, dice: random.Random
    ) -> None:
        self.bench, self.antivirus, self.folder, self.dice = bench, antivirus, folder, dice
        self.made: list[Transmission] = []
        self.wrong: list[str] = []
        self.left = 0

    def judged(self, usual: Any) -> Any:
        def submitted(parcel: Any) -> Any:
            self.left += 1
            for document in parcel.documents:
                with document.open() as opened:
                    content = opened.read()
                if VIRUS in content or content not in self.antivirus.shown:
                    self.wrong.append(document.nom_fichier)
            return usual(parcel)

        return submitted

    def step(self) -> None:
        self.dice.choice(
            [self._acte, self._acte, self._deposit, self._early, self._mood, self._mood,
             self._turn, self._turn, self._halves, self._release, self._sweep]
        )()  # fmt: skip

    def _content(self) -> bytes:
        one = self.dice.randrange(1000)
        return pdf(f"Texte {one}") + (VIRUS if self.dice.random() < 0.25 else b"")

    def _acte(self) -> None:
        contents = tuple(self._content() for _ in range(self.dice.randint(1, 3)))
        self.made.append(self.bench.acte(contents=contents))

    def _deposit(self) -> None:
        number = f"R{len(self.made):04d}"
        path = self.folder / f"{number}.pdf"
        path.write_bytes(pdf(f"Remis {number}"))
        form = Form(number, "2023-03-02", "DE", "7.5", "Objet")
        taken = accept(
            self.bench.tools, "123456782", Deposit(form, (DepositedFile(path, "a.pdf"),)), AUTHOR
        )
        with self.bench.tools.register() as unit:
            self.made.append(unit.current_transmission(taken.acte_id))

    def _early(self) -> None:
        early = self.bench.acte(contents=(self._content(),))
        prepare(self.bench.tools, early)
        self.made.append(early)

    def _mood(self) -> None:
        self.bench.clock.advance(1)
        self.antivirus.away = self.dice.random() < 0.5
        self.antivirus.instead = self.dice.choice([None, None, b"stream: busy ERROR\0"])
        self.antivirus.version = f"ClamAV 1/{self.dice.randrange(3)}/x"

    def _turn(self) -> None:
        turn(self.bench)

    def _halves(self) -> None:
        for each in self.made[-3:]:
            submit(self.bench.tools, self.bench.now_of(each.id))

    def _release(self) -> None:
        for each in self.made:
            if self.bench.now_of(each.id).state is State.HELD:
                release(self.bench.tools, each.acte_id, Author("opératrice", "essai"))

    def _sweep(self) -> None:
        self.bench.clock.advance(timedelta(minutes=2).total_seconds())
        sweep(self.bench.tools)
        self.bench.run()
