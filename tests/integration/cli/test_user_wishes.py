"""``user wishes``: what is told to whom, read and changed from the command line."""

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.people import BY
from tests.support.scene import Scene
from transmission.domain.people import Grant, Role
from transmission.services.accounts import create_person

Run = Callable[..., SimpleNamespace]


@pytest.fixture(autouse=True)
def _known(served: Scene) -> None:
    create_person(served.tools, "juriste", "Juriste", [Grant(Role.AGENT)], BY)


def _wishes(run: Run, *options: str) -> dict[str, Any]:
    document = json.loads(run("user", "wishes", "juriste", "--json", *options).out)
    return {
        "email": document["email"],
        **{each["kind"]: (each["pace"], each["chosen"]) for each in document["wishes"]},
    }


def test_what_is_usual_is_told_as_such(run: Run) -> None:
    found = _wishes(run)
    assert found["email"] is None
    assert found["courrier"] == ("aussitot", False)
    assert found["bloque"] == ("jamais", False)
    said = run("user", "wishes", "juriste").out
    assert "rien ne lui est annoncé" in said
    assert "aussitôt (selon ses rôles)" in said


def test_several_kinds_and_an_address_are_changed_at_once(run: Run) -> None:
    changed = _wishes(
        run, "--kind", "ar", "--kind", "courrier", "--pace", "jamais",
        "--courriel", "j@example.org",
    )  # fmt: skip
    assert changed["ar"] == changed["courrier"] == ("jamais", True)
    assert changed["email"] == "j@example.org"
    assert _wishes(run) == changed
    assert _wishes(run, "--courriel", "")["email"] is None


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--kind", "ar"), 2, "ensemble"),
        (("--pace", "jamais"), 2, "ensemble"),
        (("--kind", "autre", "--pace", "jamais"), 2, "autre"),
        (("--kind", "echeance", "--pace", "aussitot"), 2, "quotidien, jamais"),
        (("--courriel", "pas une adresse"), 1, "n'est pas une adresse"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(
    run: Run, options: tuple[str, ...], code: int, said: str
) -> None:
    before = _wishes(run)
    refused = run("user", "wishes", "juriste", *options)
    assert (refused.code, said in refused.err) == (code, True)
    assert _wishes(run) == before


def test_an_unknown_login_is_said(run: Run) -> None:
    assert run("user", "wishes", "personne").code == 1
