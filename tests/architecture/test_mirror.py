"""Every module that does something has its test where one looks for it, and every test its module.

``transmission/x/y.py`` is tested by ``tests/unit/x/test_y.py``, or under ``tests/integration`` when
it takes a real engine; ``workers`` and ``schemas`` keep their name there. Tests of one module may
be cut in several files (``test_y_z.py``); those of a package may be one file named after it.
"""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KINDS = ("unit", "integration")

# The mock is a program of its own: its tests play it over the wire, from tests/mocktdt.
NOT_MIRRORED = ("transmission/mocktdt/",)

_API = "transmission/api"
_CLIENT = "transmission/client"
_CLI, _PDF, _EMBEDDED = "transmission/cli", "transmission/pdf", "transmission/embedded"

TESTED_ELSEWHERE = {
    # The schema says nothing alone: it is compared with what the migrations make.
    "transmission/store/tables.py": "tests/integration/store/test_migrations.py",
    "transmission/store/tables_access.py": "tests/integration/store/test_migrations.py",
    "transmission/store/tables_people.py": "tests/integration/store/test_migrations.py",
    "transmission/store/tables_legal.py": "tests/integration/store/test_migrations.py",
    # Judged through the service that is its only use.
    "transmission/store/work.py": "tests/integration/services/test_take_charge.py",
    "transmission/store/audits.py": "tests/integration/services/test_audit_round.py",
    "transmission/store/subscriptions.py": "tests/integration/services/test_tell_people.py",
    "transmission/ports/time_stamps.py": "tests/integration/services/test_time_stamps.py",
    "transmission/store/time_stamps.py": "tests/integration/services/test_time_stamps.py",
    "transmission/store/tables_time_stamps.py": "tests/integration/store/test_migrations.py",
    "transmission/store/tables_signed_pdf.py": "tests/integration/store/test_migrations.py",
    "transmission/store/chain.py": "tests/integration/services/test_chain_links.py",
    "transmission/store/scans.py": "tests/integration/services/test_screen.py",
    "transmission/ports/scans.py": "tests/integration/services/test_screen.py",
    "transmission/store/file_accesses.py": "tests/integration/services/test_hand_out.py",
    "transmission/ports/file_accesses.py": "tests/integration/services/test_hand_out.py",
    # Parts of a process apart, judged on the process.
    "transmission/sandbox/child.py": "tests/unit/sandbox/test_pool.py",
    "transmission/sandbox/framing.py": "tests/unit/sandbox/test_pool.py",
    "transmission/sandbox/jobs.py": "tests/unit/sandbox/test_pool.py",
    "transmission/store/personal.py": "tests/integration/services/test_personal.py",
    "transmission/store/archiving.py": "tests/integration/services/test_transfer.py",
    "transmission/store/tables_uploads.py": "tests/integration/store/test_migrations.py",
    "transmission/store/tables_webhooks.py": "tests/integration/store/test_migrations.py",
    # Judged through the services that are their only uses.
    "transmission/store/webhooks.py": "tests/integration/services/test_webhooks.py",
    "transmission/store/deliveries.py": "tests/integration/services/test_tell.py",
    "transmission/store/telling.py": "tests/integration/services/test_announce.py",
    # Parts of one reading, of one drawing, of one opening: judged on whole documents.
    f"{_PDF}/act_lines.py": "tests/unit/pdf/test_extraction.py",
    f"{_PDF}/headings.py": "tests/unit/pdf/test_extraction.py",
    f"{_PDF}/proposals.py": "tests/unit/pdf/test_extraction.py",
    f"{_PDF}/markdown.py": "tests/unit/pdf/test_rendering.py",
    f"{_PDF}/typography.py": "tests/unit/pdf/test_rendering.py",
    f"{_PDF}/page_content.py": "tests/unit/pdf/test_stamp.py",
    f"{_PDF}/opening.py": "tests/unit/pdf/test_inspection.py",
    # What the summary of a dossier says, judged on the whole of it.
    f"{_PDF}/summariser.py": "tests/unit/pdf/test_synthese.py",
    f"{_PDF}/synthese_parts.py": "tests/unit/pdf/test_synthese.py",
    # Parts of one server, judged on the server.
    f"{_EMBEDDED}/postgres_cluster.py": "tests/unit/embedded/test_postgres.py",
    f"{_EMBEDDED}/postgres_database.py": "tests/unit/embedded/test_postgres.py",
    f"{_EMBEDDED}/postgres_settings.py": "tests/unit/embedded/test_postgres.py",
    # Which keys and which structures are taken: judged on keys and on signatures.
    "transmission/signature/algorithms.py": "tests/unit/signature/test_keys.py",
    "transmission/signature/signed_data.py": "tests/unit/signature/test_verification.py",
    # A table of words for numbers, and the error that carries them.
    "transmission/tdt/s2low/errors.py": "tests/unit/tdt/s2low/test_wire.py",
    # Words, pieces and processes of the command line, judged on the commands themselves.
    f"{_CLI}/decisions.py": "tests/integration/cli/test_acte.py",
    f"{_CLI}/status.py": "tests/integration/cli/test_acte.py",
    f"{_CLI}/handing.py": "tests/integration/cli/test_send.py",
    f"{_CLI}/toml_files.py": "tests/unit/cli/test_collectivites.py",
    f"{_CLI}/exit_codes.py": "tests/unit/cli/test_told.py",
    f"{_CLI}/failures.py": "tests/unit/cli/test_main.py",
    f"{_CLI}/progress.py": "tests/integration/cli/test_service_far.py",
    f"{_CLI}/service_here.py": "tests/integration/cli/test_acte.py",
    f"{_CLI}/story_told.py": "tests/integration/cli/test_acte.py",
    f"{_CLI}/user_shown.py": "tests/integration/cli/test_user.py",
    f"{_CLI}/webhook_named.py": "tests/integration/cli/test_webhook.py",
    f"{_CLI}/webhook_sent.py": "tests/integration/cli/test_webhook.py",
    f"{_CLI}/webhook_shown.py": "tests/integration/cli/test_webhook.py",
    f"{_CLI}/french.py": "tests/unit/cli/test_main.py",
    f"{_CLI}/groups.py": "tests/unit/cli/test_main.py",
    f"{_CLI}/demo.py": "tests/e2e/test_demo.py",
    f"{_CLI}/demo_key.py": "tests/e2e/test_demo.py",
    f"{_CLI}/demo_play.py": "tests/e2e/test_demo.py",
    f"{_CLI}/installation.py": "tests/e2e/test_up.py",
    f"{_CLI}/up.py": "tests/e2e/test_up.py",
    f"{_CLI}/diagnosis/rounds.py": "tests/integration/cli/test_doctor.py",
    # The console as a process serves it.
    "transmission/console/wiring.py": "tests/e2e/test_demo.py",
    # Parts of the API, judged on whole requests.
    f"{_API}/caller.py": "tests/integration/api/test_guard.py",
    f"{_API}/front.py": "tests/integration/api/test_guard.py",
    f"{_API}/problems.py": "tests/integration/api/test_deposits.py",
    f"{_API}/parts.py": "tests/integration/api/test_deposits.py",
    f"{_API}/bodies.py": "tests/integration/api/test_deposits_json.py",
    f"{_API}/given.py": "tests/integration/api/test_deposits_json.py",
    f"{_API}/tus.py": "tests/integration/api/test_uploads.py",
    f"{_API}/routes.py": "tests/integration/api/test_app.py",
    "transmission/domain/uploads.py": "tests/integration/services/test_uploads.py",
    "transmission/store/uploads.py": "tests/integration/services/test_uploads.py",
    "transmission/store/calls.py": "tests/integration/services/test_calls.py",
    f"{_API}/examples.py": "tests/integration/api/test_app.py",
    f"{_API}/request_shapes.py": "tests/integration/api/test_app.py",
    f"{_API}/faults.py": "tests/integration/api/test_reading.py",
    f"{_API}/listing.py": "tests/integration/api/test_reading.py",
    f"{_API}/words.py": "tests/integration/api/test_deposits.py",
    f"{_API}/description.py": "tests/integration/api/test_app.py",
    f"{_API}/shown.py": "tests/integration/api/test_reading.py",
    f"{_API}/webhook_shown.py": "tests/integration/api/test_webhooks.py",
    # Parts of the client, judged on what it makes of a service.
    f"{_CLIENT}/errors.py": "tests/integration/client/test_depositing.py",
    f"{_CLIENT}/operations.py": "tests/integration/client/test_client.py",
    f"{_CLIENT}/downloads.py": "tests/integration/client/test_reading.py",
    f"{_CLIENT}/transport.py": "tests/integration/client/test_client.py",
    f"{_CLIENT}/wire.py": "tests/integration/client/test_client.py",
    # The pages are judged on a whole console.
    "transmission/console/webhooks_page.py": "tests/integration/console/test_webhooks.py",
    "transmission/console/pages.py": "tests/integration/console/test_app.py",
}
"""Modules whose tests are those of another, by the file that holds them."""

