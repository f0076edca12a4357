"""Answers to letters: both dialects, every refusal, what the ministry acknowledges."""

import io
import json
import tarfile

import pytest

from transmission.mocktdt import xmlio

ACTES = "/modules/actes/"
REPLY = ACTES + "actes_transac_reponse_create.php"
UNREAD = ACTES + "api/list_document_prefecture.php"
DOCUMENT = ACTES + "actes_transac_get_document.php"
DOWNLOAD = ACTES + "actes_download_file.php"
FILES = ACTES + "actes_transac_get_files_list.php"
ID_ACTE = "042-123456782-20260312-D2026_001-DE"
PDF = b"%PDF-1.4\n%%EOF\n"
DAY = 86_400


def reply(client, letter, *, query="", files=None, **changes):
    fields = {"api": "1", "id": str(letter), "type_envoie": "4", "type_acte": "99_DE", **changes}
    data = [(name, value) for name, value in fields.items() if value is not None]
    usual = [("acte_pdf_file", ("reponse.pdf", PDF))]
    return client.post(REPLY + query, data=data, files=usual if files is None else files)


@pytest.fixture
def letter(tdt, management, archive):
    act = tdt.submitted(archive())

    def write(kind="demande_piece_complementaire", **arguments):
        return management.post(
            "/courrier", transaction=act, kind=kind, date="2026-03-02", **arguments
        )["id"]

    return write


def archive_of(tdt, management, transaction):
    location = tdt.get(DOCUMENT, id=transaction).headers["Location"]
    content = tdt.session.get(tdt.url + ACTES + location).content
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}


@pytest.mark.parametrize(
    ("kind", "type_envoie", "code", "root", "ar"),
    [
        ("courrier_simple", "4", "2-2", "ReponseCourrierSimple", None),
        ("courrier_simple", "", "2-2", "ReponseCourrierSimple", None),
        (
            "demande_piece_complementaire",
            "4",
            "3-4",
            "PieceComplementaire",
            "ARPieceComplementaire",
        ),
        (
            "demande_piece_complementaire",
            "3",
            "3-3",
            "RefusPieceComplementaire",
            "ARPieceComplementaire",
        ),
        (
            "lettre_observations",
            "4",
            "4-4",
            "ReponseLettreObservations",
            "ARReponseRejetLettreObservations",
        ),
        (
            "lettre_observations",
            "3",
            "4-3",
            "RejetLettreObservations",
            "ARReponseRejetLettreObservations",
        ),
    ],
)
def test_each_kind_of_answer_is_valid_and_gets_its_ar(
    tdt, management, letter, kind, type_envoie, code, root, ar
):
    answer = reply(tdt, letter(kind), type_envoie=type_envoie).content
    identifier = int(answer.split(b"\n")[1])
    assert answer == b"OK\n%d\n\n" % identifier
    members = archive_of(tdt, management, identifier)
    name = f"{ID_ACTE}-{code}_0.xml"
    document = f"99_DE-{ID_ACTE}-{code}_1.pdf"
    assert list(members) == ["EACT--123456782--20260316-1.xml", name, document]
    envelope, message = (xmlio.parse(members[n]) for n in list(members)[:2])
    assert (xmlio.violation(envelope), xmlio.violation(message)) == (None, None)
    assert xmlio.local_name(message) == root
    assert xmlio.first(message, "@actes:DateCourrierPref") == "2026-03-02"
    assert xmlio.every(message, "//actes:NomFichier") == [document]
    status = tdt.status(identifier)
    if ar is None:
        assert status == b"OK\n3\n"
        return
    assert status.startswith(b"OK\n4\n")
    receipt = xmlio.parse(status.split(b"\n", 2)[2])
    assert (xmlio.local_name(receipt), xmlio.violation(receipt)) == (ar, None)
    assert xmlio.first(receipt, "@actes:DateReception") == "2026-03-16"
    assert xmlio.first(receipt, "actes:InfosCourrierPref/@actes:DateCourrierPref") == "2026-03-02"


