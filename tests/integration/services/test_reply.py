"""Answers to letters: checked all at once, kept once, sent like an act, dated by their AR."""

import tarfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any, BinaryIO

import pytest
from lxml import etree
from sqlalchemy import select

from tests.support.bench import Bench
from tests.support.prefecture import LETTER_DAY, Prefecture, answer_received, letter
from tests.support.scene import AUTHOR, pdf
from transmission.domain.errors import ConflictError, NotFoundError, RefusedError
from transmission.domain.lifecycle import Event, State
from transmission.domain.transmission import SERVICE, Author, KeptCourrier, Transmission
from transmission.ports import Examination
from transmission.services.files import DepositedFile
from transmission.services.reply import reply
from transmission.store.tables import journal

ANSWERED_ON = date(2023, 3, 14)
WAYS = [("2-1", "2-2"), ("3-1", "3-3"), ("3-1", "3-4"), ("4-1", "4-3"), ("4-1", "4-4")]

Give = Callable[..., list[DepositedFile]]
Open = Callable[[str], KeptCourrier]


def _problems(bench: Bench, letter_id: int, code: str, files: list[DepositedFile]) -> Any:
    with pytest.raises(RefusedError) as refused:
        reply(bench.tools, letter_id, code, files, AUTHOR)
    return refused.value.problems


def _ended(bench: Bench, answer: Transmission, event: Event) -> None:
    with bench.tools.register() as unit:
        unit.move(unit.transmission(answer.id), event, SERVICE, bench.clock.now())
        unit.commit()


# --- the whole way -----------------------------------------------------------------------------


@pytest.mark.parametrize(("letter_code", "code"), WAYS)
def test_an_answer_goes_the_way_of_an_act_and_is_dated_by_its_own_ar(
    bench: Bench,
    prefecture: Prefecture,
    thread: Open,
    give: Give,
    letter_code: str,
    code: str,
) -> None:
    opened = thread(letter_code)
    answer = reply(bench.tools, opened.id, code, give(), AUTHOR).transmission
    assert (answer.state, answer.message, answer.courrier_id) == (State.ACCEPTED, code, opened.id)
    bench.run("prepare")
    assert bench.now_of(answer.id).state is State.PREPARED
    bench.run("submit")
    assert bench.now_of(answer.id).state is State.SUBMITTED
    if code == "2-2":
        return
    accuse = {"3": "3-5", "4": "4-5"}[code[0]]
    prefecture.answers(
        bench.now_of(answer.id), answer_received(accuse, answer.id_acte, ANSWERED_ON)
    )
    received = bench.now_of(answer.id)
    assert (received.state, received.date_reception) == (State.ACKNOWLEDGED, ANSWERED_ON)


@pytest.mark.parametrize(("letter_code", "code"), WAYS)
def test_the_message_repeats_the_date_of_the_letter_whatever_the_clock_says(
    bench: Bench, thread: Open, give: Give, letter_code: str, code: str
) -> None:
    opened = thread(letter_code)
    bench.clock.advance(400 * 86_400)
    answer = reply(bench.tools, opened.id, code, give(), AUTHOR).transmission
    bench.run("prepare", "submit")
    parcel = bench.parcels()[-1]
    with parcel.open_archive() as stream, tarfile.open(fileobj=stream, mode="r:gz") as tar:
        member = tar.extractfile(f"{answer.id_acte}-{code}_0.xml")
        assert member is not None
        root = etree.fromstring(member.read())
    assert root.get(f"{{{root.nsmap['actes']}}}DateCourrierPref") == LETTER_DAY.isoformat()
    assert root.get(f"{{{root.nsmap['actes']}}}IDActe") == str(answer.id_acte)


def test_the_tdt_is_given_its_own_references_of_the_act_and_of_the_letter(
    bench: Bench, thread: Open, give: Give
) -> None:
    opened = thread("4-1")
    reply(bench.tools, opened.id, "4-4", give(), AUTHOR)
    bench.run("prepare", "submit")
    bearings = bench.parcels()[-1].bearings
    (acte,) = bench.about(opened.acte_id, "1-1")
    assert (bearings.acte, bearings.courrier) == (acte.reference, "812")
    assert bearings.known == {acte.reference, "812"}


