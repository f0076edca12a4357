"""Publications in the register: one current for each act, claimed looks, proofs that stay."""

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, text

from tests.support.bench import Bench
from transmission.domain.errors import ConflictError, NotFoundError
from transmission.domain.publication import Verdict
from transmission.domain.transmission import StoredFile
from transmission.ports.publications import Look, NewCopy
from transmission.store.tables_legal import publication_check, published_copy

FILE = StoredFile("a" * 64, 12)
OTHER = StoredFile("b" * 64, 13)


def new(bench: Bench, acte_id: int, **changes: Any) -> NewCopy:
    made = NewCopy(
        acte_id=acte_id,
        collectivite_id=bench.authority_id,
        date_mise_en_ligne=date(2023, 3, 9),
        date_minimum=date(2023, 5, 9),
        address="https://example.org/1.pdf",
        next_check_at=bench.clock.now(),
    )
    return replace(made, **changes)


def added(bench: Bench, **changes: Any) -> int:
    acte_id = bench.acte().acte_id
    with bench.tools.register() as unit:
        copy_id = unit.add_copy(new(bench, acte_id, **changes), "agent", bench.clock.now())
        unit.commit()
    return copy_id


def look(bench: Bench, verdict: Verdict = Verdict.CONFORME, **more: Any) -> Look:
    return Look(verdict=verdict, at=bench.clock.now(), **more)


def record(bench: Bench, copy_id: int, found: Look) -> bool:
    with bench.tools.register() as unit:
        kept = unit.record_look(copy_id, found, bench.clock.now())
        unit.commit()
    return kept


def claim(bench: Bench, limit: int = 10) -> list[Any]:
    with bench.tools.register() as unit:
        due = unit.claim_copies(bench.clock.now(), bench.clock.now() + timedelta(hours=1), limit)
        unit.commit()
    return list(due)


def test_an_act_has_one_current_publication_and_former_ones_stay(bench: Bench) -> None:
    acte_id, now = bench.acte().acte_id, bench.clock.now()
    with bench.tools.register() as unit:
        assert unit.current_copy(acte_id) is None
        first = unit.add_copy(new(bench, acte_id), "agent", now)
        with pytest.raises(ConflictError, match="un autre appel"), unit.trial():
            unit.add_copy(new(bench, acte_id), "agent", now)
        unit.withdraw_copy(first, "remplacée", now)
        second = unit.add_copy(
            new(bench, acte_id, file=FILE, nom_fichier="a.pdf", address=None), "agent", now
        )
        unit.commit()
        copy = unit.current_copy(acte_id)
    assert copy is not None
    assert (copy.id, copy.file, copy.is_served, copy.at) == (second, FILE, True, now)
    with bench.engine.connect() as connection:
        former = connection.execute(
            select(published_copy).where(published_copy.c.id == first)
        ).one()
    assert (former.withdrawn_at, former.withdrawn_reason, former.author) == (
        now,
        "remplacée",
        "agent",
    )


def test_nobody_publishes_an_act_while_another_does(bench: Bench) -> None:
    acte_id = bench.acte().acte_id
    with bench.tools.register() as one, bench.tools.register() as other:
        one.current_copy(acte_id)
        other._connection.execute(text("SET LOCAL lock_timeout = '100ms'"))  # type: ignore[attr-defined]
        with pytest.raises(Exception, match="lock timeout"):
            other.current_copy(acte_id)


def test_an_unknown_act_has_no_publication(bench: Bench) -> None:
    with bench.tools.register() as unit, pytest.raises(NotFoundError):
        unit.current_copy(999)


def test_looks_are_claimed_oldest_first_once_and_given_back(bench: Bench) -> None:
    now = bench.clock.now()
    late, later, _ = (added(bench, next_check_at=now + timedelta(minutes=m)) for m in (-2, -1, 1))
    added(bench, next_check_at=None, address=None)
    with bench.tools.register() as unit:
        assert unit.has_due_copies(now)
        assert not unit.has_due_copies(now - timedelta(hours=1))
    assert [due.copy.id for due in claim(bench, 1)] == [late]
    assert [due.copy.id for due in claim(bench)] == [later]
    assert claim(bench) == []
    with bench.tools.register() as unit:
        unit.put_off_copies([late], now)
        unit.commit()
    assert [due.copy.id for due in claim(bench)] == [late]


