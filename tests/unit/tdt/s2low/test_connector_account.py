"""The account, its bounds and the classification that the platform holds for it."""

from collections.abc import Callable
from typing import Any

import pytest

from transmission.domain.outcomes import Accepted, CannotTell, InDoubt, Refused
from transmission.ports import Parcel, TdtConnector


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


def test_a_classification_is_asked_for(
    server: Any, steps: Any, enveloppe: TdtConnector, parcel: Parcel
) -> None:
    server.steps = [steps.says(b"OK\n4800\n\n")]
    exchange = enveloppe.request_classification(parcel)
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
    server: Any,
    steps: Any,
    enveloppe: TdtConnector,
    parcel: Parcel,
    step: Callable[[Any], Any],
    kind: type,
) -> None:
    server.steps = [step(steps)]
    assert isinstance(enveloppe.request_classification(parcel).outcome, kind)
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


def test_what_the_platform_can_do_does_not(connector: TdtConnector) -> None:
    can = connector.capabilities
    assert can.has_status
    assert can.lists_waiting
    assert can.sends_receipts
    assert can.gives_classification
    assert can.files_per_reply == 20
