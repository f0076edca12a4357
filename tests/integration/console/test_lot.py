"""Handing over the acts of a sitting at once, from a browser."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from transmission.store.tables import acte
from transmission.store.tables_legal import seance

SIREN = "123456782"
HEAD = "numero;date;nature;matiere;objet;document;annexes;date_seance\n"
Send = Callable[..., httpx.Response]


@pytest.fixture
def send(site: Any, ready: Any) -> Send:
    def sent(manifest: str, *files: tuple[str, bytes], siren: str = SIREN) -> httpx.Response:
        given = [("manifeste", ("séance.csv", manifest.encode()))]
        given += [("fichiers", each) for each in files]
        data = {"jeton_formulaire": "jeton", "collectivite": siren}
        return site.post("/remettre/lot", data=data, files=given)  # type: ignore[no-any-return]

    return sent


def numbers(shelf: Any) -> list[str]:
    with shelf.engine.connect() as connection:
        return list(connection.execute(select(acte.c.numero_interne).order_by(acte.c.id)).scalars())


def line(numero: str, document: str, annexes: str = "") -> str:
    return f"{numero};2026-11-20;DE;7.5;Subvention;{document};{annexes};2026-11-20\n"


def test_a_batch_is_handed_over_and_told_act_by_act(
    shelf: Any, site: Any, ready: Any, send: Send
) -> None:
    manifest = HEAD + line("2026_001", "a.pdf", "b.pdf:21_RP") + line("2026_002", "absent.pdf")
    answer = send(manifest, ("a.pdf", ready.pdf("a")), ("b.pdf", ready.pdf("b")))
    assert answer.status_code == 422
    words = site.words_of(site.tree(answer))
    assert "1 pris en charge, 1 refusé" in words.lower()
    assert "« absent.pdf » n'est pas dans le dossier" in words
    rows = [node.text for node in site.tree(answer).cssselect("tbody .numero")]
    assert rows == ["2026_001"]
    assert numbers(shelf) == ["2026_001"]
    with shelf.engine.connect() as connection:
        assert len(connection.execute(select(seance)).all()) == 1
    again = send(
        manifest, ("a.pdf", ready.pdf("a")), ("b.pdf", ready.pdf("b")),
        ("absent.pdf", ready.pdf("c")),
    )  # fmt: skip
    assert again.status_code == 200
    assert "1 pris en charge, 1 déjà remis" in site.words_of(site.tree(again)).lower()
    assert numbers(shelf) == ["2026_001", "2026_002"]


def test_a_manifest_in_json_is_known_by_its_content(shelf: Any, ready: Any, send: Send) -> None:
    acts = [{
        "numero": "2026_001", "date": "2026-11-20", "nature": "DE", "matiere": "7.5",
        "objet": "Subvention", "document": "a.pdf",
    }]  # fmt: skip
    assert send(json.dumps(acts), ("a.pdf", ready.pdf())).status_code == 200
    assert numbers(shelf) == ["2026_001"]


@pytest.mark.parametrize(
    "name", ["../a.pdf", ".pret", "actes.csv", "a/b.pdf", "rapport-de-remise.json"]
)
def test_a_name_that_is_no_file_of_the_batch_is_refused(
    shelf: Any, site: Any, send: Send, name: str
) -> None:
    answer = send(HEAD + line("2026_001", "a.pdf"), (name, b"x"))
    assert answer.status_code == 422
    assert "Rien n'a été enregistré." in site.words_of(site.tree(answer))
    assert numbers(shelf) == []


def test_a_file_given_twice_is_refused(shelf: Any, site: Any, ready: Any, send: Send) -> None:
    twice = (("a.pdf", ready.pdf("1")), ("a.pdf", ready.pdf("2")))
    answer = send(HEAD + line("2026_001", "a.pdf"), *twice)
    assert answer.status_code == 422
    assert "est donné deux fois" in site.words_of(site.tree(answer))


def test_another_authority_is_not_there(shelf: Any, ready: Any, send: Send) -> None:
    shelf.authority("Commune d'Ailleurs", siren="200000008")
    manifest = HEAD + line("2026_001", "a.pdf")
    assert send(manifest, ("a.pdf", ready.pdf()), siren="200000008").status_code == 404
    assert numbers(shelf) == []


def test_without_a_classification_nothing_is_handed_over(
    shelf: Any, site: Any, ready: Any, send: Send
) -> None:
    shelf.authority("Commune d'Ailleurs", siren="200000008")
    shelf.person = ready.everybody
    manifest = HEAD + line("2026_001", "a.pdf")
    answer = send(manifest, ("a.pdf", ready.pdf()), siren="200000008")
    assert answer.status_code == 409
    assert "classification" in site.words_of(site.tree(answer))
