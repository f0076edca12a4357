import contextlib
import io
import random
import zlib
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from reportlab.pdfgen.canvas import Canvas

from transmission.pdf import inspection
from transmission.pdf.errors import OversizedPdfError
from transmission.pdf.inspection import (
    PasswordPdfError,
    PdfError,
    PdfInspection,
    UnreadablePdfError,
    inspect_pdf,
)

MakePdf = Callable[..., bytes]


def examined(content: bytes) -> PdfInspection:
    return inspect_pdf(io.BytesIO(content))


def javascript(pdf: Pdf) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS="app.alert('bonjour')")


def signed(pdf: Pdf) -> None:
    signature = pdf.make_indirect(
        Dictionary(Type=Name.Sig, ByteRange=Array([0, 10, 20, 30]), Contents=String("x" * 20))
    )
    field = pdf.make_indirect(Dictionary(FT=Name.Sig, T=String("Signature1"), V=signature))
    parent = pdf.make_indirect(Dictionary(T=String("parent"), Kids=Array([field])))
    pdf.Root.AcroForm = Dictionary(Fields=Array([parent]), SigFlags=3)


def without_resources(
    drawn: bytes | None,
    filters: Name | Array | None = None,
    *,
    in_parts: bool = False,
    **options: object,
) -> bytes:
    with Pdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(90, 90)).obj
        del page["/Contents"], page["/Resources"]
        if drawn is not None:
            page.Contents = Stream(pdf, drawn)
        if filters:
            page.Contents.write(drawn, filter=filters)
        if in_parts:
            page.Contents = Array([page.Contents, Stream(pdf, b"q Q")])
        saved = io.BytesIO()
        as_they_are = pikepdf.StreamDecodeLevel.none
        pdf.save(saved, compress_streams=False, stream_decode_level=as_they_are, **options)
    return saved.getvalue()


def test_a_plain_pdf_has_nothing_to_report(make_pdf: MakePdf) -> None:
    assert examined(make_pdf(pages=3)) == PdfInspection(
        pages=3, encrypted=False, signed=False, repaired=(), active_content=()
    )


def test_a_path_and_a_stream_give_the_same_inspection(
    make_pdf: MakePdf, as_file: Callable[[bytes], Path]
) -> None:
    content = make_pdf(javascript, pages=2)
    assert inspect_pdf(as_file(content)) == examined(content)


def test_a_stream_stays_open_for_its_owner(make_pdf: MakePdf) -> None:
    stream = io.BytesIO(make_pdf())
    inspect_pdf(stream)
    assert not stream.closed


