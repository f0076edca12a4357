"""An authority for the tests of the command line."""

import os
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from transmission.cli.french import MODULES
from transmission.cli.main import main
from transmission.domain.collectivite import Collectivite, TdtAccount
from transmission.domain.identifiers import Departement, Siren
from transmission.settings import PREFIX


@pytest.fixture
def collectivite() -> Callable[..., Collectivite]:
    """Makes an authority whose fields can be changed."""

    def made(**changes: Any) -> Collectivite:
        fields: dict[str, Any] = {
            "siren": Siren("123456782"),
            "departement": Departement("042"),
            "arrondissement": 2,
            "nature": "31",
            "nom": "Commune de Saint-Exemple",
            "adresses_retour": ("retours@saint-exemple.example.org",),
            "tdt": TdtAccount("s2low", "TdT", "https://tdt.example", "c", None, None, "ca"),
            "numero_template": "D{year}{seq:05d}10",
        }
        return Collectivite(**{**fields, **changes})

    return made


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., SimpleNamespace]:
    """Runs the command in this process: its exit code, and what it wrote on either stream."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    for module in MODULES:
        # Put back at the end: other tests of this process read click's own sentences.
        for name in {"_", "ngettext"} & vars(module).keys():
            monkeypatch.setattr(module, name, vars(module)[name])

    def ran(*arguments: object) -> SimpleNamespace:
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        written = capsys.readouterr()
        return SimpleNamespace(code=end.value.code, out=written.out, err=written.err)

    return ran
