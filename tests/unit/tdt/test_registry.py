"""Connectors by name, one per account and process."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from transmission.domain.collectivite import Mailbox
from transmission.domain.outcomes import Accepted
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
    with pytest.raises(
        TdtConfigurationError, match=r"« autre ».*Choisissez parmi : ministere, s2low"
    ):
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


@pytest.fixture
def direct(account: Any, pki: Any, tmp_path: Path) -> Any:
    """The account of an authority that is its own transmitter; its mail server is not there."""
    password = tmp_path / "mailbox-password"
    password.write_text("sésame\n")
    mailbox = Mailbox("127.0.0.1", "retours", str(password), pki.file("ca.pem"), port=1)
    url = "https://127.0.0.1/ministere/depot/"
    return replace(account, connector="ministere", base_url=url, mailbox=mailbox)


def test_the_ministry_is_told_apart_and_bounded(registry: Any, direct: Any) -> None:
    connector = registry.connector(direct)
    assert registry.capabilities(direct) == connector.capabilities
    assert not connector.capabilities.has_status
    assert registry.connector(replace(direct)) is connector


def test_the_ministry_without_a_mailbox_is_refused_at_once(registry: Any, direct: Any) -> None:
    deaf = replace(direct, mailbox=None)
    for ask in (registry.capabilities, registry.connector):
        with pytest.raises(TdtConfigurationError, match=r"boîte aux lettres.*tdt\.mailbox"):
            ask(deaf)


@pytest.mark.parametrize("path", ["/ministere/depot", "/ministere/depot/", "/", ""])
def test_a_deposit_goes_to_the_very_address_of_the_account(
    registry: Any, direct: Any, server: Any, steps: Any, parcel: Any, path: str
) -> None:
    server.steps = [steps.says(b"")]
    connector = registry.connector(replace(direct, base_url=server.url + path))
    assert isinstance(connector.submit(parcel).outcome, Accepted)
    assert server.requests[0].target == (path or "/")


def test_a_login_is_given_with_a_deposit(
    registry: Any, direct: Any, pki: Any, server: Any, steps: Any, parcel: Any
) -> None:
    server.steps = [steps.says(b"")]
    with_login = replace(direct, login="régie", password_file=pki.file("password"))
    registry.connector(replace(with_login, base_url=server.url)).submit(parcel)
    assert server.requests[0].headers["authorization"].startswith("Basic ")


@pytest.mark.parametrize("field", ["password_file", "ca_file"])
def test_a_renewed_file_of_the_mailbox_is_read_at_the_next_call(
    registry: Any, direct: Any, pki: Any, tmp_path: Path, field: str
) -> None:
    file = tmp_path / field
    file.write_bytes((pki.folder / "ca.pem").read_bytes())
    account = replace(direct, mailbox=replace(direct.mailbox, **{field: str(file)}))
    first = registry.connector(account)
    assert registry.connector(account) is first
    file.write_bytes(file.read_bytes() + b"\n")
    assert registry.connector(account) is not first


@pytest.mark.parametrize("field", ["password_file", "ca_file"])
def test_a_missing_file_of_the_mailbox_is_named(registry: Any, direct: Any, field: str) -> None:
    mailbox = replace(direct.mailbox, **{field: "/absent/de/la/boite"})
    with pytest.raises(TdtConfigurationError, match="/absent/de/la/boite"):
        registry.connector(replace(direct, mailbox=mailbox))


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


def test_the_password_of_a_mailbox_does_not_show(registry: Any, direct: Any) -> None:
    connector = registry.connector(direct)
    assert "sésame" not in f"{connector!r} {vars(connector)!r} {connector.check()!r}"


@pytest.mark.parametrize("heavy", ["requests", "imapclient"])
def test_importing_the_registry_imports_nothing_heavy(heavy: str) -> None:
    code = f"import sys, transmission.tdt.registry; sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
