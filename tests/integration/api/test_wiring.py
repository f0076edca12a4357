"""The API as the settings make it, with real tokens."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from tests.support.scene import AUTHOR, START, ObedientClock
from tests.support.serving import serving
from transmission.api.app import create_app
from transmission.api.wiring import WiredApi, api_of
from transmission.bootstrap import container
from transmission.domain.access import AccessDeniedError, Scope
from transmission.domain.transmission import Author
from transmission.services.tokens import create_token, revoke_token
from transmission.settings import Settings


def test_it_answers_to_its_names_and_lets_in_living_tokens_alone(
    database_url: str, tmp_path: Path
) -> None:
    settings = Settings(
        home=tmp_path,
        database_url=SecretStr(database_url),
        broker_url=SecretStr("redis://127.0.0.1:1/0"),
        web_names=("actes.example.org",),
    )
    with container(settings) as made:
        wired = WiredApi(made.engine, made.tools, settings.web_names)
        assert set(wired.hosts) == {"127.0.0.1", "localhost", "[::1]", "actes.example.org"}
        assert wired.tools is made.tools
        with pytest.raises(AccessDeniedError):
            wired.authenticate("tdt_" + "A" * 43)
        assert api_of(made).title == "Télétransmission des actes"


def test_a_real_token_comes_in_until_it_is_revoked(desk: Any) -> None:
    tools, owner = desk.bench.tools, desk.bench.authority_id
    secret = create_token(
        tools, owner, "extranet", {Scope.READ}, None, AUTHOR, randomness=lambda n: b"x" * n
    )
    app = create_app(WiredApi(desk.bench.engine, tools, ()))
    with serving(app) as url, httpx.Client(base_url=url) as client:
        headers = {"Authorization": f"Bearer {secret}"}
        assert client.get("/api/v1/actes", headers=headers).status_code == 200
        assert client.post("/api/v1/actes", headers=headers).status_code == 403
        revoke_token(tools, owner, "extranet", Author("essai", "perdu"))
        assert client.get("/api/v1/actes", headers=headers).status_code == 401


def test_what_comes_in_waits_beside_the_documents_and_what_was_abandoned_is_removed(
    database_url: str, tmp_path: Path
) -> None:
    settings = Settings(
        home=tmp_path,
        database_url=SecretStr(database_url),
        broker_url=SecretStr("redis://127.0.0.1:1/0"),
    )
    folder = tmp_path / "documents" / "depots"
    for name, age in (("depot-vieux", 25), ("depot-neuf", 1)):
        (folder / name).mkdir(parents=True)
        (folder / name / "1.part").write_bytes(b"x")
        at = (START - timedelta(hours=age)).timestamp()
        os.utime(folder / name, (at, at))
    with container(settings, ObedientClock()) as made:
        api_of(made)
    assert [left.name for left in folder.iterdir()] == ["depot-neuf"]
