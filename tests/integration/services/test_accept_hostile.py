"""Hostile deposits: each is refused in French or travels whole, and none leaves its place."""

import io
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from tests.support.scene import AUTHOR, SIREN, Scene, pdf
from transmission.actes.archive import sealed_entries
from transmission.domain.errors import RefusedError
from transmission.domain.lifecycle import State
from transmission.services.accept import TakenInCharge, accept

Edit = Callable[[pikepdf.Pdf], object]


def _edited(edit: Edit, **options: Any) -> bytes:
    saved = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf())) as opened:
        edit(opened)
        opened.save(saved, **options)
    return saved.getvalue()


def _locked(user: str) -> bytes:
    return _edited(lambda _: None, encryption=pikepdf.Encryption(user=user, owner="o"))


def _with_javascript(opened: pikepdf.Pdf) -> None:
    opened.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def _with_embedded(opened: pikepdf.Pdf) -> None:
    opened.attachments["facture.exe"] = b"MZ"


def _with_box(*corners: float) -> bytes:
    return _edited(lambda opened: setattr(opened.pages[0], "MediaBox", pikepdf.Array(corners)))


def _pages(count: int, resources: bytes = b"/Resources<<>>") -> bytes:
    """A PDF of so many empty pages, written by hand."""
    kids = b" ".join(b"%d 0 R" % (rank + 3) for rank in range(count))
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count %d/Kids[%s]>>"]
    objects[1] %= (count, kids)
    objects += [b"<</Type/Page/Parent 2 0 R%s/MediaBox[0 0 9 9]>>" % resources] * count
    written, offsets = bytearray(b"%PDF-1.4\n"), []
    for rank, content in enumerate(objects, start=1):
        offsets.append(len(written))
        written += b"%d 0 obj%sendobj\n" % (rank, content)
    start = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    written += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    trailer = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
    return bytes(written) + trailer % (len(objects) + 1, start)


def _no_page() -> bytes:
    return _edited(lambda opened: opened.pages.__delitem__(0))


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        pytest.param(_locked("secret"), "pdf_lisible", id="password"),
        pytest.param(pdf()[:-400], "pdf_lisible", id="truncated"),
        pytest.param(pdf()[:9], "pdf_lisible", id="header alone"),
        pytest.param(_no_page(), "pdf_lisible", id="no page"),
        pytest.param(b"", "fichier_vide", id="empty"),
        pytest.param(b"GIF89a" + pdf(), "fichier_type", id="image and PDF at once"),
        pytest.param(b"MZ\x90\x00" + pdf(), "fichier_type", id="program and PDF at once"),
        pytest.param(b"PK\x03\x04" + pdf(), "fichier_type", id="zip and PDF at once"),
        pytest.param(b"<html>" + pdf(), "fichier_type", id="page and PDF at once"),
        pytest.param(b"Bonjour", "fichier_type", id="text named .pdf"),
        pytest.param(b"\0" * 9999, "fichier_type", id="zeros named .pdf"),
        pytest.param(b"\x89PNG\r\n\x1a\n", "fichier_type_admis", id="image named .pdf"),
        pytest.param(b"<?xml version='1.0'?><a/>", "fichier_type_admis", id="XML named .pdf"),
        pytest.param(_pages(20_001), "pdf_lisible", id="20,001 pages"),
    ],
)
def test_a_document_that_the_state_could_not_read_is_refused_in_french(
    scene: Scene, content: bytes, rule: str
) -> None:
    with pytest.raises(RefusedError) as refused:
        scene.accept(contents=(content,))
    (problem,) = refused.value.problems
    assert (problem.field, problem.rule) == ("document", rule)
    assert "« piece-0.pdf »" in problem.message
    assert problem.remedy


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(_edited(_with_javascript), id="JavaScript"),
        pytest.param(_edited(_with_embedded), id="embedded file"),
        pytest.param(_locked(""), id="owner password"),
        pytest.param(_pages(20_000), id="20,000 pages"),
        pytest.param(_pages(3, b""), id="pages without resources"),
        pytest.param(_with_box(0, 0, 0, 0), id="page without surface"),
        pytest.param(_with_box(595, 842, 0, 0), id="page upside down"),
        pytest.param(_with_box(-1e6, -1e6, 1e6, 1e6), id="page of seven hundred metres"),
        pytest.param(pdf() + b"PK\x05\x06" + bytes(18), id="PDF with a zip behind"),
    ],
)
def test_an_odd_document_that_can_be_read_travels_to_the_last_byte(
    scene: Scene, content: bytes
) -> None:
    taken = scene.accept(contents=(content,))
    scene.run()
    scene.later(30)
    assert scene.transmission(taken.acte_id).state is State.ACKNOWLEDGED
    (deposit,) = scene.received()["receptions"]
    assert deposit["documents"][0]["sha256"] == taken.acte.pieces[0].file.sha256


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(_locked(""), "ce PDF est verrouillé", id="owner password"),
        pytest.param(_edited(_with_javascript), "du code actif (JavaScript)", id="JavaScript"),
        pytest.param(_edited(_with_embedded), "un fichier joint (« facture.exe »)", id="file"),
    ],
)
def test_what_a_reader_should_know_of_a_document_is_said_when_it_is_taken(
    scene: Scene, content: bytes, said: str
) -> None:
    (note,) = scene.accept(contents=(pdf(), content)).notes
    assert note.startswith("« piece-1.pdf » : ce PDF ")
    assert said in note
    (again,) = scene.accept(contents=(pdf(), content)).notes
    assert again == note


