"""The chain of letters, answers and cancellations is stopped at every named point, then goes on.

The stop is an exception that nothing catches, in this process: transactions are rolled back and
bells are lost, as with a worker that dies (which ``test_walk`` does for good).
"""

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tests.support.scene import AUTHOR, Scene, pdf
from transmission import killpoints
from transmission.domain.lifecycle import State
from transmission.domain.transmission import Author, Transmission
from transmission.services.cancel import cancel
from transmission.services.files import DepositedFile
from transmission.services.reply import reply

ID_ACTE = "042-123456782-20230302-D2023_001-DE"
OPERATOR = Author("directrice", "acte rapporté par le conseil")
TAKING = ("inbox.bytes_kept", "inbox.committed", "apply.before_commit", "apply.committed")
SENDING = (
    "prepare.before_commit",
    "prepare.committed",
    "submit.before_intent",
    "submit.after_intent",
    "submit.after_post",
    "submit.after_outcome",
    "collect.bytes_kept",
    "collect.before_commit",
    "collect.committed",
    "apply.before_commit",
    "apply.committed",
)
ROUNDS, ROUND = 12, 60


class StoppedError(BaseException):
    """The process is no more."""


Stop = Callable[[str], Path]


@pytest.fixture
def stop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Stop:
    """Stops the next work that reaches a point, once; the marker says whether it did."""

    def stopped(*_: int) -> None:
        raise StoppedError

    monkeypatch.setattr(os, "kill", stopped)

    def armed(point: str) -> Path:
        marker = tmp_path / "stopped"
        monkeypatch.setitem(killpoints._armed, point, marker)
        return marker

    return armed


@pytest.fixture
def acte_id(scene: Scene) -> int:
    """An act that the State has received."""
    taken = scene.accept()
    _goes_on(scene, lambda: scene.transmission(taken.acte_id).state is State.ACKNOWLEDGED)
    return taken.acte_id


def _goes_on(scene: Scene, is_over: Callable[[], bool]) -> None:
    """Work, time and sweeps, with the inbox read each time, until it is over."""
    for _ in range(ROUNDS):
        _works(scene)
        if is_over():
            return
        scene.manage("clock", advance=ROUND)
        scene.clock.advance(ROUND)
    raise AssertionError("not over")


def _works(scene: Scene) -> None:
    with scene.tools.register() as unit:
        unit.ring("inbox", scene.authority_id)
        unit.commit()
    try:
        scene.run()
        scene.later(0)
    except StoppedError:
        scene.rung.clear()


def _letters(scene: Scene, acte_id: int) -> list[int]:
    with scene.tools.register() as unit:
        return [kept.id for kept in unit.courriers_of(acte_id)]


def _sent(scene: Scene, acte_id: int, message: str) -> Transmission:
    with scene.tools.register() as unit:
        (sent,) = unit.transmissions_about(acte_id, message)
    return sent


def _unread(scene: Scene) -> int:
    with scene.tools.register() as unit:
        account = unit.authority(scene.authority_id).collectivite.tdt
    items = scene.tools.tdts.connector(account).inbox()
    assert isinstance(items, list)
    return len(items)


def _received(scene: Scene, code: str) -> int:
    """How many messages of a kind the platform holds about the act."""
    (acte,) = scene.received()["acts"][ID_ACTE]["transactions"]
    related = acte["related"] + [each for one in acte["related"] for each in one["related"]]
    return [each["code"] for each in related].count(code)


def _opened(scene: Scene, acte_id: int, kind: str = "lettre_observations") -> int:
    scene.manage("courrier", kind=kind, id_acte=ID_ACTE, date="2023-03-06")
    _goes_on(scene, lambda: len(_letters(scene, acte_id)) == 1)
    return _letters(scene, acte_id)[0]


@pytest.mark.parametrize("point", TAKING)
def test_a_letter_survives_a_stop_and_opens_one_thread(
    scene: Scene, acte_id: int, stop: Stop, point: str
) -> None:
    scene.manage("courrier", kind="lettre_observations", id_acte=ID_ACTE, date="2023-03-06")
    marker = stop(point)
    _works(scene)
    assert marker.exists()
    assert _letters(scene, acte_id) == []
    _goes_on(scene, lambda: bool(_letters(scene, acte_id)) and not _unread(scene))
    for _ in range(2):
        _works(scene)
    assert len(_letters(scene, acte_id)) == 1
    assert {kept.status for kept in scene.retours()} == {"applied"}
    assert len([kept for kept in scene.retours() if kept.container]) == 1


@pytest.mark.parametrize("point", ["inbox.bytes_kept", "inbox.committed"])
def test_the_platform_forgets_a_letter_only_once_it_is_committed_here(
    scene: Scene, acte_id: int, stop: Stop, point: str
) -> None:
    del acte_id
    scene.manage("courrier", kind="defere_ta", id_acte=ID_ACTE, date="2023-03-06")
    stop(point)
    _works(scene)
    assert _unread(scene) == 1
    kept = [kept for kept in scene.retours() if kept.container]
    assert len(kept) == (1 if point == "inbox.committed" else 0)


@pytest.mark.chaos
@pytest.mark.parametrize("point", SENDING)
def test_an_answer_survives_a_stop_and_is_received_once(
    scene: Scene, acte_id: int, stop: Stop, tmp_path: Path, point: str
) -> None:
    courrier_id = _opened(scene, acte_id)
    scene.manage("reception-date", mode="fixed", date="2023-03-15")
    path = tmp_path / "reponse.pdf"
    path.write_bytes(pdf("Réponse"))
    reply(scene.tools, courrier_id, "4-4", [DepositedFile(path, "réponse.pdf")], AUTHOR)
    marker = stop(point)
    _goes_on(scene, lambda: _sent(scene, acte_id, "4-4").state is State.ACKNOWLEDGED)
    assert marker.exists()
    assert _sent(scene, acte_id, "4-4").date_reception == date(2023, 3, 15)
    assert _received(scene, "4-4") == 1


@pytest.mark.chaos
@pytest.mark.parametrize("point", SENDING)
def test_a_cancellation_survives_a_stop_and_is_received_once(
    scene: Scene, acte_id: int, stop: Stop, point: str
) -> None:
    received_on = scene.transmission(acte_id).date_reception
    scene.manage("reception-date", mode="fixed", date="2023-03-20")
    cancel(scene.tools, acte_id, OPERATOR)
    marker = stop(point)
    _goes_on(scene, lambda: scene.transmission(acte_id).state is State.CANCELLED)
    assert marker.exists()
    assert scene.transmission(acte_id).date_reception == received_on
    assert _sent(scene, acte_id, "6-1").date_reception == date(2023, 3, 20)
    assert _received(scene, "6-1") == 1


@pytest.mark.parametrize("point", ["submit.after_intent", "submit.after_post"])
def test_an_answer_that_is_not_acknowledged_survives_a_stop_and_is_received_once(
    scene: Scene, acte_id: int, stop: Stop, tmp_path: Path, point: str
) -> None:
    courrier_id = _opened(scene, acte_id, "courrier_simple")
    path = tmp_path / "reponse.pdf"
    path.write_bytes(pdf("Réponse"))
    stop(point)
    reply(scene.tools, courrier_id, "2-2", [DepositedFile(path, "réponse.pdf")], AUTHOR)
    _goes_on(scene, lambda: _sent(scene, acte_id, "2-2").state is State.DELIVERED)
    assert _received(scene, "2-2") == 1
