"""What becomes of acts: by rule, by prefix, by hand."""

from datetime import date

import pytest

from transmission.mocktdt import xmlio
from transmission.mocktdt.faults import Fault, FaultKind
from transmission.mocktdt.reception import Mode, Origin, ReceptionDate
from transmission.mocktdt.scenarios import (
    PREFIXES,
    Fate,
    Scenario,
    Scenarios,
    Scope,
    scenario_of_number,
)

DAY = 86_400


def test_an_ordinary_number_asks_for_nothing():
    assert scenario_of_number("D2026_001") is None


@pytest.mark.parametrize(
    ("number", "scenario"),
    [
        ("ARTARD1", Scenario(Fate.AR_LATE, seconds=60)),
        ("ARTARD30S_1", Scenario(Fate.AR_LATE, seconds=30)),
        ("ANOACT1", Scenario(Fate.ANOMALIE_ACTE, nature="005")),
        ("ANOACT002_1", Scenario(Fate.ANOMALIE_ACTE, nature="002")),
        ("ANOENV100_1", Scenario(Fate.ANOMALIE_ENVELOPPE, nature="100")),
        ("LENTEM9S", Scenario(fault=Fault(FaultKind.SLOW, 9))),
        ("COUPEAP", Scenario(fault=Fault(FaultKind.CUT_AFTER_ACCEPT))),
    ],
)
def test_a_prefix_chooses_and_sets(number, scenario):
    assert scenario_of_number(number) == scenario


def test_every_prefix_is_in_the_help():
    from transmission.mocktdt import main

    assert all(f"{prefix}…" in (main.__doc__ or "") for prefix in PREFIXES)


def test_the_most_precise_rule_wins():
    rules = Scenarios()
    rules.add(Scenario(detail="default"), Scope.DEFAULT)
    rules.add(Scenario(detail="authority"), Scope.AUTHORITY, siren="A")
    rules.add(Scenario(detail="next"), Scope.NEXT, times=1)
    rules.add(Scenario(detail="number"), Scope.NUMBER, number="N")
    assert rules.choose("A", "N").detail == "number"
    assert rules.choose("A", "M").detail == "next"
    assert rules.choose("A", "SILENC").fate is Fate.SILENCE
    assert rules.choose("A", "M").detail == "authority"
    assert rules.choose("B", "M").detail == "default"
    rules.add(Scenario(detail="newer default"), Scope.DEFAULT)
    assert rules.choose("B", "M").detail == "newer default"
    rules.clear()
    assert rules.choose("B", "M") == Scenario()


def test_the_fault_of_a_prefix_strikes_once_and_its_fate_for_ever():
    rules = Scenarios()
    assert rules.choose("A", "COUPEAV1").fault is not None
    assert rules.choose("A", "COUPEAV1").fault is None
    assert rules.choose("A", "COUPEAV2").fault is not None
    assert rules.choose("A", "REFUSE1").fate is rules.choose("A", "REFUSE1").fate is Fate.REFUSED


def test_ar_at_once_does_not_wait_for_the_usual_delay(tdt, management, archive):
    management.post("/delays", answer=3600)
    assert tdt.status(tdt.submitted(archive(number="ARTOUT1"))).startswith(b"OK\n4\n")
    assert tdt.status(tdt.submitted(archive(number="D1", serial=2))) == b"OK\n3\n"


def test_ar_late_waits_for_its_seconds(tdt, management, archive):
    number = tdt.submitted(archive(number="ARTARD30S_1"))
    management.post("/clock", advance=29)
    assert tdt.status(number) == b"OK\n3\n"
    management.post("/clock", advance=1)
    assert tdt.status(number).startswith(b"OK\n4\n")


def test_an_anomalie_d_acte_comes_as_xml_then_text_without_separator(tdt, archive):
    body = tdt.status(tdt.submitted(archive(number="ANOACT007_1")))
    assert body.startswith(b'OK\n-1\n<?xml version="1.0" encoding="ISO-8859-1"?>\n')
    end = body.index(b"</actes:AnomalieActe>") + len(b"</actes:AnomalieActe>")
    root = xmlio.parse(body[len(b"OK\n-1\n") : end])
    assert xmlio.violation(root) is None
    assert xmlio.first(root, "actes:Nature") == "007"
    assert xmlio.first(root, "actes:ActeRecu/@actes:NumeroInterne") == "ANOACT007_1"
    assert body[end:] == (
        b"Anomalie signal\xe9e par le MI : 007 - anomalie demand\xe9e au simulateur"
    )


def test_an_anomalie_d_enveloppe_lies_about_its_encoding_and_breaks_the_schema(
    tdt, management, archive
):
    management.post(
        "/scenario", scenario="anomalie_enveloppe", next=True, nature="999", detail="é rejetée"
    )
    body = tdt.status(tdt.submitted(archive()))
    assert b'encoding="ISO-8859-1"' in body
    assert "<actes:Detail>é rejetée</actes:Detail>".encode() in body
    end = body.index(b"</actes:AnomalieEnveloppe>") + len(b"</actes:AnomalieEnveloppe>")
    root = xmlio.parse(body[len(b"OK\n-1\n") : end])
    assert "999" in (xmlio.violation(root) or "")
    assert xmlio.first(root, "actes:EnveloppeRecue/actes:Emetteur/actes:IDCL/@insee:SIREN") == (
        "123456782"
    )
    assert body.endswith(b"Enveloppe rejet\xe9e par le MI : 999 - \xe9 rejet\xe9e")