def test_the_documents_of_an_answer_keep_their_order_and_their_typologies(
    bench: Bench, thread: Open, give: Give
) -> None:
    contents = tuple(pdf(f"Pièce {rank}") for rank in range(3))
    files = give(*contents, codes=("21_RP", None, "99_DE"))
    answer = reply(bench.tools, thread("3-1").id, "3-4", files, AUTHOR).transmission
    bench.run("prepare", "submit")
    documents = bench.parcels()[-1].documents
    assert [document.nom_fichier for document in documents] == [
        f"{code}-{answer.id_acte}-3-4_{rank}.pdf"
        for rank, code in enumerate(("21_RP", "99_DE", "99_DE"), start=1)
    ]
    for document, content in zip(documents, contents, strict=True):
        with document.open() as stream:
            assert stream.read() == content


def test_an_answer_to_an_act_named_in_lower_case_bears_one_identifier_everywhere(
    bench: Bench, prefecture: Prefecture, give: Give
) -> None:
    bench.classified()
    acte = bench.acknowledged()
    about = replace(acte.id_acte, numero_interne=acte.id_acte.numero_interne.lower())
    prefecture.sends(letter("2-1", about))
    reply(bench.tools, bench.letters(acte.acte_id)[0].id, "2-2", give(), AUTHOR)
    bench.run("prepare", "submit")
    message: Any = bench.parcels()[-1].message
    assert message.id_acte == acte.id_acte
    assert str(acte.id_acte) in message.document.nom_fichier


def test_the_journal_names_who_answered(bench: Bench, thread: Open, give: Give) -> None:
    author = Author("secrétariat général", "délai de deux mois")
    answer = reply(bench.tools, thread("2-1").id, "2-2", give(), author).transmission
    with bench.engine.connect() as connection:
        statement = select(journal).where(journal.c.transmission_id == answer.id)
        (row,) = connection.execute(statement).all()
    assert (row.author, row.reason, row.event) == (author.name, author.reason, "accepted")


# --- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("letter_code", "code"),
    [("2-1", "3-4"), ("3-1", "2-2"), ("3-1", "4-4"), ("4-1", "3-3"), ("5-1", "4-4"), ("2-1", "9")],
)
def test_an_answer_that_the_letter_does_not_call_for_is_refused(
    bench: Bench, thread: Open, give: Give, letter_code: str, code: str
) -> None:
    opened = thread(letter_code)
    (problem,) = _problems(bench, opened.id, code, give())
    assert (problem.field, problem.rule) == ("message", "reponse_prevue")
    assert len(bench.about(opened.acte_id)) == 1


def test_everything_wrong_is_told_at_once_and_nothing_is_kept(
    bench: Bench, thread: Open, give: Give
) -> None:
    opened = thread("4-1")
    files = give(b"", b"MZ\x90 programme", pdf(), codes=("99_DE", "99_DE", "00_XX"))
    found = _problems(bench, opened.id, "3-4", [*files, *files])
    assert {(problem.field, problem.rule) for problem in found} >= {
        ("message", "reponse_prevue"),
        ("documents[1]", "fichier_vide"),
        ("documents[2]", "fichier_type"),
        ("documents[3]", "typologie"),
    }
    assert all(problem.remedy for problem in found)
    assert len(bench.about(opened.acte_id)) == 1
    assert bench.bells() == []


@pytest.mark.parametrize(("code", "count"), [("3-3", 2), ("3-3", 0), ("3-4", 0), ("3-4", 4)])
def test_documents_are_counted(
    bench: Bench, thread: Open, give: Give, code: str, count: int
) -> None:
    bench.tdt.capabilities_of_all = replace(bench.tdt.capabilities_of_all, files_per_reply=3)
    files = give(*(pdf(str(rank)) for rank in range(count))) if count else []
    (problem,) = _problems(bench, thread("3-1").id, code, files)
    assert (problem.field, problem.rule) == ("documents", "nombre_documents")


def test_an_answer_waits_for_a_first_classification(
    bench: Bench, prefecture: Prefecture, give: Give
) -> None:
    acte = bench.acknowledged()
    prefecture.sends(letter("2-1", acte.id_acte))
    (problem,) = _problems(bench, bench.letters(acte.acte_id)[0].id, "2-2", give())
    assert problem.rule == "classification_absente"


