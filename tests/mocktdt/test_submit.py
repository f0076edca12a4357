"""Ready-made envelopes: what is taken, what is refused at once, what ends in −1 later."""

import io
import tarfile
from concurrent.futures import ThreadPoolExecutor

import pytest

from transmission.mocktdt import xmlio

SUBMIT = "/modules/actes/actes_transac_submit.php"
ACTES = "http://www.interieur.gouv.fr/ACTES#v1.1-20040216"
HEAD = '<?xml version="1.0" encoding="ISO-8859-1"?>'


def test_a_valid_archive_is_accepted_with_its_identifiers(tdt, archive):
    answer = tdt.submit(archive())
    assert (answer.status_code, answer.content) == (200, b"OK\n1\n4711\n\n")


def test_it_is_then_acknowledged_at_once_when_calm(tdt, archive):
    assert tdt.status(tdt.submitted(archive())).startswith(b"OK\n4\n<?xml ")


def test_the_ar_is_schema_valid_and_echoes_the_act(tdt, archive):
    number = tdt.submitted(archive(annexes=("21_RP", "99_DE")))
    xml = tdt.status(number).split(b"\n", 2)[2]
    root = xmlio.parse(xml)
    assert xmlio.violation(root) is None
    assert xmlio.first(root, "@actes:IDActe") == "042-123456782-20260312-D2026_001-DE"
    assert xmlio.first(root, "actes:ActeRecu/actes:Objet") == "Tarif de la médiathèque"
    assert xmlio.first(root, "actes:ActeRecu/actes:Annexes/@actes:Nombre") == "2"
    assert xmlio.first(root, "actes:ActeRecu/actes:DocumentPapier") == "0"
    assert xmlio.first(root, "actes:ClassificationDateVersionEnCours") == "2025-01-15"


def test_the_echo_escapes_what_xml_must_and_refers_to_what_latin_1_has_not(tdt, archive):
    objet = "R&amp;D &lt;&quot;l'été&quot;&gt; c&#339;ur &#8364;"
    body = tdt.status(tdt.submitted(archive(objet=objet)))
    assert b'<actes:Objet>R&amp;D &lt;"l\'\xe9t\xe9"&gt; c&#339;ur &#8364;</actes:Objet>' in body


def test_of_simultaneous_submissions_exactly_one_is_accepted(mock, connect, management, archive):
    one = archive()
    clients = [connect(mock) for _ in range(6)]
    with ThreadPoolExecutor(len(clients)) as pool:
        answers = list(pool.map(lambda client: client.submit(one).content[:2], clients))
    assert sorted(answers) == [b"KO"] * 5 + [b"OK"]
    totals = management.get("/received?only=totals")["totals"]
    assert (totals["receptions"], totals["accepted"], totals["acts_accepted"]) == (6, 1, 1)


def test_the_ar_has_the_exact_form_that_clients_search_for(tdt, archive):
    body = tdt.status(tdt.submitted(archive()))
    at = body.index(b"actes:DateReception")
    assert body[at : at + 32] == b'actes:DateReception="2026-03-16"'
    assert b"m\xe9diath\xe8que" in body
    assert b"ACCUSE FICTIF" in body


def test_without_api_the_answer_is_a_redirect_to_a_page(tdt, archive):
    answer = tdt.submit(archive(trigram="SIC"), api="")
    assert (answer.status_code, answer.content) == (302, b"")
    assert answer.headers["Location"] == "/modules/actes/index.php"


def test_api_in_the_query_string_is_heard_too(tdt, archive):
    one = archive(trigram="SIC")
    files = {"enveloppe": (one.name, one.content())}
    assert tdt.post(SUBMIT + "?api=1", files=files).content.startswith(b"KO\n")


def test_an_unquoted_field_name_is_understood(tdt, archive):
    one = archive()
    body = (
        b"--B\r\nContent-Disposition: form-data; name=api\r\n\r\n1\r\n"
        b"--B\r\nContent-Disposition: form-data; name=enveloppe; "
        b'filename="%b"\r\nContent-Type: application/octet-stream\r\n\r\n%b\r\n--B--\r\n'
    ) % (one.name.encode(), one.content())
    answer = tdt.post(
        SUBMIT, data=body, headers={"Content-Type": "multipart/form-data; boundary=B"}
    )
    assert answer.content == b"OK\n1\n4711\n\n"


def test_a_chunked_body_is_understood(tdt, archive):
    one = archive()
    body = (
        b'--B\r\nContent-Disposition: form-data; name="enveloppe"; filename="%b"\r\n\r\n'
        b"%b\r\n--B--\r\n"
    ) % (one.name.encode(), one.content())
    answer = tdt.post(
        SUBMIT + "?api=1",
        data=iter([body[:100], body[100:]]),
        headers={"Content-Type": "multipart/form-data; boundary=B"},
    )
    assert answer.content == b"OK\n1\n4711\n\n"


