"""Files listed and downloaded."""

import gzip
import io
import json
import tarfile

LIST = "/modules/actes/actes_transac_get_files_list.php"
DOWNLOAD = "/modules/actes/actes_download_file.php"
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def test_the_list_is_ascii_json_in_the_contractual_order(tdt):
    # requests writes names in UTF-8, the platform reads them in Latin-1: the name comes back so.
    files = [
        ("acte_pdf_file", ("délib 1.pdf", PDF)),
        ("acte_attachments[]", ("rapport.pdf", PDF)),
        ("acte_attachments[]", ("photo.png", b"\x89PNG\r\n\x1a\n")),
    ]
    answer = tdt.get(LIST, transaction=tdt.created(files=files, type_pj=["21_RP", "99_DE"]))
    assert answer.content.isascii()
    assert answer.content.startswith(
        b'[{"id":9001,"name":"042-123456782-20260312-2026_07A-DE-1-1_0.xml",'
        b'"posted_filename":"","mimetype":"text\\/xml","size":'
    )
    listed = answer.json()
    assert [file["id"] for file in listed] == [9001, 9002, 9003, 9004]
    assert listed[1] == {
        "id": 9002,
        "name": "99_DE-042-123456782-20260312-2026_07A-DE-1-1_1.pdf",
        "posted_filename": "dÃ©lib 1.pdf",
        "mimetype": "application/pdf",
        "size": len(PDF),
        "sign": "",
        "code_pj": "99_DE",
    }
    assert listed[3]["mimetype"] == "image/png"
    assert listed[3]["name"].endswith("_3.png")


def test_the_list_is_refused_while_nothing_was_answered(tdt, management, archive):
    management.post("/delays", answer=60)
    number = tdt.submitted(archive())
    assert tdt.get(LIST, transaction=number).content == (
        b"KO\nCette transaction n'a pas encore d'acquittement"
    )
    management.post("/clock", advance=60)
    assert tdt.get(LIST, transaction=number).content.startswith(b"[{")


def test_an_act_in_error_or_waiting_is_listable(tdt, archive):
    for number in (tdt.submitted(archive(number="MOINS1")), tdt.created(en_attente="1")):
        assert len(json.loads(tdt.get(LIST, transaction=number).content)) >= 2


def test_unknown_and_foreign_transactions_are_refused(tdt, neighbour, archive):
    number = tdt.submitted(archive())
    assert tdt.get(LIST, transaction=1).content == "KO\nNuméro de transaction invalide".encode()
    assert neighbour.get(LIST, transaction=number).content == "KO\nAccès refusé".encode()


def test_a_file_comes_back_as_it_was_sent(tdt, archive):
    tdt.submitted(archive())
    answer = tdt.get(DOWNLOAD, file=9002)
    assert answer.content == PDF
    assert answer.headers["Content-type"] == "application/pdf"
    assert answer.headers["Content-disposition"].startswith('attachment; filename="99_DE-')


def test_the_stamped_copy_is_a_pdf_with_an_unquoted_name(tdt, archive):
    tdt.submitted(archive())
    answer = tdt.get(DOWNLOAD, file=9002, tampon="false", date_affichage="2026-03-18")
    assert answer.content.startswith(b"%PDF-")
    assert answer.content != PDF
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=99_DE-042-123456782-20260312-D2026_001-DE-1-1_1.pdf"
    )


def test_what_is_not_a_pdf_is_not_stamped(tdt, archive):
    tdt.submitted(archive())
    assert tdt.get(DOWNLOAD, file=9001, tampon="1").content.startswith(b"<?xml")


def test_the_envelope_comes_back_whole(tdt, archive):
    one = archive()
    content = one.content()
    tdt.submitted(one)
    answer = tdt.get(DOWNLOAD, env=3101)
    assert answer.headers["Content-type"] == "application/x-gzip"
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(answer.content))) as tar:
        assert tar.getnames() == list(one.members())
    assert gzip.decompress(answer.content) == gzip.decompress(content)


def test_every_failure_is_a_redirect_even_with_api(tdt, neighbour, archive):
    tdt.submitted(archive())
    for client, query in (
        (tdt, {"file": 1}),
        (tdt, {"file": "x"}),
        (tdt, {"env": 1}),
        (tdt, {}),
        (neighbour, {"file": 9002}),
        (neighbour, {"env": 3101}),
    ):
        answer = client.get(DOWNLOAD, api=1, **query)
        assert (answer.status_code, answer.content) == (302, b"")
