"""Make the pictures of the documents from a demonstration, by its four tasks: ``make pictures``."""

import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image, ImageChops
from playwright.sync_api import Locator, Page, expect, sync_playwright

from tests.support.clerk import PATIENCE, Act, Clerk
from tests.support.town import LOGIN, PASSWORD, Town, town_of
from transmission.bootstrap import Container, container
from transmission.clock import SystemClock, civil_day
from transmission.domain.acceptance import Form
from transmission.domain.lifecycle import FINAL, State
from transmission.domain.transmission import Author
from transmission.embedded.processes import wait_until
from transmission.services.accept import Deposit, accept
from transmission.services.files import DepositedFile
from transmission.settings import load_settings

PICTURES = Path(__file__).parent.parent / "docs" / "pictures"
SIREN = "123456782"
READY = "Tout reste en service jusqu'à Ctrl-C."
QUEUE = [
    ("SILENC2026_1", "Convention de mise à disposition de la salle des fêtes"),
    ("REFUSE2026_2", "Création d'un emploi d'agent d'entretien à temps non complet"),
    ("ANOACT2026_3", "Décision modificative n° 1 du budget communal"),
    ("D2026_4", "Tarifs de la cantine scolaire"),
    ("SILENC2026_5", "Acquisition de la parcelle A 103 au lieu-dit Le Clos"),
]
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WIDTH, HEIGHT, MARGIN, COLOURS = 1200, 860, 12, 128


def main() -> None:
    """Run a demonstration in a folder of its own, do the tasks, take the pictures, end it."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        home, said = Path(folder) / "demo", Path(folder) / "said"
        with said.open("wb") as output:
            demo = subprocess.Popen(
                [sys.executable, "-m", "transmission.cli.main", "--home", str(home), "demo"],
                stdout=output,
            )
        try:
            _take(home, said)
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait(60)


def _take(home: Path, said: Path) -> None:
    if not wait_until(lambda: READY in said.read_text(encoding="utf-8"), PATIENCE):
        raise SystemExit("The demonstration has not ended well.")
    stamped = next((home / "resultats").glob("*-tamponne.pdf"))
    _stamped_page(stamped)
    town = town_of(home, said.read_text(encoding="utf-8"))
    town.hire(home)
    with _page() as page:
        clerk = Clerk(page, see=lambda name, *parts: _picture(page, name, *parts))
        clerk.enter(town.console, LOGIN, PASSWORD)
        _do_the_tasks(town, clerk, stamped)
        with container(load_settings(home=home)) as made:
            _fill_queue(made, home)
        page.goto(town.console)
        _picture(page, "console")
        page.goto(f"{town.console}actes/1")
        _picture(page, "acte")


def _do_the_tasks(town: Town, clerk: Clerk, document: Path) -> None:
    document = shutil.copyfile(document, document.with_name("deliberation.pdf"))
    today = civil_day(SystemClock().now(), "Europe/Paris")
    lately, last_year = today - timedelta(days=3), today.year - 1
    acts = (
        Act(f"{today.year}_014", lately, "Subvention à l'école de musique", document),
        Act(f"{today.year}_015", lately, "Tarifs du stationnement en centre-bourg", document),
        Act(f"{last_year}_031", date(last_year, 6, 12), "Toiture du gymnase municipal", document),
    )
    music, parking, roof = acts
    clerk.hand_over(music)
    town.may_send(may=False)
    town.sends(parking)
    clerk.await_desk(parking.numero)
    town.may_send(may=True)
    clerk.unblock(parking.numero, "Refus du TdT")
    town.is_asked(music, "Le plan de financement visé à l'article 2.")
    plan = shutil.copyfile(document, document.with_name("plan-de-financement.pdf"))
    clerk.answer(music.numero, "Le plan de financement", plan)
    received = date(last_year, 6, 16)
    town.is_received_on(received)
    town.sends(roof, "--wait")
    town.is_received_on(None)
    clerk.find_proof("gymnase", roof.numero, received)


@contextmanager
def _page() -> Iterator[Page]:
    expect.set_options(timeout=PATIENCE * 1000)
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM)
        yield browser.new_page(
            viewport={"width": WIDTH, "height": HEIGHT}, locale="fr-FR", color_scheme="light"
        )
        browser.close()


def _picture(page: Page, name: str, *parts: Locator) -> None:
    """The window, or the whole width of the page from the top of the parts to their end."""
    page.wait_for_load_state("load")
    if not parts:
        _keep(page.screenshot(), name)
        return
    first, last = _ends(page.get_by_role("main"))
    ends = [_ends(part) for part in parts]
    top = max(first, min(top for top, _ in ends) - MARGIN)
    end = min(last, max(end for _, end in ends) + MARGIN)
    clip: Any = {"x": 0, "y": top + page.evaluate("scrollY"), "width": WIDTH, "height": end - top}
    _keep(page.screenshot(full_page=True, clip=clip, animations="disabled"), name)


def _ends(part: Locator) -> tuple[float, float]:
    box = part.bounding_box()
    if box is None:
        raise SystemExit(f"Nothing to show: {part}")
    return box["y"], box["y"] + box["height"]


def _keep(shot: bytes, name: str) -> None:
    """Keep a picture in few colours, without what is blank at its end."""
    image = Image.open(BytesIO(shot)).convert("RGB")
    inked = ImageChops.difference(image, Image.new("RGB", image.size, "white")).getbbox()
    if inked is not None:
        image = image.crop((0, 0, image.width, min(image.height, inked[3] + MARGIN)))
    image.quantize(COLOURS).save(PICTURES / f"{name}.png", optimize=True)


def _stamped_page(path: Path) -> None:
    document = pypdfium2.PdfDocument(path)
    image: Any = document[0].render(scale=1.4).to_pil()
    page = image.crop((0, 0, image.width, image.height * 5 // 9))
    page.quantize(COLOURS).save(PICTURES / "stamped.png", optimize=True)
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


if __name__ == "__main__":
    main()
