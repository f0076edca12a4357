"""The command line against the register of a scene."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.support.scene import SIREN, Scene, pdf
from transmission.cli.french import MODULES
from transmission.cli.main import main
from transmission.clock import SystemClock
from transmission.ports import Arrived
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
    monkeypatch.setenv("TRANSMISSION_ANCHORS_DIR", str(tmp_path / "anchors"))
    # Commands live in real time: what they hand over must be due on the scene's clock too.
    scene.clock.instant = SystemClock().now() + timedelta(minutes=1)
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


@pytest.fixture
def write(served: Scene, received: SimpleNamespace) -> Callable[..., int]:
    """The préfecture writes about the received act, and the service takes it in: the letter's
    number."""

    def written(kind: str, **more: object) -> int:
        id_acte = "042-123456782-20230302-D2023_001-DE"
        served.manage("courrier", id_acte=id_acte, kind=kind, **more)
        with served.tools.register() as unit:
            unit.ring("inbox", served.authority_id)
            unit.commit()
        served.run()
        with served.tools.register() as unit:
            return unit.courriers_of(received.id)[-1].id

    return written


@pytest.fixture
def quarantined(served: Scene) -> Callable[[bytes], int]:
    """Something came from outside that the service could not use: its number."""

    def came(content: bytes) -> int:
        arrived = Arrived(
            collectivite_id=served.authority_id,
            file=served.tools.documents.put_bytes(content),
            source=f"inbox:{len(content)}",
            at=served.clock.now(),
            nom_fichier="042-123456782-20230302-D2023_999-DE-4-1_7.xml",
        )
        with served.tools.register() as unit:
            added = unit.add_retour(arrived)
            assert added is not None
            unit.ring("apply", added)
            unit.commit()
        served.run()
        return added

    return came
