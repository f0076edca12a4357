"""The command line against the register of a scene."""

from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.support.scene import SIREN, Scene, pdf
from transmission.cli.french import MODULES
from transmission.cli.main import main
from transmission.services.enroll import replace as replace_authority

ACT = """**SÉANCE DU CONSEIL MUNICIPAL DU 02 MARS 2023**

**DÉLIBÉRATION N°2023.00097**

**SUBVENTION À L'ÉCOLE COMMUNALE**
"""


class Terminal(StringIO):
    """Somebody who answers."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def served(
    scene: Scene, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Scene:
    """The scene, found by commands; its authority has a template of numbers."""
    monkeypatch.setenv("TRANSMISSION_DATABASE_URL", database_url)
    # No command speaks to the broker: an address where nobody listens proves it.
    monkeypatch.setenv("TRANSMISSION_BROKER_URL", "redis://127.0.0.1:1/0")
    monkeypatch.setenv("TRANSMISSION_DOCUMENTS_DIR", str(tmp_path / "documents"))
    with scene.tools.register() as unit:
        known = unit.authority_by_siren(SIREN).collectivite
    replace_authority(scene.tools, replace(known, numero_template="D{year}{seq:05d}10"))
    return scene


@pytest.fixture
def run(
    served: Scene, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., SimpleNamespace]:
    """Runs the command in this process; with ``answer``, somebody is at the terminal."""
    for module in MODULES:
        # Put back at the end: other tests of this process read click's own sentences.
        for name in {"_", "ngettext"} & vars(module).keys():
            monkeypatch.setattr(module, name, vars(module)[name])

    def ran(*arguments: object, answer: str | None = None) -> SimpleNamespace:
        monkeypatch.setattr("sys.stdin", StringIO() if answer is None else Terminal(answer))
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        written = capsys.readouterr()
        return SimpleNamespace(code=end.value.code, out=written.out, err=written.err)

    return ran


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Documents to hand over."""
    made = tmp_path / "depot"
    made.mkdir()
    for name in ("acte", "plan", "photo"):
        (made / f"{name}.pdf").write_bytes(pdf(name))
    (made / "deliberation.md").write_text(ACT, encoding="utf-8")
    return made


@pytest.fixture
def send(run: Callable[..., SimpleNamespace], folder: Path) -> Callable[..., SimpleNamespace]:
    """Hands ``acte.pdf`` over with complete metadata; options of the test win."""

    def sent(*more: object, document: str = "acte.pdf", **answer: str) -> SimpleNamespace:
        given = ("--numero", "D2023_001", "--date", "2023-03-02", "--nature", "DE")
        rest = ("--matiere", "7.5", "--objet", "Subvention")
        return run("send", folder / document, *given, *rest, *more, **answer)

    return sent


@pytest.fixture
def acte(served: Scene) -> Callable[..., SimpleNamespace]:
    """Reads the act of a number back from the register."""

    def read(numero: str = "D2023_001") -> SimpleNamespace:
        with served.tools.register() as unit:
            [acte_id] = unit.find_acte(served.authority_id, numero, None, None)
            return SimpleNamespace(id=acte_id, acte=unit.acte(acte_id))

    return read


@pytest.fixture
def received(
    served: Scene, send: Callable[..., SimpleNamespace], acte: Callable[..., SimpleNamespace]
) -> SimpleNamespace:
    """An act handed over by the command line, whose AR of 9 March 2023 has come."""
    served.manage("reception-date", mode="fixed", date="2023-03-09")
    assert send().code == 0
    served.run()
    served.later(30)
    return acte()
