"""Letters of the préfecture: sent by hand or by prefix, listed, fetched, marked as read."""

import base64
import io
import tarfile

import pytest

from transmission.mocktdt import xmlio
from transmission.mocktdt.letters import LetterKind

ACTES = "/modules/actes/"
UNREAD = ACTES + "api/list_document_prefecture.php"
READ = ACTES + "api/document_prefecture_mark_as_read.php"
DOCUMENT = ACTES + "actes_transac_get_document.php"
ID_ACTE = "042-123456782-20260312-D2026_001-DE"
KINDS = [
    ("courrier_simple", "2", 21, "CourrierSimple"),
    ("demande_piece_complementaire", "3", 8, "DemandePieceComplementaire"),
    ("lettre_observations", "4", 8, "LettreObservations"),
    ("defere_ta", "5", 21, "DefereTA"),
]


def unpacked(content):
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}


def fetched(tdt, letter):
    answer = tdt.get(DOCUMENT, id=letter)
    assert answer.status_code == 302
    target = answer.headers["Location"]
    assert target.startswith("actes_download_file.php?env=")
    return tdt.session.get(tdt.url + ACTES + target, allow_redirects=False)


@pytest.mark.parametrize(("kind", "number", "status", "root"), KINDS)
def test_a_letter_comes_with_its_envelope_its_message_and_a_pdf(
    tdt, management, archive, kind, number, status, root
):
    act = tdt.submitted(archive())
    told = management.post("/courrier", transaction=act, kind=kind, date="2026-03-20")
    answer = fetched(tdt, told["id"])
    assert answer.headers["Content-Type"] == "application/x-gzip"
    envelope, message, document = unpacked(answer.content).items()
    assert envelope[0].startswith("EACT--SPREF0422-123456782-20260316-")
    assert message[0] == f"{ID_ACTE}-{number}-1_17.xml"
    assert document[0] == f"{ID_ACTE}-{number}-1_16.pdf"
    assert document[1].startswith(b"%PDF-")
    roots = [xmlio.parse(xml) for xml in (envelope[1], message[1])]
    assert [xmlio.violation(r) for r in roots] == [None, None]
    assert [xmlio.local_name(r) for r in roots] == ["EnveloppeMISILLCL", root]
    assert xmlio.first(roots[0], "//actes:NomFichier") == message[0]
    assert xmlio.first(roots[1], "@actes:IDActe") == ID_ACTE
    assert xmlio.first(roots[1], "//actes:NomFichier") == document[0]
    dates = "@actes:DateCourrierPref | actes:DateDepot"
    assert xmlio.first(roots[1], dates) == "2026-03-20"
    assert tdt.status(told["id"]) == b"OK\n%d\n" % status
    line = f"{number}-{status}-{told['id']}\n".encode()
    assert tdt.get(DOCUMENT, id=act).content == line


def test_the_receipt_of_a_letter_is_sent_by_the_platform_after_a_while(tdt, management, archive):
    act = tdt.submitted(archive())
    assert tdt.status(act).startswith(b"OK\n4\n")
    management.post("/delays", sending=60)
    told = management.post(
        "/courrier", id_acte=ID_ACTE, kind="lettre_observations", date="2026-03-10"
    )
    assert (told["status"], told["receipt"]) == (7, "")
    assert tdt.get(DOCUMENT, id=act).content == b"4-7-%d\n" % told["id"]
    management.post("/clock", advance=61)
    assert tdt.status(told["id"]) == b"OK\n8\n"


@pytest.mark.parametrize(
    ("kind", "root"),
    [
        ("demande_piece_complementaire", "ARDemandePieceComplementaire"),
        ("lettre_observations", "ARLettreObservations"),
    ],
)
def test_the_receipt_echoes_the_date_of_the_letter(tdt, management, archive, kind, root):
    tdt.submitted(archive())
    told = management.post("/courrier", id_acte=ID_ACTE, kind=kind, date="2026-02-01")
    receipt = xmlio.parse(told["receipt"].encode("iso-8859-1"))
    assert xmlio.violation(receipt) is None
    assert xmlio.local_name(receipt) == root
    assert xmlio.first(receipt, "@actes:DateCourrierPref") == "2026-02-01"


@pytest.mark.parametrize(
    ("prefix", "line"),
    [("COUSIM", "2-21"), ("DEMPIE", "3-8"), ("LETOBS", "4-8"), ("DEFERE", "5-21")],
)
def test_a_prefix_brings_a_letter_after_the_ar(tdt, archive, prefix, line):
    act = tdt.submitted(archive(number=f"{prefix}1"))
    assert tdt.status(act).startswith(b"OK\n4\n")
    assert tdt.get(DOCUMENT, id=act).content == f"{line}-{act + 1}\n".encode()


