"""Where a transaction stands, and what still waits."""

from collections.abc import Callable
from typing import Any

import pytest

from transmission.domain.outcomes import (
    CannotTell,
)
from transmission.ports import Collected, Situation, TdtConnector

UNKNOWN = b"KO\nNum\xc3\xa9ro de transaction invalide"
AR = b'<?xml version="1.0" encoding="ISO-8859-1"?>\n<actes:ARActe actes:x="\xe9"></actes:ARActe>'


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"OK\n1\n", (Situation.WAITING, None, "statut 1 : posté")),
        (b"OK\n3\n", (Situation.DELIVERED, None, "statut 3 : transmis")),
        (b"OK\n4\n" + AR, (Situation.ANSWERED, AR, "statut 4 : acquittement reçu")),
        (b"OK\n4\n" + AR + b"\r\n", (Situation.ANSWERED, AR + b"\r\n", None)),
        (b"OK\n0\n" + AR, (Situation.ANSWERED, AR, "statut 0 : annulé")),
        (b"OK\n-1\ninfect\xe9", (Situation.REFUSED_BY_TDT, None, "infecté")),
        (b"OK\n-1\n", (Situation.REFUSED_BY_TDT, None, "le TdT n'a pas dit pourquoi")),
        (b"OK\n-1\n" + AR + b"rejet\xe9", (Situation.ANSWERED, AR, "rejeté")),
        (b"OK\n99\nxx", (Situation.UNKNOWN, None, "statut 99 : inconnu de ce connecteur")),
        (b"OK\n21\n", (Situation.UNKNOWN, None, "statut 21 : document reçu (pas d'AR)")),
    ],
)
def test_a_status_says_where_a_parcel_stands(
    server: Any,
    steps: Any,
    enveloppe: TdtConnector,
    body: bytes,
    expected: tuple[Situation, bytes | None, str | None],
) -> None:
    server.steps = [steps.says(body)]
    found = enveloppe.collect("4711")
    assert isinstance(found, Collected)
    assert (found.situation, found.message) == expected[:2]
    assert found.body == body
    assert expected[2] in (None, found.text)
    assert server.requests[0].target.endswith("?transaction=4711&api=1")


def test_an_act_to_confirm_by_hand_says_so(
    server: Any, steps: Any, enveloppe: TdtConnector
) -> None:
    server.steps = [steps.says(b"OK\n17\n")]
    found = enveloppe.collect("4711")
    assert isinstance(found, Collected)
    assert found.situation is Situation.WAITING
    assert "un agent doit le confirmer sur la plateforme" in found.text


@pytest.mark.parametrize("code", [4, 5, 13, 19])
def test_an_ar_that_the_status_no_longer_carries_is_fetched_alone(
    server: Any, steps: Any, enveloppe: TdtConnector, code: int
) -> None:
    server.steps = [steps.says(b"OK\n%d\n" % code), steps.says(AR)]
    found = enveloppe.collect("4711")
    assert isinstance(found, Collected)
    assert (found.situation, found.body, found.message) == (Situation.ANSWERED, AR, AR)
    assert server.requests[1].target == (
        "/modules/actes/actes_transac_get_ARActe.php?id=4711&api=1"
    )


@pytest.mark.parametrize("alone", [b"", b"KO\nAcc\xe8s refus\xe9\n"])
def test_an_ar_announced_but_not_given_is_awaited(
    server: Any, steps: Any, enveloppe: TdtConnector, alone: bytes
) -> None:
    server.steps = [steps.says(b"OK\n4\n"), steps.says(alone)]
    assert enveloppe.collect("4711") == Collected(
        Situation.UNKNOWN,
        b"OK\n4\n",
        None,
        "statut 4 : acquittement reçu, mais aucun accusé n'est fourni",
    )


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (lambda s: s.says(UNKNOWN), "Numéro de transaction invalide"),
        (lambda s: s.says(b"<html>"), "réponse inattendue"),
        (lambda s: s.says(b""), "sans rien dire"),
        (lambda s: s.says(b"", "302 Found", "Location: /login.php"), "code HTTP 302"),
        (lambda s: s.resets_after_the_body, "coupée"),
        (lambda s: s.writes(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nOK\n4\n<"), "coupée"),
    ],
    ids=["KO", "page", "nothing", "302", "reset", "cut"],
)
def test_a_platform_that_does_not_answer_says_nothing_of_a_parcel(
    server: Any,
    steps: Any,
    enveloppe: TdtConnector,
    step: Callable[[Any], Any],
    words: str,
) -> None:
    server.steps = [step(steps)]
    found = enveloppe.collect("4711")
    assert isinstance(found, CannotTell)
    assert words in found.reason


