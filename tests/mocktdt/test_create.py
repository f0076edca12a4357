"""Acts field by field: the layout of the answer, the charsets, the order of the refusals."""

import pytest

from transmission.mocktdt import xmlio
from transmission.mocktdt.settings import Limits

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
XML = b'<?xml version="1.0"?><DocumentBudgetaire/>'
CREATE = "/modules/actes/actes_transac_create.php"
MAIN = ("acte_pdf_file", ("deliberation.pdf", PDF))
ANNEXE = ("acte_attachments[]", ("plan.pdf", PDF))


def _message(tdt, transaction: int):
    path = "/modules/actes/actes_transac_get_files_list.php"
    files = tdt.get(path, transaction=transaction).json()
    return xmlio.parse(
        tdt.get("/modules/actes/actes_download_file.php", file=files[0]["id"]).content
    )


def test_an_act_is_accepted_with_two_line_feeds(tdt):
    assert tdt.create().content == b"OK\n4711\n\n"


def test_its_message_is_valid_and_says_what_was_posted(tdt):
    files = [MAIN, ANNEXE, ("acte_attachments[]", ("b.pdf", PDF))]
    number = tdt.created(files=files, type_pj=["21_RP", "99_DE"], classif3="3", document_papier="1")
    root = _message(tdt, number)
    assert xmlio.violation(root) is None
    assert xmlio.every(root, "*[starts-with(local-name(), 'CodeMatiere')]/@actes:CodeMatiere") == [
        *("7", "1", "3")
    ]
    assert xmlio.every(root, "actes:Annexes/actes:Annexe/actes:NomFichier") == [
        "21_RP-042-123456782-20260312-2026_07A-DE-1-1_2.pdf",
        "99_DE-042-123456782-20260312-2026_07A-DE-1-1_3.pdf",
    ]
    assert xmlio.first(root, "actes:DocumentPapier") == "O"
    assert xmlio.first(root, "actes:Objet") == "Tarif de la médiathèque"


def test_utf_8_bytes_become_mojibake_when_api_is_in_the_body(tdt):
    number = tdt.created(subject="é".encode())
    assert xmlio.first(_message(tdt, number), "actes:Objet") == "Ã©"


def test_the_subject_is_latin_1_even_when_api_is_in_the_query_only(tdt):
    fields = {
        "nature_code": "1",
        "classif1": "7",
        "classif2": "1",
        "number": "Q1",
        "decision_date": "2026-03-12",
        "subject": b"\xe9t\xe9",
        "type_acte": "99_DE",
    }
    answer = tdt.post(CREATE + "?api=1", data=fields, files=[MAIN]).content
    assert answer == b"OK\n4711\n\n"
    assert xmlio.first(_message(tdt, 4711), "actes:Objet") == "été"


def test_a_signature_travels_in_the_message(tdt):
    files = [MAIN, ("acte_pdf_file_sign", ("s.p7", b"PKCS7 <text>"))]
    root = _message(tdt, tdt.created(files=files))
    assert xmlio.first(root, "actes:Document/actes:Signature") == "PKCS7 <text>"
    assert xmlio.violation(root) is None


@pytest.mark.parametrize(
    ("value", "status"), [("0", b"4"), ("", b"4"), ("1", b"17"), ("false", b"17")]
)
def test_en_attente_follows_the_truth_of_php(tdt, value, status):
    assert tdt.status(tdt.created(en_attente=value)).split(b"\n")[1] == status


def test_an_account_that_may_only_create_always_waits(tdt, management):
    management.post("/account", siren="123456782", permission="CS")
    number = tdt.created()
    management.post("/account", siren="123456782", permission="RW")
    assert tdt.status(number) == b"OK\n17\n"


def test_must_signed_parks_the_act_in_version_5_only(tdt, start_mock, connect):
    assert tdt.status(tdt.created(must_signed="1")) == b"OK\n18\n"
    six = connect(start_mock(version=6))
    assert six.status(six.created(must_signed="1")).startswith(b"OK\n4\n")


