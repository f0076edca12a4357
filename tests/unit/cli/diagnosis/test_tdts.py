"""Every account is asked, none is waited for long, and one fault hides no other."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from transmission.cli.diagnosis.findings import Finding, Grade, Subject
from transmission.cli.diagnosis.tdts import Answer, asked, tdts
from transmission.domain.collectivite import Collectivite, TdtAccount
from transmission.domain.outcomes import CannotTell
from transmission.ports import TdtConfigurationError

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
Make = Callable[..., Collectivite]


class Registry:
    """TdTs that answer by the certificate of the account."""

    def __init__(self, told_at: datetime | None = None, **answers: Any) -> None:
        self.answers = answers
        self.told_at = told_at
        self.asked: list[str] = []

    def connector(self, account: TdtAccount) -> Any:
        self.asked.append(account.certificate_file)
        answer = self.answers.get(account.certificate_file)
        if isinstance(answer, Exception):
            raise answer
        return SimpleNamespace(check=lambda: answer, told_at=self.told_at)


class Noon:
    """Our clock."""

    def now(self) -> datetime:
        return NOW


def _owners(make: Make, *certificates: str) -> list[Collectivite]:
    account = make().tdt
    return [
        make(nom=f"Commune {rank}", tdt=replace(account, certificate_file=certificate))
        for rank, certificate in enumerate(certificates, start=1)
    ]


def _told(owners: list[Collectivite], registry: Any) -> list[Finding]:
    return list(tdts(owners, registry, Noon(), 10))


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    opened = threading.Event()
    yield opened
    opened.set()


def test_accounts_that_are_known_are_told_in_one_line(collectivite: Make) -> None:
    registry = Registry()
    (found,) = _told(_owners(collectivite, "a", "a", "b"), registry)
    assert found.grade is Grade.FINE
    assert sorted(registry.asked) == ["a", "b"]


def test_the_same_trouble_of_several_is_told_once_with_their_names(collectivite: Make) -> None:
    cut = CannotTell("le serveur refuse la connexion")
    registry = Registry(a=cut, b=cut, c=TdtConfigurationError("Le fichier c manque."))
    first, second = _told(_owners(collectivite, "a", "b", "c", "d"), registry)
    assert first.said.startswith("TdT (Commune 1 et Commune 2) : le serveur refuse la connexion. ")
    assert second.said.startswith("TdT (Commune 3) : Le fichier c manque. ")
    assert first.grade is second.grade is Grade.WRONG


def test_a_bug_about_one_account_hides_no_other(collectivite: Make) -> None:
    registry = Registry(a=ZeroDivisionError("s3cret"), b=CannotTell("coupure"))
    first, second = _told(_owners(collectivite, "a", "b"), registry)
    assert "ZeroDivisionError" in first.said
    assert "s3cret" not in first.said
    assert "coupure" in second.said


def test_a_tdt_that_never_answers_is_left_behind(collectivite: Make, gate: threading.Event) -> None:
    slow, quick = (each.tdt for each in _owners(collectivite, "slow", "quick"))

    def check(account: TdtAccount) -> Answer:
        if account is slow:
            gate.wait()
        return Answer()

    assert asked([slow, quick], check, 2) == {quick: Answer()}


def test_more_accounts_than_are_asked_at_once_are_all_asked(collectivite: Make) -> None:
    accounts = [each.tdt for each in _owners(collectivite, *(str(rank) for rank in range(40)))]
    assert asked(accounts, lambda account: Answer(account.certificate_file), 10) == {
        account: Answer(account.certificate_file) for account in accounts
    }


def test_an_installation_without_authority_has_nothing_to_ask() -> None:
    (found,) = _told([], Registry())
    assert found.grade is Grade.FINE


@pytest.mark.parametrize(("seconds", "words"), [(61, "retarde de 61 s"), (-90, "avance de 90 s")])
def test_a_tdt_that_lives_at_another_hour_is_told_once(
    collectivite: Make, seconds: int, words: str
) -> None:
    registry = Registry(NOW + timedelta(seconds=seconds))
    clock, account = _told(_owners(collectivite, "a", "b"), registry)
    assert (clock.subject, clock.grade) == (Subject.CLOCK, Grade.WARNING)
    assert f"{words} sur celle de TdT" in clock.said
    assert account.grade is Grade.FINE


def test_a_minute_of_difference_with_a_tdt_is_nothing(collectivite: Make) -> None:
    registry = Registry(NOW + timedelta(seconds=60))
    assert [found.subject for found in _told(_owners(collectivite, "a"), registry)] == [Subject.TDT]