def test_version_6_has_no_submission_any_more(start_mock, connect, archive):
    assert connect(start_mock(version=6)).submit(archive()).status_code == 404


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"trigram": "SIC"}, b"doit commencer par SLO-EACT"),
        ({"quadrigram": "TACT"}, b"doit commencer par SLO-EACT"),
        ({"idcl": ("111111118", "042", "2", "31")}, b"n&#039;est pas celui de la collectivit\xe9"),
        ({"idcl": ("123456782", "043", "2", "31")}, b"ne sont pas ceux de la collectivit\xe9"),
        ({"idcl": ("123456782", "042", "1", "31")}, b"ne sont pas ceux de la collectivit\xe9"),
        ({"idcl": ("123456782", "042", "2", "44")}, b"ne sont pas ceux de la collectivit\xe9"),
        ({"idcl": ("123456782", "042", "2", "3")}, b"enveloppe non conforme"),
        ({"number": "d2026_1"}, b"ne respecte pas le format attendu"),
        ({"number": "D2026_"}, b"ne respecte pas le format attendu"),
        ({"day": "hier"}, b"sans date de d\xe9cision"),
        ({"nature": 9}, b"sans nature lisible"),
        ({"without": ("EACT--123456782--20260316-1.xml",)}, b"absent de l&#039;archive"),
        ({"more": {"../evil.xml": b""}}, b"refus\xe9"),
        ({"more": {"a/b.pdf": b""}}, b"refus\xe9"),
    ],
)
def test_what_cannot_be_imported_is_refused_at_once(tdt, archive, changes, text):
    content = tdt.submit(archive(**changes)).content
    assert content.startswith(b"KO\n")
    assert content.endswith(b"\n")
    assert text in content


@pytest.mark.parametrize(
    "name",
    [
        "archive.tar.gz",
        "SLO-EACT--123456782--20260316-1.zip",
        "SLO-EACT--123456782--20261316-1.tar.gz",
        "SLO-EACT--123456782--20260316-12345.tar.gz",
        "SLO-EACT--123456782-PREF042-20260316-1.tar.gz",
    ],
)
def test_an_archive_name_out_of_the_grammar_is_refused(tdt, archive, name):
    files = {"enveloppe": (name, archive().content())}
    content = tdt.post(SUBMIT, data={"api": "1"}, files=files).content
    assert b"conforme" in content


@pytest.mark.parametrize("content", [b"not a tar at all", b"\x1f\x8b\x08broken"])
def test_bytes_that_are_no_archive_are_refused(tdt, archive, content):
    files = {"enveloppe": (archive().name, content)}
    answer = tdt.post(SUBMIT, data={"api": "1"}, files=files).content
    assert answer.startswith(b"KO\nArchive SLO-EACT--123456782--20260316-1.tar.gz refus\xe9e")


def test_a_link_out_of_the_archive_is_refused(tdt, archive):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        entry = tarfile.TarInfo(archive().envelope_name)
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(entry)
    files = {"enveloppe": (archive().name, packed.getvalue())}
    assert b"fichier ordinaire" in tdt.post(SUBMIT, data={"api": "1"}, files=files).content


def test_no_file_and_an_empty_file_are_refused(tdt, archive):
    assert b"Aucune enveloppe" in tdt.post(SUBMIT, data={"api": "1"}).content
    files = {"enveloppe": (archive().name, b"")}
    assert b"est vide" in tdt.post(SUBMIT, data={"api": "1"}, files=files).content


def test_an_xml_with_a_document_type_is_refused(tdt, archive):
    evil = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
    one = archive(more={"EACT--123456782--20260316-1.xml": evil})
    assert b"document type refused" in tdt.submit(one).content


def test_a_message_that_this_mock_does_not_know_is_refused(tdt, archive):
    letter = f'{HEAD}<actes:CourrierSimple xmlns:actes="{ACTES}"/>'.encode()
    name = "042-123456782-20260312-D2026_001-DE-2-2_0.xml"
    content = tdt.submit(archive(messages=((name, letter),))).content
    assert b"non pris en charge" in content


def test_a_number_is_used_for_ever_even_after_an_error(tdt, archive):
    first = tdt.submitted(archive(number="MOINS1_A"))
    assert tdt.status(first).startswith(b"OK\n-1\n")
    assert tdt.submit(archive(number="MOINS1_A", serial=2)).content == (
        b"KO\nLe num\xe9ro MOINS1_A est d\xe9j\xe0 utilis\xe9\n"
        b"Ajoutez un suffixe pour le rendre unique\n"
    )


def test_two_authorities_may_use_the_same_number(tdt, neighbour, archive):
    tdt.submitted(archive())
    neighbour.submitted(archive(idcl=("111111118", "042", "1", "31")))


