"""What no line of the program may do, and what docs/security.md says of its own tests."""

import ast
import json
import re
import sys
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "security.md"
OURS = [
    path
    for folder in ("transmission", "workers", "schemas")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if "mocktdt" not in path.parts
]

_FORBIDDEN = {
    "verify=False": "verification is never switched off",
    "CERT_NONE": "verification is never switched off",
    "CERT_OPTIONAL": "verification is never switched off",
    "check_hostname = False": "host names are always checked",
    "assert_hostname=False": "host names are always checked",
    "_create_unverified_context": "verification is never switched off",
    "TLSv1 ": "TLS 1.2 at least",
    "TLSVersion.TLSv1_1": "TLS 1.2 at least",
    "shell=True": "no shell",
    "os.system": "no shell",
    "pickle": "nothing from outside becomes code",
    "yaml.load": "nothing from outside becomes code",
    "resolve_entities=True": "XML has no entity",
    "load_dtd=True": "XML has no DTD",
    "no_network=False": "XML fetches nothing",
}


@pytest.mark.parametrize("written", _FORBIDDEN)
def test_no_line_of_the_program_lowers_a_guard(written: str) -> None:
    found = [
        str(path.relative_to(ROOT)) for path in OURS if written in path.read_text(encoding="utf-8")
    ]
    assert found == [], _FORBIDDEN[written]


def test_whoever_makes_a_context_of_tls_says_its_lowest_version() -> None:
    """A context made by hand has no floor of its own before Python 3.13."""
    made = [path for path in OURS if re.search(r"SSLContext\(ssl\.", path.read_text("utf-8"))]
    made += [path for path in OURS if "_VigilantContext(ssl." in path.read_text("utf-8")]
    assert made
    for path in made:
        assert "minimum_version = ssl.TLSVersion.TLSv1_2" in path.read_text("utf-8"), path


def test_nothing_is_evaluated() -> None:
    calls = [
        (path.name, node.func.id)
        for path in OURS
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    assert [call for call in calls if call[1] in {"eval", "exec", "compile", "__import__"}] == []


@cache
def _tests() -> frozenset[str]:
    return frozenset(
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.M)
    )


def _named() -> list[str]:
    return re.findall(r"`(test_\w+)`", PAGE.read_text(encoding="utf-8"))


def test_the_page_names_tests_for_its_threats() -> None:
    assert len(_named()) > 40


@pytest.mark.parametrize("name", sorted(set(_named())) if PAGE.exists() else [])
def test_a_test_that_the_page_names_exists(name: str) -> None:
    assert name in _tests()


def test_each_threat_of_the_page_has_a_test_or_says_that_it_has_none() -> None:
    parts = re.findall(r"^## Threats[^\n]*\n(.*?)(?=^## )", PAGE.read_text("utf-8"), re.M | re.S)
    rows = [line for part in parts for line in part.splitlines() if line.startswith("| ")]
    threats = [row.split("|")[1:-1] for row in rows if not row.startswith("| threat")]
    assert threats
    for threat, stopped, shown in threats:
        assert stopped.strip(), threat
        assert "`test_" in shown, threat


# --- containers -------------------------------------------------------------------------------


_COMPOSED = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
_SERVICES: list[tuple[str, dict[str, Any]]] = list(_COMPOSED["services"].items())


@pytest.mark.parametrize(("name", "service"), _SERVICES, ids=[name for name, _ in _SERVICES])
def test_a_container_can_write_nowhere_become_nobody_else_and_is_no_root(
    name: str, service: dict[str, Any]
) -> None:
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert str(service["user"]).partition(":")[0] not in ("", "0", "root")
    assert "privileged" not in service
    assert not {"cap_add", "pid", "ipc"} & service.keys()
    assert service.get("network_mode") != "host", name


@pytest.mark.parametrize(("name", "service"), _SERVICES, ids=[name for name, _ in _SERVICES])
def test_a_container_has_its_secrets_in_files_alone(name: str, service: dict[str, Any]) -> None:
    for variable in service.get("environment", {}):
        secret = re.search(r"PASSWORD|SECRET|TOKEN|DATABASE_URL|BROKER_URL", variable)
        assert not secret or variable.endswith("_FILE"), (name, variable)


def test_the_image_ends_as_nobody_in_particular() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert users[-1].partition(":")[0].isdecimal()
    assert users[-1].partition(":")[0] != "0"
    assert not [line for line in lines if line.startswith("ADD ")]
    assert any("--require-hashes" in line for line in lines)


# --- dependencies -----------------------------------------------------------------------------


_SAFE = {"name": "lxml", "version": "6.0", "vulns": []}
_FAULTY = {"name": "old", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}


@pytest.mark.parametrize(
    ("printed", "status"),
    [
        ({"dependencies": [_SAFE]}, 0),
        ({"dependencies": [_SAFE, _FAULTY]}, 1),
        ({"dependencies": [_SAFE, {"name": "odd", "skip_reason": "not found"}]}, 2),
        ({"dependencies": []}, 2),
        ({}, 2),
        ("no network", 2),
    ],
)
def test_an_audit_has_three_answers(
    printed: object, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    audit = _audit()
    said = printed if isinstance(printed, str) else json.dumps(printed)
    assert audit.main([sys.executable, "-c", f"print({said!r}); raise SystemExit(1)"]) == status
    told = capsys.readouterr()
    assert ("old 1: CVE-1, corrected in 2" in told.out) == (status == 1)
    assert ("could not ask" in told.err) == (status == 2)


def test_an_audit_that_cannot_start_could_not_ask() -> None:
    assert _audit().main(["/absent"]) == 2


def test_the_tests_need_no_network_to_know_of_faults() -> None:
    run = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipe = makefile.partition("\ntest:")[2].partition("\n\n")[0]
    assert "audit" not in run
    assert "audit" not in recipe


def _audit() -> ModuleType:
    spec = spec_from_file_location("audit_dependencies", ROOT / ".ci" / "audit_dependencies.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
