"""Make the pictures of the README from a demonstration: ``make pictures``."""

import json
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pypdfium2
from playwright.sync_api import sync_playwright

from transmission.bootstrap import Container, container
from transmission.domain.acceptance import Form
from transmission.domain.lifecycle import FINAL, State
from transmission.domain.transmission import Author
from transmission.embedded.processes import wait_until
from transmission.services.accept import Deposit, accept
from transmission.services.files import DepositedFile
from transmission.settings import load_settings

PICTURES = Path(__file__).parent.parent / "docs" / "pictures"
SIREN = "123456782"
QUEUE = [
    ("SILENC2026_1", "Convention de mise à disposition de la salle des fêtes"),
    ("REFUSE2026_2", "Création d'un emploi d'agent d'entretien à temps non complet"),
    ("ANOACT2026_3", "Décision modificative n° 1 du budget communal"),
    ("D2026_4", "Tarifs de la cantine scolaire"),
    ("SILENC2026_5", "Acquisition de la parcelle A 103 au lieu-dit Le Clos"),
]
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def main() -> None:
    """Run a demonstration in a folder of its own, add acts, take the pictures, end it."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "demo"
        demo = subprocess.Popen(
            [sys.executable, "-m", "transmission.cli.main", "--home", str(home), "demo"],
            stdout=subprocess.DEVNULL,
        )
        try:
            _take(home)
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait(60)


def _take(home: Path) -> None:
    results = home / "resultats"
    if not wait_until(lambda: bool(list(results.glob("*-AR.xml"))), 120):
        raise SystemExit("The demonstration has not ended well.")
    _stamped_page(next(results.glob("*-tamponne.pdf")))
    with container(load_settings(home=home)) as made:
        _fill_queue(made, home)
    _screenshots(json.loads((home / "running.json").read_text())["console_url"])


def _stamped_page(path: Path) -> None:
    document = pypdfium2.PdfDocument(path)
    image: Any = document[0].render(scale=1.4).to_pil()
    image.crop((0, 0, image.width, image.height * 5 // 9)).save(PICTURES / "stamped.png")
    document.close()


def _fill_queue(made: Container, home: Path) -> None:
    document = next((home / "resultats").glob("*-tamponne.pdf"))
    today = made.tools.clock.now().date().isoformat()
    taken = []
    for numero, objet in QUEUE:
        form = Form(numero, today, "DE", "7.5", objet)
        files = (DepositedFile(document, "deliberation.pdf"),)
        deposit = Deposit(form, files)
        taken.append(accept(made.tools, SIREN, deposit, Author("logiciel des assemblées")).acte_id)
    settled = {*FINAL, State.HELD, State.SUBMITTED}

    def quiet() -> bool:
        with made.tools.register() as unit:
            states = [unit.current_transmission(acte_id).state for acte_id in taken]
        return states.count(State.SUBMITTED) == 2 and all(state in settled for state in states)

    if not wait_until(quiet, 60):
        raise SystemExit("The acts of the pictures have not settled.")


def _screenshots(console: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        page = browser.new_page(viewport={"width": 1200, "height": 760})
        for name, path in (("console", ""), ("acte", "actes/1")):
            page.goto(console + path)
            page.wait_for_load_state("load")
            page.screenshot(path=PICTURES / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
