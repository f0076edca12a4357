"""Whether the platform has a parcel: found, absent, or unknown."""

from collections.abc import Callable
from typing import Any

import pytest

from transmission.domain.outcomes import (
    Absent,
    CannotTell,
    Found,
)
from transmission.ports import Parcel, TdtConnector

UNKNOWN = b"KO\nNum\xc3\xa9ro de transaction invalide"


def item(reference: str, **changes: str) -> dict[str, str]:
    return {"id": reference, "number": "D2026_07", "date": "2026-03-12", "type": "1"} | changes


def test_an_act_is_found_by_the_name_of_its_xml_then_by_number_and_date(
    server: Any, steps: Any, enveloppe: TdtConnector, parcel: Parcel
) -> None:
    others = [
        item("1", number="D2026_08"),
        item("2", date="2026-03-11"),
        item("3", type="6"),
    ]
    server.steps = [steps.says(b"OK\n2\n")]
    server.scripts = {"list_actes.php": steps.lists({"2": [*others, item("4711")]})}
    assert enveloppe.find(parcel) == Found("4711")
    assert server.requests[0].target == (
        "/modules/actes/actes_transac_get_status.php"
        "?unique_id=042-123456782-20260312-D2026_07-DE-1-1&api=1"
    )


def test_an_act_is_found_on_a_later_page_even_if_the_server_gives_small_ones(
    server: Any, steps: Any, enveloppe: TdtConnector, parcel: Parcel
) -> None:
    listed = [item(str(n), number=f"A{n}") for n in range(7)] + [item("4711")]
    server.steps = [steps.says(b"OK\n4\n")]
    server.scripts = {"list_actes.php": steps.lists({"4": listed}, page=3)}
    assert enveloppe.find(parcel) == Found("4711")


@pytest.mark.parametrize("code", ["5", "12", "0", "-1", "42"])
def test_an_act_is_found_in_whatever_status_the_platform_says(
    server: Any, steps: Any, enveloppe: TdtConnector, parcel: Parcel, code: str
) -> None:
    server.steps = [steps.says(f"OK\n{code}\n".encode())]
    server.scripts = {"list_actes.php": steps.lists({code: [item("4711")]})}
    assert enveloppe.find(parcel) == Found("4711")


def test_an_act_that_moves_while_we_look_is_met_further_on(
    server: Any, steps: Any, enveloppe: TdtConnector, parcel: Parcel
) -> None:
    server.steps = [steps.says(b"OK\n1\n")]
    server.scripts = {"list_actes.php": steps.lists({"3": [item("4711")]})}
    assert enveloppe.find(parcel) == Found("4711")


def test_a_living_act_hides_an_older_one_that_was_refused(
    server: Any, steps: Any, enveloppe: TdtConnector, parcel: Parcel
) -> None:
    server.steps = [steps.says(b"OK\n-1\nancien refus")]
    server.scripts = {"list_actes.php": steps.lists({"-1": [item("12")], "3": [item("4711")]})}
    assert enveloppe.find(parcel) == Found("4711")


def test_several_candidates_decide_nothing(
    server: Any, steps: Any, enveloppe: TdtConnector, parcel: Parcel
) -> None:
    server.steps = [steps.says(b"OK\n3\n")]
    server.scripts = {"list_actes.php": steps.lists({"3": [item("4711"), item("4712")]})}
    found = enveloppe.find(parcel)
    assert isinstance(found, CannotTell)
    assert "4711, 4712" in found.reason


def test_an_act_that_is_nowhere_is_absent(
    server: Any, steps: Any, enveloppe: TdtConnector, parcel: Parcel
) -> None:
    server.steps = [steps.says(UNKNOWN)]
    server.scripts = {"list_actes.php": steps.lists({"3": [item("1", number="AUTRE")]})}
    assert enveloppe.find(parcel) == Absent()


def test_an_act_whose_status_is_refused_to_us_is_found_in_the_lists(
    server: Any, steps: Any, enveloppe: TdtConnector, parcel: Parcel
) -> None:
    server.steps = [steps.says("KO\nAccès refusé".encode())]
    server.scripts = {"list_actes.php": steps.lists({"3": [item("4711")]})}
    assert enveloppe.find(parcel) == Found("4711")


def test_an_act_that_is_known_but_not_listed_decides_nothing(
    server: Any, steps: Any, enveloppe: TdtConnector, parcel: Parcel
) -> None:
    server.steps = [steps.says(b"OK\n3\n")]
    server.scripts = {"list_actes.php": steps.lists({})}
    found = enveloppe.find(parcel)
    assert isinstance(found, CannotTell)
    assert "statut 3 : transmis" in found.reason


@pytest.mark.parametrize(
    "listed",
    [
        lambda s: s.says(b"KO\nconnexion refus\xe9e"),
        lambda s: s.says(b"<html>"),
        lambda s: s.says(b"", "500 Internal Server Error"),
        lambda s: s.says(b"", "302 Found", "Location: /login.php"),
        lambda s: s.resets_after_the_body,
    ],
    ids=["KO", "page", "500", "302", "reset"],
)
def test_absence_is_never_said_without_the_lists(
    server: Any,
    steps: Any,
    enveloppe: TdtConnector,
    parcel: Parcel,
    listed: Callable[[Any], Any],
) -> None:
    server.steps = [steps.says(UNKNOWN)]
    server.scripts = {"list_actes.php": listed(steps)}
    assert isinstance(enveloppe.find(parcel), CannotTell)


def test_a_list_without_end_decides_nothing(
    server: Any, steps: Any, enveloppe: TdtConnector, parcel: Parcel
) -> None:
    endless = b'{"transactions": [{"id": "1", "number": "A", "date": "x", "type": "1"}]}'
    server.steps = [steps.says(UNKNOWN)]
    server.scripts = {"list_actes.php": steps.says(endless)}
    found = enveloppe.find(parcel)
    assert isinstance(found, CannotTell)
    assert "trop d'actes" in found.reason
