"""Answers on their way: in doubt, held, and taken by a real platform."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from tests.support.bench import Bench
from tests.support.scene import AUTHOR, Scene
from transmission.domain.lifecycle import Event, State
from transmission.domain.outcomes import Absent, Accepted, Found, InDoubt
from transmission.domain.transmission import SERVICE, Author, KeptCourrier, Transmission
from transmission.services.files import DepositedFile
from transmission.services.inbox import inbox
from transmission.services.reconcile import reconcile
from transmission.services.release import release
from transmission.services.reply import reply

ID_ACTE = "042-123456782-20230302-D2023_001-DE"

Give = Callable[..., list[DepositedFile]]
Open = Callable[[str], KeptCourrier]


def _ended(bench: Bench, answer: Transmission, event: Event) -> None:
    with bench.tools.register() as unit:
        unit.move(unit.transmission(answer.id), event, SERVICE, bench.clock.now())
        unit.commit()


# --- doubt -------------------------------------------------------------------------------------


@pytest.mark.parametrize("taken", [True, False])
def test_an_answer_whose_sending_is_in_doubt_is_looked_for_and_never_doubled(
    bench: Bench, thread: Open, give: Give, *, taken: bool
) -> None:
    opened = thread("3-1")
    bench.tdt.on_submit = InDoubt("coupure")
    answer = reply(bench.tools, opened.id, "3-4", give(), AUTHOR).transmission
    bench.run("prepare", "submit")
    assert bench.now_of(answer.id).state is State.IN_DOUBT
    bench.clock.advance(31)
    bench.tdt.on_find, bench.tdt.on_submit = Found("990") if taken else Absent(), Accepted("991")
    before = bench.tdt.times("submit")
    reconcile(bench.tools, answer.id)
    bench.run("submit")
    sent = bench.now_of(answer.id)
    assert (sent.state, sent.reference) == (State.SUBMITTED, "990" if taken else "991")
    assert bench.tdt.times("submit") - before == (0 if taken else 1)
    looked_for = next(about for name, about in bench.tdt.asked if name == "find")
    assert looked_for.stem == f"{answer.id_acte}-3-4"


def test_an_answer_held_while_its_act_is_fine_is_let_go_by_a_person(
    bench: Bench, thread: Open, give: Give
) -> None:
    opened = thread("2-1")
    answer = reply(bench.tools, opened.id, "2-2", give(), AUTHOR).transmission
    _ended(bench, answer, Event.HELD)
    released = release(bench.tools, opened.acte_id, Author("opératrice", "vérifié"))
    assert (released.id, released.state) == (answer.id, State.ACCEPTED)
    (acte,) = bench.about(opened.acte_id, "1-1")
    assert acte.state is State.ACKNOWLEDGED


# --- over the wire -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "code", "end"),
    [
        ("courrier_simple", "2-2", State.DELIVERED),
        ("demande_piece_complementaire", "3-3", State.ACKNOWLEDGED),
        ("demande_piece_complementaire", "3-4", State.ACKNOWLEDGED),
        ("lettre_observations", "4-3", State.ACKNOWLEDGED),
        ("lettre_observations", "4-4", State.ACKNOWLEDGED),
    ],
)
def test_an_answer_is_received_by_a_real_platform_and_comes_to_its_end(
    scene: Scene, give: Give, kind: str, code: str, end: State
) -> None:
    taken = scene.accept()
    scene.run()
    scene.later(30)
    scene.manage("courrier", kind=kind, id_acte=ID_ACTE, date="2023-03-06")
    scene.manage("reception-date", mode="fixed", date="2023-03-15")
    inbox(scene.tools, scene.authority_id)
    scene.run()
    with scene.tools.register() as unit:
        (opened,) = unit.courriers_of(taken.acte_id)
    answer = reply(scene.tools, opened.id, code, give(), AUTHOR).transmission
    scene.run()
    scene.manage("clock", advance=timedelta(hours=1).total_seconds())
    for _ in range(4):
        scene.later(60)
    with scene.tools.register() as unit:
        ended = unit.transmission(answer.id)
    assert ended.state is end
    assert ended.date_reception == (None if code == "2-2" else date(2023, 3, 15))
    (acte,) = scene.received()["acts"][ID_ACTE]["transactions"]
    (written,) = acte["related"]
    assert [each["code"] for each in written["related"] if each["code"] == code] == [code]


@pytest.mark.parametrize("fault", ["cut_after_accept", "cut_before_body"])
def test_an_answer_cut_on_its_way_is_received_once_by_a_real_platform(
    scene: Scene, give: Give, fault: str
) -> None:
    taken = scene.accept()
    scene.run()
    scene.later(30)
    scene.manage("courrier", kind="lettre_observations", id_acte=ID_ACTE, date="2023-03-06")
    inbox(scene.tools, scene.authority_id)
    scene.run()
    with scene.tools.register() as unit:
        (opened,) = unit.courriers_of(taken.acte_id)
    scene.manage("faults", fault=fault, paths=["actes_transac_reponse_create.php"])
    answer = reply(scene.tools, opened.id, "4-4", give(), AUTHOR).transmission
    scene.run()
    for _ in range(4):
        scene.later(60)
    with scene.tools.register() as unit:
        assert unit.transmission(answer.id).state is State.ACKNOWLEDGED
    (acte,) = scene.received()["acts"][ID_ACTE]["transactions"]
    (written,) = acte["related"]
    assert [each["code"] for each in written["related"]].count("4-4") == 1
