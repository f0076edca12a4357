"""Clients written by others: bodies of every shape, verbs that do not fit, curl itself."""

import http.client
import json
import random
import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator

import pytest

from transmission.mocktdt.routes import ROUTES

SIREN = "123456782"
ACTES = "/modules/actes/"
CREATE = ACTES + "actes_transac_create.php"
STATUS = ACTES + "actes_transac_get_status.php"
LIST = ACTES + "actes_transac_get_files_list.php"
CANCEL = ACTES + "actes_transac_cancel.php"
DOWNLOAD = ACTES + "actes_download_file.php"
PDF = b"%PDF-1.4\r\n--A\xff\xfe--\r\n%%EOF\n"
FIELDS = {
    "nature_code": b"1",
    "classif1": b"7",
    "classif2": b"1",
    "number": b"F1",
    "decision_date": b"2026-03-12",
    "subject": b"\xc9t\xe9 \x96 \xab \xe0 l'\xe9cole \xbb",
    "type_acte": b"99_DE",
}
Call = Callable[..., tuple[int, http.client.HTTPMessage, bytes]]


@pytest.fixture
def call(mock) -> Iterator[Call]:
    files = mock.identity(SIREN)
    context = ssl.create_default_context(cafile=str(mock.ca_file))
    context.load_cert_chain(files.certificate_file, files.key_file)
    wire = http.client.HTTPSConnection(
        "localhost", int(mock.url.rsplit(":", 1)[1]), context=context, timeout=20
    )

    def call(verb: str, path: str, body: bytes = b"", **headers: str):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        wire.request(verb, path, body or None, named)
        answer = wire.getresponse()
        return answer.status, answer.headers, answer.read()

    yield call
    wire.close()


def multipart(*parts: tuple[str, bytes], quoted: bool = True, api: bool = True) -> bytes:
    """`name` may hold a filename after a bar. Without quotes, as Pastell builds it by hand."""
    quote = '"' if quoted else ""
    body = b""
    for target, value in ((("api", b"1"),) if api else ()) + parts:
        name, _, filename = target.partition("|")
        head = f"--B\r\nContent-Disposition: form-data; name={quote}{name}{quote}"
        head += f'; filename="{filename}"\r\nContent-Type: x/y' if filename else ""
        body += head.encode("iso-8859-1") + b"\r\n\r\n" + value + b"\r\n"
    return body + b"--B--\r\n"


def act(**changes: bytes) -> tuple[tuple[str, bytes], ...]:
    return (*(FIELDS | changes).items(), ("acte_pdf_file|d\xe9lib.pdf", PDF))