ABOUT_MORE_THAN_A_MODULE = {
    "tests/integration/test_secrets.py": "everything that is written by anything",
    "tests/integration/api/test_docs.py": "the page about the API, command by command",
    "tests/integration/services/test_chain.py": "the services one after the other",
    "tests/integration/services/test_direct_route.py": "every service, without a TdT",
    "tests/integration/cli/test_acte.py": "the commands about one act",
    "tests/integration/cli/test_json.py": "every command that answers programs",
    "tests/integration/cli/test_register_away.py": "every command, without a register",
    "tests/integration/console/test_isolation.py": "every address of the console",
    "tests/integration/api/test_isolation.py": "every route of the API, with another's tokens",
    "tests/integration/api/test_schemathesis.py": "the API against its description",
    "tests/integration/console/test_accessibility.py": "every page against WCAG, in a browser",
    "tests/integration/console/test_weight.py": "every page, as it travels",
    "tests/integration/test_protection.py": "the headers of the console, the API and the register",
    "tests/integration/console/test_browser.py": "the whole console in a real browser",
    "tests/integration/console/test_isolation_forms.py": "every page and form, by somebody else",
}


@cache
def _modules() -> tuple[str, ...]:
    folders = (ROOT / name for name in ("transmission", "workers", "schemas"))
    files = (path for folder in folders for path in sorted(folder.rglob("*.py")))
    names = (path.relative_to(ROOT).as_posix() for path in files)
    return tuple(
        name for name in names if not name.startswith(NOT_MIRRORED) and "/versions/" not in name
    )


