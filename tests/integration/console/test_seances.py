"""The sittings: their acts, their lists, and the import of one."""

from collections.abc import Callable
from datetime import date
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, update

from transmission.domain.lifecycle import State
from transmission.domain.people import Grant, Person, Role
from transmission.store.tables import acte
from transmission.store.tables_legal import legal_date, seance, seance_acte

SIREN, OTHER = "123456782", "200000008"
DAY = date(2026, 11, 20)
PATH = f"/seances/{SIREN}/2026-11-20"
READER = Person(8, "Lecteur", (Grant(Role.READER, SIREN),))
Send = Callable[..., httpx.Response]


@pytest.fixture
def owner(ready: Any) -> int:
    return int(ready.owner)


@pytest.fixture
def send(site: Any) -> Send:
    def sent(content: bytes = b"numero\n2026_001\n", **changes: str) -> httpx.Response:
        data = {
            "jeton_formulaire": "jeton", "collectivite": SIREN, "date": "2026-11-20", **changes,
        }  # fmt: skip
        files = {"liste": ("séance.csv", content)}
        return site.post("/seances", data=data, files=files)  # type: ignore[no-any-return]

    return sent


def imported(shelf: Any, owner: int, *numbers: str, day: date = DAY) -> int:
    """A list as it was imported."""
    kept = shelf.documents.put_bytes("\n".join(["numero", *numbers]).encode())
    made = shelf.add(
        seance, collectivite_id=owner, date_seance=day, nom_fichier="séance.csv",
        sha256=kept.sha256, size=kept.size, at=shelf.clock.at, author="Secrétariat",
    )  # fmt: skip
    for numero in numbers:
        shelf.add(
            seance_acte, seance_id=made, collectivite_id=owner, date_seance=day,
            numero_interne=numero, nature=1, objet=f"Objet {numero}",
        )  # fmt: skip
    return int(made)


def scene(shelf: Any, owner: int) -> None:
    """Five acts of a list: received and on line, sent, unsent, missing; and one of no list."""
    received, _ = shelf.acte(
        owner, "2026_001", state=State.ACKNOWLEDGED, reference="1", attempts=1,
        date_reception=date(2026, 11, 21),
    )  # fmt: skip
    shelf.acte(owner, "2026_002", state=State.SUBMITTED, reference="2", attempts=1)
    shelf.acte(owner, "2026_003", state=State.ACCEPTED)
    shelf.acte(owner, "2026_009", "Hors liste", state=State.ACCEPTED)
    imported(shelf, owner, "2026_001", "2026_002", "2026_003", "2026_004")
    with shelf.engine.begin() as connection:
        connection.execute(
            update(acte).where(acte.c.id == received).values(date_mise_en_ligne=date(2026, 11, 22))
        )
        connection.execute(
            legal_date.insert().values(
                acte_id=received,
                name="liste_deliberations",
                collectivite_id=owner,
                day=date(2026, 11, 27),
                kind="due",
                rule="PU-8",
                provisional=False,
            )
        )


def test_a_sitting_tells_what_left_what_was_received_and_what_is_missing(
    shelf: Any, site: Any, owner: int
) -> None:
    scene(shelf, owner)
    page = site.page(PATH)
    figures = {
        site.words_of(node.cssselect("dt")[0]): node.cssselect("dd")[0].text
        for node in page.cssselect(".etats > div")
    }
    assert figures == {
        "Actes": "5", "Transmis": "2", "Reçus en préfecture": "1", "En ligne": "1",
        "Absents du registre": "1",
    }  # fmt: skip
    words = site.words_of(page)
    assert "5 actes, 1 reçu en préfecture, 2 pas encore transmis, 1 manque au registre." in words
    assert "À mettre en ligne et à afficher avant la fin du 27 novembre 2026." in words
    absent = page.cssselect("tbody tr")[3]
    assert "2026_004" in site.words_of(absent)
    assert "Absent du registre" in site.words_of(absent)
    assert "Hors liste" in site.words_of(page.cssselect("#autres ~ .defile")[0])


def test_the_sittings_are_listed_the_newest_first_with_their_counts(
    shelf: Any, site: Any, owner: int
) -> None:
    scene(shelf, owner)
    imported(shelf, owner, "2026_050", day=date(2026, 9, 1))
    rows = [site.words_of(row) for row in site.page("/seances").cssselect("tbody tr")]
    assert len(rows) == 2
    assert rows[0].startswith("20 novembre 2026")
    assert "4211 1 acte absent du registre, 1 pas encore transmis" in rows[0]
    assert "1 acte absent du registre" in rows[1]