class TestDamage:
    def test_a_pdf_cut_before_its_catalogue_is_refused(self) -> None:
        drawn = io.BytesIO()
        canvas = Canvas(drawn, invariant=1)
        for _ in range(5):
            canvas.drawString(60, 60, "Délibération")
            canvas.showPage()
        canvas.save()
        content = drawn.getvalue()
        with pytest.raises(UnreadablePdfError, match="endommagé"):
            examined(content[: content.index(b"/Catalog")])

    def test_a_pdf_cut_in_half_after_its_catalogue_is_reported_as_repaired(
        self, make_pdf: MakePdf
    ) -> None:
        content = make_pdf(pages=5, text="Délibération")
        assert "file is damaged" in examined(content[: len(content) // 2]).repaired

    def test_a_pdf_without_its_last_bytes_is_read_and_reported_as_repaired(
        self, make_pdf: MakePdf
    ) -> None:
        content = make_pdf(
            pages=5, text="Délibération", object_stream_mode=pikepdf.ObjectStreamMode.disable
        )
        start_of_xref = content.rindex(b"xref\n0")
        found = examined(content[: start_of_xref + 40])
        assert found.repaired

    def test_a_pdf_behind_two_kilobytes_of_junk_is_read_and_reported_as_repaired(
        self, make_pdf: MakePdf
    ) -> None:
        found = examined(b"\x07" * 2048 + make_pdf(pages=2))
        assert found.pages == 2
        assert found.repaired

    def test_spoilt_cross_references_are_reported_as_repaired(self, make_pdf: MakePdf) -> None:
        content = make_pdf(object_stream_mode=pikepdf.ObjectStreamMode.disable)
        offset = content.rindex(b"startxref") + len(b"startxref\n")
        found = examined(content[:offset] + b"7" + content[offset + 1 :])
        assert found.repaired

    @pytest.mark.parametrize(
        ("content", "looks_like"),
        [
            (b"", "un fichier vide"),
            (b"\x00", "un fichier sans contenu"),
            (b"<html><body>Acte</body></html>", "une page HTML"),
            (b"PK\x03\x04" + b"\x00" * 26 + b"word/document.xml", "un document Word"),
            (b"GIF89a" + b"\x00" * 40, "une image GIF"),
        ],
    )
    def test_a_file_that_is_no_pdf_is_refused_with_its_real_type(
        self, content: bytes, looks_like: str
    ) -> None:
        with pytest.raises(UnreadablePdfError, match=looks_like):
            examined(content)

    def test_a_pdf_header_alone_is_refused(self) -> None:
        with pytest.raises(UnreadablePdfError, match="endommagé"):
            examined(b"%PDF-1.7\n")

    def test_a_pdf_without_a_page_is_refused(self) -> None:
        empty = io.BytesIO()
        with Pdf.new() as pdf:
            pdf.save(empty)
        with pytest.raises(UnreadablePdfError, match="sans page"):
            examined(empty.getvalue())

    @pytest.mark.parametrize("drawn", [None, b"", b"q 0 0 m 50 50 l S Q"])
    @pytest.mark.parametrize("mode", list(pikepdf.ObjectStreamMode))
    def test_a_page_that_draws_with_no_resources_need_not_state_any(
        self, drawn: bytes | None, mode: pikepdf.ObjectStreamMode
    ) -> None:
        content = without_resources(drawn, object_stream_mode=mode)
        assert examined(content).repaired == ()
        document = pypdfium2.PdfDocument(content)
        assert document[0].render().to_pil().size == (90, 90)
        document.close()

    @pytest.mark.parametrize("text", [b"BT /F1 20 Tf (Bonjour) Tj ET", b"/Im1 Do"])
    def test_a_page_that_draws_with_resources_it_does_not_state_is_damaged(
        self, text: bytes
    ) -> None:
        assert "Resources" in examined(without_resources(text)).repaired[0]
        assert "Resources" in examined(without_resources(text, in_parts=True)).repaired[0]

    def test_another_damage_is_not_forgiven_for_a_page_without_resources(self) -> None:
        content = without_resources(None)
        assert examined(content[: content.rindex(b"startxref")]).repaired

    @pytest.mark.parametrize("filters", [Name.FlateDecode, Array([Name.FlateDecode])])
    def test_compressed_contents_are_read_to_see_that_they_need_no_resources(
        self, filters: Name | Array
    ) -> None:
        assert examined(without_resources(zlib.compress(b"q Q"), filters)).repaired == ()
        assert examined(without_resources(zlib.compress(b"/Im1 Do"), filters)).repaired

    def test_contents_too_large_or_compressed_twice_are_not_read(self) -> None:
        assert examined(without_resources(b" " * 65_536)).repaired == ()
        assert examined(without_resources(b" " * 65_537)).repaired
        twice = zlib.compress(zlib.compress(b" "))
        assert examined(without_resources(twice, Array([Name.FlateDecode] * 2))).repaired

    def test_a_missing_file_is_not_taken_for_a_damaged_one(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            inspect_pdf(tmp_path / "absent.pdf")

    @pytest.mark.parametrize("seed", range(8))
    def test_whatever_is_spoilt_the_error_is_ours(self, make_pdf: MakePdf, seed: int) -> None:
        spoiler = random.Random(seed)
        content = make_pdf(javascript, pages=2, text="Délibération")
        for _ in range(60):
            spoilt = bytearray(content)
            for _ in range(spoiler.choice((1, 4, 30))):
                position = spoiler.randrange(len(spoilt))
                piece = spoiler.choice(
                    (b"", b"null", b"<<", b"[", b"/\xe9#ff", b"99999999999999999999")
                )
                spoilt[position : position + spoiler.randrange(1, 12)] = piece
            with contextlib.suppress(PdfError):
                assert examined(bytes(spoilt)).pages <= 2


class TestPasswords:
    def test_a_pdf_with_a_user_password_is_refused(self, make_pdf: MakePdf) -> None:
        content = make_pdf(encryption=pikepdf.Encryption(user="secret", owner="maitre"))
        with pytest.raises(PasswordPdfError, match="mot de passe"):
            examined(content)

    @pytest.mark.parametrize("revision", [4, 6])
    def test_a_pdf_with_an_owner_password_only_is_read_and_reported(
        self, make_pdf: MakePdf, revision: int
    ) -> None:
        encryption = pikepdf.Encryption(user="", owner="maitre", R=revision, aes=True)
        assert examined(make_pdf(encryption=encryption)).encrypted


class TestActiveContent:
    def test_javascript_at_opening_is_found(self, make_pdf: MakePdf) -> None:
        assert examined(make_pdf(javascript)).active_content == ("JavaScript",)

    def test_javascript_hidden_in_an_object_stream_is_found(self, make_pdf: MakePdf) -> None:
        def hide(pdf: Pdf) -> None:
            pdf.Root.OpenAction = pdf.make_indirect(
                Dictionary(S=Name.JavaScript, JS="app.alert('bonjour')")
            )

        content = make_pdf(hide, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        assert b"JavaScript" not in content
        assert examined(content).active_content == ("JavaScript",)

    def test_javascript_nested_in_direct_dictionaries_and_arrays_is_found(
        self, make_pdf: MakePdf
    ) -> None:
        def nest(pdf: Pdf) -> None:
            action = Dictionary(Next=Array([Dictionary(S=Name.JavaScript, JS="x")]))
            pdf.pages[0].obj.AA = Dictionary(O=Dictionary(S=Name.GoTo, Next=Array([action])))

        assert examined(make_pdf(nest)).active_content == ("JavaScript",)

    def test_a_name_written_with_escapes_does_not_hide_it(self, make_pdf: MakePdf) -> None:
        content = make_pdf(javascript, object_stream_mode=pikepdf.ObjectStreamMode.disable)
        disguised = content.replace(b"/JavaScript", b"/J#61vaScr#69pt").replace(b"/JS", b"/#4AS")
        assert b"/JavaScript" not in disguised
        assert examined(disguised).active_content == ("JavaScript",)

    def test_an_action_that_nothing_refers_to_any_more_is_found_too(
        self, make_pdf: MakePdf
    ) -> None:
        content = make_pdf(object_stream_mode=pikepdf.ObjectStreamMode.disable)
        appended = len(content)
        number = content.count(b" 0 obj") + 1
        previous = int(content.rsplit(b"startxref\n", 1)[1].split()[0])
        orphan = b"%d 0 obj\n<</S/Launch/F(calc.exe)>>\nendobj\n" % number
        update = orphan + b"xref\n%d 1\n%010d 00000 n \ntrailer\n" % (number, appended)
        root = content.rsplit(b"/Root ", 1)[1].split(b" ")[0]
        update += b"<</Size %d/Root %s 0 R/Prev %d>>\n" % (number + 1, root, previous)
        update += b"startxref\n%d\n%%%%EOF\n" % (appended + len(orphan))
        assert "actions de lancement" in examined(content + update).active_content

    def test_an_embedded_file_is_found(self, make_pdf: MakePdf) -> None:
        def attach(pdf: Pdf) -> None:
            pdf.attachments["annexe.txt"] = b"contenu"

        assert examined(make_pdf(attach)).active_content == ("fichiers embarqués",)

    def test_an_empty_list_of_attachments_is_not_an_embedded_file(self, make_pdf: MakePdf) -> None:
        def declare(pdf: Pdf) -> None:
            pdf.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=Array([])))

        assert examined(make_pdf(declare)).active_content == ()

    @pytest.mark.parametrize(
        ("action", "named"),
        [
            ("/Launch", "actions de lancement"),
            ("/SubmitForm", "envoi ou import de données de formulaire"),
            ("/ImportData", "envoi ou import de données de formulaire"),
            ("/GoToR", "renvois vers d'autres fichiers"),
            ("/GoToE", "renvois vers d'autres fichiers"),
            ("/Movie", "contenu multimédia"),
        ],
    )
    def test_actions_that_reach_outside_the_page_are_named(
        self, make_pdf: MakePdf, action: str, named: str
    ) -> None:
        def act(pdf: Pdf) -> None:
            pdf.Root.OpenAction = Dictionary(S=Name(action))

        assert examined(make_pdf(act)).active_content == (named,)

    def test_an_xfa_form_is_named(self, make_pdf: MakePdf) -> None:
        def form(pdf: Pdf) -> None:
            pdf.Root.AcroForm = Dictionary(Fields=Array([]), XFA=String("<xdp/>"))

        assert examined(make_pdf(form)).active_content == ("formulaire XFA",)

    def test_ordinary_links_are_not_active_content(self, make_pdf: MakePdf) -> None:
        def link(pdf: Pdf) -> None:
            action = Dictionary(S=Name.URI, URI=String("https://saint-exemple.fr"))
            note = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=action)
            pdf.pages[0].obj.Annots = Array([note])
            pdf.Root.OpenAction = Array([pdf.pages[0].obj, Name.Fit])

        assert examined(make_pdf(link)).active_content == ()

    def test_several_findings_are_each_named_once_in_a_fixed_order(self, make_pdf: MakePdf) -> None:
        def load(pdf: Pdf) -> None:
            javascript(pdf)
            pdf.attachments["a.txt"] = b"1"
            pdf.attachments["b.txt"] = b"2"

        assert examined(make_pdf(load)).active_content == ("JavaScript", "fichiers embarqués")


class TestSignature:
    def test_a_signed_field_is_found_below_its_parent(self, make_pdf: MakePdf) -> None:
        assert examined(make_pdf(signed)).signed

    def test_a_field_still_to_be_signed_is_no_signature(self, make_pdf: MakePdf) -> None:
        def prepare(pdf: Pdf) -> None:
            field = Dictionary(FT=Name.Sig, T=String("Signature1"))
            pdf.Root.AcroForm = Dictionary(Fields=Array([field]))

        assert not examined(make_pdf(prepare)).signed

    def test_a_signature_without_byte_range_covers_nothing_and_does_not_count(
        self, make_pdf: MakePdf
    ) -> None:
        def pretend(pdf: Pdf) -> None:
            field = Dictionary(FT=Name.Sig, T=String("Signature1"), V=Dictionary(Type=Name.Sig))
            pdf.Root.AcroForm = Dictionary(Fields=Array([field]))

        assert not examined(make_pdf(pretend)).signed

    def test_usage_rights_are_no_signature(self, make_pdf: MakePdf) -> None:
        def grant(pdf: Pdf) -> None:
            rights = Dictionary(Type=Name.Sig, ByteRange=Array([0, 1, 2, 3]), Contents=String("x"))
            pdf.Root.Perms = Dictionary(UR3=rights)

        assert not examined(make_pdf(grant)).signed

    def test_fields_that_contain_each_other_do_not_trap_the_walk(self, make_pdf: MakePdf) -> None:
        def knot(pdf: Pdf) -> None:
            one = pdf.make_indirect(Dictionary(T=String("un")))
            one.Kids = Array([one])
            pdf.Root.AcroForm = Dictionary(Fields=Array([one]))

        assert not examined(make_pdf(knot)).signed


class TestLimits:
    def test_more_pages_than_allowed_are_refused_with_the_count(self, make_pdf: MakePdf) -> None:
        content = make_pdf(pages=4)
        assert inspect_pdf(io.BytesIO(content), max_pages=4).pages == 4
        with pytest.raises(OversizedPdfError, match="4 pages, la limite est de 3"):
            inspect_pdf(io.BytesIO(content), max_pages=3)

    def test_the_walk_stops_at_its_limit(
        self, make_pdf: MakePdf, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(inspection, "_MAX_VALUES", 500)
        crowd = make_pdf(lambda pdf: setattr(pdf.Root, "Crowd", Array(range(600))))
        with pytest.raises(OversizedPdfError, match="plus de 500 éléments"):
            examined(crowd)

    def test_deeply_nested_values_do_not_exhaust_the_stack(self) -> None:
        nested = b"[" * 50_000 + b"]" * 50_000
        content = b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R/X " + nested + b">>\nendobj\n"
        content += b"2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n"
        content += b"3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>\nendobj\n"
        content += b"trailer\n<</Root 1 0 R/Size 4>>\n"
        with pytest.raises(UnreadablePdfError):
            examined(content)