NAMES = [
    "../../../etc/passwd",
    "-rf",
    ".profile",
    "a\nb\r\0c.pdf",
    "x" * 300 + ".pdf",
    "con.pdf",
    "délibération\u202efdp.exe",
    "😀;$(reboot)`id`'\"|&.pdf",
    "d\udce9lib.pdf",
    "",
]


def _accepted_under(scene: Scene, names: list[str]) -> TakenInCharge:
    deposit = scene.deposit(contents=tuple(pdf(f"Pièce {rank}") for rank in range(len(names))))
    files = zip(deposit.files, names, strict=True)
    named = tuple(replace(file, nom_original=name) for file, name in files)
    return accept(scene.tools, SIREN, replace(deposit, files=named), AUTHOR)


def test_a_hostile_name_never_leaves_the_register(scene: Scene, tmp_path: Path) -> None:
    taken = _accepted_under(scene, NAMES)
    scene.run()
    scene.later(30)
    transmission = scene.transmission(taken.acte_id)
    assert transmission.state is State.ACKNOWLEDGED
    assert transmission.parcel is not None
    stem = "042-123456782-20230302-D2023_001-DE-1-1"
    archived = sealed_entries(io.BytesIO(scene.tools.documents.read(transmission.parcel.archive)))
    assert [entry.name for entry in archived[1:]] == [
        f"{stem}_0.xml",
        *(f"99_DE-{stem}_{rank}.pdf" for rank in range(1, len(NAMES) + 1)),
    ]
    written = {path.name for path in tmp_path.rglob("*")}
    assert not written & {"passwd", "-rf", ".profile", "con.pdf", "cfdp.exe"}
    with scene.tools.register() as unit:
        shown = [piece.nom_original for piece in unit.acte(taken.acte_id).pieces]
    assert shown[3] == "a b �c.pdf"
    assert [name for name in shown if not name.isprintable()] == []


@pytest.mark.parametrize(
    "character",
    ["\0", "\x1b", "\x7f", "\u200f", "\u202e", "\u2066", "\ufeff", "🎉", "Ω", "e\u0323"],
)
def test_an_object_that_could_not_be_written_faithfully_is_refused_by_name(
    scene: Scene, character: str
) -> None:
    with pytest.raises(RefusedError) as refused:
        scene.accept(objet=f"Fête {character} du village")
    (problem,) = refused.value.problems
    assert problem.rule == "objet_caracteres"
    assert "U+" in problem.message


def test_combining_accents_are_composed_and_travel(scene: Scene) -> None:
    objet = "Dénomination de l'école à Châtel"
    taken = scene.accept(objet=unicodedata.normalize("NFD", objet))
    assert taken.acte.objet == objet
    assert taken.notes == ("Objet : accents recomposés",)
    scene.run()
    scene.later(30)
    assert scene.retours()[0].differences == []
