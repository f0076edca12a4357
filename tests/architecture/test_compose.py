"""The files of the container image name nothing that the program lacks, and keep its promises.

There is no container engine where tests run: the files are read, and held against the code.
"""

import ast
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.metadata import packages_distributions, version
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import click
import pytest
import yaml

from transmission.cli.collectivites import described
from transmission.cli.main import cli
from transmission.clock import SystemClock
from transmission.embedded.processes import LOCK, spawn, wait_until
from transmission.mocktdt.main import main as mock_tdt
from transmission.mocktdt.pki import FILE_PREFIX
from transmission.served import PROBES
from transmission.settings import PREFIX, Settings
from transmission.store.unit_of_work import Register, open_engine
from workers.pulse import mark_of
from workers.queues import TIME_LIMIT
from workers.relay import RELAY, run_heartbeat

ROOT = Path(__file__).parents[2]
HEALTHY = ROOT / "docker" / "healthy.py"
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
ONE_SHOT = {"migrate"}
DOCKERFILE = re.sub(r"(?m)^#.*\n|\\\n", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"))


def _words(name: str) -> Iterator[list[str]]:
    """What follows each instruction of that name, split as a shell would."""
    found = re.finditer(rf"(?m)^{name} (.*)$", DOCKERFILE)
    return (shlex.split(instruction[1]) for instruction in found)


def _copied_from_the_tree() -> list[tuple[list[str], str]]:
    copies = (words for words in _words("COPY") if not words[0].startswith("--from"))
    return [(words[:-1], words[-1]) for words in copies]


def _option(service: str, name: str) -> Any:
    """The value that click reads for an option of a service's command."""
    return _context(SERVICES[service]["command"]).params[name]


def _context(command: list[str]) -> click.Context:
    """A command parsed as the program would, and not run. Raises click.UsageError."""
    program, *arguments = command
    if program == "mock-tdt":
        return mock_tdt.make_context(program, arguments)
    assert program == "transmission", command
    found = cli.get_command(cli.make_context(program, arguments[:1]), arguments[0])
    assert found is not None, command
    return found.make_context(arguments[0], arguments[1:])


def _seconds(duration: str) -> int:
    match = re.fullmatch(r"(\d+)s", duration)
    assert match, duration
    return int(match[1])


def _requested(key: str) -> set[str]:
    return {name for service in SERVICES.values() for name in service.get(key, [])}


# --- commands and settings ---


@pytest.mark.parametrize("name", OURS)
def test_the_command_of_a_service_is_one_that_the_program_understands(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The folders of containers do not exist here.
    monkeypatch.setattr(click.Path, "convert", lambda _self, value, *_: value)
    assert _context(OURS[name]["command"]) is not None


@pytest.mark.parametrize("name", OURS)
def test_a_service_sets_nothing_that_is_not_a_setting(name: str) -> None:
    known = {f"{PREFIX}{field.upper()}" for field in Settings.model_fields}
    assert OURS[name]["environment"].keys() <= known


@pytest.mark.parametrize("name", sorted(OURS.keys() - {"mock-tdt"}))
def test_addresses_and_keys_come_from_secrets_that_the_service_is_given(name: str) -> None:
    environment = OURS[name]["environment"]
    given = {f"/run/secrets/{secret}" for secret in OURS[name]["secrets"]}
    kinds = ["DATABASE_URL", "BROKER_URL", "SECRETS_KEY"]
    # The account that owns the tables is known to what changes them, and to nothing that stays up.
    owner = ["DATABASE_OWNER_URL"] if name in ONE_SHOT else []
    assert {environment[f"{PREFIX}{kind}_FILE"] for kind in kinds + owner} == given


def test_processes_keep_documents_in_the_volume_that_they_share() -> None:
    for name in ("web", "worker", "scheduler", "watch"):
        folder = OURS[name]["environment"][f"{PREFIX}DOCUMENTS_DIR"]
        assert f"documents:{folder}" in OURS[name]["volumes"]


def test_whoever_writes_anchors_keeps_them_in_a_volume() -> None:
    folder = OURS["worker"]["environment"][f"{PREFIX}ANCHORS_DIR"]
    assert f"anchors:{folder}" in OURS["worker"]["volumes"]
    assert folder in DOCKERFILE


def test_the_public_register_can_only_read_the_documents() -> None:
    folder = OURS["registre"]["environment"][f"{PREFIX}DOCUMENTS_DIR"]
    assert OURS["registre"]["volumes"] == [f"documents:{folder}:ro"]


def test_the_public_register_is_started_only_when_it_is_asked_for() -> None:
    assert OURS["registre"]["profiles"] == ["registre"]


def test_a_folder_is_watched_only_when_it_is_asked_for_and_its_health_is_its_own() -> None:
    watch = OURS["watch"]
    assert watch["profiles"] == ["watch"]
    folder = watch["command"][2]
    assert f"./docker/intake:{folder}" in watch["volumes"]
    assert watch["healthcheck"]["test"][3] == folder


def test_stopping_the_worker_lets_the_longest_task_end() -> None:
    assert _seconds(OURS["worker"]["stop_grace_period"]) > TIME_LIMIT


# --- what is declared is used, what is used is declared ---


@pytest.mark.parametrize("kind", ["secrets", "networks"])
def test_every_secret_and_network_is_declared_and_used(kind: str) -> None:
    assert _requested(kind) == COMPOSE[kind].keys()


def test_every_volume_is_declared_and_used_and_every_folder_mounted_exists() -> None:
    sources = {volume.split(":")[0] for volume in _requested("volumes")}
    folders = {source for source in sources if source.startswith(".")}
    assert sources - folders == COMPOSE["volumes"].keys()
    assert all((ROOT / folder).is_dir() for folder in folders)


def test_secrets_are_files_that_git_ignores() -> None:
    files = [secret["file"] for secret in COMPOSE["secrets"].values()]
    ignored = subprocess.run(
        ["git", "check-ignore", *files], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ignored.stdout.split() == files


def test_a_service_waits_for_services_that_can_reach_the_state_it_waits_for() -> None:
    for service in SERVICES.values():
        for name, waited in service.get("depends_on", {}).items():
            if waited["condition"] == "service_completed_successfully":
                assert name in ONE_SHOT
            else:
                assert "test" in SERVICES[name]["healthcheck"]


# --- what a container may do ---


@pytest.mark.parametrize("name", SERVICES)
def test_no_container_runs_as_root_or_can_write_outside_its_volumes(name: str) -> None:
    service = SERVICES[name]
    assert service["user"].split(":")[0] not in ("", "0", "root")
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_containers_of_ours_run_under_the_account_of_the_image() -> None:
    [[account]] = list(_words("USER"))
    assert {service["user"] for service in OURS.values()} == {account}
    assert account.split(":")[0] == "10001"


@pytest.mark.parametrize("name", sorted(SERVICES.keys() - ONE_SHOT))
def test_what_stays_up_has_a_health_check_and_starts_again(name: str) -> None:
    assert SERVICES[name]["restart"] == "unless-stopped"
    assert SERVICES[name]["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")


def test_what_runs_once_is_not_started_again() -> None:
    assert {OURS[name]["restart"] for name in ONE_SHOT} == {"no"}


def test_the_pages_are_the_only_ports_published_and_on_loopback() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {
        "web": [f"127.0.0.1:8080:{_option('web', 'port')}"],
        "registre": [f"127.0.0.1:8090:{_option('registre', 'port')}"],
    }


def test_the_engines_are_on_no_network_that_leads_outside() -> None:
    for name in SERVICES.keys() - OURS.keys():
        assert SERVICES[name]["networks"] == ["register"]
    assert COMPOSE["networks"]["register"] == {"internal": True}


def test_redis_keeps_what_it_was_told_and_never_evicts() -> None:
    options = dict(zip(*[iter(SERVICES["redis"]["command"][2:])] * 2, strict=True))
    assert options["--appendonly"] == "yes"
    assert options["--maxmemory-policy"] == "noeviction"
    assert "redis_auth" in SERVICES["redis"]["command"][1]


# --- images ---


def _images() -> list[str]:
    stages = [words[0] for words in _words("FROM")]
    return stages + [service["image"] for service in SERVICES.values()]


@pytest.mark.parametrize("image", _images())
def test_an_image_names_its_line_of_versions_and_no_registry(image: str) -> None:
    name, _, tag = image.partition(":")
    assert re.match(r"\d", tag), "a version is needed"
    assert "." not in name.split("/")[0], "a first part with a dot is a registry's host"


def test_our_image_bears_the_version_of_the_project() -> None:
    assert {service["image"] for service in OURS.values()} == {
        f"transmission:{version('transmission')}"
    }


def test_both_stages_of_the_image_are_built_on_the_same_base() -> None:
    assert len({words[0] for words in _words("FROM")}) == 1


def test_what_the_image_copies_exists_and_may_enter_its_context() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in lines
    let_in = [PurePosixPath(line[1:]) for line in lines if line.startswith("!")]
    copied = [PurePosixPath(source) for sources, _ in _copied_from_the_tree() for source in sources]
    for source in copied:
        assert (ROOT / source).exists(), source
        assert any(source.is_relative_to(path) for path in let_in), source
    assert set(let_in) <= set(copied)


def test_the_image_holds_every_package_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    copied = {source for sources, _ in _copied_from_the_tree() for source in sources}
    assert set(packages) <= copied


def test_the_image_installs_nothing_whose_digest_is_not_pinned() -> None:
    installs = re.findall(r"pip install ([^&\n]*)", DOCKERFILE)
    assert installs
    for options in installs:
        assert "--require-hashes" in options or {"--no-deps", "--no-index"} <= set(options.split())


# --- what the image keeps of the lock ---


def _module(path: Path) -> ModuleType:
    spec = spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _imported() -> set[str]:
    """Top-level names that our packages import, wherever in their files."""
    names: set[str] = set()
    for package in ("schemas", "transmission", "workers"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_bytes())):
                if isinstance(node, ast.Import):
                    names |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    names.add(node.module.split(".")[0])
    return names


def test_the_image_loses_the_tools_of_development_and_nothing_that_the_program_imports() -> None:
    removed = set(_module(ROOT / "docker" / "unneeded.py").unneeded("transmission"))
    assert {"pytest", "mypy", "ruff", "playwright", "hatchling"} <= removed
    providers = packages_distributions()
    imported = {each.lower() for name in _imported() for each in providers.get(name, [])}
    assert {"celery", "lxml", "sqlalchemy"} <= imported
    # Asked for as an extra, imported by psycopg alone.
    assert not (imported | {"psycopg-binary"}) & removed


# --- the demonstration ---


def test_the_authority_of_the_demonstration_is_the_one_that_its_mock_serves() -> None:
    it = described(ROOT / "docker" / "authorities" / "demo.toml", {})
    served = f"{it.siren}:{it.departement}:{it.arrondissement}:{it.nature}:{it.nom}"
    assert _option("mock-tdt", "authorities") == (served,)
    [name] = _option("mock-tdt", "server_names")
    assert it.tdt.base_url == f"https://{name}:{_option('mock-tdt', 'port')}"
    folder = f"{_option('mock-tdt', 'directory')}/{FILE_PREFIX}"
    files = (it.tdt.certificate_file, it.tdt.key_file, it.tdt.ca_file)
    assert files == (f"{folder}{it.siren}.pem", f"{folder}{it.siren}.key", f"{folder}ca.pem")


# --- health ---


def test_health_checks_ask_the_right_process_at_the_right_place() -> None:
    [place] = [target for sources, target in _copied_from_the_tree() if "healthy" in sources[0]]
    asked = {name: OURS[name]["healthcheck"]["test"] for name in OURS.keys() - ONE_SHOT}
    assert {tuple(test[:3]) for test in asked.values()} == {("CMD", "python", place)}
    assert asked["worker"][3:] == ["worker"]
    assert asked["scheduler"][3:] == ["scheduler"]
    management = urlsplit(asked["mock-tdt"][3])
    for name, probes in (("web", PROBES), ("registre", PROBES)):
        pages = urlsplit(asked[name][3])
        assert pages.port == _option(name, "port")
        assert pages.path in probes
    assert management.port == _option("mock-tdt", "management_port")


def _health(what: str, **settings: str) -> int:
    named = {f"{PREFIX}{name.upper()}": value for name, value in settings.items()}
    command = [sys.executable, str(HEALTHY), what]
    ended = subprocess.run(command, env=os.environ | named, capture_output=True, check=False)
    return ended.returncode


def test_a_watched_folder_is_healthy_while_it_is_looked_at(tmp_path: Path) -> None:
    assert _health(str(tmp_path)) != 0
    (tmp_path / LOCK).touch()
    assert _health(str(tmp_path)) == 0
    long_ago = (SystemClock().now() - timedelta(hours=1)).timestamp()
    os.utime(tmp_path / LOCK, (long_ago, long_ago))
    assert _health(str(tmp_path)) != 0


def _beat(url: str, name: str, at: datetime) -> None:
    engine = open_engine(url)
    with Register(engine)() as unit:
        unit.beat(name, at)
        unit.commit()
    engine.dispose()


def test_a_scheduler_is_healthy_while_turns_and_sweeps_are_finished(database_url: str) -> None:
    urls = {"database_url": database_url, "broker_url": "redis://nowhere.invalid"}
    now = SystemClock().now()
    assert _health("scheduler", **urls) != 0
    _beat(database_url, RELAY, now)
    _beat(database_url, run_heartbeat("sweep"), now - timedelta(minutes=2))
    assert _health("scheduler", **urls) != 0
    _beat(database_url, run_heartbeat("sweep"), now)
    assert _health("scheduler", **urls) == 0
    _beat(database_url, RELAY, now - timedelta(minutes=2))
    assert _health("scheduler", **urls) != 0


def test_a_worker_is_healthy_while_it_answers_and_finishes_what_comes(
    database_url: str, broker_url: str, tmp_path: Path
) -> None:
    urls = {"database_url": database_url, "broker_url": broker_url, "home": str(tmp_path)}
    named = {f"{PREFIX}{name.upper()}": value for name, value in urls.items()}
    command = [sys.executable, "-m", "transmission.cli.main", "worker", "--pool=solo"]
    child = spawn(command, name="worker", log=tmp_path / "worker.log", env=os.environ | named)
    try:
        assert wait_until(lambda: _health("worker", **urls) == 0, 60)
        long_ago = SystemClock().now() - timedelta(hours=1)
        os.utime(mark_of(tmp_path), (long_ago.timestamp(),) * 2)
        # Nothing was sent to it: it is not to blame.
        assert _health("worker", **urls) == 0
        _beat(database_url, RELAY, SystemClock().now())
        assert _health("worker", **urls) != 0
    finally:
        child.stop(timeout=15)
    assert _health("worker", **urls) != 0
