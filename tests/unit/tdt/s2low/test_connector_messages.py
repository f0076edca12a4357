"""What each answer of a platform comes to, when it is given an answer or a cancellation."""

from collections.abc import Callable
from typing import Any

import pytest

from transmission.domain.outcomes import Accepted, Duplicate, InDoubt, Refused, Unavailable
from transmission.ports import Parcel, TdtConnector

NewParcel = Callable[..., Parcel]
ABOUT_SCRIPT = {
    "2-2": "actes_transac_reponse_create.php",
    "3-4": "actes_transac_reponse_create.php",
    "6-1": "actes_transac_cancel.php",
}
LINES = {"2-2": b"2-%d-%d\n", "3-4": b"3-%d-%d\n", "6-1": b"6-%d-%d\n"}
every_message = pytest.mark.parametrize("code", list(ABOUT_SCRIPT))


@every_message
@pytest.mark.parametrize("said", [b"OK\n4755\n\n", "OK : id généré : 4755\n".encode()])
def test_an_accepted_message_has_its_reference_and_its_evidence(
    server: Any, steps: Any, connector: TdtConnector, about: NewParcel, code: str, said: bytes
) -> None:
    server.steps = [steps.says(said)]
    parcel = about(code)
    exchange = connector.submit(parcel)
    (post,) = server.posts
    assert exchange.outcome == Accepted("4755")
    assert post.target == f"/modules/actes/{ABOUT_SCRIPT[code]}"
    about_line = {"6-1": "id 4711\n"}.get(code, "id 4730\n")
    assert about_line in exchange.request
    assert parcel.archive_sha256 in exchange.request
    assert exchange.response.endswith(said)


@every_message
@pytest.mark.parametrize(
    "choose",
    [
        lambda s: s.resets_before_the_body,
        lambda s: s.resets_after_the_body,
        lambda s: s.writes(b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nOK\n47"),
        lambda s: s.says(b"<html>", "302 Found", "Location: /modules/actes/index.php"),
        lambda s: s.says(b"<!DOCTYPE html><html>Bienvenue</html>"),
        lambda s: s.says(b""),
        lambda s: s.says(b"OK\n"),
        lambda s: s.says(b"OK\n1\n4755\n\n"),
        lambda s: s.says(b"", "503 Service Unavailable"),
    ],
    ids=["reset before", "reset", "cut", "302", "page", "nothing", "OK alone", "two", "503"],
)
def test_whatever_is_not_clear_of_a_message_is_a_doubt_after_one_request(
    server: Any,
    steps: Any,
    connector: TdtConnector,
    about: NewParcel,
    code: str,
    choose: Callable[[Any], Any],
) -> None:
    server.steps = [choose(steps)]
    assert isinstance(connector.submit(about(code)).outcome, InDoubt)
    assert len(server.posts) == 1
    assert len(server.requests) == 2


@every_message
def test_a_platform_that_is_closed_is_sent_no_message(
    server: Any, steps: Any, connector: TdtConnector, about: NewParcel, code: str
) -> None:
    server.scripts_probe = True
    server.steps = [steps.says(b"", "503 Service Unavailable")]
    exchange = connector.submit(about(code))
    assert isinstance(exchange.outcome, Unavailable)
    assert exchange.request.endswith("not sent\n")
    assert server.posts == []


@every_message
def test_a_refused_message_that_is_not_there_is_a_refusal(
    server: Any, steps: Any, enveloppe: TdtConnector, about: NewParcel, code: str
) -> None:
    lines = b"" if code == "6-1" else LINES[code] % (8, 4730)
    server.steps = [steps.says(b"KO\nStatut incompatible\n"), steps.says(lines)]
    assert enveloppe.submit(about(code)).outcome == Refused("Statut incompatible")
    assert len(server.posts) == 1


@every_message
def test_a_refused_message_that_is_there_is_a_duplicate(
    server: Any, steps: Any, enveloppe: TdtConnector, about: NewParcel, code: str
) -> None:
    server.steps = [steps.says(b"KO\nD\xe9j\xe0 l\xe0\n"), steps.says(LINES[code] % (1, 4755))]
    assert enveloppe.submit(about(code)).outcome == Duplicate("4755")


@every_message
def test_a_refused_message_that_cannot_be_asked_about_is_a_doubt(
    server: Any, steps: Any, enveloppe: TdtConnector, about: NewParcel, code: str
) -> None:
    server.steps = [steps.says(b"KO\nnon\n"), steps.resets_after_the_body]
    assert isinstance(enveloppe.submit(about(code)).outcome, InDoubt)
    assert len(server.posts) == 1


@every_message
def test_a_platform_without_the_script_of_a_message_took_nothing(
    server: Any, steps: Any, connector: TdtConnector, about: NewParcel, code: str
) -> None:
    server.steps = [steps.says(b"Not Found", "404 Not Found")]
    outcome = connector.submit(about(code)).outcome
    assert isinstance(outcome, Unavailable)
    assert "« champs »" not in outcome.reason


@pytest.mark.parametrize(
    ("code", "bearings"),
    [("2-2", {"courrier": None}), ("6-1", {"acte": None}), ("3-2", {}), ("4-2", {})],
)
def test_a_message_that_cannot_be_given_is_refused_unsent(
    server: Any, connector: TdtConnector, about: NewParcel, code: str, bearings: dict[str, None]
) -> None:
    exchange = connector.submit(about(code, **bearings))
    assert isinstance(exchange.outcome, Refused)
    assert exchange.request.endswith("not sent\n")
    assert server.requests == []
