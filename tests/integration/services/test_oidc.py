"""A provider says who one is; what one may do was decided here, by somebody else."""

import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.bench import Bench
from transmission.domain.accounts import Account, Identity, Origin, Way
from transmission.domain.errors import ConflictError, NotFoundError, RefusedError
from transmission.domain.people import Grant, Role
from transmission.domain.transmission import Author
from transmission.ports.oidc import Declined, Departure, Homecoming, Identified
from transmission.ports.outbound import Unavailable
from transmission.services.accounts import (
    create_person,
    disable_person,
    enable_person,
    find_person,
    list_events,
)
from transmission.services.log_in import recognise
from transmission.services.oidc import Arrival, begin, farewell, finish, tie
from transmission.store.tables_people import person, session

BY = Author("administratrice", "essai")
HOME = Origin("192.0.2.1", "Firefox")
ISSUER, MAIL = "https://fournisseur.example", "agent@saint-exemple.example"
KNOWN = Identified(
    identity=Identity(ISSUER, "7"), email=MAIL, login=None, id_token="a.b.c", path="/actes"
)


@dataclass
class PlayedProvider:
    """A provider that answers what the test writes, and remembers what it was asked."""

    outcome: Identified | Declined | Unavailable = KNOWN
    name: str = "ProConnect"
    issuer: str = ISSUER
    asked: list[tuple[Any, ...]] = field(default_factory=list)

    def begin(self, back: str, path: str, at: datetime) -> Departure | Unavailable:
        self.asked.append((back, path, at))
        return Departure("https://fournisseur.example/authorize", "ticket")

    def finish(self, brought: Homecoming, at: datetime) -> Identified | Declined | Unavailable:
        self.asked.append((brought, at))
        return self.outcome

    def farewell(self, id_token: str, back: str, at: datetime) -> str | None:
        self.asked.append((id_token, back, at))
        return "https://fournisseur.example/logout"

    def trouble(self, at: datetime) -> str | None:
        return None


@pytest.fixture
def provider() -> PlayedProvider:
    return PlayedProvider()


def made(bench: Bench, login: str = "assemblees", email: str = MAIL, **more: Any) -> Account:
    grants = [Grant(Role.AGENT)]
    return create_person(bench.tools, login, f"compte {login}", grants, BY, email=email, **more)


def back(bench: Bench, provider: PlayedProvider) -> Any:
    brought = Homecoming(ticket="ticket", state="etat", code="code")
    return finish(bench.tools, provider, brought, HOME, randomness=secrets.token_bytes)


def events(bench: Bench) -> list[str]:
    return [each.event for each in list_events(bench.tools)]


def test_the_provider_is_told_where_to_send_back(bench: Bench, provider: PlayedProvider) -> None:
    tools = replace(bench.tools, console_url="https://console.example")
    assert isinstance(begin(tools, provider, "/actes"), Departure)
    farewell(tools, provider, "a.b.c")
    now = bench.clock.now()
    assert provider.asked == [
        ("https://console.example/connexion/oidc/retour", "/actes", now),
        ("a.b.c", "https://console.example/connexion", now),
    ]


def test_a_person_who_was_invited_comes_in_and_is_known_from_then_on(
    bench: Bench, provider: PlayedProvider
) -> None:
    account = made(bench)
    arrival = back(bench, provider)
    assert isinstance(arrival, Arrival), arrival
    assert (arrival.path, arrival.id_token) == ("/actes", "a.b.c")
    known = recognise(bench.tools, arrival.secret)
    assert known is not None
    assert (known.account.id, known.session.way) == (account.id, Way.OIDC)
    assert known.account.identity == KNOWN.identity
    assert known.account.person.grants == (Grant(Role.AGENT),)
    assert events(bench)[:2] == ["logged_in", "identity_bound"]

    provider.outcome = replace(KNOWN, email="mariee@autre.example")
    again = back(bench, provider)
    assert isinstance(again, Arrival), again
    assert events(bench)[:2] == ["logged_in", "logged_in"]


@pytest.mark.parametrize("invited", ["Agent@Saint-Exemple.example", "AGENT@SAINT-EXEMPLE.EXAMPLE"])
def test_capitals_of_an_address_do_not_count(
    bench: Bench, provider: PlayedProvider, invited: str
) -> None:
    made(bench, email=invited)
    assert isinstance(back(bench, provider), Arrival)


def test_a_claim_of_the_settings_is_a_login(bench: Bench, provider: PlayedProvider) -> None:
    account = made(bench, "agent7", email="")
    provider.outcome = replace(KNOWN, email=None, login="Agent7")
    arrival = back(bench, provider)
    assert isinstance(arrival, Arrival), arrival
    assert find_person(bench.tools, "agent7").identity == KNOWN.identity
    assert account.identity is None


def test_an_account_made_for_an_identity_awaits_nobody_else(
    bench: Bench, provider: PlayedProvider
) -> None:
    made(bench, identity=KNOWN.identity)
    assert isinstance(back(bench, provider), Arrival)
    provider.outcome = replace(KNOWN, identity=Identity(ISSUER, "8"))
    assert isinstance(back(bench, provider), Declined)


