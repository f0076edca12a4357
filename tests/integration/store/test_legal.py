"""What people say of acts, in the register: kept, told to the journal, taken back, never lost."""

from datetime import UTC, date, datetime
from decimal import Decimal
from threading import Thread

import pytest
from sqlalchemy import Engine, select, text

from tests.support.bench import Bench
from transmission.domain.errors import ConflictError, NotFoundError
from transmission.domain.legal.declaration import NOTHING, Declaration
from transmission.domain.legal.entered import Entry
from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.sujets import (
    ActeKind,
    BudgetDocument,
    BudgetKind,
    Marche,
    PublicityMode,
)
from transmission.domain.transmission import Author
from transmission.store.tables import journal
from transmission.store.tables_legal import legal_event

CLERK = Author("secrétariat", "vu le registre")
AT = datetime(2023, 3, 10, 9, 5, tzinfo=UTC)
DAY = date(2023, 3, 6)
POSTED = Entry(
    event=LegalEvent(EventKind.PUBLICATION, DAY, DAY, mode=PublicityMode.AFFICHAGE),
    preuve="certificat d'affichage",
)


def stale(engine: Engine) -> list[int]:
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT acte_id FROM legal_stale ORDER BY id"))
        return list(rows.scalars())


def last_of_journal(engine: Engine) -> tuple[str, str, str | None, dict[str, object]]:
    with engine.connect() as connection:
        row = connection.execute(select(journal).order_by(journal.c.id.desc()).limit(1)).one()
    return row.event, row.author, row.reason, row.details


def test_an_entry_is_kept_whole_told_to_the_journal_and_has_its_act_read_again(
    bench: Bench, engine: Engine
) -> None:
    acte_id = bench.acte().acte_id
    marked = stale(engine)
    with bench.tools.register() as unit:
        added = unit.add_legal_event(acte_id, POSTED, CLERK, AT)
        unit.commit()
    with bench.tools.register() as unit:
        (kept,) = unit.legal_events([acte_id])[acte_id]
    assert (kept.id, kept.acte_id, kept.entry) == (added, acte_id, POSTED)
    assert (kept.at, kept.author, kept.reason) == (AT, CLERK.name, CLERK.reason)
    assert kept.retracted is None
    assert stale(engine) == [*marked, acte_id]
    event, author, reason, details = last_of_journal(engine)
    assert (event, author, reason) == ("event_recorded", CLERK.name, CLERK.reason)
    assert details == {
        "saisie": added,
        "evenement": "publication",
        "date_recu": "2023-03-06",
        "preuve": "certificat d'affichage",
    }


def test_entries_of_several_acts_come_together_each_under_its_own(bench: Bench) -> None:
    first, second, third = (bench.acte().acte_id for _ in range(3))
    with bench.tools.register() as unit:
        for acte_id in (first, second, first):
            unit.add_legal_event(acte_id, POSTED, CLERK, AT)
        found = unit.legal_events([first, second, third])
    assert {acte_id: len(found.get(acte_id, ())) for acte_id in (first, second, third)} == {
        first: 2,
        second: 1,
        third: 0,
    }


def test_an_entry_taken_back_stays_with_who_took_it_back(bench: Bench, engine: Engine) -> None:
    acte_id = bench.acte().acte_id
    with bench.tools.register() as unit:
        unit.add_legal_event(acte_id, POSTED, CLERK, AT)
        (kept,) = unit.legal_events([acte_id])[acte_id]
        unit.retract_legal_event(kept, Author("directrice", "erreur d'acte"), AT)
        unit.commit()
    with bench.tools.register() as unit:
        (kept,) = unit.legal_events([acte_id])[acte_id]
    assert kept.entry == POSTED
    assert kept.retracted is not None
    assert (kept.retracted.author, kept.retracted.reason) == ("directrice", "erreur d'acte")
    assert last_of_journal(engine)[0] == "event_retracted"
    with engine.connect() as connection:
        assert len(connection.execute(select(legal_event)).all()) == 2


