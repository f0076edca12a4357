"""``user export`` and ``user erase``."""

import json
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from tests.support.people import BY
from tests.support.scene import Scene
from transmission.domain.people import Grant, Role
from transmission.services.accounts import create_person

Run = Callable[..., SimpleNamespace]


@pytest.fixture(autouse=True)
def _known(served: Scene) -> None:
    create_person(served.tools, "agente", "Agente", [Grant(Role.AGENT)], BY)


def test_a_person_takes_their_data_away_as_json(run: Run) -> None:
    told = json.loads(run("user", "export", "agente").out)
    assert told["person"][0]["login"] == "agente"


def test_an_account_is_erased_with_a_reason_and_once(run: Run) -> None:
    ended = run("user", "erase", "agente", "--motif", "départ")
    assert (ended.code, ended.out) == (0, "Compte « agente » effacé.\n")
    ended = run("user", "erase", "agente", "--motif", "départ")
    assert ended.code == 1
    assert "Aucun compte ne s'appelle « agente »" in ended.err


def test_lines_that_keep_a_name_are_counted(run: Run, received: SimpleNamespace) -> None:
    assert run("publish", "D2023_001", "--le", "2023-03-10", "--par", "Agente").code == 0
    ended = run("user", "erase", "agente", "--motif", "départ", "--json")
    assert json.loads(ended.out)["lignes_du_journal"] == 1
