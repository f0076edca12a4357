import os
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

from transmission.embedded import accounts
from transmission.embedded.accounts import (
    Account,
    can_reach,
    own_account,
    owner_of,
    server_account,
)
from transmission.embedded.errors import EngineUnavailableError

STRANGER = Account("stranger", 54321, 54321)


def test_an_ordinary_account_runs_the_server_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    me = own_account()
    monkeypatch.setattr(os, "geteuid", lambda: me.uid or 65534)
    assert server_account() == own_account()


def test_root_never_runs_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(accounts, "_KNOWN", ("daemon",))
    account = server_account()
    assert account.name == "daemon"
    assert account.uid != 0


def test_an_account_that_cannot_be_created_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(command: list[str], **_: object) -> NoReturn:
        raise subprocess.CalledProcessError(1, command)

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(accounts, "_KNOWN", ())
    monkeypatch.setattr(subprocess, "run", refuse)
    with pytest.raises(EngineUnavailableError, match=r"refuse de tourner sous root.*useradd"):
        server_account()


def test_an_account_without_a_name_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: STRANGER.uid)
    with pytest.raises(EngineUnavailableError, match="54321 n'a pas de nom"):
        own_account()


def test_the_owner_of_our_own_file_is_us(tmp_path: Path) -> None:
    assert owner_of(tmp_path) == own_account()


def test_a_folder_closed_to_others_is_reached_by_its_owner_only(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    assert can_reach(own_account(), closed)
    assert not can_reach(STRANGER, closed)


def test_a_closed_folder_anywhere_above_counts(folder: Path) -> None:
    inside = folder / "closed" / "open"
    inside.mkdir(parents=True)
    inside.parent.chmod(0o700)
    assert not can_reach(STRANGER, inside)
    inside.parent.chmod(0o711)
    assert can_reach(STRANGER, inside)


def test_the_group_s_bits_decide_for_a_member(folder: Path) -> None:
    shared = folder / "shared"
    shared.mkdir()
    shared.chmod(0o701)
    member = Account("member", STRANGER.uid, shared.stat().st_gid)
    assert not can_reach(member, shared)
    assert can_reach(STRANGER, shared)
