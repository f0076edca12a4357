"""From the journal to what programs are told: once, in order, without a name of anybody."""

import json
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from tests.support.bench import RECEPTION, Bench
from tests.support.prefecture import Prefecture, letter
from tests.support.programs import Programs
from tests.support.scene import AUTHOR
from transmission.domain.legal.findings import Finding, Severity
from transmission.domain.outcomes import Refused
from transmission.ports.findings import Examined
from transmission.services import announce as announcing
from transmission.services.announce import announce, ring_announcements
from transmission.services.cancel import cancel
from transmission.services.submit import submit
from transmission.services.webhooks import pause_webhook, resume_webhook
from transmission.store.tables import journal
from transmission.store.tables_legal import notice
from transmission.store.unit_of_work import PostgresUnitOfWork


def _of(programs: Programs, program: Any) -> list[tuple[str, int]]:
    return [
        (row.content["type"].removeprefix("fr.transmission."), int(row.content["sequence"]))
        for row in programs.notices(program)
    ]


def test_an_act_is_told_from_its_taking_in_charge_to_its_acknowledgement(
    bench: Bench, programs: Programs
) -> None:
    program = programs.add()
    sent = bench.acknowledged()
    programs.announce()
    assert _of(programs, program) == [
        ("acte.pris_en_charge", 1), ("acte.transmis", 2), ("acte.recu", 3),
    ]  # fmt: skip
    received = programs.notices(program)[-1]
    assert received.acte_id == sent.acte_id
    event = received.content
    assert event["subject"] == sent.id_acte.numero_interne
    assert event["source"] == "/collectivites/123456782"
    assert event["specversion"] == "1.0"
    data = event["data"]
    assert data["date_reception"] == RECEPTION.isoformat()
    assert data["envoi"] == {"id": sent.id, "message": "1-1", "id_acte": str(sent.id_acte)}
    assert data["etat"]["vers"] == "acknowledged"
    assert data["acte"]["id"] == sent.acte_id
    assert data["liens"] == {"api": f"/api/v1/actes/{sent.acte_id}"}


def test_what_went_wrong_is_told(bench: Bench, programs: Programs) -> None:
    program = programs.add()
    bench.in_doubt()
    bench.tdt.on_submit = Refused("non")
    submit(bench.tools, bench.prepared())
    cancel(bench.tools, bench.acte().acte_id, _reasoned())
    programs.announce()
    assert [kind for kind, _ in _of(programs, program)] == [
        "acte.pris_en_charge", "acte.incertain",
        "acte.pris_en_charge", "acte.en_attente",
        "acte.pris_en_charge", "acte.annule",
    ]  # fmt: skip


def _reasoned() -> Any:
    return type(AUTHOR)(AUTHOR.name, "Madame Secrète a changé d'avis")


def test_neither_an_object_nor_a_person_nor_a_reason_is_ever_told(
    bench: Bench, programs: Programs
) -> None:
    program = programs.add()
    made = bench.acte()
    cancel(bench.tools, made.acte_id, _reasoned())
    programs.announce()
    told = json.dumps([row.content for row in programs.notices(program)], ensure_ascii=False)
    for word in ("Subvention", "école", "Secrète", AUTHOR.name):
        assert word not in told
    assert made.id_acte.numero_interne in told


def test_a_letter_and_its_answer_are_told(
    bench: Bench, programs: Programs, prefecture: Prefecture
) -> None:
    bench.classified()
    program = programs.add(types=["courrier.recu"])
    acte = bench.acknowledged()
    prefecture.sends(letter("3-1", acte.id_acte), reference="812")
    programs.announce()
    (row,) = programs.notices(program)
    letter_id = bench.letters(acte.acte_id)[-1].id
    assert row.content["data"]["courrier"]["id"] == letter_id
    assert row.content["data"]["courrier"]["message"] == "3-1"


def test_a_subscription_is_told_of_what_happens_after_it_alone(
    bench: Bench, programs: Programs
) -> None:
    bench.acknowledged()
    program = programs.add()
    programs.announce()
    assert programs.notices(program) == []
    bench.acte()
    programs.announce()
    assert _of(programs, program) == [("acte.pris_en_charge", 1)]


def test_only_the_types_that_are_wanted_are_told_and_their_numbers_follow(
    bench: Bench, programs: Programs
) -> None:
    program = programs.add(types=["fr.transmission.acte.recu", "acte.anomalie"])
    bench.acknowledged()
    bench.acknowledged()
    programs.announce()
    assert _of(programs, program) == [("acte.recu", 1), ("acte.recu", 2)]


def test_nothing_is_written_twice_however_often_it_runs(bench: Bench, programs: Programs) -> None:
    program = programs.add()
    bench.acknowledged()
    for _ in range(3):
        programs.announce()
    assert len(programs.notices(program)) == 3