def test_an_entry_is_taken_back_once(bench: Bench) -> None:
    acte_id = bench.acte().acte_id
    with bench.tools.register() as unit:
        unit.add_legal_event(acte_id, POSTED, CLERK, AT)
        (kept,) = unit.legal_events([acte_id])[acte_id]
        unit.retract_legal_event(kept, CLERK, AT)
        with pytest.raises(ConflictError, match="déjà été retiré"):
            unit.retract_legal_event(kept, CLERK, AT)
        unit.commit()


def test_the_newest_declaration_counts_and_the_others_stay(bench: Bench, engine: Engine) -> None:
    acte_id = bench.acte().acte_id
    first = Declaration(
        kind=ActeKind.CONTRAT,
        date_signature=date(2023, 3, 3),
        marche=Marche(Decimal("250000.50"), None, date(2023, 1, 5)),
        budget=BudgetDocument(BudgetKind.PRIMITIF, 2023, renouvellement=False),
        par_delegation=True,
    )
    with bench.tools.register() as unit:
        unit.add_legal_facts(acte_id, first, CLERK, AT)
        unit.add_legal_facts(acte_id, NOTHING, Author("directrice"), AT)
        unit.commit()
    with bench.tools.register() as unit:
        newest, oldest = unit.legal_facts(acte_id)
    assert (newest.declaration, newest.author, newest.reason) == (NOTHING, "directrice", None)
    assert (oldest.declaration, oldest.author) == (first, CLERK.name)
    assert last_of_journal(engine)[0] == "facts_declared"
    assert stale(engine)[-2:] == [acte_id, acte_id]


def test_a_fact_that_a_later_version_declared_is_left_aside(bench: Bench, engine: Engine) -> None:
    acte_id = bench.acte().acte_id
    with bench.tools.register() as unit:
        unit.add_legal_facts(acte_id, Declaration(tacite=True), CLERK, AT)
        unit.commit()
    with engine.begin() as connection:
        connection.execute(text("UPDATE legal_facts SET facts = facts || '{\"futur\": 1}'"))
    with bench.tools.register() as unit:
        assert unit.legal_facts(acte_id)[0].declaration == Declaration(tacite=True)


def test_nothing_is_said_of_an_act_that_is_not_there(bench: Bench) -> None:
    with bench.tools.register() as unit:
        for ask in (
            lambda: unit.hold_acte(99),
            lambda: unit.add_legal_event(99, POSTED, CLERK, AT),
            lambda: unit.add_legal_facts(99, NOTHING, CLERK, AT),
        ):
            with pytest.raises(NotFoundError):
                ask()
        assert unit.legal_facts(99) == []
        assert 99 not in unit.legal_events([99])


def test_whoever_holds_an_act_keeps_the_next_one_waiting_and_not_its_journal(
    bench: Bench,
) -> None:
    sent = bench.acte()
    order: list[str] = []

    def other() -> None:
        with bench.tools.register() as unit:
            unit.hold_acte(sent.acte_id)
            order.append("other")

    with bench.tools.register() as unit:
        unit.hold_acte(sent.acte_id)
        waiting = Thread(target=other)
        waiting.start()
        with bench.tools.register() as another:
            another.note(sent, "task_failed", CLERK, AT)
            another.commit()
        order.append("journal")
        waiting.join(0.2)
        order.append("first")
    waiting.join(30)
    assert order == ["journal", "first", "other"]


@pytest.mark.parametrize("event", ["submission_started", "polled", "task_failed"])
def test_what_changes_nothing_in_law_marks_nothing(
    bench: Bench, engine: Engine, event: str
) -> None:
    sent = bench.acte()
    before = stale(engine)
    with bench.tools.register() as unit:
        unit.note(sent, event, CLERK, AT)
        unit.commit()
    assert stale(engine) == before
