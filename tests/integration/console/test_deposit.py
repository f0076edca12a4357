"""Handing an act over from a browser."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from tests.support.scene import pdf
from transmission.domain.people import Grant, Person, Role
from transmission.store.tables import acte, piece

SIREN, OTHER = "123456782", "200000008"
AGENT = Person(7, "Secrétariat", (Grant(Role.AGENT, SIREN),))
READER = Person(8, "Lecteur", (Grant(Role.READER, SIREN),))

WORDS = {
    "collectivite": SIREN, "numero": "2026_001", "date": "2026-11-20", "nature": "DE",
    "matiere": "7.5", "objet": "Subvention à l'école", "action": "remettre",
}  # fmt: skip

Send = Callable[..., httpx.Response]


@pytest.fixture
def owner(ready: Any) -> int:
    return int(ready.owner)


@pytest.fixture
def send(site: Any) -> Send:
    def sent(path: str = "/remettre", files: Any = None, **changes: str) -> httpx.Response:
        given = {"document": ("délibération.pdf", pdf())} if files is None else files
        data = {"jeton_formulaire": "jeton", **WORDS, **changes}
        # Always multipart, as the form is.
        return site.post(path, data=data, files=given or {"vide": ("", b"")})  # type: ignore[no-any-return]

    return sent


def count(shelf: Any) -> int:
    with shelf.engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(acte)).scalar_one())


def test_an_act_is_handed_over_with_its_annexes(
    shelf: Any, site: Any, owner: int, send: Send
) -> None:
    files = {
        "document": ("délibération.pdf", pdf()),
        "annexe-2": ("rapport.pdf", pdf("Rapport")),
        "annexe-4": ("plan.pdf", pdf("Plan")),
    }
    answer = send(files=files, **{"typologie-2": "21_RP", "papier": "1"})
    assert answer.status_code == 303, site.words_of(site.tree(answer))
    acte_id = int(answer.headers["location"].split("/")[2].partition("?")[0])
    with shelf.engine.connect() as connection:
        kept = connection.execute(select(acte).where(acte.c.id == acte_id)).one()
        pieces = connection.execute(
            select(piece.c.nom_original, piece.c.code_type_pj).order_by(piece.c.ordre)
        ).all()
    assert (kept.numero_interne, kept.document_papier, kept.accepted_by) == (
        "2026_001", True, "Secrétariat",
    )  # fmt: skip
    assert [tuple(row) for row in pieces] == [
        ("délibération.pdf", "99_DE"), ("rapport.pdf", "21_RP"), ("plan.pdf", "99_DE"),
    ]  # fmt: skip
    assert site.get(answer.headers["location"]).status_code == 200


def test_the_form_offers_the_classification_in_force(site: Any, owner: int) -> None:
    page = site.page("/remettre")
    assert [node.get("value") for node in page.cssselect("#matieres option")] == ["7.5"]
    assert [node.text for node in page.cssselect("#typologies option")] == [
        "Rapport (DE)", "Délibération (DE)",
    ]  # fmt: skip
    assert "classification du 29 août 2019" in site.words_of(page)


def test_every_problem_is_told_at_once_beside_its_field_and_what_was_typed_is_kept(
    shelf: Any, site: Any, owner: int, send: Send
) -> None:
    files = {"document": ("acte.pdf", b"MZ not a document"), "annexe-3": ("vide.pdf", b"")}
    answer = send(
        files=files, numero="_x", date="hier", matiere="9.9", objet="",
        **{"typologie-3": "21_RP"},
    )  # fmt: skip
    assert answer.status_code == 422
    tree = site.tree(answer)
    for anchor in ("numero", "date", "matiere", "objet", "document", "annexe-3"):
        field = tree.cssselect(f"#{anchor}")[0]
        assert field.get("aria-invalid") == "true", anchor
        assert f"probleme-{anchor}" in field.get("aria-describedby")
        assert tree.cssselect(f"#probleme-{anchor}"), anchor
        assert tree.cssselect(f'#problemes a[href="#{anchor}"]'), anchor
    assert tree.cssselect("#numero")[0].get("value") == "_x"
    assert tree.cssselect("#date")[0].get("value") == "hier"
    assert tree.cssselect("#matiere")[0].get("value") == "9.9"
    assert tree.cssselect("#typologie-3")[0].get("value") == "21_RP"
    assert tree.cssselect("#nature option[selected]")[0].get("value") == "DE"
    assert "fichiers sont à choisir de nouveau" in site.words_of(tree)
    assert count(shelf) == 0


def test_an_act_without_its_document_is_refused(site: Any, owner: int, send: Send) -> None:
    answer = send(files={"annexe-1": ("a.pdf", pdf())})
    assert answer.status_code == 422
    assert "Il manque l'acte lui-même." in site.words_of(
        site.tree(answer).cssselect("#problemes")[0]
    )


def test_checking_stores_nothing(shelf: Any, site: Any, owner: int, send: Send) -> None:
    answer = send(action="verifier")
    assert answer.status_code == 200
    assert "cet acte serait pris en charge" in site.words_of(site.tree(answer))
    assert count(shelf) == 0
    send()
    assert "a déjà été remis, à l'identique" in site.words_of(site.tree(send(action="verifier")))


def test_the_same_act_twice_is_one_act(shelf: Any, owner: int, send: Send) -> None:
    first, second = send(), send(matiere="7.5 Subventions")
    assert (first.status_code, second.status_code) == (303, 303)
    assert second.headers["location"].startswith(first.headers["location"].partition("?")[0])
    assert second.headers["location"].endswith("?fait=deja-remis")
    assert count(shelf) == 1


def test_a_conflict_names_the_fields_that_differ(
    shelf: Any, site: Any, owner: int, send: Send
) -> None:
    first = send().headers["location"].partition("?")[0]
    answer = send(objet="Autre objet", files={"document": ("a.pdf", pdf("autre"))})
    assert answer.status_code == 409
    tree = site.tree(answer)
    words = site.words_of(tree.cssselect("#problemes")[0])
    assert "Ce qui diffère : objet, fichiers." in words
    assert tree.cssselect("#problemes a")[0].get("href") == first
    assert tree.cssselect("#objet")[0].get("aria-invalid") == "true"
    assert tree.cssselect("#numero")[0].get("aria-invalid") is None
    assert count(shelf) == 1


def test_whoever_acts_for_several_authorities_chooses_first(
    shelf: Any, site: Any, owner: int
) -> None:
    shelf.authority("Commune d'Ailleurs", siren=OTHER)
    both = (Grant(Role.AGENT, SIREN), Grant(Role.AGENT, OTHER))
    shelf.person = replace(AGENT, grants=both)
    page = site.page("/remettre")
    assert page.cssselect("#numero") == []
    assert [node.get("value") for node in page.cssselect("#collectivite option")] == [
        "", OTHER, SIREN,
    ]  # fmt: skip
    assert site.page(f"/remettre?collectivite={SIREN}").cssselect("#numero")
    # Without its classification, it is said and nothing breaks.
    assert "n'a pas encore donné" in site.words(f"/remettre?collectivite={OTHER}")


def test_another_authority_is_not_there(shelf: Any, site: Any, owner: int, send: Send) -> None:
    shelf.authority("Commune d'Ailleurs", siren=OTHER)
    assert "Ailleurs" not in site.words("/remettre")
    foreign = site.get(f"/remettre?collectivite={OTHER}")
    unknown = site.get("/remettre?collectivite=999999999")
    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert foreign.text == unknown.text
    assert send(collectivite=OTHER).status_code == 404
    assert count(shelf) == 0


def test_a_reader_hands_nothing_over(shelf: Any, site: Any, owner: int, send: Send) -> None:
    shelf.person = READER
    for path in ("/remettre", f"/remettre?collectivite={SIREN}", "/remettre/lot"):
        assert site.get(path).status_code == 403
    assert send().status_code == 403
    assert send("/remettre/lot").status_code == 403
    assert count(shelf) == 0
    assert site.page("/bureaux").cssselect('nav a[href="/remettre"]') == []


def test_a_stranger_is_led_to_the_entrance(shelf: Any, site: Any, owner: int, send: Send) -> None:
    shelf.person = None
    assert site.get("/remettre").headers["location"] == "/connexion?suite=%2Fremettre"
    assert send().status_code == 403


def test_a_form_that_is_too_large_is_refused_before_anything(
    shelf: Any, site: Any, owner: int, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("transmission.console.forms.BODY_MAX", 2_000_000)
    answer = send(files={"document": ("a.pdf", b"x" * 3_000_000)})
    assert answer.status_code == 413
    assert "trop lourds" in answer.text
    assert count(shelf) == 0
