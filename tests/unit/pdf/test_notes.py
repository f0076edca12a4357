"""What is said of a PDF that is taken: locked, active or carrying files; bounded, never failing."""

import random
from collections.abc import Callable
from io import BytesIO

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, Pdf, String

from transmission.pdf.errors import PdfError
from transmission.pdf.notes import notes_on
from transmission.pdf.opening import opened_pdf

Edit = Callable[[Pdf], object]
Noted = Callable[..., tuple[str, ...]]


def _notes(content: bytes) -> tuple[str, ...]:
    with opened_pdf(BytesIO(content)) as pdf:
        return notes_on(pdf)


@pytest.fixture
def noted(make_pdf: Callable[..., bytes]) -> Noted:
    """The notes on a PDF made for the occasion."""

    def made(edit: Edit | None = None, **options: object) -> tuple[str, ...]:
        return _notes(make_pdf(edit, **options))

    return made


def _script() -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS="app.alert(1)")


def _at_opening(pdf: Pdf) -> None:
    pdf.Root.OpenAction = _script()


def _after_another_action(pdf: Pdf) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.GoTo, Next=Array([_script()]))


def _when_printing(pdf: Pdf) -> None:
    pdf.Root.AA = Dictionary(WP=_script())


def _under_a_name(pdf: Pdf) -> None:
    kid = pdf.make_indirect(Dictionary(Names=Array([String("un"), pdf.make_indirect(_script())])))
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Kids=Array([kid])))


def _on_a_page(pdf: Pdf) -> None:
    pdf.pages[-1].obj.AA = Dictionary(O=_script())


def _on_a_link(pdf: Pdf) -> None:
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=_script())
    pdf.pages[-1].obj.Annots = Array([pdf.make_indirect(link)])


def _in_a_field(pdf: Pdf) -> None:
    field = Dictionary(T=String("un"), FT=Name.Tx, AA=Dictionary(K=_script()))
    parent = Dictionary(T=String("parent"), Kids=Array([pdf.make_indirect(field)]))
    pdf.Root.AcroForm = Dictionary(Fields=Array([pdf.make_indirect(parent)]))


def _in_a_bookmark(pdf: Pdf) -> None:
    second = pdf.make_indirect(Dictionary(Title=String("Deux"), A=_script()))
    first = pdf.make_indirect(Dictionary(Title=String("Un"), Next=second))
    pdf.Root.Outlines = pdf.make_indirect(Dictionary(First=first, Last=second))


def test_nothing_is_said_of_an_ordinary_pdf(noted: Noted) -> None:
    assert noted(pages=3) == ()


@pytest.mark.parametrize("revision", [4, 6])
def test_a_pdf_restricted_by_its_owner_is_locked(noted: Noted, revision: int) -> None:
    (note,) = noted(encryption=pikepdf.Encryption(user="", owner="maitre", R=revision, aes=True))
    assert note.startswith("ce PDF est verrouillé")
    assert "sans restriction" in note


@pytest.mark.parametrize(
    "place",
    [
        _at_opening,
        _after_another_action,
        _when_printing,
        _under_a_name,
        _on_a_page,
        _on_a_link,
        _in_a_field,
        _in_a_bookmark,
    ],
)
def test_javascript_is_named_wherever_a_reader_would_run_it(noted: Noted, place: Edit) -> None:
    (note,) = noted(place, pages=2)
    assert note.startswith("ce PDF contient du code actif (JavaScript), qui n'a pas été exécuté")


def test_a_launch_action_is_named_beside_the_javascript(noted: Noted) -> None:
    def load(pdf: Pdf) -> None:
        pdf.Root.OpenAction = Dictionary(S=Name.Launch, F="calc.exe")
        _on_a_page(pdf)

    (note,) = noted(load)
    assert "(JavaScript, lancement de programme)" in note


