"""A form is what a server reads of it, and as long as it says."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from python_multipart.multipart import MultipartParser

from transmission.client.bodies import FilePart, FormBody, JsonBody

_NAMES = st.text(min_size=1, max_size=20).filter(lambda nom: "\x00" not in nom)


def _parts(body: FormBody) -> list[tuple[bytes, bytes]]:
    found: list[tuple[bytearray, bytearray]] = []
    callbacks = {
        "on_part_begin": lambda: found.append((bytearray(), bytearray())),
        "on_header_value": lambda data, start, end: found[-1][0].extend(data[start:end]),
        "on_part_data": lambda data, start, end: found[-1][1].extend(data[start:end]),
    }
    parser = MultipartParser(body.boundary.encode(), callbacks)
    for block in body.blocks():
        parser.write(block)
    parser.finalize()
    return [(bytes(head), bytes(content)) for head, content in found]


@settings(max_examples=30)
@given(st.lists(st.tuples(_NAMES, st.binary(max_size=300)), max_size=3), st.text(max_size=30))
def test_a_form_holds_what_it_was_given_and_has_its_length(tmp_path_factory, files, text) -> None:
    folder: Path = tmp_path_factory.mktemp("form")
    parts = []
    for rank, (nom, content) in enumerate(files):
        (folder / str(rank)).write_bytes(content)
        parts.append(FilePart("annexes", folder / str(rank), nom))
    body = FormBody("acte", {"objet": text}, parts, "limite-9f2c")
    assert sum(map(len, body.blocks())) == body.length
    read = _parts(body)
    assert [content for _, content in read[1:]] == [content for _, content in files]
    assert JsonBody({"objet": text}).length == len(b"".join(JsonBody({"objet": text}).blocks()))


def test_a_name_cannot_end_its_header(tmp_path: Path) -> None:
    (tmp_path / "acte").write_bytes(b"%PDF")
    nom = 'a"; name="acte\r\nX: y.pdf'
    [_, (head, content)] = _parts(
        FormBody("acte", {}, [FilePart("document", tmp_path / "acte", nom)], "limite")
    )
    assert b'filename="a%22; name=%22acte%0D%0AX: y.pdf"' in head
    assert content == b"%PDF"
