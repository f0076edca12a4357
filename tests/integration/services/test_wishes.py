"""What people choose to be told, where, and the mail that they try."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from tests.support.bench import Bench
from tests.support.people import BY
from transmission.domain.errors import NotFoundError, RefusedError
from transmission.domain.notifications import Kind, Pace
from transmission.domain.people import Grant, Role
from transmission.ports.outbound import Delivered, Delivery, Mail, Unavailable
from transmission.services.accounts import create_person, list_events
from transmission.services.wishes import (
    Chosen,
    MailRefusedError,
    choose,
    find_listener,
    try_mail,
)


@dataclass
class Mailbox:
    """A mail server that answers what the test says."""

    answer: Delivery = field(default_factory=lambda: Delivered("250 OK"))
    mails: list[Mail] = field(default_factory=list)

    def send(self, mail: Mail) -> Delivery:
        self.mails.append(mail)
        return self.answer


@pytest.fixture
def mailbox(bench: Bench) -> Mailbox:
    made = Mailbox()
    bench.tools = replace(bench.tools, mailer=made, console_url="https://actes.example.org")
    create_person(bench.tools, "juriste", "Juriste", [Grant(Role.AGENT)], BY, email="j@example.org")
    return made


def _events(bench: Bench) -> list[str]:
    return [each.event for each in list_events(bench.tools, "juriste")]


@pytest.mark.usefixtures("mailbox")
def test_what_is_chosen_is_kept_and_what_is_usual_follows_the_roles(bench: Bench) -> None:
    wanted = {Kind.AR: Pace.AT_ONCE, Kind.COURRIER: Pace.AT_ONCE, Kind.ANOMALIE: Pace.NEVER}
    changed = choose(bench.tools, "Juriste", Chosen(wanted), BY)
    assert changed.chosen == {Kind.AR: Pace.AT_ONCE, Kind.ANOMALIE: Pace.NEVER}
    assert find_listener(bench.tools, "juriste") == changed
    assert _events(bench)[0] == "wishes_changed"
    back = choose(bench.tools, "juriste", Chosen({Kind.AR: Pace.DAILY}), BY)
    assert back.chosen == {Kind.ANOMALIE: Pace.NEVER}


@pytest.mark.usefixtures("mailbox")
def test_what_does_not_change_is_not_written(bench: Bench) -> None:
    before = _events(bench)
    choose(bench.tools, "juriste", Chosen({Kind.AR: Pace.DAILY}, "j@example.org"), BY)
    assert _events(bench) == before


@pytest.mark.usefixtures("mailbox")
def test_an_address_is_changed_taken_away_or_refused(bench: Bench) -> None:
    assert choose(bench.tools, "juriste", Chosen(email="k@example.org"), BY).account.email == (
        "k@example.org"
    )
    (event, *_) = list_events(bench.tools, "juriste")
    assert (event.event, event.author, event.details) == ("email_changed", BY.name, {})
    with pytest.raises(RefusedError):
        choose(bench.tools, "juriste", Chosen({Kind.AR: Pace.NEVER}, "pas une adresse"), BY)
    assert find_listener(bench.tools, "juriste").chosen == {}
    assert choose(bench.tools, "juriste", Chosen(email=" "), BY).account.email is None


@pytest.mark.usefixtures("mailbox")
def test_nobody_is_found_under_an_unknown_login(bench: Bench) -> None:
    for asked in (find_listener, lambda tools, login: choose(tools, login, Chosen(), BY)):
        with pytest.raises(NotFoundError):
            asked(bench.tools, "personne")


def test_a_mail_on_trial_goes_to_its_person_once_a_minute(bench: Bench, mailbox: Mailbox) -> None:
    account = find_listener(bench.tools, "juriste").account
    try_mail(bench.tools, account)
    (mail,) = mailbox.mails
    assert (mail.recipient, mail.choices) == ("j@example.org", "https://actes.example.org/compte")
    assert mail.text.endswith("https://actes.example.org/compte\n")
    with pytest.raises(MailRefusedError, match="une minute"):
        try_mail(bench.tools, account)
    bench.clock.advance(61)
    try_mail(bench.tools, account)
    assert len({each.key for each in mailbox.mails}) == 2


@pytest.mark.parametrize(
    ("lacking", "said"),
    [
        ("address", "Aucune adresse"),
        ("server", "pas de serveur de courriel"),
        ("answer", "n'est pas parti : le serveur est fermé"),
    ],
)
def test_why_no_mail_was_taken_is_said(
    bench: Bench, mailbox: Mailbox, lacking: str, said: str
) -> None:
    account: Any = find_listener(bench.tools, "juriste").account
    if lacking == "address":
        account = replace(account, email=None)
    elif lacking == "server":
        bench.tools = replace(bench.tools, mailer=None)
    mailbox.answer = Unavailable("le serveur est fermé")
    with pytest.raises(MailRefusedError, match=said):
        try_mail(bench.tools, account)