def test_a_long_list_of_sittings_is_read_page_by_page(shelf: Any, site: Any, owner: int) -> None:
    made = [imported(shelf, owner, "A", day=date(2026, 1, 1 + n)) for n in range(28)]
    first = site.page("/seances")
    shown = [node.get("id") for node in first.cssselect("tbody tr")]
    following = first.cssselect("#page-suite")[0].get("href")
    shown += [node.get("id") for node in site.page(following).cssselect("tbody tr")]
    assert shown == [f"seance-{each}" for each in reversed(made)]
    assert site.get("/seances?apres=x").status_code == 400


def test_a_day_without_a_list_shows_the_acts_that_are_known(
    shelf: Any, site: Any, owner: int
) -> None:
    shelf.acte(owner, "2026_001")
    words = site.words(PATH)
    assert "Aucune liste n'a été importée pour ce jour" in words
    assert "Délibérations et budgets de ce jour" in words
    answer = site.get(f"/seances?collectivite={SIREN}&date=2026-11-20")
    assert answer.headers["location"] == PATH


def test_a_list_is_imported_from_the_page_and_can_be_taken_away(
    shelf: Any, site: Any, owner: int, send: Send
) -> None:
    first = send()
    assert first.headers["location"] == f"{PATH}?fait=importee"
    assert "La liste de cette séance est importée" in site.words(first.headers["location"])
    assert send().headers["location"] == f"{PATH}?fait=deja"
    assert send(b"numero\n2026_001\n2026_002\n").headers["location"] == f"{PATH}?fait=remplacee"
    taken = site.get(f"{PATH}/liste")
    assert taken.content == b"numero\n2026_001\n2026_002\n"
    assert "attachment" in taken.headers["content-disposition"]


@pytest.mark.parametrize(
    ("content", "changes", "said"),
    [
        (b"numero\n2026_001\n", {"date": ""}, "La date de la séance manque. Donnez sa date."),
        (b"numero\n2026_001\n", {"date": "hier"}, "« hier » n'est pas une date."),
        (b"numero\n", {}, "Cochez « Aucun acte n'est attendu »"),
        (b"numero\n2026_001\n", {"date": "2026-12-25"}, "n'a pas encore eu lieu"),
        (b"", {}, "liste"),
    ],
)
def test_a_list_that_is_refused_says_why_and_counts_for_nothing(
    shelf: Any,
    site: Any,
    owner: int,
    send: Send,
    content: bytes,
    changes: dict[str, str],
    said: str,
) -> None:
    answer = send(content, **changes)
    assert answer.status_code == 422
    told = site.words_of(site.tree(answer).cssselect("#problemes")[0])
    assert said in told
    assert "--" not in told
    assert sittings(shelf) == 0


def test_a_reader_sees_sittings_and_imports_nothing(
    shelf: Any, site: Any, owner: int, send: Send
) -> None:
    scene(shelf, owner)
    shelf.person = READER
    assert site.page(PATH).cssselect("#importer") == []
    assert site.page("/seances").cssselect("#importer") == []
    assert send().status_code == 403
    assert sittings(shelf) == 1


def test_another_authority_sees_nothing(shelf: Any, site: Any, owner: int, send: Send) -> None:
    scene(shelf, owner)
    shelf.authority("Commune d'Ailleurs", siren=OTHER)
    shelf.person = Person(9, "Ailleurs", (Grant(Role.AGENT, OTHER),))
    assert site.page("/seances").cssselect("tbody tr") == []
    assert "Saint-Exemple" not in site.words("/seances")
    for path in (PATH, f"{PATH}/liste"):
        assert site.get(path).status_code == 404
    assert site.get(PATH).text == site.get("/seances/999999999/2026-11-20").text
    assert send().status_code == 404


def test_a_stranger_is_led_to_the_entrance(shelf: Any, site: Any) -> None:
    shelf.person = None
    assert site.get("/seances").headers["location"] == "/connexion?suite=%2Fseances"


def sittings(shelf: Any) -> int:
    with shelf.engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(seance)).scalar_one())