def test_ordinary_links_and_bookmarks_are_not_active(noted: Noted) -> None:
    def link(pdf: Pdf) -> None:
        action = Dictionary(S=Name.URI, URI=String("https://saint-exemple.example.org"))
        pdf.pages[0].obj.Annots = Array([Dictionary(Subtype=Name.Link, A=action)])
        pdf.Root.OpenAction = Array([pdf.pages[0].obj, Name.Fit])

    assert noted(link) == ()


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (1, "un fichier joint (« f0.txt »)"),
        (3, "3 fichiers joints (« f0.txt », « f1.txt », « f2.txt »)"),
        (4, "4 fichiers joints (« f0.txt », « f1.txt », « f2.txt » et 1 autre)"),
        (9, "9 fichiers joints (« f0.txt », « f1.txt », « f2.txt » et 6 autres)"),
    ],
)
def test_the_first_embedded_files_are_named_and_the_others_counted(
    noted: Noted, count: int, shown: str
) -> None:
    def attach(pdf: Pdf) -> None:
        for rank in range(count):
            pdf.attachments[f"f{rank}.txt"] = b"contenu"

    (note,) = noted(attach)
    assert shown in note
    assert "annexe" in note


def test_a_file_that_the_catalogue_and_a_page_share_is_counted_once(noted: Noted) -> None:
    def attach(pdf: Pdf) -> None:
        pdf.attachments["facture.xml"] = b"<a/>"
        file = pdf.Root.Names.EmbeddedFiles.Names[1]
        pdf.Root.AF = Array([file])
        pdf.pages[0].obj.Annots = Array([Dictionary(Subtype=Name.FileAttachment, FS=file)])

    (note,) = noted(attach)
    assert "un fichier joint (« facture.xml »)" in note


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.binary(max_size=200))
def test_the_name_of_an_embedded_file_is_always_short_and_printable(
    noted: Noted, name: bytes
) -> None:
    def attach(pdf: Pdf) -> None:
        pdf.Root.AF = Array([Dictionary(EF=Dictionary(), F=String(name))])

    (note,) = noted(attach)
    assert note.isprintable()
    assert len(note) < 240


def test_all_that_there_is_to_say_is_said_at_once(noted: Noted) -> None:
    def load(pdf: Pdf) -> None:
        _at_opening(pdf)
        pdf.attachments["a.txt"] = b"1"

    notes = noted(load, encryption=pikepdf.Encryption(user="", owner="maitre"))
    assert [note.split()[2] for note in notes] == ["est", "contient", "renferme"]


def test_objects_that_contain_each_other_do_not_trap_the_search(noted: Noted) -> None:
    def knot(pdf: Pdf) -> None:
        one = pdf.make_indirect(Dictionary(S=Name.GoTo))
        one.Next = pdf.make_indirect(Array([one, one]))
        pdf.Root.OpenAction = one

    assert noted(knot) == ()


@pytest.mark.parametrize("one", [0, Dictionary()])
def test_a_search_cut_short_is_admitted_and_the_opening_comes_first(
    noted: Noted, one: object
) -> None:
    def load(pdf: Pdf) -> None:
        _at_opening(pdf)
        pdf.pages[0].obj.Annots = Array([one] * 20_000)

    active, partial = noted(load)
    assert "JavaScript" in active
    assert partial.startswith("ce PDF a trop d'éléments")


@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_spoilt_no_error_comes_out(make_pdf: Callable[..., bytes], seed: int) -> None:
    def load(pdf: Pdf) -> None:
        _at_opening(pdf)
        _on_a_link(pdf)
        pdf.attachments["a.txt"] = b"1"

    spoiler = random.Random(seed)
    content = make_pdf(load, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    for _ in range(40):
        spoilt = bytearray(content)
        for _ in range(spoiler.choice((1, 4, 30))):
            position = spoiler.randrange(len(spoilt))
            piece = spoiler.choice((b"", b"null", b"<<", b"[", b"/\xe9#ff", b"9" * 20))
            spoilt[position : position + spoiler.randrange(1, 12)] = piece
        try:
            assert all(note.isprintable() for note in _notes(bytes(spoilt)))
        except PdfError:
            continue