@pytest.mark.parametrize("root", ["ARPieceComplementaire", "ARAnnulation"])
def test_an_answer_or_a_cancellation_is_collected_like_an_act(
    server: Any, steps: Any, enveloppe: TdtConnector, root: str
) -> None:
    xml = f'<a:{root} xmlns:a="x"/>'.encode()
    server.steps = [steps.says(b"OK\n3\n"), steps.says(b"OK\n4\n" + xml)]
    delivered = enveloppe.collect("4755")
    answered = enveloppe.collect("4755")
    assert isinstance(delivered, Collected)
    assert isinstance(answered, Collected)
    assert (delivered.situation, delivered.message) == (Situation.DELIVERED, None)
    assert (answered.situation, answered.message) == (Situation.ANSWERED, xml)


# --- all that waits ----------------------------------------------------------------------------


def listed(*references: str) -> list[dict[str, str]]:
    return [{"id": each, "number": "A", "date": "x", "type": "1"} for each in references]


def test_what_waits_is_told_in_a_few_calls(
    server: Any, steps: Any, enveloppe: TdtConnector
) -> None:
    lists = {
        "17": listed("1"),
        "18": listed("2"),
        "1": listed("3"),
        "2": listed("4"),
        "3": listed("5", "6"),
        "4": listed("7"),
        "-1": listed("8"),
        "8": listed("9"),
    }
    server.scripts = {"list_actes.php": steps.lists(lists)}
    found = enveloppe.waiting()
    assert not isinstance(found, CannotTell)
    waits, delivered = Situation.WAITING, Situation.DELIVERED
    assert {reference: each.situation for reference, each in found.items()} == {
        "1": waits, "2": waits, "3": waits, "4": waits, "5": delivered, "6": delivered
    }  # fmt: skip
    assert found["1"].text.endswith("un agent doit le confirmer sur la plateforme")
    assert found["6"] == Collected(delivered, b"", None, "statut 3 : transmis")
    asked = [request.target.partition("status_id=")[2] for request in server.requests]
    assert asked[:2] == ["17&offset=0&limit=500&api=1", "17&offset=1&limit=500&api=1"]
    assert list(dict.fromkeys(each.partition("&")[0] for each in asked)) == [
        "17", "18", "1", "2", "3"
    ]  # fmt: skip


def test_what_moves_while_we_look_is_told_where_it_was_met_last(
    server: Any, steps: Any, enveloppe: TdtConnector
) -> None:
    lists = {"1": listed("4711"), "3": listed("4711")}
    server.scripts = {"list_actes.php": steps.lists(lists)}
    found = enveloppe.waiting()
    assert not isinstance(found, CannotTell)
    assert [each.situation for each in found.values()] == [Situation.DELIVERED]


@pytest.mark.parametrize(
    "choose",
    [
        lambda s: s.says(b"KO\nnon"),
        lambda s: s.says(b"<html>"),
        lambda s: s.says(b'{"transactions": [{"id": "1", "number": "", "date": "", "type": ""}]}'),
        lambda s: s.resets_after_the_body,
    ],
    ids=["KO", "page", "endless", "reset"],
)
def test_half_a_list_is_not_told(
    server: Any, steps: Any, enveloppe: TdtConnector, choose: Callable[[Any], Any]
) -> None:
    server.scripts = {"list_actes.php": choose(steps)}
    assert isinstance(enveloppe.waiting(), CannotTell)
