"""What is written of the limits that come: once, on the authority's own day, to whom wants it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest

from tests.support.bench import COLLECTIVITE, SECOND, Bench
from tests.support.limits import give, notices, read
from tests.support.people import BY
from tests.support.programs import Programs
from transmission.domain.collectivite import Collectivite, LegalOptions, Webhook
from transmission.domain.legal.controle import ControlState
from transmission.domain.legal.noms import DateName
from transmission.domain.people import Grant, Role
from transmission.services import remind as reminding
from transmission.services.accounts import create_person
from transmission.services.assess import assess
from transmission.services.remind import FIRST_HOUR, remind, remind_authority
from transmission.services.webhooks import pause_webhook, resume_webhook

# The scene begins on Friday 10 March 2023, at ten o'clock in Paris.
TODAY = date(2023, 3, 10)
AGENT, DGS = "assemblees@example.org", "dgs@example.org"
PROGRAM = Webhook("https://agenda.example.org/echeances", "secret")


class NoMailer:
    """A mail server that nothing is handed to here."""


@pytest.fixture
def told(bench: Bench) -> Bench:
    """A bench whose authority is told by e-mail and by webhook."""
    bench.tools = replace(bench.tools, mailer=NoMailer())  # type: ignore[arg-type]
    _asks(bench, rappels_courriels=(AGENT,), rappels_webhooks=(PROGRAM,))
    return bench


def _asks(bench: Bench, time_zone: str = "Europe/Paris", **options: Any) -> None:
    def changed(owner: Collectivite) -> Collectivite:
        return replace(owner, time_zone=time_zone, droit=replace(owner.droit, **options))

    bench.changed(changed)


def _limit(bench: Bench, left: int = 2, name: DateName = DateName.REJET_TACITE_LETTRE) -> int:
    acte_id = bench.acte().acte_id
    read(bench.engine, bench.authority_id, acte_id)
    give(bench.engine, bench.authority_id, acte_id, TODAY + timedelta(days=left), name)
    return acte_id


def _moved(bench: Bench, acte_id: int, left: int) -> None:
    give(bench.engine, bench.authority_id, acte_id, TODAY + timedelta(days=left))


def _mails(bench: Bench) -> list[Any]:
    return notices(bench.engine, "mail")


def test_one_mail_tells_all_the_limits_and_one_event_each_of_them(told: Bench) -> None:
    one, other = _limit(told, 2), _limit(told, 7)
    _limit(told, 8)
    assert remind(told.tools) == 3
    (mail,) = _mails(told)
    assert (mail.target, mail.kind, mail.acte_id) == (AGENT, "rappel", None)
    assert mail.content["subject"] == (
        "Rappel : 2 réponses à des lettres d'observations d'ici au 17 mars 2023"
    )
    assert "D2023_001" in mail.content["text"]
    assert "D2023_002" in mail.content["html"]
    assert "D2023_003" not in mail.content["text"]
    events = notices(told.engine, "webhook")
    assert [each.acte_id for each in events] == [one, other]
    assert [each.content["data"]["jours_restants"] for each in events] == [2, 7]
    assert {each.target for each in events} == {PROGRAM.url}
    assert events[0].content["time"] == told.clock.now().isoformat()
    assert [each.acte_id for each in notices(told.engine, "told")] == [one, other]


def test_what_is_written_is_rung_for_in_the_same_transaction(told: Bench) -> None:
    _limit(told)
    told.silence()
    remind(told.tools)
    assert told.bells() == [("deliver", told.authority_id)]


def test_a_second_run_of_the_day_and_of_the_next_ones_tells_nothing_again(told: Bench) -> None:
    _limit(told, 7)
    remind(told.tools)
    told.silence()
    for _ in range(4):
        told.clock.advance(24 * 3600)
        assert remind(told.tools) == 0
    assert told.bells() == []
    told.clock.advance(24 * 3600)
    assert remind(told.tools) == 2


def test_two_runs_at_once_tell_everything_once(told: Bench) -> None:
    for _ in range(5):
        _limit(told)
    _asks(told, rappels_courriels=(AGENT, DGS))
    together = Barrier(4)

    def run() -> int:
        together.wait(20)
        return remind_authority(told.tools, told.authority_id)

    with ThreadPoolExecutor(4) as pool:
        written = [pool.submit(run) for _ in range(4)]
        assert sorted(each.result(60) for each in written) == [0, 0, 0, 2 + 5]
    assert sorted(each.target for each in _mails(told)) == [AGENT, DGS]
    assert len(notices(told.engine, "webhook")) == 5


def test_a_service_that_was_away_catches_up_once_with_the_days_that_are_left(told: Bench) -> None:
    _limit(told, 9)
    told.clock.advance(4 * 24 * 3600)
    assert remind(told.tools) == 2
    assert "(dans 5 jours)" in _mails(told)[0].content["text"]
    told.clock.advance(24 * 3600)
    assert remind(told.tools) == 0


def test_a_limit_whose_day_moved_is_told_again(told: Bench) -> None:
    acte_id = _limit(told, 7)
    remind(told.tools)
    _moved(told, acte_id, 8)
    told.clock.advance(24 * 3600)
    assert remind(told.tools) == 2
    assert "18 mars 2023" in _mails(told)[-1].content["text"]


def test_what_comes_up_after_the_mail_of_the_day_waits_for_the_next_one(told: Bench) -> None:
    _limit(told, 7)
    remind(told.tools)
    _limit(told, 4)
    assert remind(told.tools) == 1  # the program is told at once
    assert len(_mails(told)) == 1
    told.clock.advance(24 * 3600)
    assert remind(told.tools) == 1
    assert "(dans 3 jours)" in _mails(told)[-1].content["text"]


@pytest.mark.parametrize("left", [0, 1])
def test_what_ends_before_the_next_mail_could_be_read_is_told_the_same_day(
    told: Bench, left: int
) -> None:
    _limit(told, 7)
    remind(told.tools)
    _limit(told, left)
    _limit(told, 2)
    remind(told.tools)
    first, second = _mails(told)
    assert "D2023_002" in second.content["text"]
    assert "D2023_003" not in second.content["text"]
    assert first.content != second.content
    remind(told.tools)
    assert len(_mails(told)) == 2


def test_a_recipient_who_is_added_is_told_what_the_others_know(told: Bench) -> None:
    _limit(told, 7)
    remind(told.tools)
    _asks(told, rappels_courriels=(AGENT, DGS))
    assert remind(told.tools) == 1
    assert [each.target for each in _mails(told)] == [AGENT, DGS]


@pytest.mark.parametrize(
    ("zone", "instant", "written"),
    [
        # Six in the morning in Paris is two in Cayenne, where the limit is eight days away still.
        ("Europe/Paris", datetime(2023, 3, 11, 5, 0, tzinfo=UTC), 1),
        ("America/Cayenne", datetime(2023, 3, 11, 2, 59, tzinfo=UTC), 0),
        ("America/Cayenne", datetime(2023, 3, 11, 8, 59, tzinfo=UTC), 0),
        ("America/Cayenne", datetime(2023, 3, 11, 9, 0, tzinfo=UTC), 1),
        # The day begins in Nouméa when it is still the day before in Paris.
        ("Pacific/Noumea", datetime(2023, 3, 10, 19, 0, tzinfo=UTC), 1),
        ("Europe/Paris", datetime(2023, 3, 10, 19, 0, tzinfo=UTC), 0),
    ],
)
def test_the_day_is_that_of_the_authority_and_begins_at_its_six_o_clock(
    told: Bench, zone: str, instant: datetime, written: int
) -> None:
    _asks(told, zone, rappels_webhooks=())
    _limit(told, 8)
    told.clock.instant = instant
    assert remind(told.tools) == written


def test_nothing_is_written_in_the_night(told: Bench) -> None:
    _limit(told)
    told.clock.instant = datetime(2023, 3, 10, FIRST_HOUR - 2, 59, tzinfo=UTC)
    assert remind(told.tools) == 0
    told.clock.advance(60)
    assert remind(told.tools) == 2


def test_without_a_mail_server_no_mail_is_written_and_programs_are_told_all_the_same(
    told: Bench,
) -> None:
    _limit(told)
    told.tools = replace(told.tools, mailer=None)
    assert remind(told.tools) == 1
    assert [each.channel for each in notices(told.engine)] == ["webhook"]
    _asks(told, rappels_webhooks=())
    assert remind(told.tools) == 0


@pytest.mark.parametrize(
    "options", [LegalOptions(), LegalOptions(rappels_jours=(), rappels_courriels=(AGENT,))]
)
def test_an_authority_that_asks_for_nothing_is_told_nothing(
    told: Bench, options: LegalOptions
) -> None:
    _limit(told)
    told.changed(lambda owner: replace(owner, droit=options))
    assert remind(told.tools) == remind_authority(told.tools, told.authority_id) == 0


def test_the_days_are_those_that_the_authority_chose(told: Bench) -> None:
    _limit(told, 30)
    assert remind(told.tools) == 0
    _asks(told, rappels_jours=(30, 5))
    assert remind(told.tools) == 2


def test_an_act_that_asks_for_nothing_any_more_is_not_told(told: Bench) -> None:
    acte_id = _limit(told, 2, DateName.TRANSMISSION)
    assert remind(told.tools) == 0
    read(told.engine, told.authority_id, acte_id, controle=ControlState.NON_DEMARRE.code)
    assert remind(told.tools) == 2


def test_nothing_of_one_authority_reaches_the_recipients_of_another(told: Bench) -> None:
    acte = told.acte(authority_id=told.second_id)
    read(told.engine, told.second_id, acte.acte_id)
    give(told.engine, told.second_id, acte.acte_id, TODAY)
    assert remind(told.tools) == 0
    assert notices(told.engine) == []


def test_a_fault_about_one_authority_silences_no_other(
    told: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    _limit(told)
    with told.tools.register() as unit:
        second = unit.authority(told.second_id).collectivite
        options = LegalOptions(rappels_courriels=(DGS,))
        unit.replace_authority(replace(second, droit=options))
        unit.commit()
    usual = remind_authority

    def failing(tools: Any, authority_id: int) -> int:
        if authority_id == told.authority_id:
            raise ZeroDivisionError("a bug of ours")
        done.append(authority_id)
        return usual(tools, authority_id)

    done: list[int] = []
    monkeypatch.setattr(reminding, "remind_authority", failing)
    assert remind(told.tools) == 0
    assert done == [told.second_id]


def test_a_page_is_linked_when_the_address_of_the_console_is_known(told: Bench) -> None:
    told.tools = replace(told.tools, console_url="https://actes.example.org")
    acte_id = _limit(told)
    remind(told.tools)
    assert f"https://actes.example.org/actes/{acte_id}" in _mails(told)[0].content["text"]


def test_a_letter_of_the_prefecture_is_recalled_before_its_silence_means_a_refusal(
    told: Bench, thread: Any
) -> None:
    letter = thread("4-1")
    told.silence()
    assess(told.tools, told.authority_id)
    with told.tools.register() as unit:
        span = TODAY, TODAY + timedelta(days=100)
        limits = unit.limits_between(told.authority_id, *span)
    (silence,) = [each for each in limits if each.name is DateName.REJET_TACITE_LETTRE]
    assert silence.acte_id == letter.acte_id
    assert silence.day == date(2023, 5, 10)
    told.clock.instant = datetime(2023, 5, 8, 9, 0, tzinfo=UTC)
    assert remind(told.tools) == 2
    (event,) = notices(told.engine, "webhook")
    assert event.content["data"]["date"] == "2023-05-10"
    assert "D2023_001" in _mails(told)[0].content["text"]


def test_people_who_want_limits_are_told_beside_those_of_the_file_once_to_each_address(
    bench: Bench,
) -> None:
    bench.tools = replace(bench.tools, mailer=NoMailer())  # type: ignore[arg-type]
    _asks(bench, rappels_courriels=(AGENT,))
    here, there = Grant(Role.AGENT, str(COLLECTIVITE.siren)), Grant(Role.AGENT, str(SECOND.siren))
    for login, grant, address in (
        ("meme", here, AGENT.upper()), ("agent", here, "agent@example.org"),
        ("ailleurs", there, "ailleurs@example.org"), ("sans", here, ""),
    ):  # fmt: skip
        create_person(bench.tools, login, login, [grant], BY, email=address)
    _limit(bench)
    assert remind(bench.tools) == 2
    assert [each.target for each in _mails(bench)] == [AGENT, "agent@example.org"]
    assert remind(bench.tools) == 0


def test_people_alone_are_told_where_the_file_names_nobody(bench: Bench) -> None:
    bench.tools = replace(bench.tools, mailer=NoMailer())  # type: ignore[arg-type]
    create_person(bench.tools, "agent", "agent", [Grant(Role.AGENT)], BY, email="agent@example.org")
    _limit(bench)
    assert remind(bench.tools) == 1
    _asks(bench, rappels_jours=())
    _limit(bench)
    assert remind(bench.tools) == 0


def test_programs_that_subscribed_are_told_each_limit_once_under_the_next_number(
    bench: Bench, programs: Programs
) -> None:
    every = programs.add("tout")
    deadlines = programs.add("rappels", types=["echeance.rappel"])
    programs.add("actes", types=["acte.recu"])
    programs.add("voisin", authority_id=bench.second_id)
    acte_id = _limit(bench)
    programs.run()
    assert remind(bench.tools) == 2
    assert remind(bench.tools) == 0
    bench.run("tell")
    assert every.types[-1] == "echeance.rappel"
    assert every.sequences == list(range(1, len(every.events) + 1))
    (event,) = deadlines.events
    assert event["sequence"] == "000000000001"
    assert event["data"]["acte"]["id"] == acte_id
    assert event["data"]["jours_restants"] == 2
    assert "Subvention" not in str(event)
    assert [program.events for program in programs.known[2:]] == [[], []]


def test_a_subscription_that_is_paused_is_told_of_limits_when_it_is_resumed(
    bench: Bench, programs: Programs
) -> None:
    program = programs.add(types=["echeance.rappel"])
    key = (bench.authority_id, program.webhook.id)
    pause_webhook(bench.tools, *key, BY)
    _limit(bench)
    remind(bench.tools)
    programs.run()
    assert program.events == []
    resume_webhook(bench.tools, *key, BY)
    bench.run("announce", "tell")
    assert program.sequences == [1]