def test_a_budget_may_be_an_xml_when_its_matiere_is_7_1(tdt):
    files = [("acte_pdf_file", ("budget.xml", XML))]
    number = tdt.created(files=files, nature_code="5", type_acte="99_BU")
    assert tdt.status(number).startswith(b"OK\n4\n")


REFUSALS = [
    ("bad number", {"number": "2026-07"}, None, "format attendu"),
    ("future", {"decision_date": "2026-03-17"}, None, "dans le futur"),
    ("batch not an integer", {"batchfile": "x"}, None, "pas un entier"),
    ("unknown batch", {"batchfile": "12"}, None, "Lot introuvable"),
    ("no main file", {}, [("other", ("a", b"x"))], "Aucun fichier principal"),
    ("empty main file", {}, [("acte_pdf_file", ("a.pdf", b""))], "a.pdf est vide"),
    ("no main typology", {"type_acte": None}, None, "deliberation.pdf est absente"),
    ("image as main file", {}, [("acte_pdf_file", ("a.png", b"\x89PNG\r\n\x1a\n"))], "un PDF ou"),
    ("xml, wrong nature", {}, [("acte_pdf_file", ("a.xml", XML))], "cette nature"),
    (
        "xml, wrong matière",
        {"nature_code": "5", "classif2": "2"},
        [("acte_pdf_file", ("a.xml", XML))],
        "classification 7.1",
    ),
    ("short main typology", {"type_acte": "99"}, None, "code de typologie 99 incorrect"),
    (
        "empty annex",
        {"type_pj": ["21_RP"]},
        [MAIN, ("acte_attachments[]", ("v.pdf", b""))],
        "v.pdf",
    ),
    ("no annex typology", {}, [MAIN, ANNEXE], "plan.pdf est absente"),
    (
        "annex type",
        {"type_pj": ["21_RP"]},
        [MAIN, ("acte_attachments[]", ("a.doc", b"DOC"))],
        "a.doc : type de fichier",
    ),
    ("annex typology", {"type_pj": ["x"]}, [MAIN, ANNEXE], "plan.pdf : code de typologie x"),
    ("one level only", {"classif2": None}, None, "niveaux 1 et 2"),
    ("no nature", {"nature_code": None}, None, "Nature de l'acte : champ obligatoire"),
    ("unknown nature", {"nature_code": "7"}, None, "Nature de l'acte : valeur incorrecte"),
    ("no date", {"decision_date": "12/03/2026"}, None, "Date de la décision : champ obligatoire"),
    ("no subject", {"subject": None}, None, "Objet : champ obligatoire"),
    ("long subject", {"subject": "x" * 500}, None, "499 caractères"),
]


@pytest.mark.parametrize(
    ("changes", "files", "text"), [r[1:] for r in REFUSALS], ids=[r[0] for r in REFUSALS]
)
def test_each_fault_is_told(tdt, changes, files, text):
    content = tdt.create(files=files, **changes).content
    assert content.startswith(b"KO\n")
    assert content.endswith(b"\n")
    assert text.replace("'", "&#039;").encode("latin-1") in content


def test_an_xml_act_wants_pdf_annexes(tdt):
    files = [
        ("acte_pdf_file", ("b.xml", XML)),
        ("acte_attachments[]", ("i.png", b"\x89PNG\r\n\x1a\n")),
    ]
    content = tdt.create(files=files, nature_code="5", type_acte="99_BU", type_pj=["99_BU"]).content
    assert b"i.png : PDF obligatoire" in content


