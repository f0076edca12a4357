"""The contract of the Pastell client (S²LOW API §8), with its transport, its order, its parsing."""

import hashlib
import json
import re
from collections.abc import Iterator
from urllib.parse import quote, urlencode

import pytest
from lxml import etree

from tests.support.pastell import ACTES, PDF, SIREN, Pastell, PastellError

NAMESPACE = {"actes": "http://www.interieur.gouv.fr/ACTES#v1.1-20040216"}


@pytest.fixture
def pastell(mock) -> Iterator[type[Pastell]]:
    """A connector object for each action, as Pastell makes them."""

    class Connector(Pastell):
        def __init__(self, login: str = "", password: str = "") -> None:
            super().__init__(mock, login, password)

    return Connector


ANNEXES = ["plan de situation.pdf", "étude d'impact.pdf", "état (2).pdf"]


def test_pastell_plays_its_whole_contract(pastell, management):
    assert pastell().test_connexion()

    known = pastell().classification()
    assert known == pastell().classification()
    assert known.endswith(b"\r\n")
    root = etree.fromstring(known.rstrip())
    assert root.xpath("string(//actes:DateClassification)", namespaces=NAMESPACE) == "2025-01-15"
    natures = root.xpath("//actes:NatureActe", namespaces=NAMESPACE)
    assert len(natures) == 6
    assert all(each.xpath("actes:TypePJNatureActe", namespaces=NAMESPACE) for each in natures)
    pastell().ask_classification()
    assert known == pastell().classification()

    management.post("/delays", check=0, sending=0, answer=3600)
    sending = pastell()
    act = sending.post_acte("2026_001", ANNEXES)
    # The same object goes on: its fields, its files and their repetition come along.
    assert sending.status(act) == (3, "")
    with pytest.raises(ValueError, match="Expecting value"):
        sending.files(act)
    with pytest.raises(PastellError, match="déjà utilisé"):
        pastell().post_acte("2026_001", [])
    management.post("/clock", advance=3600)
    status, ar = pastell().status(act)
    assert status == 4
    received = etree.fromstring(ar.encode("iso-8859-1"))
    objet = received.xpath("string(//actes:Objet)", namespaces=NAMESPACE)
    assert objet == "Élèves : réduction à l'école"
    assert pastell().date_ar(act) == "2026-03-16"
    assert pastell().bordereau(act).startswith(b"%PDF")

    listed = pastell().files(act)
    assert [each["code_pj"] for each in listed] == ["", "99_DE", "21_RP", "21_RP", "21_RP"]
    assert [each["mimetype"] for each in listed[1:]] == ["application/pdf"] * 4
    assert listed[1]["posted_filename"] == "d__lib__ration.pdf"
    assert pastell().acte_tamponne(act).startswith(b"%PDF")
    stamped = pastell().annexes_tamponnees(act, ANNEXES)
    assert len(stamped) == 3
    assert all(each.startswith(b"%PDF") and each != PDF for each in stamped)

    _receives_and_answers(pastell, management, act)

    cancelling = pastell()
    cancellation = cancelling.cancel(act)
    management.post("/clock", advance=3600)
    assert pastell().date_ar(cancellation) == "2026-03-16"
    assert pastell().status(act)[0] == 0
    assert ["6", "4", cancellation] in pastell().answers(act)


