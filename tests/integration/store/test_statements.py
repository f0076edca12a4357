"""Statements compiled once: same transaction, same rows, same errors as SQLAlchemy's own."""

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import Connection, Engine, bindparam, insert, literal, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, NoResultFound

from transmission.store.statements import Reading, Statement
from transmission.store.tables import heartbeat, journal, outbox

ADD = Statement(
    insert(outbox)
    .values(task=bindparam("task"), subject=bindparam("subject"))
    .returning(outbox.c.id, outbox.c.task)
)
ALL = Statement(
    select(outbox.c.task, literal("fixe").label("fixed"))
    .where(outbox.c.subject > bindparam("above"))
    .order_by(outbox.c.id)
)


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as opened:
        yield opened


def test_rows_bear_the_names_of_their_columns(connection: Connection) -> None:
    added = ADD.one(connection, {"task": "send", "subject": 1})
    ADD.one(connection, {"task": "collect", "subject": 2})
    assert (added.task, added._fields) == ("send", ("id", "task"))
    rows = ALL.rows(connection, {"above": 0})
    assert [(row.task, row.fixed) for row in rows] == [("send", "fixe"), ("collect", "fixe")]
    first = ALL.first(connection, {"above": 1})
    assert first is not None
    assert first.task == "collect"


def test_no_row_is_none_or_an_error_as_asked(connection: Connection) -> None:
    assert ALL.first(connection, {"above": 0}) is None
    assert ALL.rows(connection, {"above": 0}) == []
    with pytest.raises(NoResultFound):
        ALL.one(connection, {"above": 0})


def test_it_tells_how_many_rows_it_touched(connection: Connection) -> None:
    change = Statement(update(outbox).values(subject=bindparam("new")))
    for subject in (1, 2, 3):
        ADD.run(connection, {"task": "send", "subject": subject})
    assert change.run(connection, {"new": 9}) == 3


def test_it_belongs_to_the_transaction_of_its_connection(engine: Engine) -> None:
    with engine.connect() as connection:
        ADD.run(connection, {"task": "send", "subject": 1})
    with engine.connect() as connection:
        ADD.run(connection, {"task": "collect", "subject": 1})
        connection.commit()
    with engine.connect() as connection:
        assert [row.task for row in ALL.rows(connection, {"above": 0})] == ["collect"]


def test_a_document_goes_in_as_json_and_the_caller_keeps_its_own(connection: Connection) -> None:
    names = ("at", "event", "author", "details")
    own = {name: bindparam(f"row_{name}", type_=journal.c[name].type) for name in names}
    owner = "INSERT INTO collectivite (siren, settings, created_at) VALUES ('1', '{}', now())"
    owner_id = connection.execute(text(owner + " RETURNING id")).scalar_one()
    write = Statement(
        insert(journal).values(**own, collectivite_id=owner_id).returning(journal.c.details)
    )
    now = connection.execute(text("SELECT now()")).scalar_one()
    details = {"clé": ["é", 1, None]}
    values = {"row_at": now, "row_event": "e", "row_author": "a", "row_details": details}
    assert write.one(connection, values).details == details
    assert values["row_details"] is details


def test_a_conflict_is_the_error_that_sqlalchemy_would_raise(connection: Connection) -> None:
    twice = Statement(
        insert(heartbeat).values(name=bindparam("called"), at=text("now()"), detail="")
    )
    twice.run(connection, {"called": "x"})
    with pytest.raises(IntegrityError, match="heartbeat_pkey"):
        twice.run(connection, {"called": "x"})


def test_a_lost_server_makes_a_lost_connection_that_nobody_gets_again(
    engine: Engine, administration: psycopg.Connection
) -> None:
    with engine.connect() as connection:
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        administration.execute("SELECT pg_terminate_backend(%s, 30000)", [pid])
        with pytest.raises(DBAPIError) as lost:
            ALL.rows(connection, {"above": 0})
        assert lost.value.connection_invalidated
        assert connection.invalidated
    with engine.connect() as connection:
        assert ALL.rows(connection, {"above": 0}) == []


READ = Reading(select(outbox.c.task).order_by(outbox.c.id))


def test_a_reading_alone_opens_no_transaction_and_sees_what_is_committed(engine: Engine) -> None:
    with engine.connect() as connection, engine.connect() as other:
        ADD.run(other, {"task": "send", "subject": 1})
        assert READ.first(connection, {}) is None
        other.commit()
        assert READ.one(connection, {}).task == "send"
        assert not connection.in_transaction()
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        assert driver.info.transaction_status is psycopg.pq.TransactionStatus.IDLE
        assert not driver.autocommit


def test_a_reading_within_a_transaction_sees_what_it_wrote_and_leaves_it_open(
    engine: Engine,
) -> None:
    with engine.connect() as connection:
        ADD.run(connection, {"task": "send", "subject": 1})
        assert READ.one(connection, {}).task == "send"
        connection.rollback()
        assert READ.first(connection, {}) is None


def test_what_is_written_after_a_reading_is_still_one_transaction(engine: Engine) -> None:
    with engine.connect() as connection:
        READ.rows(connection, {})
        ADD.run(connection, {"task": "send", "subject": 1})
    with engine.connect() as connection:
        assert READ.rows(connection, {}) == []


def test_a_reading_on_a_lost_server_is_the_same_error(
    engine: Engine, administration: psycopg.Connection
) -> None:
    with engine.connect() as connection:
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        connection.rollback()
        administration.execute("SELECT pg_terminate_backend(%s, 30000)", [pid])
        with pytest.raises(DBAPIError) as lost:
            READ.rows(connection, {})
        assert lost.value.connection_invalidated
