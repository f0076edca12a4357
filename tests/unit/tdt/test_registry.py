"""Connectors by name, one per account and process."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from transmission.ports import TdtConfigurationError, TdtConnector, TdtRegistry
from transmission.tdt.registry import ConnectorRegistry, Timeouts


@pytest.fixture
def registry() -> TdtRegistry:
    return ConnectorRegistry()


def test_a_connector_is_built_once_per_account(registry: Any, account: Any) -> None:
    first: TdtConnector = registry.connector(account)
    assert registry.connector(replace(account)) is first
    assert registry.connector(replace(account, mode="champs")) is not first


def test_a_forked_process_does_not_inherit_a_connection(
    registry: Any, account: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = registry.connector(account)
    monkeypatch.setattr(os, "getpid", lambda: 1)
    assert registry.connector(account) is not first


def test_a_renewed_certificate_is_read_at_the_next_call(
    registry: Any, account: Any, pki: Any, tmp_path: Path
) -> None:
    certificate = tmp_path / "client.pem"
    certificate.write_bytes((pki.folder / "both.pem").read_bytes())
    renewed = replace(account, certificate_file=str(certificate), key_file=None)
    first = registry.connector(renewed)
    certificate.write_bytes((pki.folder / "stranger.pem").read_bytes() + b"\n")
    second = registry.connector(renewed)
    assert second is not first
    assert registry.connector(renewed) is second


def test_an_unknown_connector_is_refused_with_the_known_ones(registry: Any, account: Any) -> None:
    with pytest.raises(TdtConfigurationError, match=r"« autre ».*Choisissez parmi : s2low"):
        registry.connector(replace(account, connector="autre"))


def test_an_unknown_mode_is_refused_with_the_known_ones(registry: Any, account: Any) -> None:
    with pytest.raises(TdtConfigurationError, match=r"« fax ».*enveloppe, champs"):
        registry.connector(replace(account, mode="fax"))


@pytest.mark.parametrize(
    "address", ["http://tdt.example", "tdt.example", "https://", "https://tdt.example/?a=1", ""]
)
def test_an_address_must_be_that_of_an_https_server(
    registry: Any, account: Any, address: str
) -> None:
    with pytest.raises(TdtConfigurationError, match="HTTPS"):
        registry.connector(replace(account, base_url=address))


def test_a_password_in_the_address_is_refused_and_not_repeated(registry: Any, account: Any) -> None:
    with pytest.raises(TdtConfigurationError) as caught:
        registry.connector(replace(account, base_url="https://agent:secret@tdt.example"))
    assert "secret" not in str(caught.value)


def test_a_missing_certificate_is_told_at_each_call_until_it_is_there(
    registry: Any, account: Any, pki: Any, tmp_path: Any
) -> None:
    late = replace(account, certificate_file=str(tmp_path / "client.pem"))
    with pytest.raises(TdtConfigurationError, match="n'existe pas"):
        registry.connector(late)
    (tmp_path / "client.pem").write_bytes((pki.folder / "client.pem").read_bytes())
    assert registry.connector(late) is registry.connector(late)


def test_bounds_are_known_without_opening_anything(registry: Any, account: Any) -> None:
    absent = replace(account, certificate_file="/absent", base_url="")
    assert registry.capabilities(absent).objet_max == 499
    assert registry.capabilities(absent).annexes_max == 99
    assert registry.capabilities(replace(absent, mode="champs")).annexes_max == 19
    assert registry.capabilities(absent).numero_unique


def test_the_timeouts_given_are_those_of_the_connection(
    account: Any, server: Any, steps: Any
) -> None:
    server.steps = [steps.never_answers]
    registry = ConnectorRegistry(Timeouts(connect=5.0, read=0.2))
    connector = registry.connector(replace(account, base_url=server.url))
    silence = connector.fetch_classification()
    assert getattr(silence, "reason", "") == "le serveur n'a pas répondu à temps"


def test_no_secret_shows(registry: Any, account: Any, pki: Any) -> None:
    secret = replace(account, login="régie", password_file=pki.file("password"))
    connector = registry.connector(secret)
    shown = f"{connector!r} {vars(connector)!r} {vars(connector._link)!r}"
    assert "mot de passe" not in shown
    assert "Basic" not in shown


def test_importing_the_registry_does_not_import_requests() -> None:
    code = "import sys, transmission.tdt.registry; sys.exit('requests' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