def test_an_anomalie_d_enveloppe_of_a_known_nature_is_valid(tdt, archive):
    body = tdt.status(tdt.submitted(archive(number="ANOENV005_1")))
    end = body.index(b"</actes:AnomalieEnveloppe>") + len(b"</actes:AnomalieEnveloppe>")
    assert xmlio.violation(xmlio.parse(body[len(b"OK\n-1\n") : end])) is None


@pytest.mark.parametrize("numbers", [("A1", "ANOENV1"), ("ANOENV1", "A1")])
def test_an_anomalie_d_enveloppe_takes_every_act_of_the_envelope(tdt, archive, numbers):
    one, two = (archive(number=number) for number in numbers)
    both = archive(
        messages=((one.message_name, one.message()), (two.message_name, two.message())),
        more={name: one.pdf for a in (one, two) for name in (a.document, *a.annexe_names)},
    )
    tdt.submit(both)
    assert tdt.status(4711).startswith(b"OK\n-1\n")
    assert tdt.status(4712).startswith(b"OK\n-1\n")


def test_silence_lasts_thirty_days_then_the_platform_closes(tdt, management, archive):
    number = tdt.submitted(archive(number="SILENC1"))
    management.post("/clock", advance=30 * DAY - 1)
    assert tdt.status(number) == b"OK\n3\n"
    management.post("/clock", advance=1)
    assert (
        tdt.status(number) == b"OK\n-1\nCl\xf4ture automatique : aucune r\xe9ponse depuis 30 jours"
    )


def test_an_ar_after_the_closing_still_counts(tdt, management, archive):
    management.post("/scenario", scenario="ar_late", number="LATE1", seconds=40 * DAY)
    number = tdt.submitted(archive(number="LATE1"))
    management.post("/clock", advance=35 * DAY)
    assert tdt.status(number).startswith(b"OK\n-1\n")
    management.post("/clock", advance=6 * DAY)
    assert tdt.status(number).startswith(b"OK\n4\n")


def test_the_platform_s_own_error_has_a_text_and_no_xml(tdt, management, archive):
    management.post("/scenario", scenario="tdt_error", next=True, detail="signature illisible")
    body = tdt.status(tdt.submitted(archive()))
    assert body == b"OK\n-1\nEnveloppe invalide : signature illisible"


def test_a_refused_deposit_does_not_use_its_number(tdt, management, archive):
    management.post("/scenario", scenario="refused", next=True, detail="non, l'été")
    assert tdt.submit(archive()).content == b"KO\nnon, l&#039;\xe9t\xe9\n"
    tdt.submitted(archive())


def test_a_rule_for_an_authority_spares_the_others(tdt, neighbour, management, archive):
    management.post("/scenario", scenario="silence", siren="111111118")
    other = neighbour.submitted(archive(idcl=("111111118", "042", "1", "31")))
    assert neighbour.status(other) == b"OK\n3\n"
    assert tdt.status(tdt.submitted(archive())).startswith(b"OK\n4\n")


def test_the_ministry_can_be_played_by_hand(tdt, management, archive):
    number = tdt.submitted(archive(number="SILENC1"))
    told = management.post("/retour", transaction=number, retour="anomalie_acte", nature="003")
    assert told["status"] == -1
    assert told["retour"].startswith("042-123456782-20260312-SILENC1-DE-1-3_")
    id_acte = "042-123456782-20260312-SILENC1-DE"
    assert management.post("/retour", id_acte=id_acte, retour="ar")["status"] == 4
    management.post("/retour", id_acte=id_acte, retour="anomalie_acte")
    assert tdt.status(number).startswith(b"OK\n4\n")
    management.post("/retour", id_acte=id_acte, retour="anomalie_enveloppe")
    assert tdt.status(number).startswith(b"OK\n-1\n")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"mode": "fixed", "date": "2025-12-31"}, b"2025-12-31"),
        ({"mode": "offset", "from": "decision", "days": 1}, b"2026-03-13"),
        ({"mode": "offset", "from": "sending", "days": -20}, b"2026-02-24"),
        ({"mode": "offset", "from": "sending", "days": 20}, b"2026-04-05"),
        ({"mode": "today"}, b"2026-03-16"),
    ],
)
def test_the_day_of_reception_is_settable(tdt, management, archive, arguments, expected):
    management.post("/reception-date", **arguments)
    body = tdt.status(tdt.submitted(archive()))
    assert b'actes:DateReception="' + expected + b'"' in body


def test_an_offset_counts_from_the_sending_and_not_from_the_answer():
    policy = ReceptionDate(Mode.OFFSET, origin=Origin.SENDING, days=1)
    today, decision, sending = date(2026, 5, 1), date(2026, 1, 1), date(2026, 4, 1)
    assert policy.on(today, decision=decision, sending=sending) == date(2026, 4, 2)