def test_what_another_is_claiming_is_not_waited_for(bench: Bench) -> None:
    first, second = added(bench), added(bench)
    now, later = bench.clock.now(), bench.clock.now() + timedelta(hours=1)
    with bench.tools.register() as one, bench.tools.register() as other:
        assert [due.copy.id for due in one.claim_copies(now, later, 1)] == [first]
        other._connection.execute(text("SET LOCAL lock_timeout = '100ms'"))  # type: ignore[attr-defined]
        assert [due.copy.id for due in other.claim_copies(now, later, 9)] == [second]


def test_a_claim_tells_what_the_look_needs(bench: Bench) -> None:
    added(bench)
    (due,) = claim(bench)
    assert (due.siren, due.time_zone, due.tries, due.is_other) == (
        "123456782",
        "Europe/Paris",
        0,
        False,
    )
    with bench.tools.register() as unit:
        assert due.acte_file == unit.acte(due.copy.acte_id).pieces[0].file


def test_the_first_answer_alone_fixes_the_content(bench: Bench) -> None:
    copy_id = added(bench)
    assert record(bench, copy_id, look(bench, Verdict.PAGE_HTML, file=OTHER))
    assert claim(bench)[0].copy.file is None
    assert record(bench, copy_id, look(bench, file=FILE, is_first=True))
    assert record(bench, copy_id, look(bench, file=OTHER, is_first=True))
    assert claim(bench)[0].copy.file == FILE


def test_every_look_is_kept_with_its_proof(bench: Bench) -> None:
    copy_id = added(bench)
    proof = {"statut": 503, "adresse": "https://example.org/1.pdf"}
    record(bench, copy_id, look(bench, Verdict.INJOIGNABLE, detail="503", proof=proof, tries=3))
    record(bench, copy_id, look(bench, file=FILE, is_first=True, proof={"statut": 200}))
    with bench.engine.connect() as connection:
        silent, answered = connection.execute(
            select(publication_check).order_by(publication_check.c.id)
        ).all()
    assert (silent.outcome, silent.sha256, silent.detail) == ("injoignable", None, "503")
    assert silent.proof == {**proof, "essais": 3}
    assert (answered.outcome, answered.sha256, answered.size) == ("conforme", FILE.sha256, 12)
    assert answered.proof == {"statut": 200}


def test_the_silences_in_a_row_and_the_first_verdict_are_remembered(bench: Bench) -> None:
    copy_id = added(bench)
    record(bench, copy_id, look(bench, Verdict.AUTRE_FICHIER, file=FILE, is_first=True))
    record(bench, copy_id, look(bench, Verdict.INJOIGNABLE, tries=1))
    record(bench, copy_id, look(bench, Verdict.INJOIGNABLE, tries=2))
    (due,) = claim(bench)
    assert (due.tries, due.is_other) == (2, True)


def test_a_withdrawn_publication_has_no_look_any_more(bench: Bench) -> None:
    copy_id = added(bench)
    with bench.tools.register() as unit:
        unit.withdraw_copy(copy_id, "erreur", bench.clock.now())
        unit.commit()
    assert not record(bench, copy_id, look(bench))
    assert claim(bench) == []
    with bench.engine.connect() as connection:
        assert connection.execute(select(publication_check)).all() == []


def test_a_claim_reads_what_is_due_and_nothing_else(bench: Bench) -> None:
    added(bench)
    statements: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        statements.append((statement, values))

    event.listen(bench.engine, "before_cursor_execute", note)
    claim(bench)
    event.remove(bench.engine, "before_cursor_execute", note)
    with bench.engine.connect() as connection:
        connection.execute(text("SET enable_seqscan = off"))
        (said, values) = next(each for each in statements if "published_copy" in each[0])
        plan = "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {said}", values))
    assert re.search(r"published_copy_due_idx", plan), plan
    assert "Seq Scan on published_copy" not in plan, plan
    assert "Seq Scan on publication_check" not in plan, plan