def test_a_letter_that_nobody_knows_is_told(bench: Bench, give: Give) -> None:
    with pytest.raises(NotFoundError, match="Aucun courrier n° 999"):
        reply(bench.tools, 999, "2-2", give(), AUTHOR)


def test_a_file_that_changes_once_it_was_taken_is_sent_as_it_was_looked_at(
    bench: Bench, thread: Open, give: Give, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = thread("2-1")
    (file,) = give()
    content = file.path.read_bytes()
    usual = bench.tools.inspector.examine

    def changing(_: Any, copy: BinaryIO) -> Examination:
        file.path.write_bytes(pdf("Autre version"))
        return usual(copy)

    monkeypatch.setattr(type(bench.tools.inspector), "examine", changing)
    answer = reply(bench.tools, opened.id, "2-2", [file], AUTHOR).transmission
    with bench.tools.register() as unit:
        (piece,) = unit.pieces_sent(answer)
    assert bench.tools.documents.read(piece.file) == content


# --- once --------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["accepted", "sent"])
def test_the_same_answer_twice_is_one(bench: Bench, thread: Open, give: Give, state: str) -> None:
    opened = thread("3-1")
    first = reply(bench.tools, opened.id, "3-4", give(), AUTHOR)
    if state == "sent":
        bench.run("prepare", "submit")
    second = reply(bench.tools, opened.id, "3-4", give(), AUTHOR)
    assert (first.repeated, second.repeated) == (False, True)
    assert second.transmission.id == first.transmission.id
    assert len(bench.about(opened.acte_id, "3-4")) == 1


@pytest.mark.parametrize(("letter_code", "code"), WAYS)
def test_another_answer_is_refused_while_one_is_under_way(
    bench: Bench, thread: Open, give: Give, letter_code: str, code: str
) -> None:
    opened = thread(letter_code)
    reply(bench.tools, opened.id, code, give(), AUTHOR)
    with pytest.raises(ConflictError, match="a déjà reçu une réponse"):
        reply(bench.tools, opened.id, code, give(pdf("Autre")), AUTHOR)
    assert len(bench.about(opened.acte_id, code)) == 1


def test_a_letter_that_was_answered_one_way_is_not_answered_the_other(
    bench: Bench, prefecture: Prefecture, thread: Open, give: Give
) -> None:
    opened = thread("3-1")
    answer = reply(bench.tools, opened.id, "3-4", give(), AUTHOR).transmission
    bench.run("prepare", "submit")
    prefecture.answers(bench.now_of(answer.id), answer_received("3-5", answer.id_acte, ANSWERED_ON))
    with pytest.raises(ConflictError):
        reply(bench.tools, opened.id, "3-3", give(pdf("Refus")), AUTHOR)


def test_documents_may_be_completed_once_the_first_ones_are_received(
    bench: Bench, prefecture: Prefecture, thread: Open, give: Give
) -> None:
    opened = thread("3-1")
    first = reply(bench.tools, opened.id, "3-4", give(), AUTHOR).transmission
    bench.run("prepare", "submit")
    prefecture.answers(bench.now_of(first.id), answer_received("3-5", first.id_acte, ANSWERED_ON))
    second = reply(bench.tools, opened.id, "3-4", give(pdf("Complément")), AUTHOR)
    assert not second.repeated
    assert len(bench.about(opened.acte_id, "3-4")) == 2


def test_a_refused_answer_may_be_made_again(bench: Bench, thread: Open, give: Give) -> None:
    opened = thread("4-1")
    first = reply(bench.tools, opened.id, "4-4", give(), AUTHOR).transmission
    bench.run("prepare", "submit")
    _ended(bench, first, Event.ANOMALIE_RECEIVED)
    again = reply(bench.tools, opened.id, "4-4", give(), AUTHOR)
    assert not again.repeated
    assert again.transmission.id != first.id


def test_two_letters_are_answered_apart(bench: Bench, prefecture: Prefecture, give: Give) -> None:
    bench.classified()
    acte = bench.acknowledged()
    for rank in (1, 2):
        prefecture.sends(letter("3-1", acte.id_acte, rank=10 * rank), numero=rank)
    for kept in bench.letters(acte.acte_id):
        assert not reply(bench.tools, kept.id, "3-4", give(), AUTHOR).repeated
    sent = bench.about(acte.acte_id, "3-4")
    assert [each.courrier_id for each in sent] == [kept.id for kept in bench.letters(acte.acte_id)]
