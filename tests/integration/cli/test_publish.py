"""``transmission publish``: on line by the register or elsewhere, off line again."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.support.scene import Scene
from transmission.clock import civil_day
from transmission.domain.publication import PublishedCopy

Run = Callable[..., SimpleNamespace]


def current(served: Scene, acte_id: int) -> PublishedCopy | None:
    with served.tools.register() as unit:
        return unit.current_copy(acte_id)


@pytest.fixture
def today(served: Scene) -> str:
    """The authority's day, as the commands see it."""
    return civil_day(served.clock.now(), "Europe/Paris").isoformat()


def test_an_act_received_is_put_on_the_register(
    run: Run, received: SimpleNamespace, served: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRANSMISSION_REGISTER_PUBLIC_URL", "https://actes.example.org/")
    ended = run("publish", "D2023_001", "--le", "2023-03-10", "--registre")
    assert ended.code == 0, ended.err
    copy = current(served, received.id)
    assert copy is not None
    assert copy.is_served
    assert ended.out == (
        "Acte D2023_001 : mis en ligne le 10/03/2023.\n"
        f"Adresse : https://actes.example.org/123456782/actes/{copy.id}\n"
        "À garder en ligne au moins jusqu'au 10/05/2023 inclus.\n"
    )
    assert "gardez la preuve" in ended.err


def test_before_its_ar_an_act_is_not_put_on_the_register(run: Run, send: Run) -> None:
    send()
    ended = run("publish", "D2023_001", "--le", "2023-03-10", "--registre")
    assert ended.code == 1
    assert ended.err.startswith("Acte D2023_001 : ")
    assert "n'est pas encore arrivé" in ended.err


def test_an_act_elsewhere_is_recorded_with_its_address(
    run: Run, received: SimpleNamespace, served: Scene
) -> None:
    address = "https://www.example.org/acte.pdf"
    ended = run("publish", "D2023_001", "--le", "2023-03-10", "--adresse", address)
    assert (ended.code, ended.err) == (0, "")
    assert f"Adresse : {address}\n" in ended.out
    copy = current(served, received.id)
    assert copy is not None
    assert (copy.address, copy.is_served) == (address, False)


def test_an_act_is_taken_off_line_with_a_reason_and_on_purpose(
    run: Run, received: SimpleNamespace, served: Scene, today: str
) -> None:
    assert run("publish", "D2023_001", "--le", today, "--registre").code == 0
    refused = run("publish", "D2023_001", "--retirer", "--motif", "des noms y figurent")
    assert refused.code == 1
    assert "doit rester public" in refused.err
    assert current(served, received.id) is not None
    ended = run("publish", "D2023_001", "--retirer", "--motif", "des noms y figurent", "--forcer")
    assert (ended.code, ended.out) == (0, "Acte D2023_001 : n'est plus en ligne.\n")
    assert "interrompue" in ended.err
    assert current(served, received.id) is None


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((), "--le"),
        (("--registre",), "--le"),
        (("--retirer", "--le", "2023-03-10"), "--retirer va seul"),
        (("--retirer", "--registre"), "--retirer va seul"),
        (("--retirer", "--adresse", "https://x.example/a"), "--retirer va seul"),
        (("--le", "2023-03-10", "--forcer"), "--forcer ne va qu'avec --retirer"),
    ],
)
def test_one_thing_is_asked_at_a_time(
    run: Run, received: SimpleNamespace, options: tuple[str, ...], told: str
) -> None:
    ended = run("publish", "D2023_001", *options)
    assert ended.code == 2
    assert told in ended.err


def test_an_individual_act_needs_a_reason_to_be_served(
    run: Run, served: Scene, send: Run, folder: Path
) -> None:
    send("--nature", "AI", "--numero", "A2023_001", "--matiere", "4.1")
    served.run()
    served.later(30)
    options = ("publish", "A2023_001", "--le", "2023-03-10", "--registre")
    assert "se notifie" in run(*options).err
    assert "motif" in run(*options, "--individuel").err
    ended = run(*options, "--individuel", "--motif", "permis de construire")
    assert ended.code == 0, ended.err
    assert "individuel" in ended.err
