"""A town whose service runs as a demonstration, and what happens to it from outside."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx

from tests.support.clerk import Act
from tests.support.scene import SIREN
from transmission.settings import PREFIX

LOGIN = "secretariat"
PASSWORD = "une phrase pour essayer"


@dataclass(frozen=True, slots=True)
class Town:
    """`home` is the folder of the demonstration, `console` its address."""

    home: Path
    console: str

    def run(self, *arguments: object) -> str:
        """What a command said; it must succeed."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(PREFIX)}
        command = [sys.executable, "-m", "transmission.cli.main", "--home", str(self.home)]
        done = subprocess.run(
            [*command, *map(str, arguments)],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, env=inherited,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def hire(self, folder: Path) -> None:
        """Make the account of the clerk."""
        password = folder / "mot-de-passe"
        password.write_text(PASSWORD, encoding="utf-8")
        self.run(
            "user", "add", LOGIN, "--nom", "secrétariat de mairie", "--role", "agent",
            "--role", "operateur", "--siren", SIREN, "--password-file", password,
        )  # fmt: skip

    def sends(self, act: Act, *options: str) -> None:
        """The software of the assemblies hands an act over."""
        self.run(
            "send", act.path, "--numero", act.numero, "--date", act.day, "--nature", "DE",
            "--matiere", "7.5", "--objet", act.objet, "--yes", "--par", "service des assemblées",
            *options,
        )  # fmt: skip

    def may_send(self, *, may: bool) -> None:
        """The TdT gives its right back to the certificate of the town, or takes it."""
        self._ask("account", siren=SIREN, permission="RW" if may else "RO")

    def is_asked(self, act: Act, text: str) -> None:
        """The préfecture asks for documents about an act that it received."""
        about = f"042-{SIREN}-{act.day:%Y%m%d}-{act.numero}-DE"
        self._ask("courrier", id_acte=about, kind="demande_piece_complementaire", text=text)

    def is_received_on(self, day: date | None) -> None:
        """The day that the next AR will bear: that of the sending if None."""
        fixed = {"mode": "fixed", "date": day.isoformat()} if day else {"mode": "today"}
        self._ask("reception-date", **fixed)

    def _ask(self, action: str, **given: Any) -> None:
        told = (self.home / "logs" / "mock-tdt.log").read_text(encoding="utf-8").splitlines()[-1]
        answer = httpx.post(f"{json.loads(told)['management_url']}/{action}", json=given)
        assert answer.status_code == 200, answer.text


def town_of(home: Path, said: str) -> Town:
    """The town of a demonstration, from what it `said`."""
    found = re.search(r"console : (\S+)", said)
    assert found, said
    return Town(home, found[1])
