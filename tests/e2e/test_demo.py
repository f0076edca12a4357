"""``transmission demo``: one command shows the whole chain, and leaves nothing running."""

import re
import signal
from pathlib import Path
from typing import Any

import httpx
import pypdfium2

ELSEWHERE = {
    "database_url": "postgresql+psycopg://nobody@127.0.0.1:1/nothing",
    "broker_url": "redis://127.0.0.1:1/0",
    "broker_ca_file": "/nowhere",
    "documents": "s3",
    "documents_dir": "/nowhere",
}
"""Settings of a real installation, which a demonstration must not touch."""


def fact(said: str, label: str) -> str:
    """What is printed beside a label, or below it when it is long."""
    found = re.search(rf"^  {re.escape(label)}\s+(.+)$", said, re.MULTILINE)
    assert found, said
    return found[1].strip()


def text_of(pdf: Path) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return document[0].get_textpage().get_text_range()
    finally:
        document.close()


def test_one_act_goes_through_the_whole_chain(home: Any) -> None:
    program = home.start("demo", "--once", **ELSEWHERE)
    assert program.ended() == 0, program.said
    said = program.said
    numero = re.search(r"^Acte (D\d{4}0000110)$", said, re.MULTILINE)
    assert numero, said
    assert fact(said, "État") == "Accusé de réception reçu"
    id_acte = fact(said, "Identifiant de télétransmission")
    assert re.fullmatch(rf"042-123456782-\d{{8}}-{numero[1]}-DE", id_acte)
    assert fact(said, "Identifiant de fichier") == f"99_DE-{id_acte.removesuffix('-DE')}"
    assert re.fullmatch(r"\d\d/\d\d/\d{4}", fact(said, "Reçu en préfecture le"))
    assert re.match(r"\d\d/\d\d/\d{4} \(règle DF-1\)", fact(said, "Dernier jour du déféré"))
    stamped = text_of(Path(fact(said, "Acte tamponné")))
    assert "RECU EN PREFECTURE" in stamped
    assert "VIA mock-tdt (fictif)" in stamped
    assert fact(said, "Identifiant de fichier") in stamped
    accuse = Path(fact(said, "Accusé de réception")).read_bytes()
    assert id_acte.encode() in accuse
    assert "\x1b" not in said
    assert home.becomes_deserted()


def test_again_on_the_same_folder_it_stays_until_interrupted(home: Any) -> None:
    program = home.start("demo", **ELSEWHERE)
    said = program.says("Tout reste en service jusqu'à Ctrl-C.")
    assert fact(said, "Acte tamponné").endswith("0000210-tamponne.pdf")

    page = re.search(r"http://127\.0\.0\.1:\d+/actes/\d+", said)
    assert page, said
    assert "/connexion" in httpx.get(page[0], timeout=30).headers["location"]
    link = re.search(r"http://127\.0\.0\.1:\d+/connexion/directe/\S+", said)
    assert link, said
    with httpx.Client(timeout=30, follow_redirects=True) as browser:
        shown = browser.get(link[0])
        assert (shown.status_code, str(shown.url)) == (200, page[0])
        assert "service des assemblées" in shown.text
        again = browser.get(link[0])
    assert (again.status_code, "ne sert plus" in again.text) == (410, True)
    assert fact(said, "Identifiant de télétransmission") in shown.text

    refused, why = home.run("demo")
    assert refused == 1
    assert "déjà utilisé par une autre exécution" in why

    numero = fact(said, "Identifiant de télétransmission").split("-")[3]
    assert home.run("status", numero)[0] == 0

    assert program.stop(signal.SIGINT) == 0, program.said
    assert "Arrêt en cours" in program.said
    assert "Traceback" not in program.said
    assert home.processes() == {}
    assert "n'est pas démarré" in home.run("status", numero)[1]
