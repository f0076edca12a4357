"""What each answer of an S²LOW platform comes to, and how many requests it took."""

import hashlib
import ssl
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest

from transmission.domain.outcomes import (
    Absent,
    Accepted,
    CannotTell,
    Duplicate,
    Found,
    InDoubt,
    Refused,
    Unavailable,
)
from transmission.ports import Collected, Parcel, Situation, TdtConnector
from transmission.tdt.s2low.connector import S2lowConnector

ACCEPTED = {"enveloppe": b"OK\n1\n4711\n\n", "champs": b"OK\n4711\n\n"}
SCRIPT = {"enveloppe": "actes_transac_submit.php", "champs": "actes_transac_create.php"}
UNKNOWN = b"KO\nNum\xc3\xa9ro de transaction invalide"
AR = b'<?xml version="1.0" encoding="ISO-8859-1"?>\n<actes:ARActe actes:x="\xe9"></actes:ARActe>'


@pytest.fixture(params=["enveloppe", "champs"])
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def connector(server: Any, open_link: Any, mode: str) -> TdtConnector:
    return S2lowConnector(open_link(server.url), mode)


@pytest.fixture
def enveloppe(server: Any, open_link: Any) -> TdtConnector:
    """For the calls that do not depend on the mode."""
    return S2lowConnector(open_link(server.url), "enveloppe")


def item(reference: str, **changes: str) -> dict[str, str]:
    return {"id": reference, "number": "D2026_07", "date": "2026-03-12", "type": "1"} | changes


def without_spaces(text: str) -> str:
    return " ".join(text.split())


# --- sending -----------------------------------------------------------------------------------


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


# --- finding -----------------------------------------------------------------------------------


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


# --- collecting --------------------------------------------------------------------------------


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