MULTIPART = {"Content_Type": "multipart/form-data; boundary=B"}
FORM = {"Content_Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize("quoted", [True, False])
@pytest.mark.parametrize("index", ["[]", "[{}]"])
def test_arrays_come_quoted_or_not_with_or_without_index(call, quoted, index):
    annexes = [(f"acte_attachments{index.format(n)}|{n}.pdf", PDF) for n in range(3)]
    codes = [(f"type_pj{index.format(n)}", b"21_RP") for n in range(3)]
    body = multipart(*act(), *codes, *annexes, quoted=quoted)
    assert call("POST", CREATE, body, **MULTIPART)[2] == b"OK\n4711\n\n"
    listed = json.loads(call("GET", f"{LIST}?transaction=4711")[2])
    names = [each["posted_filename"] for each in listed]
    assert names == ["", "délib.pdf", "0.pdf", "1.pdf", "2.pdf"]
    status, headers, content = call("GET", f"{DOWNLOAD}?file=9003")
    assert (status, content) == (200, PDF)
    assert headers["Content-Disposition"] == 'attachment; filename="0.pdf"'


def test_latin_bytes_reach_the_act_untouched(call):
    call("POST", CREATE, multipart(*act()), **MULTIPART)
    told = call("GET", f"{STATUS}?transaction=4711")[2]
    assert b"<actes:Objet>\xc9t\xe9 \x96 \xab \xe0 l'\xe9cole \xbb</actes:Objet>" in told


def test_the_last_scalar_wins(call):
    body = multipart(*act(), ("number", b"F2"), ("api", b"1"))
    assert call("POST", CREATE, body, **MULTIPART)[2] == b"OK\n4711\n\n"
    assert b'NumeroInterne="F2"' in call("GET", f"{STATUS}?transaction=99&transaction=4711")[2]


@pytest.mark.parametrize(
    ("in_query", "subject", "objet"),
    [
        ("", b"\xe9t\xe9", b"\xe9t\xe9"),
        ("?api=1", b"\xe9t\xe9", b"\xe9t\xe9"),
        ("?api=0", "été".encode(), b"\xe9t\xe9"),
    ],
)
def test_where_api_is_says_how_to_read(call, in_query, subject, objet):
    body = multipart(*act(subject=subject), api=not in_query)
    status, _, told = call("POST", CREATE + in_query, body, **MULTIPART)
    assert (status, told) == ((302, b"") if in_query == "?api=0" else (200, b"OK\n4711\n\n"))
    assert b"<actes:Objet>" + objet + b"<" in call("GET", f"{STATUS}?transaction=4711")[2]


@pytest.mark.parametrize("value", ["2", "true", "01", " 1", ""])
def test_only_api_1_speaks(call, value):
    body = multipart(("api", value.encode()), *act(), api=False)
    assert call("POST", CREATE, body, **MULTIPART)[0] == 302


@pytest.mark.parametrize("verb", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_any_verb_reads_the_query(call, verb):
    call("POST", CREATE, multipart(*act()), **MULTIPART)
    body = multipart(("transaction", b"99"))
    told = call(verb, f"{STATUS}?transaction=4711", body, **MULTIPART)[2]
    assert told.startswith(b"OK\n4\n<?xml")


def test_a_get_with_a_body_is_read_and_what_is_in_the_query_is_not_in_the_body(call):
    call("POST", CREATE, multipart(*act()), **MULTIPART)
    assert call("POST", f"{CANCEL}?id=4711", b"api=1", **FORM)[2].startswith(b"KO\n")
    assert call("GET", CANCEL, b"api=1&id=4711", **FORM)[2] == b"OK\n4712\n\n"


def test_a_get_without_body_is_an_empty_post(call):
    assert call("GET", CREATE)[0] == 302
    assert call("GET", f"{CREATE}?api=1")[2].startswith(b"KO\nTaille totale")


@pytest.mark.parametrize(
    "query", ["transaction=", "transaction=abc", "transaction=-1", "", "unique_id=%E9%ff"]
)
def test_a_status_of_nothing_is_an_echoed_ko(call, query):
    assert call("GET", f"{STATUS}?{query}")[2] == "KO\nNuméro de transaction invalide".encode()


def test_bytes_that_are_no_text_harm_nothing(call):
    call("POST", CREATE, multipart(*act()), **MULTIPART)
    stamped = f"{DOWNLOAD}?file=9002&tampon=1&date_affichage=%E9%FF"
    assert call("GET", stamped)[2].startswith(b"%PDF")
    confirm = f"{ACTES}actes_transac_post_confirm_api_multi.php?id=1&url_return=/%E9"
    assert call("GET", confirm)[1]["Location"] == "/\xe9"


def test_a_name_outside_latin_is_served_back_as_it_came(call):
    name = "œuvre.pdf".encode().decode("iso-8859-1")
    body = multipart(*FIELDS.items(), (f"acte_pdf_file|{name}", PDF), api=False)
    assert call("POST", CREATE, body, **MULTIPART)[0] == 302
    headers = call("GET", f"{DOWNLOAD}?file=9002")[1]
    assert headers["Content-Disposition"] == f'attachment; filename="{name}"'


def test_a_batch_file_is_never_found(call):
    call("POST", CREATE, multipart(*act()), **MULTIPART)
    assert call("GET", f"{DOWNLOAD}?file=9002&type=batch")[0] == 302


def test_unique_id_never_finds_files(call):
    call("POST", CREATE, multipart(*act()), **MULTIPART)
    named = f"{LIST}?transaction=4711&unique_id=042-123456782-20260312-F1-DE"
    assert call("GET", named)[2].startswith(b"KO\n")


def test_a_negative_page_kills_the_script(call):
    assert call("GET", f"{ACTES}api/list_actes.php?limit=-1")[0] == 500


@pytest.mark.parametrize("version", [4, 5, 6])
def test_no_arguments_make_a_script_stumble(start_mock, connect, version):
    """What the mock did not foresee is an internal error, which `start_mock` refuses."""
    client = connect(start_mock(version=version))
    act = client.created()
    dice = random.Random(version)
    names = ("api", "id", "id[]", "transaction", "unique_id", "file", "env", "tampon", "type")
    names += ("status_id", "month", "year", "url_return", "nounce", "date_affichage", "status")
    names += ("transaction_id", "type_envoie", "type_acte", "url", "trans_id", "liste_id[]")
    values = (
        "",
        "0",
        "1",
        str(act),
        "9002",
        "3101",
        "-1",
        "x",
        "%E9",
        "%00",
        "9" * 25,
        "a%0d%0ab:1",
    )
    types = ("application/x-www-form-urlencoded", "application/json", "text/plain")

    def drawn() -> str:
        pairs = (f"{dice.choice(names)}={dice.choice(values)}" for _ in range(dice.randrange(5)))
        return "&".join(pairs)

    for path in sorted(ROUTES) * 6:
        answer = client.session.request(
            dice.choice(("GET", "POST", "PUT")),
            f"{client.url}{path}?{drawn()}",
            data=drawn(),
            headers={"Content-Type": dice.choice(types)},
            allow_redirects=False,
        )
        assert answer.status_code in (200, 302, 400, 401, 404, 405, 422)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not there")
def test_curl_posts_an_act_with_expect_and_follows_a_letter(mock, management, tmp_path):
    (tmp_path / "d.pdf").write_bytes(b"%PDF-1.4\n" + b"x" * 2_000_000 + PDF)
    files = mock.identity(SIREN)

    def curl(*arguments: str) -> bytes:
        *options, path = arguments
        common = ("curl", "-sS", "-L", "--max-redirs", "5", "-m", "20", "-k", "--noproxy", "*")
        pair = ("--cert", str(files.certificate_file), "--key", str(files.key_file))
        command = (*common, *pair, *options, mock.url + path)
        return subprocess.run(command, capture_output=True, check=True).stdout

    fields = [f"{name}={value.decode('ascii', 'replace')}" for name, value in FIELDS.items()]
    forms = [each for field in ("api=1", *fields) for each in ("-F", field)]
    main = ("-F", f"acte_pdf_file=@{tmp_path / 'd.pdf'}")
    annexe = ("-F", f"acte_attachments[]=@{tmp_path / 'd.pdf'}", "-F", "type_pj[]=21_RP")
    assert curl("-H", "Expect: 100-continue", *forms, *main, *annexe, CREATE) == b"OK\n4711\n\n"
    management.post("/courrier", transaction=4711, kind="courrier_simple")
    assert curl(f"{ACTES}actes_transac_get_document.php?id=4712").startswith(b"\x1f\x8b")
    assert curl("-d", "api=1&id=4711", CANCEL) == b"OK\n4713\n\n"
