"""Letters open threads under their acts, and are acknowledged where nobody else does it."""

from dataclasses import replace

import pytest

from tests.support.bench import Bench
from tests.support.prefecture import (
    LETTER_DAY,
    Prefecture,
    letter,
)
from tests.support.scene import pdf
from transmission.domain.lifecycle import Event, State
from transmission.domain.transmission import SERVICE

CODES = ["2-1", "3-1", "4-1", "5-1"]


# --- letters -----------------------------------------------------------------------------------


@pytest.mark.parametrize("code", CODES)
def test_a_letter_opens_a_thread_under_its_act_with_its_documents(
    bench: Bench, prefecture: Prefecture, code: str
) -> None:
    acte, other = bench.acknowledged(), bench.acknowledged()
    sent = letter(code, acte.id_acte, texte="Délibération sans quorum")
    prefecture.sends(sent, reference="812")
    (kept,) = bench.letters(acte.acte_id)
    assert (kept.message, kept.date_courrier, kept.reference) == (code, LETTER_DAY, "812")
    assert kept.texte == ("" if code == "2-1" else "Délibération sans quorum")
    assert bench.tools.documents.read(kept.file) == sent.raw
    with bench.tools.register() as unit:
        (piece,) = unit.pieces_of_retour(kept.retour_id)
    assert {piece.nom_fichier: bench.tools.documents.read(piece.file)} == sent.documents
    assert bench.events(acte.id)[-1] == "courrier_received"
    assert bench.letters(other.acte_id) == []
    assert bench.now_of(acte.id).state is State.ACKNOWLEDGED


def test_a_letter_read_twice_opens_one_thread_and_is_told_once(
    bench: Bench, prefecture: Prefecture
) -> None:
    acte = bench.acknowledged()
    for _ in range(2):
        prefecture.answers(None, letter("3-1", acte.id_acte))
    assert len(bench.letters(acte.acte_id)) == 1
    assert bench.events(acte.id).count("courrier_received") == 1
    assert [kept.status for kept in bench.retours()] == ["applied", "duplicate"]


@pytest.mark.parametrize("code", CODES)
def test_two_letters_of_one_kind_and_one_day_are_two_threads(
    bench: Bench, prefecture: Prefecture, code: str
) -> None:
    acte = bench.acknowledged()
    first, second = (prefecture.opens(acte, code, rank) for rank in (1, 2))
    assert first.id != second.id
    assert first.date_courrier == second.date_courrier
    assert [kept.reference for kept in bench.letters(acte.acte_id)] == ["801", "802"]


def test_the_same_words_with_another_document_are_another_letter(
    bench: Bench, prefecture: Prefecture
) -> None:
    acte = bench.acknowledged()
    for text in ("Premier envoi", "Second envoi"):
        prefecture.answers(None, letter("2-1", acte.id_acte, contents=(pdf(text),)))
    assert len(bench.letters(acte.acte_id)) == 2


def test_a_letter_about_an_act_that_was_cancelled_or_refused_still_opens_its_thread(
    bench: Bench, prefecture: Prefecture
) -> None:
    acte = bench.sent()
    with bench.tools.register() as unit:
        unit.move(acte, Event.ANOMALIE_RECEIVED, SERVICE, bench.clock.now())
        unit.commit()
    prefecture.sends(letter("2-1", acte.id_acte))
    assert len(bench.letters(acte.acte_id)) == 1


@pytest.mark.parametrize("case", ["unknown", "another siren", "never sent"])
def test_a_letter_that_is_about_no_act_of_ours_waits_on_the_desk_with_its_bytes(
    bench: Bench, prefecture: Prefecture, case: str
) -> None:
    acte = bench.prepared() if case == "never sent" else bench.acknowledged()
    about = {
        "unknown": replace(acte.id_acte, numero_interne="D2023_999"),
        "another siren": replace(acte.id_acte, siren="123456790"),
        "never sent": acte.id_acte,
    }[case]
    sent = letter("4-1", about)
    prefecture.sends(sent)
    (kept,) = (retour for retour in bench.retours() if not retour.container)
    assert (kept.status, kept.acte_id, kept.size) == ("quarantined", None, len(sent.raw))
    assert str(about) in kept.reason
    assert bench.letters(acte.acte_id) == []
    with bench.tools.register() as unit:
        assert len(unit.pieces_of_retour(kept.id)) == 1


def test_a_letter_that_names_the_act_in_lower_case_reaches_it(
    bench: Bench, prefecture: Prefecture
) -> None:
    acte = bench.acknowledged()
    about = replace(acte.id_acte, numero_interne=acte.id_acte.numero_interne.lower())
    prefecture.sends(letter("2-1", about))
    assert len(bench.letters(acte.acte_id)) == 1


# --- receipts ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "receipt"), [("3-1", "3-2"), ("4-1", "4-2")])
def test_the_receipt_owed_is_sent_by_itself_where_the_tdt_sends_none(
    bench: Bench, prefecture: Prefecture, code: str, receipt: str
) -> None:
    bench.tdt.capabilities_of_all = replace(
        bench.tdt.capabilities_of_all, sends_receipts=False, has_status=False
    )
    acte = bench.acknowledged()
    thread = prefecture.opens(acte, code)
    bench.run()
    (sent,) = bench.about(acte.acte_id, receipt)
    assert (sent.courrier_id, sent.id_acte) == (thread.id, acte.id_acte)
    assert (sent.state, sent.date_reception) == (State.DELIVERED, None)
    parcel = bench.parcels()[-1]
    assert parcel.message == bench.read(thread).accuse()
    assert parcel.documents == ()


@pytest.mark.parametrize("code", ["3-1", "4-1"])
def test_no_receipt_is_sent_where_the_tdt_sends_it(
    bench: Bench, prefecture: Prefecture, code: str
) -> None:
    acte = bench.acknowledged()
    prefecture.opens(acte, code)
    bench.run("prepare", "submit")
    assert [sent.message for sent in bench.about(acte.acte_id)] == ["1-1"]


@pytest.mark.parametrize("code", ["2-1", "5-1"])
def test_a_letter_that_needs_no_receipt_has_none(
    bench: Bench, prefecture: Prefecture, code: str
) -> None:
    bench.tdt.capabilities_of_all = replace(bench.tdt.capabilities_of_all, sends_receipts=False)
    acte = bench.acknowledged()
    prefecture.opens(acte, code)
    assert [sent.message for sent in bench.about(acte.acte_id)] == ["1-1"]


def test_a_letter_read_twice_is_acknowledged_once(bench: Bench, prefecture: Prefecture) -> None:
    bench.tdt.capabilities_of_all = replace(bench.tdt.capabilities_of_all, sends_receipts=False)
    acte = bench.acknowledged()
    for _ in range(2):
        prefecture.answers(None, letter("3-1", acte.id_acte))
    bench.run("prepare", "submit")
    assert len(bench.about(acte.acte_id, "3-2")) == 1
