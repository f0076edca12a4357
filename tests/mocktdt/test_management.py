"""The management port: the oracle, the clock, new authorities, and what it refuses."""

import base64
import hashlib
from datetime import UTC, datetime

import pytest
import requests
from cryptography.hazmat.primitives.serialization import pkcs12

from transmission.mocktdt.clock import VirtualClock
from transmission.mocktdt.record import Reception, Record

ID_ACTE = "042-123456782-20260312-D2026_001-DE"


def test_the_oracle_knows_each_archive_and_act_by_digest_and_count(tdt, management, archive):
    one = archive()
    content = one.content()
    tdt.submit(one)
    tdt.submit(one)
    received = management.get("/received")
    digest = hashlib.sha256(content).hexdigest()
    act = received["acts"][ID_ACTE]
    assert (act["receptions"], act["accepted"]) == (2, 1)
    assert act["documents"][0] == {
        "name": one.document,
        "sha256": hashlib.sha256(one.pdf).hexdigest(),
        "size": len(one.pdf),
    }
    assert [t["status"] for t in act["transactions"]] == [4]
    assert [step["status"] for step in act["transactions"][0]["steps"]] == [1, 2, 3, 4]
    assert act["transactions"][0]["retour"].startswith(ID_ACTE + "-1-2_")
    assert len(received["receptions"]) == 2
    assert received["receptions"][0]["answer"] == "OK"
    assert received["receptions"][1]["answer"].startswith("KO Le numéro")
    first = received["calls"][0]
    assert first["request_bytes"] > len(content)
    assert act["archives"] == [digest]
    assert received["archives"] == {
        digest: {"name": one.name, "size": len(content), "receptions": 2, "accepted": 1}
    }


def test_a_refused_archive_is_counted_too(tdt, management, archive):
    tdt.submit(archive(trigram="SIC"))
    received = management.get("/received")
    assert received["totals"]["receptions"] == 1
    assert received["totals"]["accepted"] == 0
    assert received["acts"] == {}


def test_a_doubled_create_is_counted_by_identifier(tdt, management):
    tdt.create()
    tdt.create()
    act = management.get("/received")["acts"]["042-123456782-20260312-2026_07A-DE"]
    assert (act["receptions"], act["accepted"]) == (2, 1)


def test_an_act_accepted_twice_would_be_told():
    record = Record()
    for _ in range(2):
        record.received(Reception("t", "submit", "1", "n", "s", 1, id_actes=["X"], accepted=True))
    assert record.totals()["acts_accepted_twice"] == ["X"]


def test_totals_alone_are_short(tdt, management, archive):
    tdt.submit(archive())
    told = management.get("/received?only=totals")
    assert list(told) == ["totals"]
    assert told["totals"]["calls"] == {"actes_transac_submit.php": 1}


def test_unknown_paths_are_counted_together(tdt, management):
    tdt.get("/a")
    tdt.get("/b")
    assert management.get("/received")["totals"]["calls"] == {"(inconnu)": 2}


def test_a_new_authority_can_work_at_once(mock, management, archive, tmp_path):
    told = management.post(
        "/authorities",
        siren="222222226",
        departement="02A",
        arrondissement="4",
        nature="31",
        name="Commune de Corse-Exemple",
    )
    certificate, key = tmp_path / "c.pem", tmp_path / "k.pem"
    certificate.write_text(told["certificate_pem"])
    key.write_text(told["key_pem"])
    session = requests.Session()
    session.trust_env = False
    with session:
        answer = session.get(
            mock.url + "/api/test-connexion.php",
            cert=(str(certificate), str(key)),
            verify=str(mock.ca_file),
        )
    assert answer.content == b"OK"
    bundle = base64.b64decode(told["p12_base64"])
    loaded_key, loaded, _ = pkcs12.load_key_and_certificates(bundle, told["p12_password"].encode())
    assert loaded_key is not None
    assert loaded is not None
    assert management.get("/settings")["authorities"][-1]["siren"] == "222222226"


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"siren": "123456782"}, "déjà inscrite"),
        ({"siren": "../../etc"}, "SIREN"),
        ({"departement": "42"}, "département"),
        ({"arrondissement": "12"}, "arrondissement"),
        ({"nature": "3"}, "nature"),
    ],
)
def test_a_wrong_authority_is_refused(management, changes, text):
    whole = {
        "siren": "222222226",
        "departement": "042",
        "arrondissement": "1",
        "nature": "31",
        "name": "X",
    }
    assert text in management.refused("/authorities", **{**whole, **changes})