def test_an_account_may_not_submit_for_another_authority(neighbour, archive):
    assert neighbour.submit(archive()).content.startswith(b"KO\n")


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"nombre": "3"}, b"3 annexes annonc\xe9es, 1 cit\xe9es"),
        ({"main_type": "99_AR"}, b"typologie 99_AR non autoris\xe9e (D\xe9lib\xe9rations)"),
        ({"annexes": ("01_01",)}, b"typologie 01_01 non autoris\xe9e"),
        ({"pdf": b"hello"}, b"type de fichier non autoris\xe9 (application/octet-stream)"),
        ({"pdf": b"%PDF-1.4 cut"}, b"PDF corrompu"),
        ({"more": {"surplus.pdf": b"x"}}, b"surplus.pdf : fichier pr\xe9sent"),
        (
            {"without": ("99_DE-042-123456782-20260312-D2026_001-DE-1-1_1.pdf",)},
            b"fichier absent de l'archive",
        ),
        ({"objet": "x" * 501}, b"non conforme au sch\xe9ma"),
    ],
)
def test_what_the_platform_sees_later_ends_in_error_with_a_latin_1_text(
    tdt, archive, changes, text
):
    body = tdt.status(tdt.submitted(archive(**changes)))
    assert body.startswith(b"OK\n-1\nEnveloppe invalide : ")
    assert text in body
    assert b"<?xml" not in body


def test_a_document_named_after_another_act_is_found_out(tdt, archive):
    one = archive()
    message = one.message().replace(b"D2026_001-DE-1-1_1.pdf", b"D2026_999-DE-1-1_1.pdf")
    more = {one.message_name: message, one.document.replace("001-DE", "999-DE"): one.pdf}
    body = tdt.status(tdt.submitted(archive(more=more, without=(one.document,))))
    assert b"nom de fichier incorrect pour l'acte D2026_001" in body


def test_several_acts_in_one_envelope_get_one_transaction_each(tdt, archive):
    one, two = archive(number="A1"), archive(number="A2")
    both = archive(
        messages=((one.message_name, one.message()), (two.message_name, two.message())),
        more={name: one.pdf for a in (one, two) for name in (a.document, *a.annexe_names)},
    )
    assert tdt.submit(both).content == b"OK\n2\n4711\n4712\n\n"
    assert b"-A1-DE" in tdt.status(4711)
    assert b"-A2-DE" in tdt.status(4712)


def test_the_same_number_twice_in_one_envelope_is_refused(tdt, archive):
    one = archive()
    other = one.message_name.replace("_0.xml", "_9.xml")
    twice = archive(
        messages=((one.message_name, one.message()), (other, one.message())),
        more=dict.fromkeys((one.document, *one.annexe_names), one.pdf),
    )
    assert b"utilis\xe9" in tdt.submit(twice).content


def test_a_classification_request_in_an_envelope_is_answered(tdt, archive):
    message = (
        f'{HEAD}<actes:DemandeClassification xmlns:actes="{ACTES}">'
        "<actes:DateClassification>2017-04-19</actes:DateClassification>"
        "</actes:DemandeClassification>"
    ).encode()
    number = tdt.submitted(archive(messages=(("042-123456782----7-1_0.xml", message),)))
    xml = tdt.status(number).removeprefix(b"OK\n4\n")
    root = xmlio.parse(xml)
    assert xmlio.local_name(root) == "RetourClassification"
    assert xmlio.violation(root) is None


def test_a_cancellation_in_an_envelope_cancels(tdt, archive):
    act = tdt.submitted(archive())
    tdt.status(act)
    name = "042-123456782-20260312-D2026_001-DE-6-1_0.xml"
    message = (
        f'{HEAD}<actes:Annulation xmlns:actes="{ACTES}" '
        'actes:IDActe="042-123456782-20260312-D2026_001-DE"/>'
    ).encode()
    cancellation = tdt.submitted(archive(serial=2, messages=((name, message),)))
    assert b"ARAnnulation" in tdt.status(cancellation)
    assert tdt.status(act).startswith(b"OK\n0\n<?xml ")


def test_an_archive_above_the_maximum_is_refused(start_mock, connect, archive):
    from transmission.mocktdt.settings import Limits

    client = connect(start_mock(limits=Limits(archive=100)))
    assert b"taille maximale (100 octets)" in client.submit(archive()).content


def test_a_certificate_that_is_not_rgs_may_not_transmit(tdt, management, archive):
    management.post("/account", siren="123456782", rgs=False)
    content = tdt.submit(archive()).content
    assert content.startswith(b"KO\nUn certificat RGS est n\xe9cessaire")
    assert b"&lt;br/&gt;" in content


def test_a_permission_that_does_not_create_is_refused(tdt, management, archive):
    management.post("/account", siren="123456782", permission="RO")
    assert tdt.submit(archive()).content == b"KO\nAcc\xe8s refus\xe9\n"
