"""``quarantine``, ``attach``, ``set-aside``: a person says of which act a retour is."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from tests.support.scene import Scene

Run = Callable[..., SimpleNamespace]
Quarantined = Callable[[bytes], int]


@pytest.fixture
def misnamed(served: Scene, write: Callable[..., int], quarantined: Quarantined) -> int:
    """A letter that names an act which nobody handed over."""
    number = write("lettre_observations", text="Sans convention.")
    with served.tools.register() as unit:
        content = served.tools.documents.read(unit.courrier(number).file)
    return quarantined(content.replace(b"D2023_001", b"D2023_999"))


def test_the_quarantine_is_listed_with_the_numbers_that_other_commands_want(
    run: Run, misnamed: int
) -> None:
    out = run("quarantine").out
    assert out.startswith(f"Retour n° {misnamed}\n")
    assert "Commune de Saint-Exemple" in out
    assert "Lettre d'observations" in out
    assert "-4-1_7.xml" in out
    assert "Motif" in out
    assert all(len(line) <= 80 for line in out.splitlines())
    assert run("quarantine", "--siren", "732829320").out == "Aucun retour n'est en quarantaine.\n"


def test_a_letter_attached_by_hand_opens_its_thread(run: Run, misnamed: int) -> None:
    ended = run("attach", misnamed, "--acte", "D2023_001", "--motif", "vu au téléphone")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == f"Retour n° {misnamed} : rattaché à l'acte D2023_001 et pris en compte.\n"
    assert run("courriers", "D2023_001").out.count("Lettre d'observations") == 2
    assert run("quarantine").out == "Aucun retour n'est en quarantaine.\n"


def test_what_cannot_be_read_is_only_kept_with_the_act(
    run: Run, received: SimpleNamespace, quarantined: Quarantined
) -> None:
    number = quarantined(b"Bonjour")
    ended = run("attach", number, "--acte", "D2023_001", "--motif", "à lui")
    assert ended.code == 0
    assert "gardé avec l'acte D2023_001, qui reste comme il est" in ended.out
    assert "Pourquoi : " in ended.out
    assert run("quarantine").out == "Aucun retour n'est en quarantaine.\n"


def test_a_retour_that_concerns_no_act_leaves_the_desk(
    run: Run, served: Scene, quarantined: Quarantined
) -> None:
    number = quarantined(b"Bonjour")
    ended = run("set-aside", number, "--motif", "publicité", "--par", "DGS")
    assert (ended.code, ended.out) == (0, f"Retour n° {number} : classé sans suite.\n")
    assert run("quarantine").out == "Aucun retour n'est en quarantaine.\n"
    again = run("set-aside", number, "--motif", "publicité")
    assert again.code == 1
    assert "n'est pas en quarantaine (Classée sans suite)" in again.err


@pytest.mark.parametrize("command", [("attach", "--acte", "D2023_001"), ("set-aside",)])
def test_a_decision_about_a_retour_has_a_reason_and_a_retour(
    run: Run, received: SimpleNamespace, command: tuple[str, ...]
) -> None:
    name, *rest = command
    assert run(name, "1", *rest).code == 2
    assert run(name, "x", *rest, "--motif", "m").code == 2
    ended = run(name, "999", *rest, "--motif", "m")
    assert (ended.code, ended.out) == (1, "")
    assert "Aucun retour n° 999" in ended.err
