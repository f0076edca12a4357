"""How long acts take, counted on a real register."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, Table, insert, text

from tests.support.bench import Bench
from transmission.domain.collectivite import Collectivite, TdtAccount
from transmission.domain.delays import Delays, Period, UsualDelay
from transmission.domain.identifiers import Departement, NatureActe, Siren
from transmission.domain.lifecycle import Event, State
from transmission.domain.transmission import SERVICE, Transmission
from transmission.ports import Step
from transmission.services.submit import submit
from transmission.store.queries import delays as module
from transmission.store.queries.delays import (
    OwnerName,
    ReceptionDelays,
    owner_name,
    reception_delays,
    usual_delays,
)
from transmission.store.rows import dump_collectivite
from transmission.store.tables import acte, collectivite, transmission

NOW = datetime(2026, 11, 23, 13, 5, tzinfo=UTC)
SIREN, OTHER = "123456782", "123456790"
PERIOD = Period(date(2026, 1, 1), date(2026, 3, 1))
JANUARY, MARCH = date(2026, 1, 15), date(2026, 3, 31)


@dataclass
class Register:
    """One connection over a register, and verbs that fill it."""

    connection: Connection
    numbers: Any

    def add(self, table: Table, **values: Any) -> int:
        statement = insert(table).values(values).returning(table.c.id)
        return int(self.connection.execute(statement).scalar_one())

    def authority(self, siren: str = SIREN, tdt: str = "un TdT") -> int:
        account = TdtAccount("s2low", tdt, "https://tdt.example", "c", "k", None, "ca")
        owner = Collectivite(
            Siren(siren), Departement("042"), 2, "31", "Commune", ("a@example.fr",), account,
            time_zone="America/Cayenne",
        )  # fmt: skip
        return self.add(
            collectivite, siren=siren, settings=dump_collectivite(owner), created_at=NOW
        )

    def acte(
        self,
        owner: int,
        day: date,
        delay: int | None,
        *,
        nature: NatureActe = NatureActe.DELIBERATION,
        matiere: str = "7.5",
        state: State = State.ACKNOWLEDGED,
    ) -> int:
        numero = f"N{next(self.numbers)}"
        acte_id = self.add(
            acte, collectivite_id=owner, numero_interne=numero, date_decision=day,
            nature=nature.code, matiere=matiere, objet="o", date_classification=day,
            document_papier=False, fingerprint="f", accepted_at=NOW, accepted_by="api",
        )  # fmt: skip
        self.sending(owner, acte_id, state, None if delay is None else day + timedelta(delay))
        return acte_id

    def sending(
        self, owner: int, acte_id: int, state: State, received: date | None, message: str = "1-1"
    ) -> int:
        return self.add(
            transmission, collectivite_id=owner, acte_id=acte_id, message=message,
            id_acte="042-123456782-20260115-N-DE", state=state.code, state_since=NOW,
            date_reception=received,
        )  # fmt: skip

    def read(self, siren: str | None = None, period: Period = PERIOD) -> ReceptionDelays:
        return reception_delays(self.connection, period, siren)


@pytest.fixture
def register(engine: Engine) -> Iterator[Register]:
    with engine.connect() as connection:
        yield Register(connection, count(1))


def test_an_empty_register_has_no_delay_and_all_the_months(register: Register) -> None:
    found = register.read()
    assert found == ReceptionDelays(
        period=PERIOD,
        overall=Delays(),
        natures=(),
        matieres=(),
        months=tuple((month, Delays()) for month in PERIOD.months),
    )


def test_acts_are_counted_by_nature_by_matiere_and_by_month(register: Register) -> None:
    owner = register.authority()
    register.acte(owner, JANUARY, 0)
    register.acte(owner, JANUARY, 3, matiere="7.10.2")
    register.acte(owner, JANUARY, 3, matiere="7.10")
    register.acte(owner, MARCH, 40, nature=NatureActe.INDIVIDUEL, matiere="7.5.1")
    found = register.read()
    assert found.overall == Delays(((0, 1), (3, 2), (40, 1)))
    assert found.natures == (
        (NatureActe.DELIBERATION, Delays(((0, 1), (3, 2)))),
        (NatureActe.INDIVIDUEL, Delays(((40, 1),))),
    )
    assert found.matieres == (
        ("7.5", Delays(((0, 1), (40, 1)))),
        ("7.10", Delays(((3, 2),))),
    )
    assert found.months == (
        (date(2026, 1, 1), Delays(((0, 1), (3, 2)))),
        (date(2026, 2, 1), Delays()),
        (date(2026, 3, 1), Delays(((40, 1),))),
    )


def test_only_the_months_asked_count_whenever_acts_were_received(register: Register) -> None:
    owner = register.authority()
    for day in (date(2025, 12, 31), date(2026, 1, 1), MARCH, date(2026, 4, 1)):
        register.acte(owner, day, 30)
    assert register.read().overall == Delays(((30, 2),))


def test_one_authority_is_read_alone(register: Register) -> None:
    register.acte(register.authority(), JANUARY, 1)
    register.acte(register.authority(OTHER), JANUARY, 2)
    assert register.read(SIREN).overall == Delays(((1, 1),))
    assert register.read(OTHER).overall == Delays(((2, 1),))
    assert register.read().overall == Delays(((1, 1), (2, 1)))


def test_what_is_not_received_is_pending_and_a_receipt_before_adoption_impossible(
    register: Register,
) -> None:
    owner = register.authority()
    for state in (State.ACCEPTED, State.SUBMITTED, State.HELD):
        register.acte(owner, JANUARY, None, state=state)
    register.acte(owner, JANUARY, -1)
    assert register.read().overall == Delays(pending=3, impossible=1)
    assert register.read().months[0][1] == Delays(pending=3, impossible=1)


def test_an_act_counts_once_through_its_current_sending(register: Register) -> None:
    owner = register.authority()
    resent = register.acte(owner, JANUARY, None, state=State.REJECTED)
    register.sending(owner, resent, State.ACKNOWLEDGED, JANUARY + timedelta(9))
    register.acte(owner, JANUARY, None, state=State.REJECTED)
    register.acte(owner, JANUARY, None, state=State.CANCELLED)
    assert register.read().overall == Delays(((9, 1),))


def test_an_act_received_then_cancelled_keeps_its_delay_until_it_is_sent_again(
    register: Register,
) -> None:
    owner = register.authority()
    cancelled = register.acte(owner, JANUARY, 5, state=State.CANCELLED)
    assert register.read().overall == Delays(((5, 1),))
    register.sending(owner, cancelled, State.SUBMITTED, None)
    assert register.read().overall == Delays(pending=1)


def test_other_messages_about_an_act_have_no_part_in_it(register: Register) -> None:
    owner = register.authority()
    acte_id = register.acte(owner, JANUARY, 2, state=State.CANCELLED)
    register.sending(owner, acte_id, State.ACKNOWLEDGED, JANUARY + timedelta(50), "3-4")
    register.sending(owner, acte_id, State.ACKNOWLEDGED, JANUARY + timedelta(60), "6-1")
    assert register.read().overall == Delays(((2, 1),))


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(NatureActe),
            st.sampled_from(["1.1", "7.5", "7.5.1", "7.10"]),
            st.dates(PERIOD.first, MARCH),
            st.none() | st.integers(-2, 90),
        ),
        max_size=12,
    )
)
def test_every_grouping_counts_the_same_acts(
    register: Register, acts: list[tuple[NatureActe, str, date, int | None]]
) -> None:
    with register.connection.begin_nested() as undone:
        owner = register.authority()
        for nature, matiere, day, delay in acts:
            register.acte(owner, day, delay, nature=nature, matiere=matiere)
        found = register.read()
        undone.rollback()
    assert found.overall == Delays.of(tally(delay for *_, delay in acts).items())
    for groups in (found.natures, found.matieres, found.months):
        parts = [part for _, part in groups]
        assert sum(part.acts for part in parts) == found.overall.acts
        assert sum(part.pending for part in parts) == found.overall.pending
        assert sum(part.impossible for part in parts) == found.overall.impossible
        every = [zip(*(part.bins for part in parts), strict=True)] if parts else []
        assert [tuple(map(sum, bins)) for bins in every] in ([], [found.overall.bins])


def tally(delays: Iterator[int | None]) -> dict[int | None, int]:
    counted: dict[int | None, int] = {}
    for delay in delays:
        counted[delay] = counted.get(delay, 0) + 1
    return counted


def test_an_authority_is_told_by_its_siren(register: Register) -> None:
    register.authority()
    known = owner_name(register.connection, SIREN)
    assert known == OwnerName(SIREN, "Commune", "America/Cayenne")
    assert owner_name(register.connection, OTHER) is None


def test_the_plan_reads_the_period_and_no_more(register: Register) -> None:
    owner = register.authority()
    register.connection.execute(
        text(
            "INSERT INTO acte (collectivite_id, numero_interne, date_decision, nature, matiere,"
            " objet, date_classification, document_papier, fingerprint, accepted_at, accepted_by)"
            " SELECT :owner, 'A' || n, date '2016-01-01' + n % 3650, 1, '7.5', 'o', '2015-01-01',"
            " false, 'f', now(), 'api' FROM generate_series(1, 20000) n"
        ),
        {"owner": owner},
    )
    register.connection.execute(
        text(
            "INSERT INTO transmission (acte_id, collectivite_id, state, state_since, id_acte,"
            " date_reception) SELECT id, collectivite_id, 'acknowledged', now(), 'x',"
            " date_decision + 1 FROM acte"
        )
    )
    register.connection.execute(text("ANALYZE acte, transmission"))
    month = Period(date(2020, 3, 1), date(2020, 3, 1))
    assert register.read(period=month).overall.acts == pytest.approx(170, abs=20)
    seen = {
        table: int(rows or 0)
        for table, rows in register.connection.execute(
            text(
                "SELECT relname, seq_tup_read FROM pg_stat_xact_user_tables"
                " WHERE relname IN ('acte', 'transmission')"
            )
        )
    }
    register.read(period=month)
    again = register.connection.execute(
        text(
            "SELECT relname, seq_tup_read FROM pg_stat_xact_user_tables"
            " WHERE relname IN ('acte', 'transmission')"
        )
    )
    assert {table: int(rows or 0) for table, rows in again} == seen


def received(bench: Bench, minutes: float, **changes: Any) -> None:
    """An act whose AR was recorded some minutes after the TdT took it."""
    made = bench.sent(**changes)
    bench.clock.advance(60 * minutes)
    acknowledged(bench, made)


def acknowledged(bench: Bench, sent: Transmission) -> None:
    with bench.tools.register() as unit:
        step = Step(date_reception=date(2023, 3, 9))
        unit.move(sent, Event.AR_RECEIVED, SERVICE, bench.clock.now(), step)
        unit.commit()


def usual(bench: Bench) -> dict[str, UsualDelay]:
    with bench.engine.connect() as connection:
        return usual_delays(connection)


def test_the_usual_delay_of_a_tdt_goes_from_the_sending_to_the_ar(bench: Bench) -> None:
    assert usual(bench) == {}
    bench.sent()
    for minutes in (2, 4, 6, 8, 200):
        received(bench, minutes)
    assert usual(bench) == {
        "TdT d'essai": UsualDelay(
            5, timedelta(minutes=6), timedelta(minutes=200), timedelta(minutes=200)
        )
    }


def test_only_the_last_acts_of_a_tdt_are_read(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RECENT", 2)
    for minutes in (500, 400, 3):
        received(bench, minutes)
    received(bench, 1, authority_id=bench.second_id)
    (found,) = usual(bench).values()
    assert (found.acts, found.p50, found.p99) == (2, timedelta(minutes=1), timedelta(minutes=3))


def test_an_ar_that_proves_a_doubtful_sending_has_no_usual_delay(bench: Bench) -> None:
    acknowledged(bench, bench.in_doubt())
    assert usual(bench) == {}


def test_an_act_sent_again_counts_from_its_last_sending(bench: Bench) -> None:
    made = bench.sent()
    bench.clock.advance(3600)
    with bench.tools.register() as unit:
        held = unit.move(made, Event.HELD, SERVICE, bench.clock.now(), Step())
        unit.move(held, Event.RELEASED_TO_SUBMIT, SERVICE, bench.clock.now(), Step())
        unit.commit()
    submit(bench.tools, bench.now_of(made.id))
    bench.clock.advance(60)
    acknowledged(bench, bench.now_of(made.id))
    (found,) = usual(bench).values()
    assert found.p99 == timedelta(minutes=1)


def test_each_tdt_has_its_own(bench: Bench) -> None:
    received(bench, 10)
    bench.changed(lambda known: replace(known, tdt=replace(known.tdt, nom="un autre")))
    received(bench, 1, authority_id=bench.second_id)
    assert {name: found.p50 for name, found in usual(bench).items()} == {
        "un autre": timedelta(minutes=10),
        "TdT d'essai": timedelta(minutes=1),
    }
