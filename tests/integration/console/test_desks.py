"""The desks: what waits for people, in order, and who takes care of it."""

from collections.abc import Callable
from datetime import date
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from transmission.domain.lifecycle import State
from transmission.domain.people import Grant, Person, Role
from transmission.store.tables import journal, outbox
from transmission.store.tables_legal import legal_date, notice
from transmission.store.tables_webhooks import webhook
from transmission.store.tables_work import work_item_owner

OTHER = "200000008"
SIREN = "123456782"
OPERATOR = Person(7, "Opératrice", (Grant(Role.OPERATOR, SIREN),))
READER = Person(8, "Lecteur", (Grant(Role.READER, SIREN),))
STRANGE = Person(9, "Ailleurs", (Grant(Role.OPERATOR, OTHER),))


@pytest.fixture
def owner(ready: Any, shelf: Any) -> int:
    shelf.person = ready.everybody
    return int(ready.owner)


@pytest.fixture
def post(site: Any) -> Callable[..., httpx.Response]:
    def posted(path: str, **fields: str) -> httpx.Response:
        return site.post(path, data={"jeton_formulaire": "jeton", **fields})  # type: ignore[no-any-return]

    return posted


def failed_notice(shelf: Any, owner: int, key: str = "k", **columns: Any) -> int:
    values = {
        "collectivite_id": owner, "kind": "rappel", "key": key, "channel": "webhook",
        "target": "https://logiciel.example/avis", "content": {"type": "echeance", "id": key},
        "at": shelf.ago(days=2), "attempts": 9, "failure": "Abandonné après 9 essais.",
    }  # fmt: skip
    return int(shelf.add(notice, **values | columns))


def rows(site: Any, desk: str, query: str = "") -> list[str]:
    """Ids of the rows of a desk, in order."""
    page = site.page(f"/bureaux/{desk}{query}")
    return [node.get("id") for node in page.cssselect("tbody tr")]


def test_each_desk_says_how_much_it_has_and_what(shelf: Any, site: Any, owner: int) -> None:
    shelf.acte(owner, "2026_001", state=State.IN_DOUBT, waiting_for="de savoir")
    shelf.acte(owner, "2026_002", state=State.HELD, waiting_for="Refus du TdT : archive")
    shelf.acte(owner, "2026_003", state=State.REJECTED, waiting_for="Anomalie 005")
    acte_id, _ = shelf.acte(owner, "2026_004", state=State.ACKNOWLEDGED)
    shelf.letter(owner, acte_id, "3-1", texte="Envoyez le plan de financement.")
    shelf.retour(owner, None, b"octets", status="quarantined", reason="Aucun acte à ce nom.")
    failed_notice(shelf, owner)
    counts = {
        node.get("id"): node.cssselect(".compte")[0].text
        for node in site.page("/bureaux").cssselect(".filtres a[id^=bureau-]")
        if node.cssselect(".compte")
    }
    assert counts == {
        "bureau-courriers": "1", "bureau-incertains": "1", "bureau-en-attente": "1",
        "bureau-anomalies": "1", "bureau-quarantaine": "1", "bureau-avis": "1",
    }  # fmt: skip
    words = site.words("/bureaux")
    for said in (
        "de savoir", "Refus du TdT : archive", "Anomalie 005", "Envoyez le plan de financement.",
        "Aucun acte à ce nom.", "Abandonné après 9 essais.", "6 dossiers attendent une personne",
    ):  # fmt: skip
        assert said in words


def test_an_empty_desk_says_so_calmly(site: Any, owner: int) -> None:
    assert "Rien n'attend personne : tous les bureaux sont vides." in site.words("/bureaux")
    assert "Aucun envoi n'est incertain." in site.words("/bureaux/incertains")


def test_letters_come_by_the_day_on_which_they_are_due(shelf: Any, site: Any, owner: int) -> None:
    letters = {}
    for numero, due in (("2026_001", date(2026, 12, 9)), ("2026_002", date(2026, 11, 20))):
        acte_id, _ = shelf.acte(owner, numero, state=State.ACKNOWLEDGED)
        letters[numero] = shelf.letter(owner, acte_id, "3-1")
        limit(shelf, owner, acte_id, "refus_tacite_pieces", due)
    acte_id, _ = shelf.acte(owner, "2026_003", state=State.ACKNOWLEDGED)
    undated = shelf.letter(owner, acte_id, "2-1")
    assert rows(site, "courriers") == [
        f"courriers-{letters['2026_002']}", f"courriers-{letters['2026_001']}",
        f"courriers-{undated}",
    ]  # fmt: skip
    words = site.words("/bureaux/courriers")
    assert "En retard de 3 jours refus tacite le 20 novembre 2026" in words
    assert "Dans 16 jours" in words
    link = site.page("/bureaux/courriers").cssselect(f"#repondre-{undated}")[0]
    assert link.get("href") == f"/courriers/{undated}/repondre"