@pytest.mark.parametrize(
    "other", [Identity(ISSUER, "8"), Identity(f"{ISSUER}/", "7"), Identity(ISSUER, "７")]
)
def test_an_account_that_is_tied_stays_so(
    bench: Bench, provider: PlayedProvider, other: Identity
) -> None:
    made(bench)
    assert isinstance(back(bench, provider), Arrival)
    provider.outcome = replace(KNOWN, identity=other)
    assert isinstance(back(bench, provider), Declined)
    assert find_person(bench.tools, "assemblees").identity == KNOWN.identity


@pytest.mark.parametrize(
    ("email", "login"),
    [(None, None), ("autre@saint-exemple.example", None), (None, "autre"), ("", ""), (None, MAIL)],
)
def test_whoever_was_not_invited_gets_no_account(
    bench: Bench, provider: PlayedProvider, email: str | None, login: str | None
) -> None:
    made(bench)
    made(bench, "sans.adresse", email="")
    provider.outcome = replace(KNOWN, email=email, login=login)
    outcome = back(bench, provider)
    assert isinstance(outcome, Declined)
    assert "aucun compte n'est le vôtre" in outcome.reason
    assert "identité 7 de https://fournisseur.example" in outcome.remedy
    with bench.engine.connect() as connection:
        assert connection.execute(select(session.c.id)).all() == []
        tied = connection.execute(select(person.c.oidc_subject, person.c.login)).all()
    assert sorted(tied, key=lambda row: row.login) == [(None, "assemblees"), (None, "sans.adresse")]


def test_of_two_accounts_with_one_address_none_is_chosen(
    bench: Bench, provider: PlayedProvider
) -> None:
    made(bench)
    made(bench, "accueil")
    outcome = back(bench, provider)
    assert isinstance(outcome, Declined)
    assert "2 comptes peuvent être le vôtre" in outcome.reason
    assert MAIL in outcome.remedy
    assert {each.event for each in list_events(bench.tools)} == {"account_created", "role_granted"}


def test_a_disabled_person_does_not_come_in_and_is_tied_to_nothing(
    bench: Bench, provider: PlayedProvider
) -> None:
    made(bench)
    disable_person(bench.tools, "assemblees", BY)
    outcome = back(bench, provider)
    assert isinstance(outcome, Declined)
    assert "désactivé" in outcome.remedy
    assert find_person(bench.tools, "assemblees").identity is None

    enable_person(bench.tools, "assemblees", BY)
    assert isinstance(back(bench, provider), Arrival)
    disable_person(bench.tools, "assemblees", BY)
    assert isinstance(back(bench, provider), Declined)
    with bench.engine.connect() as connection:
        assert connection.execute(select(session.c.ended_at)).scalar_one() is not None


@pytest.mark.parametrize("outcome", [Declined("non", "recommencez"), Unavailable("il est loin")])
def test_what_the_provider_does_not_vouch_for_changes_nothing(
    bench: Bench, provider: PlayedProvider, outcome: Any
) -> None:
    made(bench, identity=KNOWN.identity)
    provider.outcome = outcome
    assert back(bench, provider) == outcome
    assert "logged_in" not in events(bench)


def test_what_the_administrator_is_to_be_told_can_be_shown(
    bench: Bench, provider: PlayedProvider
) -> None:
    strange = Identity(f"{ISSUER}/{'x' * 500}", "a\u202eb")
    provider.outcome = replace(KNOWN, identity=strange)
    outcome = back(bench, provider)
    assert isinstance(outcome, Declined)
    assert "\u202e" not in outcome.remedy
    assert len(outcome.remedy) < 700


def test_an_administrator_ties_an_account_to_the_identity_they_were_told(
    bench: Bench, provider: PlayedProvider
) -> None:
    made(bench, email="")
    made(bench, "accueil", email="")
    provider.outcome = replace(KNOWN, email=None)
    assert isinstance(back(bench, provider), Declined)
    tie(bench.tools, provider, "Assemblees", " 7 ", BY)
    arrival = back(bench, provider)
    assert isinstance(arrival, Arrival), arrival

    with pytest.raises(ConflictError, match="assemblees"):
        tie(bench.tools, provider, "accueil", "7", BY)
    tie(bench.tools, provider, "assemblees", "8", BY)
    assert recognise(bench.tools, arrival.secret) is None
    assert isinstance(back(bench, provider), Declined)
    told = list_events(bench.tools, "assemblees")
    assert [each.author for each in told if each.event == "identity_bound"] == [BY.name] * 2


def test_an_account_is_tied_with_a_reason_and_to_a_text_that_names_somebody(
    bench: Bench, provider: PlayedProvider
) -> None:
    made(bench)
    for subject in ("", "x" * 256, "é", "a\u202eb"):
        with pytest.raises(RefusedError, match="ne nomme personne"):
            tie(bench.tools, provider, "assemblees", subject, BY)
    with pytest.raises(RefusedError, match="motif"):
        tie(bench.tools, provider, "assemblees", "7", Author("administratrice"))
    with pytest.raises(NotFoundError):
        tie(bench.tools, provider, "personne", "7", BY)
    assert find_person(bench.tools, "assemblees").identity is None
