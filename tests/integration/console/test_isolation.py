"""One authority never sees anything of another: every address of the console is walked."""

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.limits import give, read
from tests.support.pages import fill_webhook
from transmission.bootstrap import wire
from transmission.console.app import create_app
from transmission.domain.lifecycle import State
from transmission.domain.people import Grant, Person, Role
from transmission.domain.transmission import Author
from transmission.services.accounts import create_person
from transmission.settings import Settings
from transmission.store.tables_legal import finding

OWN, FOREIGN, THIRD = "123456782", "123456790", "123456808"
MARKS = ("SECRET2026", "très secret", "Commune d'Ailleurs", "secrets.pdf", FOREIGN, "ailleurs")
HERE = Person(5, "ici", tuple(Grant(role, OWN) for role in Role))
BOTH = Person(6, "deux", tuple(Grant(role, siren) for role in Role for siren in (OWN, THIRD)))
EVERYWHERE = Person(7, "partout", tuple(map(Grant, Role)))
THERE = Person(8, "là-bas", tuple(Grant(role, FOREIGN) for role in Role))

OF_NO_AUTHORITY = {
    "/live", "/statique/{name}", "/healthz", "/readyz", "/connexion", "/connexion/premiere/{link}",
    "/connexion/directe/{link}", "/connexion/oidc", "/connexion/oidc/retour",
    "/connexion/oidc/depart", "/compte",
}  # fmt: skip
"""Addresses that show nothing of an authority, or that have their own tests."""


@dataclass(frozen=True)
class Foreign:
    """What another authority has, by the names that addresses give it."""

    acte_id: int
    ids: dict[str, object]


@pytest.fixture
def wired(shelf: Any, tmp_path: Path) -> Any:
    shelf.tools = wire(Settings(home=tmp_path), shelf.engine, shelf.clock)
    return shelf


@pytest.fixture
def foreign(wired: Any) -> Foreign:
    """An authority with one of each thing, all of it marked; beside two others."""
    wired.authority()
    wired.authority("Commune tierce", THIRD)
    owner = wired.authority("Commune d'Ailleurs", FOREIGN)
    acte_id, sent = wired.acte(
        owner, "SECRET2026_1", "Objet très secret", state=State.HELD, siren=FOREIGN,
        name="secrets.pdf", waiting_for="attente d'ailleurs", **wired.parcel(signature="ailleurs"),
    )  # fmt: skip
    attempt_id = wired.attempt(sent, 1, request="POST ailleurs")
    retour_id = wired.retour(
        owner, sent, b"<x>ailleurs</x>", status="quarantined", nom_fichier="SECRET2026.xml"
    )
    courrier_id = wired.letter(owner, acte_id, "3-1", ("secrets.pdf",), texte="très secret")
    read(wired.engine, owner, acte_id, wired.clock.at)
    give(wired.engine, owner, acte_id, wired.clock.at.date() + timedelta(days=3))
    constat_id = wired.add(
        finding, collectivite_id=owner, acte_id=acte_id, code="x", key="SECRET2026",
        severity="grave", article="a", message="très secret", remedy="r", evidence=[],
        opened_at=wired.clock.at,
    )  # fmt: skip
    create_person(
        wired.tools, "ailleurs", "ailleurs", [Grant(Role.AGENT, FOREIGN)], Author("essai")
    )
    webhook_id = fill_webhook(wired, owner, acte_id, "ailleurs", "https://ailleurs.example/")
    with wired.tools.register() as unit:
        sha256 = unit.acte(acte_id).pieces[0].file.sha256
    return Foreign(
        acte_id,
        {
            "acte_id": acte_id, "attempt_id": attempt_id, "transmission_id": sent, "ordre": 1,
            "envoi_id": sent, "retour_id": retour_id, "courrier_id": courrier_id, "saisie": 1,
            "constat_id": constat_id, "sha256": sha256, "siren": FOREIGN, "login": "ailleurs",
            "numero": "SECRET2026_1", "day": date(2026, 11, 20), "code": "attente",
            "subject_id": sent, "message": "3-2", "webhook_id": webhook_id,
        },
    )  # fmt: skip


def _paths(wired: Any, method: str) -> Iterator[str]:
    with warnings.catch_warnings(action="ignore"):
        described = create_app(wired).openapi()["paths"]
    assert len(described) > 30
    for path, operations in described.items():
        if method in operations and path not in OF_NO_AUTHORITY:
            yield path


def _filled(path: str, ids: dict[str, object]) -> str:
    unknown = set(re.findall(r"{(\w+)}", path)) - ids.keys()
    assert not unknown, f"say in this test what {unknown} is, so that {path} is walked"
    return path.format(**ids)


def _told(text: str) -> list[str]:
    return [mark for mark in MARKS if mark in text.replace("&#39;", "'")]