def test_an_answer_takes_the_place_of_the_letter_in_the_list_of_the_act(
    tdt, management, letter, mock
):
    received = letter()
    act = received - 1
    identifier = int(reply(tdt, received).content.split(b"\n")[1])
    assert tdt.get(DOCUMENT, id=act).content == b"3-4-%d\n" % identifier
    assert [item["id"] for item in tdt.get(UNREAD).json()] == [received]
    second = int(reply(tdt, received).content.split(b"\n")[1])
    assert tdt.get(DOCUMENT, id=act).content == b"3-4-%d\n" % second


def test_an_answer_in_error_shows_two_hyphens(tdt, management, letter):
    received = letter()
    management.post("/scenario", scenario="tdt_error", **{"for": "reply"})
    identifier = int(reply(tdt, received).content.split(b"\n")[1])
    assert tdt.get(DOCUMENT, id=received - 1).content == b"3--1-%d\n" % identifier


def test_an_answer_to_a_simple_letter_ends_in_error_after_thirty_days(tdt, management, letter):
    identifier = int(reply(tdt, letter("courrier_simple")).content.split(b"\n")[1])
    management.post("/clock", advance=31 * DAY)
    assert tdt.status(identifier).startswith(b"OK\n-1\n")


def test_an_answer_without_its_kind_looks_like_an_unread_letter(tdt, letter):
    received = letter("courrier_simple")
    identifier = int(reply(tdt, received, type_envoie="").content.split(b"\n")[1])
    listed = tdt.get(UNREAD).json()
    assert [item["id"] for item in listed] == [received, identifier]
    assert (listed[1]["related_transaction_id"], listed[1]["last_status_id"]) == (received, 3)


def test_every_piece_is_named_in_a_sending_and_only_the_first_elsewhere(tdt, management, letter):
    files = [
        ("acte_pdf_file", ("reponse.pdf", PDF)),
        ("acte_attachments[]", ("etude.pdf", PDF)),
        ("acte_attachments[]", ("photo.jpg", b"\xff\xd8\xff\xe0")),
    ]
    for kind, code, named in (
        ("demande_piece_complementaire", "3-4", 3),
        ("lettre_observations", "4-4", 1),
    ):
        answer = reply(tdt, letter(kind), files=files, **{"type_pj[]": ["21_RP", "22_TA"]}).content
        identifier = int(answer.split(b"\n")[1])
        members = archive_of(tdt, management, identifier)
        assert list(members)[2:] == [
            f"99_DE-{ID_ACTE}-{code}_1.pdf",
            f"21_RP-{ID_ACTE}-{code}_2.pdf",
            f"22_TA-{ID_ACTE}-{code}_3.jpg",
        ]
        message = xmlio.parse(members[f"{ID_ACTE}-{code}_0.xml"])
        assert xmlio.violation(message) is None
        assert len(xmlio.every(message, "//actes:NomFichier")) == named


def test_the_files_of_an_answer_are_listed_and_downloaded(tdt, letter):
    identifier = int(reply(tdt, letter()).content.split(b"\n")[1])
    listed = json.loads(tdt.get(FILES, transaction=identifier).content)
    assert [f["posted_filename"] for f in listed] == ["", "reponse.pdf"]
    assert tdt.get(DOWNLOAD, file=listed[1]["id"]).content == PDF


def test_api_in_the_query_speaks_another_dialect(tdt, letter):
    received = letter()
    answer = reply(tdt, received, query="?api=1")
    identifier = tdt.get(DOCUMENT, id=received - 1).content.decode().strip().rsplit("-", 1)[1]
    assert answer.content == f"OK : id généré : {identifier}\n".encode()
    assert answer.headers["Content-Type"] == "text/plain"
    refused = reply(tdt, 99, query="?api=1", api=None)
    assert refused.content == "KO : Numéro de transaction invalide".encode()
    untyped = reply(tdt, received, query="?api=1", type_acte=None)
    assert untyped.content.startswith(b"KO\nLa typologie du fichier principal")


def test_without_api_an_answer_is_a_page(tdt, letter):
    refused = reply(tdt, 99, api=None)
    assert (refused.status_code, refused.content) == (302, b"")
    accepted = reply(tdt, letter(), api=None)
    assert accepted.status_code == 302


