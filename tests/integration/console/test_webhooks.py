"""The pages of whoever has programs told of events: everything that is done there, and refused."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.programs import is_genuine
from tests.support.web_server import WebServer, web_server
from transmission.domain.lifecycle import State
from transmission.domain.people import Grant, Person, Role
from transmission.services.announce import announce
from transmission.services.tell import tell
from transmission.store.sealing import make_key_file
from transmission.store.tables import journal

FORM = {"jeton_formulaire": "jeton"}
SIREN, OTHER = "123456782", "123456790"


@pytest.fixture
def web() -> Iterator[WebServer]:
    with web_server(None) as server:
        server.pages["/hook"] = lambda request: request.says(b"merci")
        yield server


@pytest.fixture
def owner(shelf: Any, ready: Any, tmp_path: Any) -> int:
    make_key_file(tmp_path / "secrets.key")
    shelf.person = ready.everybody
    owner: int = ready.owner
    return owner


def _post(site: Any, path: str, **fields: Any) -> httpx.Response:
    answer: httpx.Response = site.post(path, data=FORM | fields, follow_redirects=False)
    return answer


def _act(site: Any, number: int, action: str, **fields: Any) -> str:
    """What the page says once a button was pressed."""
    answer = _post(site, f"/webhooks/{number}", action=action, **fields)
    assert answer.status_code == 303, answer.text
    shown = site.get(answer.headers["location"])
    assert shown.status_code == 200
    return str(site.words_of(site.tree(shown).cssselect("p.fait")[0]))


def _add(site: Any, web: WebServer, **changes: Any) -> tuple[int, str]:
    """A webhook added in the page: its number and the secret that was shown."""
    fields = {"collectivite": SIREN, "nom": "agenda", "url": web.url("/hook")}
    answer = _post(site, "/webhooks", **(fields | changes))
    assert answer.status_code == 200, answer.text
    tree = site.tree(answer)
    (secret,) = (node.text for node in tree.cssselect("code"))
    (link,) = tree.cssselect("p.actions a")
    return int(link.get("href").rpartition("/")[2]), secret


def _happens(shelf: Any, owner: int, numero: str = "D2026_001") -> None:
    shelf.acte(owner, numero, state=State.ACCEPTED)
    _run(shelf, owner)


def _run(shelf: Any, owner: int) -> None:
    announce(shelf.tools, owner)
    tell(shelf.tools)


def test_a_program_is_added_and_its_secret_is_shown_once(
    shelf: Any, owner: int, site: Any, web: WebServer
) -> None:
    number, secret = _add(site, web, type=["fr.transmission.acte.pris_en_charge"])
    assert secret.startswith("whsec_")
    _happens(shelf, owner)
    (asked,) = web.asked
    assert is_genuine(asked, secret)
    for path in ("/webhooks", f"/webhooks/{number}"):
        text = site.get(path).text
        assert "whsec_" not in text
        assert secret[6:] not in text
    words = site.words(f"/webhooks/{number}")
    assert "En service." in words
    assert "Acte pris en charge par le service" in words
    assert "200 merci" in words
    assert "D2026_001" in words


def test_what_is_refused_is_told_beside_its_field_and_nothing_typed_is_lost(
    owner: int, site: Any, web: WebServer
) -> None:
    fields = {"collectivite": SIREN, "nom": "", "url": "http://192.0.2.1/x"}
    answer = _post(site, "/webhooks", **fields, type=["fr.transmission.acte.recu", "inconnu"])
    assert answer.status_code == 422
    tree = site.tree(answer)
    for name in ("nom", "url"):
        (field,) = tree.cssselect(f"#{name}")
        assert field.get("aria-invalid") == "true"
        assert tree.cssselect(f"#probleme-{name}")
    assert tree.cssselect("#url")[0].get("value") == "http://192.0.2.1/x"
    checked = [node.get("value") for node in tree.cssselect("[name=type][checked]")]
    assert checked == ["fr.transmission.acte.recu"]
    _add(site, web)
    again = _post(site, "/webhooks", collectivite=SIREN, nom="agenda", url=web.url("/hook"))
    assert again.status_code == 422
    assert "existe déjà" in again.text


def test_a_webhook_is_paused_resumed_changed_and_ended(
    shelf: Any, owner: int, site: Any, web: WebServer
) -> None:
    number, _ = _add(site, web)
    assert "en pause" in _act(site, number, "pause", motif="maintenance")
    assert "maintenance" in site.words(f"/webhooks/{number}")
    _happens(shelf, owner)
    assert web.asked == []
    assert "repris" in _act(site, number, "reprendre")
    _run(shelf, owner)
    assert len(web.asked) == 1
    kind = "fr.transmission.acte.recu"
    changed = _act(site, number, "changer", nom="autre", url=web.url("/hook"), type=[kind])
    assert "changé" in changed
    page = site.page(f"/webhooks/{number}")
    assert page.cssselect("h1")[0].text_content() == "autre"
    refused = _post(site, f"/webhooks/{number}", action="supprimer")
    assert refused.status_code == 422
    assert site.tree(refused).cssselect("#motif")[0].get("aria-invalid") == "true"
    assert site.tree(refused).cssselect("#nom")[0].get("value") == "autre"
    assert "supprimé" in _act(site, number, "supprimer", motif="remplacé")
    assert site.get(f"/webhooks/{number}").status_code == 404
    with shelf.engine.connect() as connection:
        rows = connection.execute(journal.select().where(journal.c.event.startswith("webhook")))
        assert {row.author for row in rows} == {"service des assemblées"}


def test_a_secret_is_changed_and_the_former_one_signs_too(
    shelf: Any, owner: int, site: Any, web: WebServer
) -> None:
    number, secret = _add(site, web)
    answer = _post(site, f"/webhooks/{number}", action="secret", heures="2")
    (new,) = (node.text for node in site.tree(answer).cssselect("code"))
    assert "L'ancien secret signe aussi" in site.words_of(site.tree(answer))
    _happens(shelf, owner)
    assert is_genuine(web.asked[0], secret)
    assert is_genuine(web.asked[0], new)
    for wrong in ("", "beaucoup", "-1", "721", "nan", "inf"):
        refused = _post(site, f"/webhooks/{number}", action="secret", heures=wrong)
        assert refused.status_code == 422, wrong
        assert site.tree(refused).cssselect("#heures")[0].get("aria-invalid") == "true"


def test_an_event_or_all_since_a_day_are_sent_again(
    shelf: Any, owner: int, site: Any, web: WebServer
) -> None:
    number, _ = _add(site, web)
    _happens(shelf, owner)
    _happens(shelf, owner, "D2026_002")
    page = site.page(f"/webhooks/{number}")
    envois = [node.get("value") for node in page.cssselect("input[name=envoi]")]
    assert len(envois) == 2
    assert "part de nouveau" in _act(site, number, "renvoyer", envoi=envois[0])
    tell(shelf.tools)
    assert web.asked[2].headers["webhook-id"] == web.asked[1].headers["webhook-id"]
    assert "partent de nouveau" in _act(site, number, "renvoyer-depuis", depuis="2026-11-01")
    tell(shelf.tools)
    assert len(web.asked) == 5
    assert "rien n'est renvoyé" in _act(site, number, "renvoyer-depuis", depuis="2026-12-01")
    assert _post(site, f"/webhooks/{number}", action="renvoyer", envoi="x").status_code == 400
    assert _post(site, f"/webhooks/{number}", action="renvoyer", envoi="999").status_code == 422
    wrong = _post(site, f"/webhooks/{number}", action="renvoyer-depuis", depuis="hier")
    assert wrong.status_code == 422
    assert _post(site, f"/webhooks/{number}", action="inconnue").status_code == 400


def test_a_program_is_tried_and_its_failures_are_shown(
    shelf: Any, owner: int, site: Any, web: WebServer
) -> None:
    number, _ = _add(site, web)
    assert "Essai réussi" in _act(site, number, "essai")
    web.pages["/hook"] = lambda request: request.says(b"<b>non</b>", 500)
    refused = _post(site, f"/webhooks/{number}", action="essai")
    assert refused.status_code == 422
    assert "L&#39;essai a échoué" in refused.text
    _happens(shelf, owner)
    words = site.words(f"/webhooks/{number}")
    assert "Ne prend rien depuis" in words
    assert "500 <b>non</b>" in words
    assert "1 événement" in words
    assert "Ne prend rien depuis" in site.words("/webhooks")
    assert site.words(f"/webhooks/{number}?echecs=1").count("500 <b>non</b>") == 0


def test_the_log_has_pages(
    shelf: Any, owner: int, site: Any, web: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("transmission.console.webhooks.PAGE", 2)
    number, _ = _add(site, web)
    for rank in range(3):
        _happens(shelf, owner, f"D2026_{rank}")
    first = site.page(f"/webhooks/{number}")
    assert len(first.cssselect("input[name=envoi]")) == 2
    (older,) = first.cssselect("nav.pages a")
    second = site.page(f"/webhooks/{number}{older.get('href')}")
    assert len(second.cssselect("input[name=envoi]")) == 1
    assert second.cssselect("nav.pages a") == []


@pytest.mark.parametrize("role", [Role.READER, Role.AGENT, Role.OPERATOR, Role.AUDITOR])
def test_only_an_administrator_comes_in(
    shelf: Any, owner: int, site: Any, web: WebServer, role: Role
) -> None:
    number, _ = _add(site, web)
    shelf.person = Person(2, "autre", (Grant(role, SIREN),))
    assert site.get("/webhooks").status_code == 403
    assert site.get(f"/webhooks/{number}").status_code == 403
    assert _post(site, f"/webhooks/{number}", action="pause").status_code == 403
    fields = {"collectivite": SIREN, "nom": "x", "url": web.url("/hook")}
    assert _post(site, "/webhooks", **fields).status_code == 403
    assert "Webhooks" not in site.words("/")


def test_an_administrator_of_another_authority_sees_nothing(
    shelf: Any, owner: int, site: Any, web: WebServer
) -> None:
    number, _ = _add(site, web)
    _happens(shelf, owner)
    shelf.authority("Commune de Modèle", OTHER)
    shelf.person = Person(2, "voisin", (Grant(Role.ADMINISTRATOR, OTHER),))
    assert "agenda" not in site.words("/webhooks")
    for path in (f"/webhooks/{number}", "/webhooks/999"):
        assert site.get(path).status_code == 404
        assert _post(site, path, action="pause").status_code == 404
    fields = {"collectivite": SIREN, "nom": "x", "url": web.url("/hook")}
    assert _post(site, "/webhooks", **fields).status_code == 404
    shelf.person = Person(3, "tous", (Grant(Role.ADMINISTRATOR, None),))
    both = site.page("/webhooks")
    assert len(both.cssselect("#collectivite option")) == 2
    assert "Commune de Saint-Exemple" in site.words("/webhooks")


def test_a_form_of_another_site_does_nothing(owner: int, site: Any, web: WebServer) -> None:
    number, _ = _add(site, web)
    answer = site.post(f"/webhooks/{number}", data={"action": "pause"})
    assert answer.status_code == 403
    assert "En service" in site.words(f"/webhooks/{number}")


def test_without_a_usable_key_nothing_is_made(
    owner: int, site: Any, web: WebServer, tmp_path: Any
) -> None:
    (tmp_path / "secrets.key").write_text("rien\n")
    answer = _post(site, "/webhooks", collectivite=SIREN, nom="agenda", url=web.url("/hook"))
    assert answer.status_code == 422
    assert "doit contenir des clés" in site.words_of(site.tree(answer))
    assert "Aucun logiciel" in site.words("/webhooks")
