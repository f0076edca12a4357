"""The program itself, and what makes it unfit for production."""

import ast
import json
import os
import signal
import socket
import ssl
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner

from transmission.mocktdt import registry
from transmission.mocktdt.accounts import Authority
from transmission.mocktdt.main import main
from transmission.mocktdt.mock import MockTdt
from transmission.mocktdt.settings import Settings, UnsafeListenError

PROGRAM = Path(sys.executable).with_name("mock-tdt")


@pytest.fixture
def program(tmp_path):
    process = subprocess.Popen(
        [
            *(PROGRAM, "--calm", "--directory", tmp_path / "pki", "--seed", "7"),
            *("--authority", "123456782:042:2:31:Commune de Saint-Exemple:agent"),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process, json.loads(process.stdout.readline())
    finally:
        process.kill()
        process.communicate()


def test_one_json_line_says_where_everything_is(program, tmp_path):
    _, ready = program
    assert list(ready) == [
        *("url", "management_url", "ca_file", "seed", "calm", "version", "switches"),
        *("authorities", "users"),
        "stranger",
    ]
    (authority,) = ready["authorities"]
    assert authority == {
        "siren": "123456782",
        "departement": "042",
        "arrondissement": "2",
        "nature": "31",
        "name": "Commune de Saint-Exemple",
        "login": "agent",
        "certificate_file": str(tmp_path / "pki" / "mock-tdt-123456782.pem"),
        "key_file": str(tmp_path / "pki" / "mock-tdt-123456782.key"),
        "p12_file": str(tmp_path / "pki" / "mock-tdt-123456782.p12"),
        "p12_password": "mock-tdt",
    }
    session = requests.Session()
    session.trust_env = False
    with session:
        answer = session.get(
            ready["url"] + "/api/test-connexion.php",
            cert=(authority["certificate_file"], authority["key_file"]),
            verify=ready["ca_file"],
        )
    assert answer.content == b"OK"


def test_sigterm_stops_it_at_once_and_cleanly(program):
    process, _ = program
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == 0


def test_keys_are_readable_by_their_owner_only(mock):
    files = mock.identity("123456782")
    for path in (files.key_file, files.p12_file, files.certificate_file):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_authority_is_new_at_each_start_and_the_old_files_go(tmp_path):
    first = Settings(
        directory=tmp_path, authorities=(Authority("111111118", "042", "1", "31", "Modèle"),)
    )
    with MockTdt(first) as mock:
        old = mock.ca_file.read_bytes()
    kept = tmp_path / "of-someone-else.pem"
    kept.write_text("kept")
    with MockTdt(Settings(directory=tmp_path)) as mock:
        assert mock.ca_file.read_bytes() != old
        assert not (tmp_path / "mock-tdt-111111118.key").exists()
    assert kept.read_text() == "kept"


def test_nothing_received_outlives_the_run(tdt, mock, archive):
    tdt.submitted(archive())
    spool = mock.platform.spool
    assert list(spool.iterdir())
    mock.stop()
    assert not spool.exists()


def test_references_of_a_new_run_are_above_those_of_the_former(monkeypatch):
    runs = []
    for second in (0, 1, 19_999_999):
        now = datetime(2026, 3, 16, tzinfo=UTC) + timedelta(seconds=second)
        monkeypatch.setattr(registry, "real_now", lambda now=now: now)
        runs.append(registry.origin_of(None))
    assert runs[1] == runs[0] + 100
    assert all(0 <= origin + 100_000_000 < 2**31 for origin in runs)
    assert registry.origin_of(datetime(2026, 3, 16, tzinfo=UTC)) == 0


def test_references_of_two_runs_do_not_meet(start_mock, connect):
    first, second = (connect(start_mock(start=None, frozen=False)) for _ in range(2))
    fixed = connect(start_mock())
    assert fixed.created() == 4711
    numbers = [client.created(decision_date="2020-01-01") for client in (first, second)]
    assert min(numbers) > 4711
    assert max(numbers) < 2**31


def test_uploads_that_are_not_kept_leave_no_file(tdt, mock, archive):
    tdt.submit(archive(trigram="SIC"))
    tdt.create(type_acte=None)
    assert list(mock.platform.spool.iterdir()) == []


@pytest.mark.parametrize("address", ["0.0.0.0", "192.168.1.10", "::", "example.org"])
def test_it_refuses_to_listen_beyond_this_machine(tmp_path, address):
    with pytest.raises(UnsafeListenError, match="boucle locale"):
        Settings(directory=tmp_path, listen=address)
    result = CliRunner().invoke(main, ["--listen", address])
    assert result.exit_code == 1
    assert "--i-know-this-is-a-mock" in result.output


def test_it_listens_elsewhere_for_who_says_to_know(tmp_path):
    settings = Settings(directory=tmp_path, listen="0.0.0.0", i_know_this_is_a_mock=True)
    with MockTdt(settings) as mock:
        assert mock.url.startswith("https://mock-tdt:")
        context = ssl.create_default_context(cafile=str(mock.ca_file))
        assert len(context.get_ca_certs()) == 1


def test_a_port_in_use_is_said_and_leaves_nothing_open(mock, tmp_path):
    port = mock.url.rsplit(":", 1)[1]
    result = CliRunner().invoke(main, ["--management-port", port])
    assert result.exit_code == 1
    assert "Address already in use" in result.output


def test_an_ipv6_loopback_has_its_brackets(tmp_path):
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    try:
        mock = MockTdt(Settings(directory=tmp_path, listen="::1"))
    except OSError:
        pytest.skip("no IPv6 here")
    with mock:
        assert mock.url.startswith("https://[::1]:")


@pytest.mark.parametrize("text", ["123456782", "x:042:2:31:Nom", "a:b:c:d:e:f:g"])
def test_a_wrong_authority_is_said_on_the_command_line(text):
    result = CliRunner().invoke(main, ["--authority", text])
    assert result.exit_code == 1
    assert "Error:" in result.output


def test_the_help_is_quick_to_come_and_complete():
    result = CliRunner().invoke(main, ["--help"])
    assert result.exit_code == 0
    assert "PORT DE GESTION" in result.output


def test_it_imports_nothing_of_ours_but_the_schemas():
    folder = Path(sys.modules["transmission.mocktdt"].__file__ or "").parent
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            for name in names:
                assert not name.startswith("workers")
                assert (
                    name == "transmission.mocktdt"
                    or not name.startswith("transmission")
                    or name.startswith("transmission.mocktdt.")
                ), (path, name)


def test_the_program_exists_where_the_distribution_puts_it():
    assert os.access(PROGRAM, os.X_OK)
