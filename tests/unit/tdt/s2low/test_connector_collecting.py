"""Where a parcel stands, the classification, the account."""

from collections.abc import Callable
from typing import Any

import pytest

from transmission.domain.outcomes import (
    Accepted,
    CannotTell,
    InDoubt,
    Refused,
)
from transmission.ports import Collected, Situation, TdtConnector

UNKNOWN = b"KO\nNum\xc3\xa9ro de transaction invalide"
AR = b'<?xml version="1.0" encoding="ISO-8859-1"?>\n<actes:ARActe actes:x="\xe9"></actes:ARActe>'


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"OK\n1\n", (Situation.WAITING, None, "statut 1 : posté")),
        (b"OK\n3\n", (Situation.WAITING, None, "statut 3 : transmis")),
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


# --- classification and check ------------------------------------------------------------------


def test_a_classification_is_given_to_the_byte_with_its_last_line_end(
    server: Any, steps: Any, enveloppe: TdtConnector
) -> None:
    body = b'<?xml version="1.0" encoding="ISO-8859-1"?>\n<actes:RetourClassification/>\r\n'
    server.steps = [steps.says(body)]
    assert enveloppe.fetch_classification() == body
    assert server.requests[0].target.endswith("actes_classification_fetch.php?api=1")


def test_no_classification_yet_is_none(server: Any, steps: Any, enveloppe: TdtConnector) -> None:
    server.steps = [steps.says(b"KO\nAucune classification\n")]
    assert enveloppe.fetch_classification() is None


def test_a_classification_refused_to_an_unknown_account_is_not_an_absence(
    server: Any, steps: Any, enveloppe: TdtConnector
) -> None:
    server.scripts_probe = True
    server.steps = [steps.says(b"KO\nCompte inconnu\n"), steps.says(b"KO\nCompte inconnu\n")]
    assert enveloppe.fetch_classification() == CannotTell(
        "le TdT ne reconnaît pas le compte : Compte inconnu"
    )


@pytest.mark.parametrize("body", [b"", b"<!DOCTYPE html><html></html>", b"erreur"])
def test_anything_else_than_xml_is_no_classification(
    server: Any, steps: Any, enveloppe: TdtConnector, body: bytes
) -> None:
    server.steps = [steps.says(body)]
    assert isinstance(enveloppe.fetch_classification(), CannotTell)


def test_a_classification_is_asked_for(server: Any, steps: Any, enveloppe: TdtConnector) -> None:
    server.steps = [steps.says(b"OK\n4800\n\n")]
    exchange = enveloppe.request_classification(None)
    assert exchange.outcome == Accepted("4800")
    assert b'name="api"\r\n\r\n1\r\n' in server.posts[0].body
    assert "actes_classification_request.php" in exchange.request


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (lambda s: s.says(b"KO\nD\xe9j\xe0 demand\xe9e\n"), Refused),
        (lambda s: s.resets_after_the_body, InDoubt),
        (lambda s: s.says(b"<html>"), InDoubt),
    ],
)
def test_a_classification_may_be_refused_or_lost(
    server: Any, steps: Any, enveloppe: TdtConnector, step: Callable[[Any], Any], kind: type
) -> None:
    server.steps = [step(steps)]
    assert isinstance(enveloppe.request_classification(None).outcome, kind)
    assert len(server.requests) == 1


@pytest.mark.parametrize("body", [b"OK", b"OK\n"])
def test_a_platform_that_knows_the_account_passes_the_check(
    server: Any, steps: Any, enveloppe: TdtConnector, body: bytes
) -> None:
    server.scripts_probe = True
    server.steps = [steps.says(body)]
    assert enveloppe.check() is None
    assert server.requests[0].target == "/api/test-connexion.php?api=1"


def test_bounds_depend_on_the_mode(connector: TdtConnector, mode: str) -> None:
    assert connector.capabilities.objet_max == 499
    assert connector.capabilities.annexes_max == {"enveloppe": 99, "champs": 19}[mode]
