"""Words of accounts: roles where they hold, standings, events."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from transmission.console.people_page import (
    AccountLine,
    EventLine,
    named_grants,
    read_grant,
    role_label,
)
from transmission.domain.accounts import Account, Identity, PersonEvent
from transmission.domain.people import Grant, Role

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
HERE = "123456782"
ACCOUNT = Account(
    id=1, login="a+b@example.org", name="a", grants=(Grant(Role.AGENT, HERE), Grant(Role.READER)),
    created_at=NOW, created_by="b",
)  # fmt: skip
EVENT = PersonEvent(1, NOW, 1, "a", HERE, "role_granted", "b", None, {"role": "agent"})


def test_a_role_is_shown_where_it_holds_and_read_back() -> None:
    agent, reader = named_grants(ACCOUNT, {HERE: "Commune de Saint-Exemple"})
    assert (agent.where, reader.where) == ("Commune de Saint-Exemple", "toutes les collectivités")
    assert [read_grant(each.value) for each in (agent, reader)] == list(ACCOUNT.grants)
    assert named_grants(ACCOUNT, {})[0].where == HERE


@pytest.mark.parametrize("text", ["", "agent", "agent@", "chef@*", "@*", "*"])
def test_what_is_no_role_is_none(text: str) -> None:
    assert read_grant(text) is None


def test_a_standing_says_whether_they_can_come_in_and_do_something() -> None:
    roles = named_grants(ACCOUNT, {})
    chosen = replace(ACCOUNT, password_at=NOW)
    assert "mot de passe" in AccountLine(ACCOUNT, roles).standing
    assert AccountLine(chosen, roles).standing == "en service"
    assert AccountLine(chosen, ()).standing == "sans rôle"
    tied = replace(ACCOUNT, identity=Identity("https://idp.example.org", "1"))
    assert AccountLine(tied, roles).standing == "en service"
    assert AccountLine(replace(chosen, disabled_at=NOW), roles).standing == "désactivé"


def test_a_login_is_written_in_an_address_whatever_it_holds() -> None:
    assert AccountLine(ACCOUNT, ()).url == "/comptes/a%2Bb%40example.org"


def test_an_event_is_told_in_words_and_an_unknown_one_by_its_code() -> None:
    assert EventLine(EVENT).label == "Rôle donné"
    assert EventLine(EVENT).details == f"role : Agent ; SIREN : {HERE}"
    everywhere = EventLine(replace(EVENT, siren=None))
    assert everywhere.details == "role : Agent ; où : toutes les collectivités"
    unknown = replace(EVENT, event="moved", siren=None, details={})
    assert (EventLine(unknown).label, EventLine(unknown).details) == ("moved", "")
    assert role_label("souverain") == "souverain"
