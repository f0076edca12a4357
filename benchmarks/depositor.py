"""A process that hands acts over, as the assembly's software does, and says what that cost it."""

import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.material import MadeActe
from transmission.bootstrap import container
from transmission.domain.acceptance import Form
from transmission.domain.transmission import Author
from transmission.services.accept import Deposit, accept
from transmission.services.files import DepositedFile
from transmission.services.toolbox import Toolbox
from transmission.settings import load_settings

AUTHOR = Author("mesure")
_THREADS = 2
"""As many as hide the wait for the disk: a web process answers several callers at once too."""


@dataclass(frozen=True, slots=True)
class Order:
    """Acts to hand over, in turn for each SIREN; ``pause`` seconds between two."""

    actes: Sequence[MadeActe]
    sirens: Sequence[str]
    pause: float = 0.0

    def dump(self) -> str:
        """As JSON, for :func:`main`."""
        actes = [[acte.numero, [str(path) for path in acte.files]] for acte in self.actes]
        return json.dumps({"actes": actes, "sirens": list(self.sirens), "pause": self.pause})


def deposit_of(acte: MadeActe, day: str) -> Deposit:
    """The deposit of a made act; ``day`` is its decision date, ISO 8601."""
    files = tuple(DepositedFile(path, path.name) for path in acte.files)
    form = Form(acte.numero, day, "DE", "7.5", "Subvention de 1 000 € à l’école")
    return Deposit(form, files)


def yesterday(tools: Toolbox) -> str:
    """A decision date that every rule allows."""
    return (tools.clock.now() - timedelta(days=1)).date().isoformat()


def started(order: Order, environment: Mapping[str, str], folder: Path) -> "subprocess.Popen[str]":
    """Hand acts over in a process of its own, which prints its CPU seconds."""
    path = folder / f"order-{order.actes[0].numero}.json"
    path.write_text(order.dump(), encoding="utf-8")
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.depositor", str(path)],
        cwd=Path(__file__).parents[1],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )


def main(path: str) -> None:
    """Carry out the order in a file."""
    order: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    actes = [MadeActe(numero, tuple(map(Path, files))) for numero, files in order["actes"]]
    with container(load_settings()) as made:
        tools = made.tools
        before = time.process_time()
        _hand_over(tools, actes, order["sirens"], order["pause"])
        used = time.process_time() - before
    sys.stdout.write(json.dumps({"cpu": used}) + "\n")


def _hand_over(
    tools: Toolbox, actes: Sequence[MadeActe], sirens: Sequence[str], pause: float
) -> None:
    day = yesterday(tools)
    with ThreadPoolExecutor(1 if pause else _THREADS) as threads:
        waiting = []
        for rank, acte in enumerate(actes):
            siren = sirens[rank % len(sirens)]
            waiting.append(threads.submit(accept, tools, siren, deposit_of(acte, day), AUTHOR))
            if pause:
                time.sleep(pause)
        for each in waiting:
            each.result()


if __name__ == "__main__":
    main(sys.argv[1])
