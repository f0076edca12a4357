"""People who want mails that nobody can send them."""

from dataclasses import replace
from datetime import UTC, datetime

from transmission.cli.diagnosis.mails import mails
from transmission.domain.accounts import Account
from transmission.domain.notifications import Kind, Pace
from transmission.domain.people import Grant, Role
from transmission.domain.wishes import Listener

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
AGENT = Account(
    id=1, login="agent", name="agent", email="a@example.org", grants=(Grant(Role.AGENT),),
    created_at=NOW, created_by="essai",
)  # fmt: skip
READER = replace(AGENT, id=2, login="lecteur", grants=(Grant(Role.READER),))


def _said(*listeners: Listener, server: bool = True) -> list[str]:
    return [each.said for each in mails(listeners, server=server)]


def test_those_who_want_mails_are_named_while_there_is_no_server() -> None:
    (said,) = _said(Listener(AGENT), Listener(READER), server=False)
    assert "annoncé à agent :" in said
    assert "TRANSMISSION_SMTP_HOST" in said
    assert _said(Listener(AGENT)) == []
    for gone in ({"disabled_at": NOW}, {"grants": ()}):
        assert _said(Listener(replace(AGENT, **gone)), server=False) == []


def test_those_who_chose_and_have_no_address_are_named() -> None:
    nowhere = replace(READER, email=None)
    (said,) = _said(Listener(nowhere, {Kind.AR: Pace.DAILY}))
    assert "lecteur" in said
    assert "--courriel" in said
    assert _said(Listener(nowhere, {Kind.AR: Pace.NEVER}), Listener(nowhere)) == []