def test_refusals_come_in_the_documented_order(tdt, neighbour, management, letter):
    received = letter()
    no_file = [("other", ("x.pdf", PDF))]
    picture = [("acte_pdf_file", ("x.exe", b"MZ"))]
    management.post("/account", siren="123456782", permission="RO")
    assert reply(tdt, 99).content == b"KO\nAcc\xe8s refus\xe9\n"
    management.post("/account", siren="123456782", permission="CS")
    wrong = {"type_acte": None, "files": no_file}
    assert b"transaction invalide" in reply(tdt, 99, **wrong).content
    assert b"Acc\xe8s refus\xe9" in reply(neighbour, received, **wrong).content
    assert b"typologie du fichier principal" in reply(tdt, received, **wrong).content
    assert b"pas \xe9t\xe9 envoy\xe9" in reply(tdt, received, files=no_file).content
    bad = reply(tdt, received, files=picture, type_acte="99DE", type_envoie="9").content
    assert b"x.exe : code de typologie" in bad
    assert b"x.exe : type de fichier" in bad
    more = [("acte_pdf_file", ("a.pdf", PDF)), ("acte_attachments[]", ("b.pdf", PDF))]
    untyped = reply(tdt, received, files=more, type_envoie="9").content
    assert b"typologie du fichier b.pdf est absente" in untyped
    assert b"ne peut pas \xeatre g\xe9n\xe9r\xe9" in reply(tdt, received, type_envoie="9").content
    assert b"g\xe9n\xe9r\xe9" in reply(tdt, letter("defere_ta")).content
    assert b"g\xe9n\xe9r\xe9" in reply(tdt, received - 1).content
    empty = [*more[:1], ("acte_attachments[]", ("c.pdf", b""))]
    assert b"c.pdf est vide" in reply(tdt, received, files=empty).content
    management.post("/scenario", scenario="refused", detail="non", **{"for": "reply"})
    assert reply(tdt, received).content == b"KO\nnon\n"


def test_a_broken_pdf_in_an_answer_ends_in_error(tdt, letter):
    files = [("acte_pdf_file", ("r.pdf", b"%PDF-1.4 tronque"))]
    identifier = int(reply(tdt, letter(), files=files).content.split(b"\n")[1])
    assert b"r.pdf : PDF corrompu" in tdt.status(identifier)


def test_the_oracle_counts_answers(tdt, management, letter):
    received = letter()
    identifier = int(reply(tdt, received).content.split(b"\n")[1])
    reply(tdt, 99)
    told = [r for r in management.get("/received")["receptions"] if r["kind"] == "reply"]
    assert [r["accepted"] for r in told] == [True, False]
    assert (told[0]["transactions"], told[0]["name"]) == ([identifier], "reponse.pdf")
    assert told[0]["documents"][0]["size"] == len(PDF)


def test_the_answer_to_a_simple_letter_cannot_be_acknowledged(tdt, management, letter):
    identifier = int(reply(tdt, letter("courrier_simple")).content.split(b"\n")[1])
    assert "type 2" in management.refused("/retour", transaction=identifier, retour="ar")


def test_an_answer_too_large_is_refused(start_mock, connect, manage, archive):
    from transmission.mocktdt.settings import Limits

    mock = start_mock(limits=Limits(archive=20_000))
    client = connect(mock)
    act = client.submitted(archive())
    letter = manage(mock).post("/courrier", transaction=act, kind="lettre_observations")["id"]
    files = [("acte_pdf_file", ("r.pdf", b"%PDF-" + b" " * 30_000 + b"%%EOF"))]
    assert b"archive d\xe9passe 20000 octets" in reply(client, letter, files=files).content
    assert reply(client, letter).content.startswith(b"OK\n")


def test_the_envelope_of_an_answer_to_a_simple_letter_can_be_refused(tdt, management, letter):
    management.post("/scenario", scenario="anomalie_enveloppe", **{"for": "reply"})
    identifier = int(reply(tdt, letter("courrier_simple")).content.split(b"\n")[1])
    assert b"AnomalieEnveloppe" in tdt.status(identifier)
