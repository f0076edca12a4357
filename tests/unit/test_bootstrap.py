"""The composition root: which engines, and what is wired to them."""

import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import create_engine, event

from tests.support.scene import ObedientClock
from transmission import bootstrap, killpoints
from transmission.bootstrap import (
    RUNNING,
    Addresses,
    NotRunningError,
    addresses,
    container,
    tell,
    wire,
)
from transmission.domain.errors import TransmissionError
from transmission.ports import SMALL
from transmission.settings import PREFIX, Settings, SettingsError
from transmission.store.documents_database import DatabaseDocumentStore
from transmission.store.documents_s3 import S3DocumentStore
from transmission.store.documents_small import LayeredDocumentStore

TOLD = Addresses("postgresql+psycopg://told/", "redis://told/", "http://127.0.0.1:1/")


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(PREFIX + name.upper(), raising=False)


def test_what_the_settings_say_needs_no_running_installation(tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path,
        database_url=SecretStr("postgresql://set/"),
        broker_url=SecretStr("redis://set/"),
    )
    assert addresses(settings) == Addresses("postgresql://set/", "redis://set/")


def test_a_running_installation_tells_its_addresses_to_other_commands(tmp_path: Path) -> None:
    tell(tmp_path, TOLD)
    assert addresses(Settings(home=tmp_path)) == TOLD


def test_an_engine_of_ones_own_takes_the_place_of_the_embedded_one_alone(tmp_path: Path) -> None:
    tell(tmp_path, TOLD)
    mine = Settings(home=tmp_path, broker_url=SecretStr("redis://mine/"))
    assert addresses(mine) == Addresses(TOLD.database_url, "redis://mine/", TOLD.console_url)


def test_without_engines_the_person_is_told_how_to_start_the_service(tmp_path: Path) -> None:
    with pytest.raises(NotRunningError, match="transmission up") as refused:
        addresses(Settings(home=tmp_path, database_url=SecretStr("postgresql://set/")))
    assert str(tmp_path) in str(refused.value)
    assert isinstance(refused.value, TransmissionError)


def test_a_secret_file_that_is_missing_is_not_taken_for_an_installation_that_is_stopped(
    tmp_path: Path,
) -> None:
    tell(tmp_path, TOLD)
    with pytest.raises(SettingsError, match="absent"):
        addresses(Settings(home=tmp_path, database_url_file=tmp_path / "absent"))


def test_addresses_carry_passwords_and_are_their_owners_alone(tmp_path: Path) -> None:
    tell(tmp_path, TOLD)
    tell(tmp_path, Addresses("postgresql://again/", "redis://again/"))
    assert stat.S_IMODE((tmp_path / RUNNING).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [RUNNING]
    assert addresses(Settings(home=tmp_path)).console_url is None


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Engines opened, on nothing."""
    engines: list[Any] = []

    def open_engine(url: str) -> Any:
        engines.append(create_engine("postgresql+psycopg://nowhere.invalid/"))
        engines[-1].url_asked = url
        return engines[-1]

    monkeypatch.setattr(bootstrap, "open_engine", open_engine)
    return engines


def test_a_container_is_wired_from_its_settings_and_closed_at_the_end(
    tmp_path: Path, opened: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(tmp_path, TOLD)
    settings = Settings(home=tmp_path, settle_delay=7, retry_delays=(1, 2), documents_dir=tmp_path)
    closed: list[Any] = []
    monkeypatch.setattr("sqlalchemy.Engine.dispose", lambda engine: closed.append(engine))
    clock = ObedientClock()
    with container(settings, clock) as made:
        assert (made.engine, made.settings) == (opened[0], settings)
        assert made.engine.url_asked == TOLD.database_url  # type: ignore[attr-defined]
        assert made.tools.clock is clock
        assert (made.tools.delays.settle, made.tools.delays.retry) == (7, (1, 2))
        large = b"acte" * SMALL
        assert made.tools.documents.read(made.tools.documents.put_bytes(large)) == large
        assert closed == []
    assert closed == opened


def test_a_container_tells_the_time_of_the_machine_unless_told_otherwise(
    tmp_path: Path, opened: list[Any]
) -> None:
    tell(tmp_path, TOLD)
    with container(Settings(home=tmp_path)) as made:
        assert made.tools.clock.now().utcoffset() is not None
    assert len(opened) == 1


def test_a_kill_point_is_armed_by_its_setting_alone(
    tmp_path: Path, opened: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    armed: list[str] = []
    monkeypatch.setattr(killpoints, "arm", armed.append)
    tell(tmp_path, TOLD)
    with container(Settings(home=tmp_path)):
        assert armed == []
    with container(Settings(home=tmp_path, kill_at="submit.after_post=/marker")):
        assert armed == ["submit.after_post=/marker"]


def test_documents_in_the_database_are_closed_with_the_register(tmp_path: Path) -> None:
    engine = create_engine("postgresql+psycopg://agent:s3same@nowhere.invalid/")
    disposed: list[Any] = []
    store = wire(Settings(home=tmp_path, documents="database"), engine, ObedientClock()).documents
    assert isinstance(store, DatabaseDocumentStore)
    assert store._engine is not engine
    assert store._engine.url == engine.url
    event.listen(store._engine, "engine_disposed", disposed.append)
    engine.dispose()
    assert disposed == [store._engine]
    assert list(tmp_path.iterdir()) == []


def test_documents_in_s3_are_where_the_settings_say(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3same\n")
    settings = Settings(
        home=tmp_path,
        documents="s3",
        s3_bucket="actes",
        s3_prefix="saint-exemple/",
        s3_endpoint="https://s3.example.org",
        s3_access_key="agent",
        s3_secret_key_file=tmp_path / "secret",
    )
    store = wire(settings, create_engine("postgresql+psycopg://nowhere.invalid/"), ObedientClock())
    assert isinstance(store.documents, LayeredDocumentStore)
    place = store.documents._place
    assert isinstance(place, S3DocumentStore)
    assert place._client.meta.endpoint_url == "https://s3.example.org"
    assert (place._bucket, place._prefix) == ("actes", "saint-exemple/")


@pytest.mark.parametrize(
    ("missing", "told"), [("bucket", "TRANSMISSION_S3_BUCKET"), ("boto3", r"transmission\[s3\]")]
)
def test_what_s3_lacks_is_told_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str, told: str
) -> None:
    settings = Settings(home=tmp_path, documents="s3", s3_bucket="actes")
    if missing == "bucket":
        settings = settings.model_copy(update={"s3_bucket": None})
    else:
        monkeypatch.setitem(sys.modules, "transmission.store.documents_s3", None)
    with pytest.raises(SettingsError, match=told):
        wire(settings, create_engine("postgresql+psycopg://nowhere.invalid/"), ObedientClock())
