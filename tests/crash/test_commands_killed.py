"""A command is stopped dead while it hands something over, then given again: it is one act."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.service import PATIENCE, Service
from tests.support.stories import (
    ANSWER,
    acknowledged,
    all_over,
    id_acte,
    lettered,
    threads,
    written,
)
from transmission.embedded.processes import wait_until
from transmission.killpoints import POINTS

Command = Sequence[str]
_STORE = [point for point in POINTS if point.startswith("register.")]
_FILES = [point for point in POINTS if point.startswith("documents.")] + _STORE
_TAKING = [point for point in POINTS if point.startswith("accept.")] + _FILES


def test_an_act_handed_over_again_after_a_crash_is_received_once(service: Service) -> None:
    def command(rank: int) -> Command:
        document = written(service.logs, f"acte-{rank}.pdf", "Délibération")
        act = (
            "--date",
            "2023-03-02",
            "--nature",
            "DE",
            "--matiere",
            "7.5",
            "--objet",
            "Subvention",
        )
        return ("send", str(document), "--numero", f"D2023_{rank:03d}", *act)

    told = _killed_then_given_again(service, _TAKING, command)
    already = {point for point, answer in told.items() if "déjà remis" in answer.stdout}
    assert already == {"accept.committed", "register.committed"}
    assert {answer.returncode for answer in told.values()} == {0}
    _goes_on(service)
    acts = service.scene.received()["acts"]
    assert acts.keys() == {id_acte(f"D2023_{rank:03d}") for rank in range(len(_TAKING))}


@pytest.mark.chaos
def test_an_answer_given_again_after_a_crash_is_received_once(service: Service) -> None:
    letters = [threads(service.scene, each)[0] for each in lettered(service.scene, "D2023", 4)]

    def command(rank: int) -> Command:
        document = written(service.logs, f"reponse-{rank}.pdf", "Réponse")
        return ("reply", str(letters[rank]), str(document), "--message", ANSWER)

    told = _killed_then_given_again(service, _FILES, command)
    assert {answer.returncode for answer in told.values()} == {0}
    _goes_on(service)
    assert service.scene.received()["totals"]["messages"][ANSWER] == len(_FILES)


def test_a_cancellation_asked_for_again_after_a_crash_is_received_once(service: Service) -> None:
    acknowledged(service.scene, "D2023", 2)

    def command(rank: int) -> Command:
        return ("cancel", f"D2023_{rank:03d}", "--motif", "acte rapporté")

    told = _killed_then_given_again(service, _STORE, command)
    assert told["register.before_commit"].returncode == 0
    assert "déjà" in told["register.committed"].stderr
    _goes_on(service)


def test_a_publication_recorded_again_after_a_crash_is_recorded(service: Service) -> None:
    actes = acknowledged(service.scene, "D2023", 2)

    def command(rank: int) -> Command:
        return ("publish", f"D2023_{rank:03d}", "--le", "2023-03-10")

    told = _killed_then_given_again(service, _STORE, command)
    assert {answer.returncode for answer in told.values()} == {0}
    for acte_id in actes:
        assert "published" in service.scene.events(acte_id)
    service.check()


def _killed_then_given_again(
    service: Service, points: Sequence[str], command: Callable[[int], Command]
) -> dict[str, "subprocess.CompletedProcess[str]"]:
    """What each command answers the second time; the first time it dies at its own point."""

    def twice(rank: int) -> "subprocess.CompletedProcess[str]":
        words, point = command(rank), points[rank]
        killed = _told(service, words, point)
        assert killed.returncode == -9, (point, killed.stdout, killed.stderr)
        return _told(service, words, point)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(points, pool.map(twice, range(len(points))), strict=True))


def _told(service: Service, words: Command, point: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "transmission.cli.main", *words],
        env=service.environment | service.armed([point], words[0]),
        capture_output=True,
        check=False,
        text=True,
        timeout=PATIENCE,
    )


def _goes_on(service: Service) -> None:
    service.start("scheduler")
    service.start("worker", "--pool=solo")
    assert wait_until(lambda: all_over(service.scene), PATIENCE), service.whereabouts()
    service.check()


@pytest.mark.chaos
@pytest.mark.parametrize("passes", range(8))
@pytest.mark.parametrize("point", _FILES)
def test_an_act_handed_over_again_after_a_crash_at_a_later_pass_is_received_once(
    service: Service, point: str, passes: int
) -> None:
    document = written(service.logs, "acte.pdf", "Délibération")
    annex = written(service.logs, "annexe.pdf", "Plan")
    act = ("--date", "2023-03-02", "--nature", "DE", "--matiere", "7.5", "--objet", "Subvention")
    words = ("send", str(document), "--annexe", str(annex), "--numero", "D2023_001", *act)
    killed = _told(service, words, f"{point}+{passes}")
    if killed.returncode == 0:
        pytest.skip(f"{point} is reached {passes} times at most")
    assert killed.returncode == -9, killed.stderr
    assert _told(service, words, f"{point}+{passes}").returncode == 0
    _goes_on(service)