def test_a_process_that_dies_while_it_writes_writes_nothing(
    bench: Bench, programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = programs.add()
    bench.acknowledged()

    class DeadError(BaseException):
        pass

    usual, calls = PostgresUnitOfWork.ring, []

    def die(self: Any, task: str, subject: int) -> None:
        calls.append(task)
        raise DeadError

    monkeypatch.setattr(PostgresUnitOfWork, "ring", die)
    with pytest.raises(DeadError):
        programs.announce()
    assert calls == ["tell"]
    assert programs.notices(program) == []
    monkeypatch.setattr(PostgresUnitOfWork, "ring", usual)
    programs.announce()
    assert [number for _, number in _of(programs, program)] == [1, 2, 3]


def test_what_commits_late_under_an_early_number_is_told_all_the_same(
    bench: Bench, programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announcing, "PATIENCE", 0.1)
    program = programs.add()
    sent = bench.acte()
    values = {
        "collectivite_id": sent.collectivite_id, "acte_id": sent.acte_id,
        "transmission_id": sent.id, "at": sent.state_since, "author": "service",
        "source": "submitting",
    }  # fmt: skip
    with bench.engine.connect() as slow:
        slow.execute(insert(journal).values(values | {"event": "x", "target": "submitted"}))
        with bench.engine.begin() as quick:
            quick.execute(insert(journal).values(values | {"event": "y", "target": "held"}))
        programs.announce()
        assert programs.notices(program) == []
        slow.commit()
    programs.announce()
    assert [kind for kind, _ in _of(programs, program)] == [
        "acte.pris_en_charge", "acte.transmis", "acte.en_attente",
    ]  # fmt: skip


def test_long_journals_are_read_in_pages_and_what_is_left_is_rung_for(
    bench: Bench, programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announcing, "PAGE", 2)
    monkeypatch.setattr(announcing, "PAGES", 3)
    program = programs.add()
    for _ in range(4):
        bench.acknowledged()
    bench.silence()
    announce(bench.tools, bench.authority_id)
    assert ("announce", bench.authority_id) in bench.bells()
    bench.run("announce")
    assert [number for _, number in _of(programs, program)] == list(range(1, 13))
    with bench.engine.connect() as connection:
        keys = select(func.count(notice.c.key.distinct())).where(notice.c.webhook_id.is_not(None))
        assert connection.execute(keys).scalar_one() == 12


def test_what_happens_during_a_pause_is_told_when_it_is_over(
    bench: Bench, programs: Programs
) -> None:
    program = programs.add()
    owner, number = bench.authority_id, program.webhook.id
    pause_webhook(bench.tools, owner, number, AUTHOR)
    bench.acknowledged()
    programs.run()
    assert (programs.notices(program), program.asked) == ([], [])
    resume_webhook(bench.tools, owner, number, AUTHOR)
    bench.run("announce", "tell")
    assert program.sequences == [1, 2, 3]


def test_one_authority_is_never_told_of_another(bench: Bench, programs: Programs) -> None:
    ours = programs.add()
    theirs = programs.add("voisin", authority_id=bench.second_id)
    bench.acknowledged()
    neighbour = bench.acte(authority_id=bench.second_id)
    programs.run()
    assert len(ours.events) == 3
    assert theirs.types == ["acte.pris_en_charge"]
    assert theirs.events[0]["data"]["acte"]["id"] == neighbour.acte_id
    assert {event["data"]["siren"] for event in ours.events} == {"123456782"}
    assert theirs.events[0]["data"]["siren"] == "123456790"


def test_findings_are_told_when_they_open_and_when_they_close(
    bench: Bench, programs: Programs
) -> None:
    program = programs.add(types=["constat.ouvert", "constat.ferme"])
    made = bench.acte()
    found = Finding(
        check="essai", key="1", severity=Severity.GRAVE, rule="DF-1", article="a",
        message="Monsieur Nommé", remedy="r", evidence=(), collectivite_id=bench.authority_id,
        acte_id=made.acte_id,
    )  # fmt: skip
    for findings in ([found], [found], []):
        with bench.tools.register() as unit:
            unit.save_findings(
                bench.authority_id, Examined(frozenset({"essai"})), findings, bench.clock.now()
            )
            unit.commit()
    programs.run()
    assert program.types == ["constat.ouvert", "constat.ferme"]
    opened, closed = (event["data"] for event in program.events)
    assert opened["constat"] == closed["constat"]
    assert opened["constat"]["controle"] == "essai"
    assert opened["constat"]["gravite"] == "grave"
    assert opened["acte"]["id"] == made.acte_id
    assert "Nommé" not in json.dumps(program.events, ensure_ascii=False)


def test_bells_are_rung_for_those_who_have_something_to_be_told_alone(
    bench: Bench, programs: Programs
) -> None:
    programs.add()
    # Its own line of the journal, which is about no act.
    programs.run()
    bench.silence()
    ring_announcements(bench.tools)
    assert bench.bells() == []
    bench.acte(authority_id=bench.second_id)
    ring_announcements(bench.tools)
    assert [bell for bell in bench.bells() if bell[0] == "announce"] == []
    bench.acte()
    for _ in range(2):
        ring_announcements(bench.tools)
    assert [bell for bell in bench.bells() if bell[0] == "announce"] == [
        ("announce", bench.authority_id)
    ]
