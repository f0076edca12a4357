"""What the service holds of people: given, erased, forgotten in time."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.support.bench import Bench
from tests.support.people import BY
from transmission.domain.accounts import Origin, Way
from transmission.domain.errors import NotFoundError, RefusedError
from transmission.domain.notifications import Kind, Pace
from transmission.domain.people import Grant, Role
from transmission.domain.transmission import Author
from transmission.ports.people import NewSession
from transmission.services.accounts import create_person, set_password
from transmission.services.personal import VISITS_KEPT, erase, forget_visits, personal_data
from transmission.services.publish import publish
from transmission.services.wishes import Chosen, choose
from transmission.store.tables_people import person, session

LEAVING = Author("administration", reason="départ")
PASSWORD = "une longue phrase de passe"
ADDRESS = "agente@saint-exemple.example"


@pytest.fixture
def agent(bench: Bench) -> int:
    """An account that was used in every way; its number."""
    made = create_person(
        bench.tools, "agente", "Camille Exemple", [Grant(Role.AGENT)], BY, email=ADDRESS
    )
    set_password(bench.tools, "agente", PASSWORD, BY)
    choose(bench.tools, "agente", Chosen({Kind.AR: Pace.AT_ONCE}), BY)
    visited(bench, made.id, "a" * 64)
    publish(
        bench.tools,
        bench.acknowledged().acte_id,
        bench.clock.now().date(),
        None,
        Author("Camille Exemple"),
    )
    return made.id


def visited(bench: Bench, person_id: int, digest: str) -> None:
    ends = bench.clock.now() + timedelta(hours=12)
    with bench.tools.register() as unit:
        origin = Origin("192.0.2.7", "Navigateur d'exemple")
        new = NewSession(
            digest=digest, person_id=person_id, way=Way.PASSWORD, origin=origin, expires_at=ends
        )
        unit.open_session(new, bench.clock.now())
        unit.commit()


def test_a_person_is_given_everything_held_about_them_and_no_secret(
    bench: Bench, agent: int
) -> None:
    told = personal_data(bench.tools, "Agente")
    said = json.dumps(told, default=str)
    for known in (ADDRESS, "Camille Exemple", "192.0.2.7", "Navigateur d'exemple", "published"):
        assert known in said
    assert "argon2" not in said
    assert "a" * 64 not in said
    assert told["person"][0]["id"] == agent
    assert "password_hash" not in told["person"][0]


def test_what_is_erased_is_nowhere_but_in_what_proves(bench: Bench, agent: int) -> None:
    gone = erase(bench.tools, "agente", LEAVING)
    assert (gone.person_id, gone.lines) == (agent, 1)
    with pytest.raises(NotFoundError):
        personal_data(bench.tools, "agente")
    left = personal_data(bench.tools, f"efface-{agent}")
    said = json.dumps({**left, "person_event": []}, default=str)
    for known in (ADDRESS, "Camille", "192.0.2.7", "Navigateur", "agente"):
        assert known not in said
    assert [each["revoked_by"] for each in left["person_role"]] == ["administration"]
    assert left["session"] == left["person_wish"] == []
    assert left["person_event"][-1]["event"] == "account_erased"
    with bench.engine.connect() as connection:
        row = connection.execute(select(person).where(person.c.id == agent)).one()
    assert (row.password_hash, row.email, row.disabled_by) == (None, None, "administration")


def test_a_login_that_was_erased_may_be_somebody_elses(bench: Bench, agent: int) -> None:
    erase(bench.tools, "agente", LEAVING)
    again = create_person(bench.tools, "agente", "Autre", [Grant(Role.READER)], BY, email=ADDRESS)
    assert again.id != agent
    assert personal_data(bench.tools, "agente")["session"] == []


def test_nobody_is_erased_without_a_reason(bench: Bench, agent: int) -> None:
    with pytest.raises(RefusedError, match="motif"):
        erase(bench.tools, "agente", replace(LEAVING, reason=None))
    assert personal_data(bench.tools, "agente")["person"][0]["id"] == agent


def test_visits_are_forgotten_a_year_after_their_end(bench: Bench, agent: int) -> None:
    bench.clock.advance(VISITS_KEPT.total_seconds())
    visited(bench, agent, "b" * 64)
    assert forget_visits(bench.tools) == 0
    bench.clock.advance(13 * 3600)
    assert forget_visits(bench.tools) == 1
    with bench.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(session)).scalar_one() == 1
