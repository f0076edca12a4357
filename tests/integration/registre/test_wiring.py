"""The public register as the settings make it."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from transmission.bootstrap import container
from transmission.registre.wiring import WiredRegistre, registre_of
from transmission.settings import Settings


@pytest.mark.parametrize(
    ("given", "hosts", "url"),
    [
        ({}, set(), None),
        ({"register_names": ("Actes.example.org",)}, {"actes.example.org"}, None),
        (
            {"register_public_url": "https://www.example.org/mairie/"},
            {"www.example.org"},
            "https://www.example.org/mairie",
        ),
    ],
)
def test_it_answers_to_its_names_to_that_of_its_address_and_to_this_machine(
    database_url: str, tmp_path: Path, given: dict[str, Any], hosts: set[str], url: str | None
) -> None:
    settings = Settings(
        home=tmp_path,
        database_url=SecretStr(database_url),
        broker_url=SecretStr("redis://127.0.0.1:1/0"),
        **given,
    )
    with container(settings) as made:
        wired = WiredRegistre(made)
        assert set(wired.hosts) == {"127.0.0.1", "localhost", "[::1]"} | hosts
        assert wired.public_url == made.tools.registre_url == url
        assert wired.documents is made.tools.documents
        assert wired.engine is made.engine
        assert registre_of(made).title == "Registre"
