"""Answers to the préfecture inside a submitted archive: attached to their letter, or refused."""

import pytest

from transmission.mocktdt import xmlio

ACTES = "http://www.interieur.gouv.fr/ACTES#v1.1-20040216"
DOCUMENT = "/modules/actes/actes_transac_get_document.php"
ID_ACTE = "042-123456782-20260312-D2026_001-DE"
KINDS = {
    "2": "courrier_simple",
    "3": "demande_piece_complementaire",
    "4": "lettre_observations",
}
ROOTS = {
    "2-2": "ReponseCourrierSimple",
    "3-3": "RefusPieceComplementaire",
    "3-4": "PieceComplementaire",
    "4-3": "RejetLettreObservations",
    "4-4": "ReponseLettreObservations",
}


def answering(archive, code, *, day="2026-03-20", serial=2, **changes):
    name = f"99_DE-{ID_ACTE}-{code}_1.pdf"
    content = f"<actes:Document><actes:NomFichier>{name}</actes:NomFichier></actes:Document>"
    if code == "3-4":
        content = f"<actes:Documents>{content}</actes:Documents>"
    xml = (
        f'<?xml version="1.0" encoding="ISO-8859-1"?><actes:{ROOTS[code]} xmlns:actes="{ACTES}" '
        f'actes:IDActe="{ID_ACTE}" actes:DateCourrierPref="{day}">{content}</actes:{ROOTS[code]}>'
    ).encode()
    more = {name: archive().pdf} | changes.pop("more", {})
    messages = ((f"{ID_ACTE}-{code}_0.xml", xml),)
    return archive(serial=serial, messages=messages, more=more, **changes)


def letter(tdt, management, code, day="2026-03-20"):
    told = management.post("/courrier", id_acte=ID_ACTE, kind=KINDS[code[0]], date=day)
    return told["id"]


@pytest.fixture
def act(tdt, archive):
    number = tdt.submitted(archive())
    assert tdt.status(number).startswith(b"OK\n4\n")
    return number


@pytest.mark.parametrize(
    ("code", "status", "root"),
    [
        ("2-2", 3, None),
        ("3-3", 4, "ARPieceComplementaire"),
        ("3-4", 4, "ARPieceComplementaire"),
        ("4-3", 4, "ARReponseRejetLettreObservations"),
        ("4-4", 4, "ARReponseRejetLettreObservations"),
    ],
)
def test_an_answer_is_attached_to_its_letter_and_acknowledged(
    tdt, management, archive, act, code, status, root
):
    number = letter(tdt, management, code)
    reply = tdt.submitted(answering(archive, code))
    body = tdt.status(reply)
    assert body.startswith(b"OK\n%d\n" % status)
    if root:
        tree = xmlio.parse(body.split(b"\n", 2)[2])
        assert (xmlio.local_name(tree), xmlio.violation(tree)) == (root, None)
    assert b"%d" % reply in tdt.get(DOCUMENT, id=act).content
    (reception,) = [
        each
        for each in management.get("/received")["receptions"]
        if each["transactions"] == [reply]
    ]
    assert [m["code"] for m in reception["messages"]] == [code]
    assert reception["id_actes"] == []
    unread = tdt.get("/modules/actes/api/list_document_prefecture.php", api=1).json()
    assert [int(each["id"]) for each in unread] == [number]


def test_the_newest_letter_without_an_answer_is_chosen(tdt, management, archive, mock, act):
    first, second = (letter(tdt, management, "3-4") for _ in range(2))
    replies = [tdt.submitted(answering(archive, "3-4", serial=serial)) for serial in range(2, 5)]
    targets = [mock.platform.registry.transaction(reply).target.id for reply in replies]
    assert targets == [second, first, second]


@pytest.mark.parametrize(("code", "day"), [("4-4", "2026-03-20"), ("3-4", "2026-03-21")])
def test_an_answer_to_no_such_letter_is_refused(tdt, management, archive, act, code, day):
    letter(tdt, management, "3-4")
    content = tdt.submit(answering(archive, code, day=day)).content
    assert b"aucun courrier de ce type et de cette date" in content


def test_the_receipt_of_a_letter_is_not_the_client_s_to_send(tdt, management, archive, act):
    letter(tdt, management, "3-4")
    xml = (
        f'<actes:ARDemandePieceComplementaire xmlns:actes="{ACTES}" '
        f'actes:IDActe="{ID_ACTE}" actes:DateCourrierPref="2026-03-20"/>'
    ).encode()
    one = archive(serial=2, messages=((f"{ID_ACTE}-3-2_0.xml", xml),))
    assert b"accuse elle-m\xeame les courriers" in tdt.submit(one).content


def test_an_answer_whose_document_is_missing_ends_in_error(tdt, management, archive, act):
    letter(tdt, management, "4-4")
    one = answering(archive, "4-4", without=(f"99_DE-{ID_ACTE}-4-4_1.pdf",))
    body = tdt.status(tdt.submitted(one))
    assert body.startswith(b"OK\n-1\n")
    assert b"fichier absent" in body


def test_an_answer_follows_the_scenarios_of_answers(tdt, management, archive, act):
    letter(tdt, management, "4-4")
    management.post("/scenario", scenario="silence", next=True, **{"for": "reply"})
    assert tdt.status(tdt.submitted(answering(archive, "4-4"))) == b"OK\n3\n"
