"""The worked conversation of S²LOW API §6, replayed byte for byte with the same identifiers."""

import gzip
import hashlib
import http.client
import json
import re
import ssl
import tarfile
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from urllib.parse import quote

import pytest
from lxml import etree

from transmission.mocktdt.accounts import Authority

ACTES = "/modules/actes/"
SIREN = "123456789"
ID_ACTE = f"099-{SIREN}-20260312-2026_07A-DE"
PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
PHP_TEXT = "text/html; charset=UTF-8"
STATUS = ACTES + "actes_transac_get_status.php"
DOCUMENT = ACTES + "actes_transac_get_document.php"
DOWNLOAD = ACTES + "actes_download_file.php"
REQUEST = ACTES + "actes_classification_request.php?api=1"


class Talk:
    """Bytes out, bytes in: a client that shares nothing with ours."""

    def __init__(self, mock, siren: str) -> None:
        files = mock.identity(siren)
        context = ssl.create_default_context(cafile=str(mock.ca_file))
        context.load_cert_chain(files.certificate_file, files.key_file)
        port = int(mock.url.rsplit(":", 1)[1])
        self.wire = http.client.HTTPSConnection("localhost", port, context=context, timeout=20)

    def get(self, path: str, **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
        return self._call("GET", path, None, headers)

    def post(self, path: str, *parts: bytes) -> bytes:
        body = b"".join(b"--B\r\n" + part + b"\r\n" for part in parts) + b"--B--\r\n"
        content_type = {"Content-Type": "multipart/form-data; boundary=B"}
        status, headers, content = self._call("POST", path, body, content_type)
        assert (status, headers["Content-Type"]) == (200, PHP_TEXT)
        return content

    def burn(self, identifiers: int) -> None:
        """Other people's transactions, so that ours get the numbers of the conversation."""
        for _ in range(identifiers):
            assert self.get(REQUEST)[2].startswith(b"OK\n")

    def _call(self, verb, path, body, headers):
        self.wire.request(verb, path, body, headers)
        answer = self.wire.getresponse()
        return answer.status, answer.headers, answer.read()


def text(name: str, value: bytes) -> bytes:
    return b'Content-Disposition: form-data; name="%b"\r\n\r\n%b' % (name.encode(), value)


def file(name: str, filename: str) -> bytes:
    head = f'Content-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
    return head.encode() + b"Content-Type: application/pdf\r\n\r\n" + PDF


CREATE = (
    text("api", b"1"),
    text("nature_code", b"1"),
    text("number", b"2026_07A"),
    text("decision_date", b"2026-03-12"),
    text("subject", b"Vote du tarif de la m\xe9diath\xe8que"),
    text("classif1", b"7"),
    text("classif2", b"1"),
    text("document_papier", b"0"),
    text("en_attente", b"0"),
    text("type_acte", b"99_DE"),
    text("type_pj[]", b"21_RP"),
    text("type_pj[]", b"99_DE"),
    file("acte_pdf_file", "deliberation.pdf"),
    file("acte_attachments[]", "rapport.pdf"),
    file("acte_attachments[]", "annexe_tarifs.pdf"),
)


@pytest.fixture
def played(start_mock, manage):
    mock = start_mock(
        start=datetime(2026, 3, 12, 9, tzinfo=UTC),
        authorities=(Authority(SIREN, "099", "1", "31", "Commune de Saint-Exemple"),),
    )
    management = manage(mock)
    management.post("/delays", check=60, sending=60, answer=86_400)
    return mock, management


@pytest.fixture
def talk(played) -> Iterator[Talk]:
    talking = Talk(played[0], SIREN)
    yield talking
    talking.wire.close()


@pytest.fixture
def acknowledged(played, talk):
    """§6.1 and §6.2."""
    create = ACTES + "actes_transac_create.php"
    assert talk.post(create, *CREATE) == b"OK\n4711\n\n"
    assert re.fullmatch(rb"KO\n[^\n]+\n[^\n]+\n", talk.post(create, *CREATE))
    for status in (b"1", b"2", b"3"):
        assert talk.get(f"{STATUS}?transaction=4711&api=1")[2] == b"OK\n" + status + b"\n"
        played[1].post("/clock", advance=60)
    played[1].post("/clock", advance=86_400)
    return played[1]


def test_the_act_is_acknowledged(acknowledged, talk):
    status, headers, body = talk.get(f"{STATUS}?transaction=4711&api=1")
    assert (status, headers["Content-Type"]) == (200, PHP_TEXT)
    assert body.startswith(b'OK\n4\n<?xml version="1.0" encoding="ISO-8859-1"?>')
    xml = body.split(b"\n", 2)[2]
    assert b'actes:DateReception="2026-03-13"' in xml
    assert b'xmlns:actes="http://www.interieur.gouv.fr/ACTES#v1.1-20040216"' in xml
    assert b"<actes:Objet>Vote du tarif de la m\xe9diath\xe8que</actes:Objet>" in xml
    root = etree.fromstring(xml)
    names = [etree.QName(each).localname for each in root.iter("*")]
    assert names[:5] == ["ARActe", "ActeRecu", "CodeMatiere1", "CodeMatiere2", "Objet"]
    assert names[-1] == "ClassificationDateVersionEnCours"
    space = f"{{{root.nsmap['actes']}}}"
    assert root.get(f"{space}DateReception") == "2026-03-13"
    assert root.get(f"{space}IDActe") == ID_ACTE


def test_files_are_listed_stamped_and_told_on_paper(acknowledged, talk):
    listed = talk.get(ACTES + "actes_transac_get_files_list.php?transaction=4711")[2]
    xml_size = json.loads(listed)[0]["size"]
    line = (
        '{{"id":{},"name":"{}","posted_filename":"{}","mimetype":"{}","size":{},"sign":"",'
        '"code_pj":"{}"}}'
    )
    stem, pdf = f"{ID_ACTE}-1-1", r"application\/pdf"
    expected = (
        line.format(9001, f"{stem}_0.xml", "", r"text\/xml", xml_size, ""),
        line.format(9002, f"99_DE-{stem}_1.pdf", "deliberation.pdf", pdf, len(PDF), "99_DE"),
        line.format(9003, f"21_RP-{stem}_2.pdf", "rapport.pdf", pdf, len(PDF), "21_RP"),
        line.format(9004, f"99_DE-{stem}_3.pdf", "annexe_tarifs.pdf", pdf, len(PDF), "99_DE"),
    )
    assert listed == ("[" + ",".join(expected) + "]").encode("ascii")
    _, headers, body = talk.get(f"{DOWNLOAD}?file=9002&tampon=true&date_affichage=2026-03-16")
    assert headers["Content-Type"] == "application/pdf"
    assert headers["Content-Disposition"] == f"attachment; filename=99_DE-{stem}_1.pdf"
    assert body.startswith(b"%PDF")
    _, headers, body = talk.get(ACTES + "actes_create_pdf.php?trans_id=4711")
    assert headers["Content-Type"] == "application/pdf"
    assert headers["Content-Disposition"] == 'inline; filename="acquittement.pdf"'
    assert body.startswith(b"%PDF")


def test_the_prefecture_asks_and_is_answered(acknowledged, talk):
    talk.burn(18)
    acknowledged.post("/courrier", transaction=4711, kind="demande_piece_complementaire")
    acknowledged.post("/clock", advance=60)
    unread = talk.get(ACTES + "api/list_document_prefecture.php")[2]
    assert unread == (
        b'[{"id":4730,"type":"3","related_transaction_id":4711,"number":"2026_07A",'
        b'"unique_id":"%b","last_status_id":8}]'
    ) % ID_ACTE.encode("ascii")
    assert talk.get(f"{DOCUMENT}?id=4711")[2] == b"3-8-4730\n"
    status, headers, _ = talk.get(f"{DOCUMENT}?id=4730")
    assert (status, headers["Location"]) == (302, "actes_download_file.php?env=3120")
    status, headers, body = talk.get(f"{DOWNLOAD}?env=3120")
    assert (status, headers["Content-Type"]) == (200, "application/x-gzip")
    with tarfile.open(fileobj=BytesIO(gzip.decompress(body))) as tar:
        assert len(tar.getnames()) == 3
    read = talk.get(ACTES + "api/document_prefecture_mark_as_read.php?transaction_id=4730")[2]
    assert read == b'{"result":"ok"}'

    talk.burn(24)
    reply = talk.post(
        ACTES + "actes_transac_reponse_create.php",
        text("api", b"1"),
        text("id", b"4730"),
        text("type_envoie", b"4"),
        text("type_acte", b"99_DE"),
        text("type_pj[]", b"21_RP"),
        file("acte_pdf_file", "reponse.pdf"),
        file("acte_attachments[]", "etude.pdf"),
    )
    assert reply == b"OK\n4755\n\n"
    acknowledged.post("/clock", advance=120)
    assert talk.get(f"{STATUS}?transaction=4755")[2] == b"OK\n3\n"
    acknowledged.post("/clock", advance=86_400)
    answer = talk.get(f"{STATUS}?transaction=4755")[2]
    assert answer.startswith(b"OK\n4\n<?xml ")
    assert b"ARPieceComplementaire " in answer
    assert talk.get(f"{DOCUMENT}?id=4711")[2] == b"3-4-4755\n"


def test_the_act_is_cancelled(acknowledged, talk):
    acknowledged.post("/clock", set="2026-04-01T09:00:00Z")
    talk.burn(78)
    asked = (ACTES + "actes_transac_cancel.php", text("api", b"1"), text("id", b"4711"))
    assert talk.post(*asked) == b"OK\n4790\n\n"
    assert re.fullmatch(rb"KO\n[^\n]+\n", talk.post(*asked))
    acknowledged.post("/clock", advance=86_400 + 120)
    told = talk.get(f"{STATUS}?transaction=4790")[2]
    assert told.startswith(b"OK\n4\n<?xml ")
    xml = told.split(b"\n", 2)[2]
    assert b"<actes:ARAnnulation" in xml
    assert b'actes:DateReception="2026-04-02"' in xml
    assert talk.get(f"{STATUS}?transaction=4711")[2] == b"OK\n0\n" + xml


def test_a_person_confirms(acknowledged, talk):
    acknowledged.post("/account", siren=SIREN, password="motdepasse")
    talk.burn(88)
    parked = [part for part in CREATE if b'name="en_attente"' not in part]
    parked[2] = text("number", b"2026_08")
    create = ACTES + "actes_transac_create.php"
    login = f"mock-{SIREN}"
    basic = {"Authorization": "Basic " + b64encode(f"{login}:motdepasse".encode()).decode()}
    assert talk.post(create, *parked, text("en_attente", b"1")) == b"OK\n4800\n\n"
    # From now on the certificate alone says nothing: only the nonce can open.
    acknowledged.post("/users", siren=SIREN, login="autre", password="autre")
    answer = talk.get("/api/get-nounce.php", **basic)[2]
    told = re.fullmatch(rb'\{"nounce":"([^"]+)"\}', answer)
    assert told is not None
    nounce = told[1].decode("ascii")
    digest = hashlib.sha256(f"motdepasse:{nounce}".encode()).hexdigest()
    back = quote("https://ge.example/retour?error=%%ERROR%%&message=%%MESSAGE%%", safe="")
    status, headers, _ = talk.get(
        f"{ACTES}actes_transac_post_confirm_api.php?id=4800&nounce={nounce}&login={login}"
        f"&hash={digest}&url_return={back}"
    )
    assert status == 302
    assert headers["Location"] == "https://ge.example/retour?error=0&message="
    assert talk.get(f"{STATUS}?transaction=4800&api=1")[2].startswith(b"KO\n")
    assert talk.get(f"{STATUS}?transaction=4800", **basic)[2] == b"OK\n1\n"


def test_refusals_read_as_told(played, talk):
    """The two shapes of −1 at the end of §6.2."""
    for number, shape in (
        ("MOINS1A", rb"OK\n-1\n[^<]+"),
        ("ANOACTA", rb"OK\n-1\n<\?xml .*</actes:AnomalieActe>[^<\n]+"),
    ):
        parts = [part for part in CREATE if b'name="number"' not in part]
        answer = talk.post(
            ACTES + "actes_transac_create.php", *parts, text("number", number.encode())
        )
        played[1].post("/clock", advance=2 * 86_400)
        act = answer.split(b"\n")[1].decode("ascii")
        told = talk.get(f"{STATUS}?transaction={act}")[2]
        assert re.fullmatch(shape, told, re.DOTALL), told
