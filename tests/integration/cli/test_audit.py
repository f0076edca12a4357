"""``audit`` on the register of a scene: what it says, and how it ends."""

import json
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from tests.support.scene import SIREN, Scene
from transmission.services.audit_round import carry_on

Run = Callable[..., SimpleNamespace]


@pytest.fixture
def altered(served: Scene) -> Scene:
    """A scene with two acts taken in charge; the object of the second one was changed since."""
    served.accept("D2023_001")
    second = served.accept("D2023_002").acte_id
    with served.engine.begin() as connection:
        connection.execute(
            text("UPDATE acte SET objet = 'Autre' WHERE id = :acte"), {"acte": second}
        )
    return served


def test_a_difference_is_told_with_its_place_and_what_to_do(altered: Scene, run: Run) -> None:
    ended = run("audit")
    assert ended.code == 1
    assert "[depot] collectivité 123456782, acte D2023_002" in ended.out
    assert "À faire" in ended.out
    assert ended.out.endswith("2 acte(s) relu(s) : 1 différence(s).\n")


@pytest.mark.parametrize(
    ("options", "actes", "code"),
    [
        (["--acte", "D2023_001"], 1, 0),
        (["--acte", "D2023_002"], 1, 1),
        (["--siren", SIREN], 2, 1),
        (["--depuis", "2100-01-01"], 0, 0),
        (["--debit", "1000"], 2, 1),
    ],
)
def test_what_is_reread_is_what_was_asked(
    altered: Scene, run: Run, options: list[str], actes: int, code: int
) -> None:
    ended = run("audit", *options, "--json")
    document = json.loads(ended.out)
    assert (document["actes"], ended.code) == (actes, code)
    assert [each["genre"] for each in document["differences"]] == ["depot"] * code
    assert document["non_lus"] == []


def test_what_cannot_be_read_is_another_end(
    served: Scene, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.accept("D2023_001")

    def away(*_: object) -> None:
        raise OSError("disque absent")

    monkeypatch.setattr("transmission.store.documents.DiskDocumentStore.open", away)
    ended = run("audit")
    assert ended.code == 3
    assert "disque absent" in ended.out


def test_the_background_round_is_told(altered: Scene, run: Run) -> None:
    assert "Aucune relecture" in run("audit", "--etat").out
    tools = replace(altered.tools, audit_days=1)
    carry_on(tools)
    altered.clock.advance(86_400)
    carry_on(tools)
    ended = run("audit", "--etat")
    assert (ended.code, "Dernière relecture complète : n° 1" in ended.out) == (1, True)
    document = json.loads(run("audit", "--etat", "--json").out)
    (known,) = document["differences"]
    assert (known["genre"], known["lieu"]["acte"]) == ("depot", "D2023_002")
    assert document["derniere_complete"]["relus"] == 2
