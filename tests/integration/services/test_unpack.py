"""Containers: every message and document taken out, what is missing told, nothing lost."""

import os
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from tests.support.bench import Bench
from tests.support.prefecture import (
    Prefecture,
    Written,
    acte_received,
    archived,
    enveloped,
    letter,
    mailed,
    written,
)
from tests.support.scene import pdf
from transmission.domain.acte import FichierSigne
from transmission.domain.courriers import CourrierSimple
from transmission.domain.lifecycle import State

Pack = Callable[[dict[str, bytes]], bytes]


@pytest.mark.parametrize("pack", [archived, mailed])
def test_messages_and_their_documents_are_kept_byte_for_byte(
    bench: Bench, prefecture: Prefecture, pack: Pack
) -> None:
    acte = bench.acknowledged()
    sent = letter("5-1", acte.id_acte, contents=(pdf("Requête"), pdf("Plan")))
    container = pack(enveloped(sent))
    prefecture.puts(container, "77")
    prefecture.is_read()
    whole, message = bench.retours()
    assert (whole.status, whole.kind, whole.container) == ("applied", "enveloppe de l'État", True)
    assert (message.status, message.parent_id, message.reference) == ("applied", whole.id, "77")
    assert message.nom_fichier == sent.name
    with bench.tools.register() as unit:
        pieces = unit.pieces_of_retour(message.id)
    kept = {piece.nom_fichier: bench.tools.documents.read(piece.file) for piece in pieces}
    assert kept == sent.documents
    assert list(kept) == list(sent.documents)


def test_each_message_of_an_envelope_goes_to_its_own_act(
    bench: Bench, prefecture: Prefecture
) -> None:
    actes = [bench.sent() for _ in range(3)]
    received = [acte_received(acte.id_acte, date(2023, 3, 7 + n)) for n, acte in enumerate(actes)]
    prefecture.sends(*received)
    assert [bench.now_of(acte.id).date_reception for acte in actes] == [
        date(2023, 3, 7), date(2023, 3, 8), date(2023, 3, 9)
    ]  # fmt: skip


def test_a_message_announced_and_missing_is_told_and_the_others_go_on(
    bench: Bench, prefecture: Prefecture
) -> None:
    acte = bench.sent()
    missing = f"{acte.id_acte}-3-1_4.xml"
    prefecture.sends(acte_received(acte.id_acte, date(2023, 3, 8)), listed=[missing])
    whole, message = bench.retours()
    assert (whole.status, message.status) == ("quarantined", "applied")
    assert missing in whole.reason
    assert bench.now_of(acte.id).state is State.ACKNOWLEDGED


def test_a_letter_whose_document_did_not_come_opens_its_thread_and_is_told(
    bench: Bench, prefecture: Prefecture
) -> None:
    acte = bench.acknowledged()
    sent = letter("4-1", acte.id_acte)
    (absent,) = sent.documents
    prefecture.sends(Written(sent.name, sent.raw))
    assert [kept.message for kept in bench.letters(acte.acte_id)] == ["4-1"]
    whole, _ = bench.retours()
    assert whole.status == "quarantined"
    assert absent in whole.reason


def test_an_unreadable_message_is_on_the_desk_alone_with_its_bytes(
    bench: Bench, prefecture: Prefecture
) -> None:
    acte = bench.sent()
    broken = Written(f"{acte.id_acte}-2-1_1.xml", b"<?xml version='1.0'?><broken")
    prefecture.sends(broken, acte_received(acte.id_acte, date(2023, 3, 8)))
    statuses = {kept.nom_fichier: kept.status for kept in bench.retours()}
    assert statuses.pop(broken.name) == "quarantined"
    assert set(statuses.values()) == {"applied"}
    assert bench.now_of(acte.id).state is State.ACKNOWLEDGED


def test_an_envelope_for_another_siren_is_kept_whole_and_nothing_is_taken_of_it(
    bench: Bench, prefecture: Prefecture
) -> None:
    acte = bench.sent()
    message = acte_received(acte.id_acte, date(2023, 3, 8))
    container = archived(enveloped(message, siren="123456790"))
    prefecture.puts(container)
    prefecture.is_read()
    (kept,) = bench.retours()
    assert (kept.status, kept.size) == ("quarantined", len(container))
    assert "123456790" in kept.reason
    assert bench.now_of(acte.id).state is State.SUBMITTED


@pytest.mark.parametrize(
    "container",
    [
        b"",
        b"\x1f\x8b not a gzip file at all",
        archived(enveloped(Written("a.xml", b"<a/>")))[:-40],
        b"From: prefecture@example.org\r\nSubject: papier\r\n\r\nEnvoyez le plan.\r\n",
        mailed({"photo.pdf": b"%PDF-1.4"}),
        b"\x00\xff" * 500,
    ],
    ids=["empty", "false gzip", "cut archive", "words alone", "no message", "noise"],
)
def test_what_holds_no_message_is_kept_as_it_came_and_waits_on_the_desk(
    bench: Bench, prefecture: Prefecture, container: bytes
) -> None:
    prefecture.puts(container)
    prefecture.is_read()
    (kept,) = bench.retours()
    assert kept.status == "quarantined"
    assert kept.reason
    with bench.tools.register() as unit:
        stored = unit.lock_retour(kept.id)
    assert stored is not None
    assert bench.tools.documents.read(stored.file) == container
    assert prefecture.waiting == {}


def test_the_same_messages_in_a_second_container_are_one_of_each(
    bench: Bench, prefecture: Prefecture
) -> None:
    acte = bench.acknowledged()
    sent = letter("3-1", acte.id_acte)
    prefecture.sends(sent)
    prefecture.sends(sent, numero=2)
    assert len(bench.letters(acte.acte_id)) == 1
    assert [kept.status for kept in bench.retours() if not kept.container] == [
        "applied", "duplicate"
    ]  # fmt: skip


def test_a_file_outside_of_every_message_is_left_aside_and_noted(
    bench: Bench, prefecture: Prefecture
) -> None:
    acte = bench.acknowledged()
    prefecture.puts(archived(enveloped(letter("2-1", acte.id_acte)) | {"logo.pdf": b"%PDF-1.4"}))
    prefecture.is_read()
    assert any("logo.pdf" in note for note in bench.retours()[0].notes)


def test_five_hundred_messages_in_one_envelope_are_all_read(
    bench: Bench, prefecture: Prefecture, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What a disk makes of them is not the question here.
    monkeypatch.setattr(os, "fsync", lambda _: None)
    acte = bench.acknowledged()
    shared = letter("2-1", acte.id_acte).documents
    (document,) = map(FichierSigne, shared)
    days = [date(2021, 1, 1) + timedelta(days=n) for n in range(500)]
    prefecture.sends(
        *(
            written(CourrierSimple(acte.id_acte, day, document), shared, rank)
            for rank, day in enumerate(days, start=2)
        )
    )
    assert len(bench.letters(acte.acte_id)) == 500
    assert {kept.status for kept in bench.retours()} == {"applied"}