@pytest.mark.parametrize("person", [HERE, BOTH], ids=["one authority", "several"])
def test_no_address_shows_anything_of_another_authority(
    wired: Any, foreign: Foreign, site: Any, person: Person
) -> None:
    wired.person = person
    for path in _paths(wired, "get"):
        address = _filled(path, foreign.ids)
        for query in ("", f"collectivite={FOREIGN}", "q=SECRET2026_1&etat=tous", "q=secret"):
            answer = site.get(f"{address}?{query}")
            assert not _told(_without_what_was_typed(answer, query)), (address, query)
            if address != path and path != "/bureaux/{code}":
                assert answer.status_code in (403, 404), (address, answer.status_code)


def _without_what_was_typed(answer: Any, query: str) -> str:
    # A page may give back what was typed in its own form.
    text: str = answer.text
    if "=" not in query:
        return text
    typed = [part.partition("=")[2] for part in query.split("&")]
    for each in typed:
        text = text.replace(each, "")
    return text


def test_an_unknown_thing_and_a_foreign_one_get_the_same_answer(
    wired: Any, foreign: Foreign, site: Any
) -> None:
    wired.person = HERE
    nobody: dict[str, object] = {
        **foreign.ids, "sha256": "0" * 64, "siren": "999999998", "login": "personne",
        "numero": "RIEN",
        **{name: 10**9 for name, value in foreign.ids.items() if isinstance(value, int)},
    }  # fmt: skip
    for path in _paths(wired, "get"):
        if "{" not in path or path == "/bureaux/{code}":
            continue
        theirs = site.get(_filled(path, foreign.ids))
        unknown = site.get(_filled(path, nobody))
        assert theirs.status_code == unknown.status_code, path
        assert _numbers_out(theirs.text) == _numbers_out(unknown.text), path


def _numbers_out(text: str) -> str:
    return re.sub(r"\d+", "0", text)


def test_no_form_does_anything_to_what_is_of_another_authority(
    wired: Any, foreign: Foreign, site: Any
) -> None:
    wired.person = HERE
    before = _everything(wired)
    for path in _paths(wired, "post"):
        if "{" not in path:
            continue
        fields = {"jeton_formulaire": "jeton", "motif": "essai", "action": "lien", "role": "agent"}
        answer = site.post(_filled(path, foreign.ids), data=fields | {"ou": OWN})
        assert answer.status_code in (403, 404), (path, answer.status_code)
        assert not _told(answer.text), path
    assert _everything(wired) == before


def _everything(wired: Any) -> dict[str, int]:
    with wired.engine.connect() as connection:
        names = connection.exec_driver_sql(
            "SELECT relname FROM pg_class WHERE relkind = 'r' "
            "AND relnamespace = 'public'::regnamespace"
        ).scalars()
        return {
            name: connection.exec_driver_sql(f'SELECT count(*) FROM "{name}"').scalar_one()
            for name in names.all()
        }


def test_their_own_people_see_it_there(wired: Any, foreign: Foreign, site: Any) -> None:
    for person in (THERE, EVERYWHERE):
        wired.person = person
        for address in (
            "/", "/?q=secret", f"/actes/{foreign.acte_id}", "/conformite", "/conformite.csv",
            "/conformite.json", "/comptes", "/journal-des-comptes",
            f"/calendriers/{FOREIGN}.ics", "/webhooks", f"/webhooks/{foreign.ids['webhook_id']}",
            f"/retours/{foreign.ids['retour_id']}",
        ):  # fmt: skip
            answer = site.get(address)
            assert answer.status_code == 200, address
            assert _told(answer.text), address


def test_whoever_has_several_authorities_works_in_one_at_a_time(
    wired: Any, foreign: Foreign, site: Any
) -> None:
    del foreign
    wired.acte(1, "ICI2026_1")
    wired.acte(2, "TIERS2026_1", siren=THIRD)
    wired.person = BOTH
    # The first by its name.
    assert site.numbers("/") == ["ICI2026_1"]
    assert site.numbers(f"/?collectivite={THIRD}") == ["TIERS2026_1"]
    assert site.numbers(f"/?collectivite={THIRD}&q=2026") == ["TIERS2026_1"]
    assert site.get(f"/?collectivite={FOREIGN}").status_code == 404
    assert site.get("/?collectivite=999999998").status_code == 404
    options = site.page("/").cssselect("select[name=collectivite] option")
    assert [node.get("value") for node in options] == [OWN, THIRD]


def test_whoever_has_one_authority_has_nothing_to_choose(wired: Any, site: Any) -> None:
    wired.acte(wired.authority(), "ICI2026_1")
    wired.person = HERE
    page = site.page("/")
    assert not page.cssselect("select[name=collectivite]")
    assert page.cssselect("input[type=hidden][name=collectivite]")[0].get("value") == OWN


def test_whoever_has_no_role_sees_nothing_and_is_told_why(wired: Any, site: Any) -> None:
    wired.acte(wired.authority(), "ICI2026_1")
    wired.person = Person(9, "personne", ())
    for address in ("/", "/conformite", "/statistiques", "/comptes", "/journal-des-comptes"):
        answer = site.get(address)
        assert answer.status_code == 403, address
        assert "ICI2026_1" not in answer.text
    assert "aucun rôle" in site.get("/").text
