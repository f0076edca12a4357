"""Whether people can come in, and whether somebody keeps their accounts."""

from dataclasses import replace
from datetime import UTC, datetime

from transmission.cli.diagnosis.findings import Grade
from transmission.cli.diagnosis.people import people
from transmission.domain.accounts import Account
from transmission.domain.people import Grant, Role

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
CHIEF = Account(
    id=1,
    login="administration",
    name="Administration",
    grants=(Grant(Role.ADMINISTRATOR),),
    created_at=NOW,
    created_by="essai",
)
READER = replace(CHIEF, id=2, login="lecteur", grants=(Grant(Role.READER, "123456782"),))
IDLE = replace(CHIEF, id=3, login="personne", grants=())
GONE = replace(CHIEF, id=4, login="partie", disabled_at=NOW)


def _found(*accounts: Account) -> list[tuple[Grade, str]]:
    return [(each.grade, each.said) for each in people(accounts)]


def test_without_anybody_the_command_is_told() -> None:
    for accounts in ((), (GONE,)):
        ((grade, said),) = _found(*accounts)
        assert grade is Grade.WARNING
        assert "transmission user add" in said


def test_somebody_has_to_administer_the_accounts() -> None:
    ((grade, said),) = _found(READER, GONE)
    assert (grade, "Personne n'administre" in said) == (Grade.WARNING, True)


def test_whoever_has_no_role_is_named() -> None:
    ((grade, said),) = _found(CHIEF, IDLE)
    assert (grade, "personne" in said) == (Grade.WARNING, True)


def test_all_is_well_otherwise() -> None:
    assert _found(CHIEF, READER, GONE) == [(Grade.FINE, "En service : 2.")]