@cache
def _tests() -> tuple[str, ...]:
    return tuple(
        path.relative_to(ROOT).as_posix()
        for kind in KINDS
        for path in sorted((ROOT / "tests" / kind).rglob("test_*.py"))
    )


def _does_something(module: str) -> bool:
    tree = ast.parse((ROOT / module).read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return any(not _is_declared_only(function) for function in functions)


def _is_declared_only(function: ast.FunctionDef) -> bool:
    return all(
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        for statement in function.body
    )


def _places(module: str) -> tuple[str, ...]:
    """Beginnings of the paths where the tests of a module may be, its package's among them."""
    path = Path(module.removeprefix("transmission/"))
    own = path.with_name(f"test_{path.stem}")
    package = path.parent.with_name(f"test_{path.parent.name}") if path.parent.name else own
    return tuple(f"tests/{kind}/{place.as_posix()}" for kind in KINDS for place in (own, package))


@cache
def _tests_of(module: str) -> frozenset[str]:
    beginnings = tuple(f"{place}{end}" for place in _places(module) for end in (".py", "_"))
    return frozenset(test for test in _tests() if test.startswith(beginnings))


@pytest.mark.parametrize("module", _modules())
def test_a_module_that_does_something_has_its_test(module: str) -> None:
    if module in TESTED_ELSEWHERE or not _does_something(module):
        return
    assert _tests_of(module), f"{module} has no test at any of {_places(module)}"


@pytest.mark.parametrize("test", _tests())
def test_a_test_file_has_its_module(test: str) -> None:
    if test in ABOUT_MORE_THAN_A_MODULE:
        return
    assert any(test in _tests_of(module) for module in _modules()), f"{test} tests no module"


def test_no_exception_outlives_its_reason() -> None:
    for module, test in TESTED_ELSEWHERE.items():
        assert module in _modules(), f"{module} is no more"
        assert (ROOT / test).exists(), f"{test} is no more"
        assert not _tests_of(module), f"{module} has a test of its own now"
    for test in ABOUT_MORE_THAN_A_MODULE:
        assert test in _tests(), f"{test} is no more"
