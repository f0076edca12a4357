"""The API against its own description: schemathesis, over HTTP, with real tokens and acts.

``SCHEMATHESIS_EXAMPLES`` (cases of each operation and phase) makes it longer and
``SCHEMATHESIS_SEED`` another run; both are the same from one run of the tests to the next.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.bench import Bench
from tests.support.scene import AUTHOR
from tests.support.serving import serving
from transmission.api.app import create_app
from transmission.api.rates import Rates
from transmission.api.wiring import WiredApi
from transmission.domain.access import Scope
from transmission.services.tokens import create_token
from transmission.store.sealing import KeyFileSealer

EXAMPLES = os.environ.get("SCHEMATHESIS_EXAMPLES", "6")
SEED = os.environ.get("SCHEMATHESIS_SEED", "1")

ROOT = Path(__file__).parents[3]
ALL = frozenset(Scope)

CONFIG = """
# What the law and the préfecture ask of an act is not in the schema: such acts are refused.
[checks]
positive_data_acceptance.enabled = false
# The protocol tus asks for 412 and 413; a batch tells in a 207 which of its acts are refused.
negative_data_rejection.expected-statuses = [
    "400", "401", "403", "404", "405", "409", "412", "413", "415", "422"
]
missing_required_header.expected-statuses = ["400", "401", "403", "405", "412", "415", "422"]

[[operations]]
include-name = "POST /api/v1/lots"
checks.negative_data_rejection.expected-statuses = ["207", "400", "403", "409", "413", "415", "422"]

[[operations]]
# A header that nobody knows is a fault there, it says.
include-name = "POST /api/v1/televersements"
checks.negative_data_rejection.enabled = false
"""


@pytest.fixture
def bench(bench: Bench, tmp_path: Path) -> Bench:
    bench.tools = replace(bench.tools, sealer=KeyFileSealer(tmp_path / "secrets.key", make=True))
    return bench


@pytest.fixture
def address(desk: Any) -> Iterator[str]:
    tools = desk.bench.tools
    rates = Rates("9999999/second", "9999999/second", 100)
    with serving(create_app(WiredApi(desk.bench.engine, tools, (), rates))) as url:
        yield url


@pytest.mark.parametrize("scopes", [ALL, *(frozenset({scope}) for scope in Scope)])
def test_the_api_is_as_it_is_described(
    desk: Any, address: str, tmp_path: Path, scopes: frozenset[Scope]
) -> None:
    desk.bench.acknowledged()
    desk.bench.acte()
    secret = create_token(
        desk.bench.tools, desk.bench.authority_id, "essai", scopes, None, AUTHOR,
        randomness=lambda count: b"s" * count,
    )  # fmt: skip
    (tmp_path / "schemathesis.toml").write_text(CONFIG)
    program = (sys.executable, "-m", "schemathesis.cli", "run", f"{address}/api/v1/openapi.json")
    ran = subprocess.run(
        [
            *program,
            *("--header", f"Authorization: Bearer {secret}"),
            *("--max-examples", EXAMPLES, "--seed", SEED, "--generation-database", "none"),
            *("--phases", "examples,coverage,fuzzing,stateful" if scopes == ALL else "fuzzing"),
            *("--warnings", "off", "--no-color", "--continue-on-failure"),
        ],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "SCHEMATHESIS_HOOKS": "tests.support.schemathesis_hooks",
        },
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    print(ran.stdout)