def _receives_and_answers(pastell, management, act: str) -> None:
    for kind in ("courrier_simple", "demande_piece_complementaire", "defere_ta"):
        management.post("/courrier", transaction=int(act), kind=kind)
    management.post("/clock", advance=60)
    unread = pastell().unread()
    assert [each["type"] for each in unread] == ["2", "3", "5"]
    assert {str(each["related_transaction_id"]) for each in unread} == {act}
    assert {str(each["unique_id"])[-2:] for each in unread} == {"DE"}
    simple, pieces, defere = (each["id"] for each in unread)
    assert pastell().answers(act) == [
        ["2", "21", str(simple)],
        ["3", "8", str(pieces)],
        ["5", "21", str(defere)],
    ]
    for each in unread:
        names = pastell().letter(str(each["id"]))
        assert len(names) == 3
        assert [name.rpartition(".")[2] for name in names].count("xml") == 2
        pastell().mark_as_read(each["id"])
    assert pastell().unread() == []

    management.post("/scenario", scenario="tdt_error", **{"for": "reply"}, next=True)
    failed = pastell().reply(pieces, "4", ["etude.pdf"])
    assert pastell().status(failed)[0] == -1
    # Cut at hyphens, the negative status is lost: a bug of Pastell that the wire must allow.
    assert ["3", "", "1", failed] in pastell().answers(act)
    told = pastell().text(ACTES + f"actes_transac_get_document.php?id={act}")
    assert re.search(rf"^3-(-1)-{failed}$", told, re.MULTILINE)

    answered = pastell().reply(pieces, "4", ["etude.pdf", "plan.pdf"])
    empty = pastell().reply(simple, "", [])
    management.post("/clock", advance=3600)
    assert ["3", "4", answered] in pastell().answers(act)
    assert pastell().status(answered)[1].startswith("<?xml")
    # Left without type_envoie, the reply looks like an unread letter: later versions skip it.
    assert pastell().status(empty) == (3, "")
    assert pastell().unread() == []


def test_pastell_sends_its_agent_to_confirm(pastell, management):
    management.post("/account", siren=SIREN, password="premier")
    management.post("/users", siren=SIREN, login="ged", password="motdepasse")
    act = pastell("ged", "motdepasse").post_acte("2026_002", [], en_attente="1")
    assert pastell("ged", "motdepasse").status(act) == (17, "")
    nounce = pastell("ged", "motdepasse").nounce()
    query = {
        "nounce": nounce,
        "login": "ged",
        "hash": hashlib.sha256(f"motdepasse:{nounce}".encode()).hexdigest(),
    }
    browser = pastell().as_browser()
    assert browser.text(f"/api/test-connexion.php?{urlencode(query)}").startswith("OK")
    management.post("/account", siren=SIREN, role="ADM")
    back = quote("https://pastell.example/retour?e=%%ERROR%%&m=%%MESSAGE%%", safe="")
    confirm = f"{ACTES}actes_transac_post_confirm_api.php"
    asked = f"{confirm}?id={act}&{urlencode(query)}&url_return={back}"
    assert browser.redirection(asked) == "https://pastell.example/retour?e=0&m="
    assert pastell("ged", "motdepasse").status(act)[0] != 17
    again = browser.redirection(asked).encode("iso-8859-1").decode()
    assert again.startswith("https://pastell.example/retour?e=1&m=La transaction")


def test_pastell_reads_refusals(pastell, management):
    with pytest.raises(PastellError, match="invalide"):
        pastell().status("99")
    act = pastell().post_acte("MOINS1_7", [])
    status, reason = pastell().status(act)
    assert status == -1
    assert reason
    assert "<" not in reason
    management.post("/classification", forget=True)
    with pytest.raises(PastellError):
        pastell().classification()


def test_pastell_archives_with_its_later_client(pastell, management):
    act = pastell().post_acte("2026_003", [])
    management.post("/account", siren=SIREN, role="ARCH")
    listing = ACTES + "api/list_actes.php?status_id=4&limit=10&offset=0"
    bounds = "&min_date=2026-03-01&max_date=2026-04-01"
    told = json.loads(pastell().text(listing + bounds))
    assert told["limit"] == "10"
    (item,) = told["transactions"]
    assert item == {
        "id": act,
        "subject": "Élèves : réduction à l'école",
        "number": "2026_003",
        "date": "2026-03-12",
        "nature_descr": "Délibérations",
        "classification": "7.1",
        "type": "1",
    }
    ar = pastell().call(f"{ACTES}actes_transac_get_ARActe.php?id={act}&api=1")
    assert ar.startswith(b"<?xml")
    archiving = pastell()
    archiving.fields += [("transaction_id", act.encode()), ("status_id", b"13")]
    assert archiving.call(ACTES + "api/actes_sae_status.php") == b'{"status":"ok"}'
    assert pastell().status(act) == (13, "")
