"""``timestamps``: what is missing is listed with the reason, and asked for."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.support.scene import Scene
from tests.support.tsa import OpensslTsa, ServedTsa
from tests.support.tsa import served as serve_tsa
from transmission.bootstrap import time_stamper_of
from transmission.services.time_stamps import obtain
from transmission.settings import load_settings

Run = Callable[..., SimpleNamespace]


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ServedTsa]:
    """An authority of time that the settings name."""
    authority = OpensslTsa(tmp_path / "tsa")
    with serve_tsa(authority.answer) as address:
        monkeypatch.setenv("TRANSMISSION_TSA_URLS", json.dumps([address.address]))
        monkeypatch.setenv("TRANSMISSION_TSA_ROOTS_FILE", str(authority.roots_file))
        yield address


def _obtained(scene: Scene) -> None:
    obtain(replace(scene.tools, time_stamper=time_stamper_of(load_settings())))


def test_nothing_is_missing_and_nobody_to_ask(run: Run, received: SimpleNamespace) -> None:
    ended = run("timestamps")
    assert (ended.code, ended.out) == (0, "Aucun horodatage ne manque.\n")
    refused = run("timestamps", "--demander")
    assert refused.code == 2
    assert "TRANSMISSION_TSA_URLS" in refused.err


def test_what_was_sent_before_is_asked_for_listed_and_told_everywhere_once_obtained(
    run: Run, received: SimpleNamespace, there: ServedTsa, served: Scene
) -> None:
    told = json.loads(run("timestamps", "--demander", "--json").out)
    assert told["demandes"] == 2
    assert [each["objet"] for each in told["manquants"]] == ["seal", "ar"]
    there.status = 503
    _obtained(served)
    listed = run("timestamps").out
    assert "Sceau de l'envoi n°" in listed
    assert "127.0.0.1 : l'autorité répond 503" in listed
    status = run("status", "D2023_001").out
    assert "Horodatage (accusé de réception)" in status
    assert "pas encore obtenu" in status
    there.status = 200
    served.clock.advance(90)
    _obtained(served)
    assert run("timestamps").out == "Aucun horodatage ne manque.\n"
    document = json.loads(run("status", "D2023_001", "--json").out)
    stamps = document["horodatages"]
    assert [each["objet"]["code"] for each in stamps] == ["seal", "ar"]
    files = {each["sha256"] for each in document["fichiers"]}
    for each in stamps:
        assert each["autorite"] == "CN=Unité d'horodatage 1,O=Horodatage d'essai"
        assert each["instant"] is not None
        assert each["remarque"] is None
        assert each["lien"].rpartition("/")[2] in files
    assert "O=Horodatage d'essai" in run("status", "D2023_001").out
