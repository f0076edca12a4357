"""What each answer of an S²LOW platform comes to, and how many requests it took."""

import hashlib
import ssl
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest

from transmission.domain.outcomes import (
    Accepted,
    CannotTell,
    Duplicate,
    InDoubt,
    Refused,
    Unavailable,
)
from transmission.ports import Parcel, TdtConnector
from transmission.tdt.s2low.connector import S2lowConnector

ACCEPTED = {"enveloppe": b"OK\n1\n4711\n\n", "champs": b"OK\n4711\n\n"}
SCRIPT = {"enveloppe": "actes_transac_submit.php", "champs": "actes_transac_create.php"}
UNKNOWN = b"KO\nNum\xc3\xa9ro de transaction invalide"


def item(reference: str, **changes: str) -> dict[str, str]:
    return {"id": reference, "number": "D2026_07", "date": "2026-03-12", "type": "1"} | changes


def test_an_accepted_parcel_has_its_reference_and_its_evidence(
    server: Any, steps: Any, connector: TdtConnector, parcel: Parcel, mode: str
) -> None:
    server.steps = [steps.says(ACCEPTED[mode], "200 OK", "Content-Type: text/html")]
    exchange = connector.submit(parcel)
    (post,) = server.posts
    assert exchange.outcome == Accepted("4711")
    assert post.target == f"/modules/actes/{SCRIPT[mode]}"
    assert exchange.response.startswith(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n")
    assert exchange.response.endswith(b"\r\n\r\n" + ACCEPTED[mode])
    assert f"POST {server.url}{post.target}\nbody: {len(post.body)} bytes\n" in exchange.request
    assert f"archive {parcel.archive_name}: {parcel.archive_size} bytes" in exchange.request
    assert parcel.archive_sha256 in exchange.request


def test_an_envelope_is_posted_to_the_byte(
    server: Any, steps: Any, open_link: Any, parcel: Parcel, archive: bytes
) -> None:
    server.steps = [steps.says(ACCEPTED["enveloppe"])]
    S2lowConnector(open_link(server.url), "enveloppe").submit(parcel)
    (post,) = server.posts
    assert archive in post.body
    assert b'name="api"\r\n\r\n1\r\n' in post.body
    assert b'name="enveloppe"; filename="SLO-EACT--123456782--20260312-1.tar.gz"\r\n' in post.body


def test_an_act_is_posted_field_by_field_with_its_signatures_by_rank(
    server: Any, steps: Any, open_link: Any, parcel: Parcel
) -> None:
    main, annexe = parcel.documents
    signed = (
        replace(main, signature="-----BEGIN PKCS7-----main"),
        annexe,
        replace(annexe, signature="-----BEGIN PKCS7-----second"),
    )
    server.steps = [steps.says(ACCEPTED["champs"])]
    S2lowConnector(open_link(server.url), "champs").submit(replace(parcel, documents=signed))
    (post,) = server.posts
    boundary = parcel.archive_sha256.encode()
    parts = [part.strip(b"\r\n") for part in post.body.split(b"--" + boundary)[1:-1]]
    heads = [part.partition(b"\r\n")[0].partition(b"form-data; ")[2] for part in parts]
    assert heads[-6:] == [
        f'name="acte_pdf_file"; filename="{main.nom_fichier}"'.encode(),
        b'name="acte_pdf_file_sign"; filename="signature.p7s"',
        f'name="acte_attachments[]"; filename="{annexe.nom_fichier}"'.encode(),
        f'name="acte_attachments[]"; filename="{annexe.nom_fichier}"'.encode(),
        b'name="acte_attachments_sign[]"; filename=""',
        b'name="acte_attachments_sign[]"; filename="signature.p7s"',
    ]
    assert parts[-1].endswith(b"-----BEGIN PKCS7-----second")
    assert b'name="subject"\r\n\r\nVote du tarif de la m\xe9diath\xe8que : 3 EUR' in post.body


def test_unsigned_acts_have_no_signature_part(
    server: Any, steps: Any, open_link: Any, parcel: Parcel
) -> None:
    server.steps = [steps.says(ACCEPTED["champs"])]
    S2lowConnector(open_link(server.url), "champs").submit(parcel)
    assert b"_sign" not in server.posts[0].body


def test_two_attempts_post_the_same_bytes(
    server: Any, steps: Any, connector: TdtConnector, parcel: Parcel, mode: str
) -> None:
    server.steps = [steps.says(ACCEPTED[mode]), steps.says(ACCEPTED[mode])]
    connector.submit(parcel)
    connector.submit(parcel)
    first, second = (hashlib.sha256(post.body).hexdigest() for post in server.posts)
    assert first == second


def test_a_burst_asks_the_small_question_once_and_keeps_its_connection(
    server: Any, steps: Any, connector: TdtConnector, parcel: Parcel, mode: str, hand_clock: Any
) -> None:
    server.steps = [steps.says(ACCEPTED[mode])] * 3
    connector.submit(parcel)
    connector.submit(parcel)
    assert [request.method for request in server.requests] == ["GET", "POST", "POST"]
    assert server.connections == 1
    hand_clock.seconds += 60
    connector.submit(parcel)
    assert [request.method for request in server.requests][3:] == ["GET", "POST"]


def test_a_platform_that_closes_in_a_burst_costs_one_doubt_only(
    server: Any, steps: Any, connector: TdtConnector, parcel: Parcel, mode: str
) -> None:
    closed = steps.says(b"<html>", "503 Service Unavailable")
    server.scripts_probe = True
    server.steps = [steps.says(b"OK"), steps.says(ACCEPTED[mode]), closed, closed, closed]
    outcomes = [type(connector.submit(parcel).outcome) for _ in range(4)]
    assert outcomes == [Accepted, InDoubt, Unavailable, Unavailable]
    assert len(server.posts) == 2


def test_an_answer_to_a_stranger_does_not_open_the_way(
    server: Any, steps: Any, connector: TdtConnector, parcel: Parcel
) -> None:
    server.scripts_probe = True
    server.steps = [steps.says(b"KO\nCompte inconnu\n"), steps.says(b"KO\nCompte inconnu\n")]
    assert isinstance(connector.check(), CannotTell)
    assert isinstance(connector.submit(parcel).outcome, Unavailable)
    assert server.posts == []


@pytest.mark.parametrize(
    "choose",
    [
        lambda s: s.resets_before_the_body,
        lambda s: s.resets_in_the_body,
        lambda s: s.resets_after_the_body,
        lambda s: s.closes_after_the_body,
        lambda s: s.writes(b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nOK\n1\n47"),
        lambda s: s.writes(b"HTTP/1.1 200 OK\r\n\r\nOK\n1\n47"),
        lambda s: s.says(b"<html>", "302 Found", "Location: /connexion-status"),
        lambda s: s.says(b"<!DOCTYPE html><html>Bienvenue</html>"),
        lambda s: s.says(b""),
        lambda s: s.says(b"OK\n"),
        lambda s: s.says(b"OK\nerreur\n"),
        lambda s: s.says(b"OK\n2\n4711\n4712\n\n"),
        lambda s: s.says(b"erreur", "500 Internal Server Error"),
        lambda s: s.says(b"", "503 Service Unavailable", "Retry-After: 0"),
        lambda s: s.says(b"", "204 No Content"),
        lambda s: s.says(b"OK\n4711\n\n", "201 Created"),
        lambda s: s.says(b"", "403 Forbidden"),
    ],
    ids=[
        "reset before the body",
        "reset in the body",
        "reset after the body",
        "closed before the answer",
        "cut in the answer",
        "cut in an answer of unknown length",
        "302",
        "200 with a web page",
        "200 and nothing",
        "OK alone",
        "OK and no number",
        "two transactions",
        "500",
        "503",
        "204",
        "201",
        "403",
    ],
)
def test_whatever_is_not_clear_is_a_doubt_after_one_request(
    server: Any,
    steps: Any,
    connector: TdtConnector,
    parcel: Parcel,
    choose: Callable[[Any], Any],
) -> None:
    server.steps = [choose(steps)]
    exchange = connector.submit(parcel)
    assert isinstance(exchange.outcome, InDoubt)
    assert exchange.outcome.reason
    assert len(server.posts) == 1
    assert len(server.requests) == 2


def test_an_answer_too_late_is_a_doubt_after_one_request(
    server: Any, steps: Any, open_link: Any, parcel: Parcel, mode: str
) -> None:
    server.steps = [steps.never_answers]
    exchange = S2lowConnector(open_link(server.url, read_timeout=1.0), mode).submit(parcel)
    assert exchange.outcome == InDoubt("le serveur n'a pas répondu à temps")
    assert exchange.response == b""
    assert len(server.posts) == 1


def test_what_was_received_before_a_cut_is_kept_as_evidence(
    server: Any, steps: Any, connector: TdtConnector, parcel: Parcel
) -> None:
    half = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nOK\n1\n47"
    server.steps = [steps.writes(half)]
    assert connector.submit(parcel).response == half


@pytest.mark.parametrize("certificate", ["unknown.pem", "wrong-name.pem", "expired.pem"])
def test_a_server_with_a_bad_certificate_is_unavailable(
    start_server: Any, open_link: Any, parcel: Parcel, mode: str, certificate: str
) -> None:
    server = start_server(certificate)
    exchange = S2lowConnector(open_link(server.url), mode).submit(parcel)
    assert isinstance(exchange.outcome, Unavailable)
    assert "certificat du serveur" in exchange.outcome.reason
    assert exchange.request.endswith("not sent\n")
    assert server.application_bytes == 0


def test_a_server_that_stops_after_the_small_question_is_unavailable(
    server: Any, steps: Any, connector: TdtConnector, parcel: Parcel
) -> None:
    server.scripts_probe = True
    server.steps = [steps.bids_farewell(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK")]
    connector.check()
    server.stop()
    exchange = connector.submit(parcel)
    assert exchange.outcome == Unavailable("le serveur refuse la connexion")
    assert server.posts == []


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_client_certificate_that_is_refused_costs_no_doubt(
    start_server: Any, open_link: Any, account: Any, pki: Any, parcel: Parcel, version: Any
) -> None:
    server = start_server(version=version)
    stranger = replace(account, certificate_file=pki.file("stranger.pem"), key_file=None)
    exchange = S2lowConnector(open_link(server.url, account=stranger), "enveloppe").submit(parcel)
    assert isinstance(exchange.outcome, Unavailable)
    assert server.requests == []


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (lambda s: s.says(b"", "503 Service Unavailable"), "code HTTP 503"),
        (lambda s: s.says(b"", "302 Found", "Location: /maintenance"), "code HTTP 302"),
        (lambda s: s.says(b"<html>Maintenance</html>"), "autre chose que OK"),
        (
            lambda s: s.says(b"KO\nCompte d&#039;essai d\xe9sactiv\xe9\n"),
            "Compte d'essai désactivé",
        ),
        (lambda s: s.resets_after_the_body, "coupée"),
    ],
    ids=["503", "302", "page", "KO", "reset"],
)
def test_a_platform_that_is_closed_is_sent_nothing(
    server: Any,
    steps: Any,
    connector: TdtConnector,
    parcel: Parcel,
    step: Callable[[Any], Any],
    words: str,
) -> None:
    server.scripts_probe = True
    server.steps = [step(steps)]
    exchange = connector.submit(parcel)
    assert isinstance(exchange.outcome, Unavailable)
    assert words in exchange.outcome.reason
    assert server.posts == []


def test_a_body_above_the_limit_of_the_server_is_refused(
    server: Any, steps: Any, connector: TdtConnector, parcel: Parcel
) -> None:
    server.steps = [steps.says(b"", "413 Request Entity Too Large")]
    assert connector.submit(parcel).outcome == Refused(
        "l'envoi dépasse la taille que le TdT accepte"
    )


def test_a_script_that_no_longer_exists_took_nothing(
    server: Any, steps: Any, connector: TdtConnector, parcel: Parcel
) -> None:
    server.steps = [steps.says(b"Not Found", "404 Not Found")]
    outcome = connector.submit(parcel).outcome
    assert isinstance(outcome, Unavailable)
    assert "« champs »" in outcome.reason


def test_a_damaged_archive_is_told_before_any_parcel_leaves(
    server: Any, connector: TdtConnector, parcel: Parcel, mode: str
) -> None:
    def damaged() -> BytesIO:
        raise RuntimeError("archive abîmée")

    documents = tuple(replace(each, open=damaged) for each in parcel.documents)
    with pytest.raises(RuntimeError):
        connector.submit(replace(parcel, open_archive=damaged, documents=documents))
    assert server.posts == []


# --- KO: refused, or already there -------------------------------------------------------------


def test_a_refusal_of_an_unknown_act_is_a_refusal(
    server: Any, steps: Any, connector: TdtConnector, parcel: Parcel
) -> None:
    server.steps = [steps.says(b"KO\nTypologie d&#039;acte absente\n"), steps.says(UNKNOWN)]
    server.scripts = {"list_actes.php": steps.lists({})}
    assert connector.submit(parcel).outcome == Refused("Typologie d'acte absente")
    assert len(server.posts) == 1


def test_a_refusal_of_an_act_that_is_there_is_a_duplicate(
    server: Any, steps: Any, connector: TdtConnector, parcel: Parcel
) -> None:
    server.steps = [steps.says(b"KO\nNum\xe9ro d\xe9j\xe0 utilis\xe9\n"), steps.says(b"OK\n3\n")]
    server.scripts = {"list_actes.php": steps.lists({"3": [item("4711")]})}
    assert connector.submit(parcel).outcome == Duplicate("4711")


def test_a_refusal_that_cannot_be_understood_is_a_doubt(
    server: Any, steps: Any, connector: TdtConnector, parcel: Parcel
) -> None:
    server.steps = [steps.says(b"KO\nnon\n"), steps.resets_after_the_body]
    outcome = connector.submit(parcel).outcome
    assert isinstance(outcome, InDoubt)
    assert "non" in outcome.reason
    assert len(server.posts) == 1