@pytest.mark.parametrize(
    ("path", "arguments", "text"),
    [
        ("/scenario", {"scenario": "nothing"}, "scenario :"),
        ("/scenario", {"scenario": "ar", "seconds": "ten"}, "seconds"),
        ("/scenario", {"scenario": "ar", "times": 0}, "times"),
        ("/scenario", {"scenario": "cut_mid_body", "number": "N"}, "avant la lecture"),
        ("/faults", {"fault": "nothing"}, "fault :"),
        ("/faults", {"fault": "slow", "paths": "x"}, "liste"),
        ("/clock", {"set": "hier"}, "illisible"),
        ("/clock", {"set": "2026-03-12T10:00:00"}, "fuseau"),
        ("/clock", {"advance": True}, "advance"),
        ("/clock", {"advance": 1e300}, "advance"),
        ("/clock", {"advance": float("nan")}, "advance"),
        ("/clock", {"advance": -float("inf")}, "advance"),
        ("/clock", {"advance": 10**400}, "advance"),
        ("/clock", {"advance": -9e9}, "1970"),
        ("/clock", {"set": "9999-12-31T23:59:59-05:00"}, "2999"),
        ("/clock", {"set": "0001-01-01T00:00:00+05:00"}, "1970"),
        ("/delays", {"answer": 1e11}, "answer"),
        ("/reception-date", {"mode": "offset", "days": 1e9}, "days"),
        ("/scenario", {"scenario": ["ar"]}, "scenario"),
        ("/courrier", {"kind": {}}, "kind"),
        ("/reception-date", {"mode": "fixed", "date": "12/03/2026"}, "AAAA-MM-JJ"),
        ("/reception-date", {"mode": "other"}, "other"),
        ("/classification", {"date": "x"}, "AAAA-MM-JJ"),
        ("/account", {"siren": "999999999"}, "pas inscrite"),
        ("/account", {"siren": "123456782", "permission": "ROOT"}, "ROOT"),
        ("/retour", {"transaction": 1, "retour": "ar"}, "inconnu"),
        ("/retour", {"id_acte": "x", "retour": "ar"}, "inconnu"),
    ],
)
def test_what_cannot_be_obeyed_is_said(management, path, arguments, text):
    assert text in management.refused(path, **arguments)


def test_an_unknown_retour_is_said(tdt, management, archive):
    number = tdt.submitted(archive())
    assert "retour :" in management.refused("/retour", transaction=number, retour="x")


@pytest.mark.parametrize("body", [b"not json", b"[1]", b"\xff"])
def test_a_body_that_is_no_object_is_refused(management, body):
    answer = management.session.post(management.url + "/scenario", data=body)
    assert answer.status_code == 400


def test_an_unknown_path_lists_the_known_ones(management):
    answer = management.session.get(management.url + "/nothing")
    assert answer.status_code == 404
    assert "/received" in answer.json()["get"]
    assert "/scenario" in answer.json()["post"]


def test_every_path_is_in_the_help():
    from transmission.mocktdt import main, management

    for path in (*management.GETS, *management.POSTS):
        assert f"U{path}" in (main.__doc__ or "")


def test_healthz_tells_the_mock_s_own_bugs(mock, management):
    assert management.get("/healthz")["status"] == "ok"
    mock.platform.record.internal_errors.append("boom")
    assert management.get("/healthz")["status"] == "internal errors"
    mock.platform.record.internal_errors.clear()


def test_the_page_lists_what_was_received_without_trusting_it(tdt, management, archive):
    tdt.submit(archive(number="ANOACT1"))
    management.post("/scenario", scenario="tdt_error", next=True, detail="<script>")
    tdt.submit(archive(number="B", serial=2))
    page = management.session.get(management.url + "/").text
    assert "042-123456782-20260312-ANOACT1-DE" in page
    assert "&lt;script&gt;" in page
    assert "<script>" not in page


def test_an_absurd_clock_keeps_the_connection_and_the_time(management):
    before = management.get("/healthz")["now"]
    assert "advance" in management.refused("/clock", advance=1e308)
    assert management.get("/healthz")["now"] == before
    last = management.post("/clock", set="2999-12-30T00:00:00Z")
    assert last["today"] == "2999-12-30"
    assert "2999" in management.refused("/clock", advance=1e10)


def test_a_bug_is_told_and_does_not_drop_the_connection(mock, management, monkeypatch):
    monkeypatch.setattr(mock.platform, "settle", None)
    answer = management.session.get(management.url + "/received")
    assert answer.status_code == 500
    assert "healthz" in answer.json()["error"]
    (told,) = management.get("/healthz")["internal_errors"]
    assert "TypeError" in told
    mock.platform.record.internal_errors.clear()


def test_the_clock_jumps_advances_and_freezes():
    clock = VirtualClock(datetime(2026, 1, 1, tzinfo=UTC), frozen=True)
    clock.advance(90)
    assert clock.now() == datetime(2026, 1, 1, 0, 1, 30, tzinfo=UTC)
    clock.set(datetime.fromisoformat("2026-06-30T23:30:00+00:00"))
    assert clock.today().isoformat() == "2026-07-01"
    clock.freeze(frozen=False)
    assert clock.now() >= datetime(2026, 6, 30, 23, 30, tzinfo=UTC)


def test_the_clock_is_moved_by_the_port(management):
    told = management.post("/clock", set="2026-03-29T00:30:00Z", advance=3600)
    assert told == {"now": "2026-03-29T01:30:00+00:00", "today": "2026-03-29"}