def limit(shelf: Any, owner: int, acte_id: int, name: str, day: date) -> None:
    values = {"acte_id": acte_id, "name": name, "collectivite_id": owner, "day": day}
    with shelf.engine.begin() as connection:
        connection.execute(
            legal_date.insert().values(**values, kind="last_day", rule="CT-2", provisional=False)
        )


def test_a_rejected_sending_leaves_its_desk_once_another_follows(
    shelf: Any, site: Any, owner: int
) -> None:
    acte_id, sent = shelf.acte(owner, "2026_001", state=State.REJECTED)
    assert rows(site, "anomalies") == [f"anomalies-{sent}"]
    shelf.sending(owner, acte_id, "2026_001", State.SUBMITTED, shelf.ago(minutes=1))
    assert rows(site, "anomalies") == []


def test_a_long_desk_is_read_page_by_page(shelf: Any, site: Any, owner: int) -> None:
    sent = [
        shelf.acte(owner, f"2026_{n:03}", state=State.HELD, since=shelf.ago(hours=n))[1]
        for n in range(60)
    ]
    first = site.page("/bureaux/en-attente")
    following = first.cssselect("#page-suite")[0].get("href")
    second = [node.get("id") for node in site.page(following).cssselect("tbody tr")]
    assert rows(site, "en-attente") + second == [f"en-attente-{each}" for each in reversed(sent)]
    assert site.get("/bureaux/en-attente?apres=nimporte").status_code == 400


def test_an_operator_takes_an_item_then_gives_it_back(
    shelf: Any, site: Any, owner: int, post: Any
) -> None:
    _, sent = shelf.acte(owner, "2026_001", state=State.HELD)
    shelf.person = OPERATOR
    path = f"/bureaux/en-attente/{sent}"
    answer = post(path, action="prendre", retour="liste")
    assert (answer.status_code, answer.headers["location"]) == (
        303, "/bureaux/en-attente?fait=pris",
    )  # fmt: skip
    assert "Ce dossier est à votre charge." in site.words(answer.headers["location"])
    assert rows(site, "en-attente", "?charge=moi") == [f"en-attente-{sent}"]
    assert rows(site, "en-attente", "?charge=personne") == []
    answer = post(path, action="rendre")
    assert answer.headers["location"] == f"{path}?fait=rendu"
    words = site.words(path)
    assert "Personne ne s'en charge" in words
    assert "rendu le" in words


def test_what_somebody_else_took_is_not_taken(shelf: Any, owner: int, post: Any) -> None:
    _, sent = shelf.acte(owner, "2026_001", state=State.HELD)
    path = f"/bureaux/en-attente/{sent}"
    shelf.person = OPERATOR
    post(path, action="prendre")
    shelf.person = Person(10, "Second", OPERATOR.grants)
    answer = post(path, action="prendre")
    assert answer.status_code == 409
    assert "Opératrice s&#39;en charge déjà" in answer.text


def test_an_item_is_given_to_a_colleague_who_has_rights_there(
    shelf: Any, site: Any, owner: int, post: Any
) -> None:
    from transmission.domain.transmission import Author
    from transmission.ports.people import NewAccount

    by = Author("administrateur")
    with shelf.tools.register() as unit:
        able = unit.add_account(NewAccount(login="abel", name="Abel"), by, shelf.clock.at)
        unit.grant_role(able, Role.OPERATOR, owner, by, shelf.clock.at)
        unable = unit.add_account(NewAccount(login="zoe", name="Zoé"), by, shelf.clock.at)
        unit.grant_role(unable, Role.READER, owner, by, shelf.clock.at)
        unit.commit()
    _, sent = shelf.acte(owner, "2026_001", state=State.HELD)
    shelf.person = OPERATOR
    path = f"/bureaux/en-attente/{sent}"
    post(path, action="prendre")
    options = [node.text for node in site.page(path).cssselect("#collegue option")]
    assert options == ["Choisissez…", "Abel"]
    assert post(path, action="confier", collegue=str(unable)).status_code == 409
    assert post(path, action="confier", collegue=str(able)).status_code == 303
    words = site.words(path)
    assert "Abel s'en charge" in words
    assert "confié par Opératrice" in words
    assert "rendu le" in words


def test_a_failed_notice_is_sent_again_with_a_reason(
    shelf: Any, site: Any, owner: int, post: Any
) -> None:
    number = failed_notice(shelf, owner)
    path = f"/bureaux/avis/{number}"
    refused = post(path, action="rejouer", motif=" ")
    assert refused.status_code == 422
    assert "motif" in site.words_of(site.tree(refused))
    answer = post(path, action="rejouer", motif="Serveur réparé")
    assert answer.headers["location"] == "/bureaux/avis?fait=rejoue"
    assert rows(site, "avis") == []
    with shelf.engine.connect() as connection:
        told = connection.execute(
            select(journal.c.author, journal.c.reason).where(journal.c.event == "notice_replayed")
        ).one()
        due = connection.execute(select(notice.c.next_attempt_at)).scalar_one()
    assert (tuple(told), due) == (("service des assemblées", "Serveur réparé"), shelf.clock.at)