def test_a_prefix_or_a_rule_may_delay_the_letter(tdt, management, archive):
    management.post("/scenario", scenario="ar", number="D2", letter="defere_ta", letter_after=600)
    acts = [
        tdt.submitted(archive(number=n, serial=s)) for s, n in enumerate(("LETOBS600S", "D2"), 1)
    ]
    assert [tdt.get(DOCUMENT, id=act).content for act in acts] == [b"", b""]
    management.post("/clock", advance=601)
    assert [tdt.get(DOCUMENT, id=act).content[:2] for act in acts] == [b"4-", b"5-"]


def test_unread_letters_are_listed_until_marked(tdt, neighbour, management, archive):
    act = tdt.submitted(archive())
    first, second = (
        management.post("/courrier", transaction=act, kind=kind)["id"]
        for kind in ("demande_piece_complementaire", "courrier_simple")
    )
    listed = tdt.get(UNREAD)
    assert listed.json()[0] == {
        "id": first,
        "type": "3",
        "related_transaction_id": act,
        "number": "D2026_001",
        "unique_id": ID_ACTE,
        "last_status_id": 8,
    }
    assert [item["id"] for item in listed.json()] == [first, second]
    assert listed.content.isascii()
    assert neighbour.get(UNREAD).content == b"[]"
    assert neighbour.get(READ, transaction_id=first).content == b'{"result":"ok"}'
    assert len(tdt.get(UNREAD).json()) == 2
    assert tdt.get(READ, transaction_id=first).content == b'{"result":"ok"}'
    assert tdt.get(READ, transaction_id=1).content == b'{"result":"ok"}'
    assert [item["id"] for item in tdt.get(UNREAD).json()] == [second]


def test_get_document_does_not_check_the_owner_but_the_download_does(
    tdt, neighbour, management, archive
):
    act = tdt.submitted(archive())
    letter = management.post("/courrier", transaction=act, kind="courrier_simple")["id"]
    assert neighbour.get(DOCUMENT, id=act).content == b"2-21-%d\n" % letter
    refused = fetched(neighbour, letter)
    assert (refused.status_code, refused.headers["Location"]) == (302, "/modules/actes/index.php")
    assert tdt.get(DOCUMENT, id=99).content == b"KO\nNum\xc3\xa9ro de transaction invalide"
    assert tdt.get(DOCUMENT, unique_id=ID_ACTE).content == b"2-21-%d\n" % letter
    assert tdt.get(DOCUMENT, id=act).headers["Content-Type"] == "text/plain"


def test_files_given_by_hand_are_the_letter(tdt, management, archive):
    act = tdt.submitted(archive())
    pdfs = [b"%PDF-1.4 un\n%%EOF\n", b"%PDF-1.4 deux\n%%EOF\n"]
    told = management.post(
        "/courrier",
        transaction=act,
        kind="defere_ta",
        text="Défaut de <motivation>",
        files=[base64.b64encode(pdf).decode() for pdf in pdfs],
    )
    _, (name, xml), *documents = unpacked(fetched(tdt, told["id"]).content).items()
    assert name.endswith("-5-1_18.xml")
    assert [content for _, content in documents] == pdfs
    root = xmlio.parse(xml)
    assert xmlio.every(root, "//actes:NomFichier") == [name for name, _ in documents]
    assert xmlio.first(root, "actes:NatureIllegalite") == "Défaut de <motivation>"
    empty = management.post("/courrier", transaction=act, kind="defere_ta", files=[])
    message = list(unpacked(fetched(tdt, empty["id"]).content).values())[1]
    assert xmlio.violation(xmlio.parse(message)) is None


def test_a_letter_that_cannot_be_is_refused(tdt, management, archive):
    act = tdt.submitted(archive(number="SILENC1"))
    assert "accusé" in management.refused("/courrier", transaction=act, kind="defere_ta")
    assert "kind" in management.refused("/courrier", transaction=act, kind="autre")
    assert "transaction" in management.refused("/courrier", transaction=1, kind="defere_ta")
    known = tdt.submitted(archive(serial=2))
    call = {"transaction": known, "kind": "courrier_simple"}
    assert "date" in management.refused("/courrier", **call, date="demain")
    assert "exactement" in management.refused("/courrier", **call, files=[])
    assert "liste" in management.refused("/courrier", **call, files="x")
    assert "Base64" in management.refused("/courrier", **call, files=["é"])
    for text in ("\x00", "\ud800"):
        assert "XML" in management.refused("/courrier", **call, text=text)
    letter = management.post("/courrier", **call)["id"]
    assert "accuse" in management.refused("/retour", transaction=letter, retour="ar")
    assert "letter" in management.refused("/scenario", scenario="ar", letter="autre")
    assert "for" in management.refused("/scenario", scenario="ar", **{"for": "autre"})


def test_a_letter_about_an_unusual_reason_is_still_valid():
    from datetime import date

    from transmission.mocktdt.letters import Letter

    for kind in LetterKind:
        xml = Letter(kind, date(2026, 3, 20), "€ œ <&> é").message(ID_ACTE, ("a.pdf",))
        assert xmlio.violation(xmlio.parse(xml)) is None