def test_wrong_files_are_all_told_in_one_answer(tdt):
    files = [
        ("acte_pdf_file", ("a.doc", b"DOC")),
        ("acte_attachments[]", ("b.doc", b"DOC")),
        ("acte_attachments[]", ("c.pdf", PDF)),
        ("acte_attachments[]", ("d.doc", b"DOC")),
    ]
    content = tdt.create(files=files, type_pj=["21_RP"] * 3).content
    assert [line[:5] for line in content.split(b"\n")] == [b"KO", b"a.doc", b"b.doc", b"d.doc", b""]


def test_faulty_fields_are_told_one_a_line(tdt):
    content = tdt.create(nature_code=None, subject=None, classif1=None).content
    assert content.count(b"\n") == 4


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ({"number": "?"}, {"decision_date": "2030-01-01"}),
        ({"decision_date": "2030-01-01"}, {"batchfile": "x"}),
        ({"batchfile": "x"}, {"type_acte": None}),
        ({"type_acte": None}, {"subject": None}),
        ({"type_acte": "99"}, {"subject": None}),
    ],
)
def test_the_first_fault_in_order_is_the_one_told(tdt, first, then):
    assert tdt.create(**first, **then).content == tdt.create(**first).content


def test_a_used_number_is_refused_before_the_files_are_looked_at(tdt):
    tdt.created()
    assert tdt.create(type_acte=None).content == (
        b"KO\nLe num\xe9ro 2026_07A est d\xe9j\xe0 utilis\xe9\n"
        b"Ajoutez un suffixe pour le rendre unique\n"
    )


def test_an_empty_post_is_taken_for_one_that_was_too_large(tdt, stranger):
    expected = b"KO\nTaille totale trop importante (maximum 157286400 octets)\n"
    assert tdt.post(CREATE + "?api=1").content == expected
    assert tdt.get(CREATE, api=1).content == expected
    assert tdt.get(CREATE).status_code == 302
    assert stranger.get(CREATE, api=1).content == expected


def test_too_many_files_are_refused_before_the_caller_is_known(stranger):
    files = [MAIN] + [ANNEXE] * 20
    assert stranger.create(files=files).content == b"KO\nTrop de fichiers (maximum 20)\n"


def test_a_certificate_that_is_not_rgs_is_refused_before_the_number_is_read(tdt, management):
    management.post("/account", siren="123456782", rgs=False)
    assert tdt.create(number="?").content.startswith(b"KO\nUn certificat RGS")


def test_version_6_sums_the_sizes(start_mock, connect):
    client = connect(start_mock(version=6, limits=Limits(archive=40)))
    assert b"Les fichiers d\xe9passent" in client.create().content


def test_an_archive_above_the_maximum_is_refused(start_mock, connect):
    client = connect(start_mock(limits=Limits(archive=400)))
    assert client.create(subject=None).content == b"KO\nL&#039;archive d\xe9passe 400 octets\n"


def test_a_body_above_the_server_limit_is_413(start_mock, connect):
    client = connect(start_mock(limits=Limits(request_body=100)))
    assert client.create().status_code == 413


def test_a_matiere_that_is_not_a_number_kills_the_script(tdt):
    assert tdt.create(classif1="sept").status_code == 500


def test_without_classification_no_message_can_be_made(tdt, management):
    management.post("/classification", forget=True)
    assert b"ne peut pas \xeatre g\xe9n\xe9r\xe9" in tdt.create().content


def test_a_control_character_in_the_subject_makes_no_message(tdt):
    assert b"ne peut pas \xeatre g\xe9n\xe9r\xe9" in tdt.create(subject=b"a\x01b").content


def test_a_refused_act_does_not_use_its_number(tdt):
    tdt.create(type_acte=None)
    tdt.created()


def test_one_digit_months_and_days_are_tolerated(tdt):
    number = tdt.created(decision_date="2026-3-2")
    assert b"20260302" in tdt.status(number)


def test_without_api_an_accepted_act_is_answered_by_a_page(tdt):
    answer = tdt.create(api=None)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/modules/actes/index.php")
    assert tdt.status(4711).startswith(b"OK\n4\n")