def test_an_event_of_a_subscription_is_told_again_by_its_own_round(
    shelf: Any, site: Any, owner: int, post: Any
) -> None:
    asked = shelf.add(
        webhook, collectivite_id=owner, name="logiciel", url="https://logiciel.example", types=[],
        state="active", state_since=shelf.clock.at, secret=b"s", secret_since=shelf.clock.at,
        journal_place=0, finding_place=0, created_at=shelf.clock.at, created_by="a",
    )  # fmt: skip
    given = {"channel": "subscription", "webhook_id": asked}
    number = failed_notice(shelf, owner, content={"type": "acte", "sequence": 1}, **given)
    failed_notice(shelf, owner, "essai", content={"type": "essai"}, **given)
    assert rows(site, "avis") == [f"avis-{number}"]
    path = f"/bureaux/avis/{number}"
    assert post(path, action="rejouer").status_code == 422
    assert post(path, action="rejouer", motif="Réparé").status_code == 303
    assert rows(site, "avis") == []
    with shelf.engine.connect() as connection:
        rung = connection.execute(select(outbox.c.task)).scalars().all()
        told = connection.execute(
            select(journal.c.reason).where(journal.c.event == "webhook_replayed")
        ).scalar_one()
    assert ("tell" in rung, told) == (True, "Réparé")


def test_what_will_not_be_mended_is_set_aside_with_a_reason(
    shelf: Any, site: Any, owner: int, post: Any
) -> None:
    _, sent = shelf.acte(owner, "2026_001", state=State.REJECTED)
    _, held = shelf.acte(owner, "2026_002", state=State.HELD)
    path = f"/bureaux/anomalies/{sent}"
    assert post(path, action="classer").status_code == 422
    assert post(path, action="classer", motif="Acte abandonné").status_code == 303
    assert rows(site, "anomalies") == []
    assert site.get(path).status_code == 404
    assert post(f"/bureaux/en-attente/{held}", action="classer", motif="x").status_code == 400


def test_the_address_of_a_person_is_not_shown_to_who_looks_after_what_failed(
    shelf: Any, site: Any, owner: int
) -> None:
    failed_notice(shelf, owner, kind="annonce", target="secrete@example.org")
    page = site.page("/bureaux/avis")
    assert "secrete" not in page.text_content()
    assert "une personne" in page.text_content()


def test_a_reader_sees_the_desks_and_changes_nothing(
    shelf: Any, site: Any, owner: int, post: Any
) -> None:
    _, sent = shelf.acte(owner, "2026_001", state=State.HELD)
    shelf.person = READER
    assert rows(site, "en-attente") == [f"en-attente-{sent}"]
    assert site.page("/bureaux/en-attente").cssselect("main form") == []
    assert site.page(f"/bureaux/en-attente/{sent}").cssselect("main form") == []
    answer = post(f"/bureaux/en-attente/{sent}", action="prendre")
    assert answer.status_code == 403
    assert charges(shelf) == 0


def test_another_authority_sees_nothing_and_is_told_nothing(
    shelf: Any, site: Any, owner: int, post: Any
) -> None:
    shelf.authority("Commune d'Ailleurs", siren=OTHER)
    acte_id, sent = shelf.acte(owner, "2026_001", state=State.HELD, waiting_for="secret")
    shelf.acte(owner, "2026_005", state=State.REJECTED, waiting_for="secret")
    shelf.letter(owner, acte_id, "3-1", texte="secret")
    shelf.retour(owner, None, b"octets", status="quarantined", reason="secret")
    number = failed_notice(shelf, owner, failure="secret")
    shelf.person = STRANGE
    assert "secret" not in site.words("/bureaux")
    assert "Rien n'attend personne" in site.words("/bureaux")
    for path in (f"en-attente/{sent}", f"avis/{number}"):
        foreign, unknown = site.get(f"/bureaux/{path}"), site.get("/bureaux/en-attente/99999")
        assert (foreign.status_code, unknown.status_code) == (404, 404)
        assert post(f"/bureaux/{path}", action="prendre").status_code == 404
    assert charges(shelf) == 0


def test_a_stranger_is_led_to_the_entrance(shelf: Any, site: Any) -> None:
    shelf.person = None
    answer = site.get("/bureaux")
    assert (answer.status_code, answer.headers["location"]) == (303, "/connexion?suite=%2Fbureaux")


def test_a_form_of_another_visit_does_nothing(shelf: Any, site: Any, owner: int) -> None:
    _, sent = shelf.acte(owner, "2026_001", state=State.HELD)
    data = {"jeton_formulaire": "autre", "action": "prendre"}
    assert site.post(f"/bureaux/en-attente/{sent}", data=data).status_code == 403
    assert charges(shelf) == 0


def charges(shelf: Any) -> int:
    with shelf.engine.connect() as connection:
        statement = select(func.count()).select_from(work_item_owner)
        return int(connection.execute(statement).scalar_one())
