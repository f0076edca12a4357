import io
import random
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, String
from pikepdf.exceptions import PageCopyWarning
from PIL import Image, ImageChops, ImageStat

from transmission.pdf.errors import (
    PasswordPdfError,
    PdfError,
    UnprintableTextError,
    UnreadablePdfError,
)
from transmission.pdf.stamp import (
    Corner,
    Placement,
    StampResult,
    Tampon,
    stamp_lines,
    stamp_pdf,
)

Box = tuple[int, int, int, int]
MakePdf = Callable[..., bytes]
AsFile = Callable[[bytes], Path]
TextOf = Callable[..., str]
PictureOf = Callable[..., Image.Image]
DarkBox = Callable[[Image.Image], Box]
Stamped = Callable[..., bytes]

# A mention of the founding document, which an invented one cannot replace.
GOLDEN = Tampon(
    date_reception=date(2023, 3, 10),
    tdt_name="DOTELEC - iXBus",
    identifiant="99_DE-042-244200770-20230302-D20230009710",
    date_mise_en_ligne=date(2023, 3, 10),
)
INVENTED = Tampon(date(2026, 5, 4), "TDT Exemple", "99_DE-042-123456782-20260430-2026_012")


@pytest.fixture
def stamped(as_file: AsFile) -> Stamped:
    def stamp(content: bytes, tampon: Tampon = INVENTED, **placement: object) -> bytes:
        target = io.BytesIO()
        stamp_pdf(as_file(content), target, tampon, Placement(**placement))
        return target.getvalue()

    return stamp


class TestLines:
    def test_the_lines_are_those_of_the_founding_document(self) -> None:
        assert stamp_lines(GOLDEN) == (
            "RECU EN PREFECTURE",
            "Le 10 mars 2023",
            "VIA DOTELEC - iXBus",
            "99_DE-042-244200770-20230302-D20230009710",
            "Date de mise en ligne : 10 mars 2023",
        )

    def test_an_act_not_yet_published_has_no_publication_line(self) -> None:
        assert len(stamp_lines(INVENTED)) == 4

    @pytest.mark.parametrize(
        ("day", "written"),
        [
            (date(2026, 8, 1), "Le 1er août 2026"),
            (date(2026, 2, 2), "Le 2 février 2026"),
            (date(2026, 12, 31), "Le 31 décembre 2026"),
        ],
    )
    def test_days_are_written_in_words_without_leading_zero(self, day: date, written: str) -> None:
        assert stamp_lines(Tampon(day, "TDT", "99_DE"))[1] == written

    def test_a_fictitious_receipt_is_marked_first(self) -> None:
        fictitious = Tampon(date(2026, 5, 4), "TDT", "99_DE", marque="SIMULATION")
        assert stamp_lines(fictitious)[0] == "SIMULATION"

    def test_a_copy_of_a_signed_act_says_where_the_signature_is(self) -> None:
        lines = stamp_lines(INVENTED, signed=True)
        assert lines[-1] == "Copie : la signature électronique est dans l'original"

    def test_the_printed_text_can_be_selected_line_by_line(
        self, make_pdf: MakePdf, stamped: Stamped, text_of: TextOf
    ) -> None:
        accented = Tampon(
            date(2026, 8, 1), "Télétransmission « Œuvre » – €", "99_DE-1", date(2026, 8, 2)
        )
        for tampon in (GOLDEN, accented):
            text = text_of(stamped(make_pdf(), tampon))
            assert text.strip().splitlines() == list(stamp_lines(tampon))

    def test_a_character_that_helvetica_lacks_is_refused_by_name(
        self, make_pdf: MakePdf, stamped: Stamped
    ) -> None:
        with pytest.raises(UnprintableTextError, match="→"):
            stamped(make_pdf(), Tampon(date(2026, 5, 4), "TDT → État", "99_DE"))

    def test_a_line_break_in_a_fact_is_refused(self, make_pdf: MakePdf, stamped: Stamped) -> None:
        with pytest.raises(UnprintableTextError):
            stamped(make_pdf(), Tampon(date(2026, 5, 4), "TDT", "99_DE\nLe 3 mai 2020"))

    def test_marks_of_the_pdf_syntax_are_printed_as_they_are(
        self, make_pdf: MakePdf, stamped: Stamped, text_of: TextOf
    ) -> None:
        tampon = Tampon(date(2026, 5, 4), r"TDT (a) Tj \) <b> >>", "99_DE")
        assert r"VIA TDT (a) Tj \) <b> >>" in text_of(stamped(make_pdf(), tampon))


def upright_reference(make_pdf: MakePdf, stamped: Stamped, picture_of: PictureOf) -> Image.Image:
    """The stamp alone, cut out of a plain A4 page at four pixels to the point."""
    picture = picture_of(stamped(make_pdf()), scale=4)
    inverted = ImageChops.invert(picture.point(lambda grey: 255 if grey > 160 else 0))
    box = inverted.getbbox()
    assert box is not None
    return picture.crop(box)


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean difference of grey between two pictures that may differ by a pixel in size."""
    size = (one.width // 8, one.height // 8)
    pair = [picture.resize(size, Image.Resampling.BOX) for picture in (one, other)]
    return float(ImageStat.Stat(ImageChops.difference(*pair)).mean[0])


class TestGeometry:
    @pytest.mark.parametrize("rotation", [0, 90, 180, 270, -90, 450])
    @pytest.mark.parametrize(
        ("media", "crop"),
        [
            ([0, 0, 595, 842], None),
            ([0, 0, 842, 595], None),
            ([0, 0, 595, 842], [50, 100, 500, 700]),
            ([-300, -400, 295, 442], None),
            ([1000, 2000, 1595, 2842], [1100, 2050, 1500, 2700]),
            ([0, 0, 400, 500], [-100, -100, 900, 900]),
            ([595, 842, 0, 0], None),
        ],
    )
    def test_the_stamp_stands_upright_at_the_visual_top_right(
        self,
        make_pdf: MakePdf,
        stamped: Stamped,
        picture_of: PictureOf,
        dark_box: DarkBox,
        rotation: int,
        media: list[int],
        crop: list[int] | None,
    ) -> None:
        def shape(pdf: Pdf) -> None:
            pdf.pages[0].obj.MediaBox = Array(media)
            pdf.pages[0].obj.Rotate = rotation
            if crop:
                pdf.pages[0].obj.CropBox = Array(crop)

        picture = picture_of(stamped(make_pdf(shape)), scale=4)
        left, top, right, bottom = dark_box(picture)
        # The frame stands one point inside the box, itself 14 points off the edges.
        assert picture.width - right == pytest.approx(4 * 15, abs=4)
        assert top == pytest.approx(4 * 15, abs=4)
        drawn = picture.crop((left, top, right, bottom))
        reference = upright_reference(make_pdf, stamped, picture_of)
        assert drawn.size == pytest.approx(reference.size, abs=3)
        upside_down = reference.rotate(180)
        assert difference(drawn, reference) < 4 < difference(drawn, upside_down)

    @pytest.mark.parametrize("rotation", [0, 90, 180, 270])
    @pytest.mark.parametrize("corner", list(Corner))
    def test_each_corner_is_one_of_the_page_as_displayed(
        self,
        make_pdf: MakePdf,
        stamped: Stamped,
        picture_of: PictureOf,
        dark_box: DarkBox,
        corner: Corner,
        rotation: int,
    ) -> None:
        turned = make_pdf(lambda pdf: setattr(pdf.pages[0].obj, "Rotate", rotation))
        picture = picture_of(stamped(turned, corner=corner, margin=30), scale=2)
        left, top, right, bottom = dark_box(picture)
        from_side = picture.width - right if "right" in corner.value else left
        from_end = top if "top" in corner.value else picture.height - bottom
        assert from_side == pytest.approx(2 * 31, abs=2)
        assert from_end == pytest.approx(2 * 31, abs=2)

    def test_a_box_and_a_rotation_inherited_from_the_page_tree_are_followed(
        self, make_pdf: MakePdf, stamped: Stamped, picture_of: PictureOf, dark_box: DarkBox
    ) -> None:
        def inherit(pdf: Pdf) -> None:
            for key in ("/MediaBox", "/Rotate", "/Resources", "/CropBox"):
                if key in pdf.pages[0].obj:
                    del pdf.pages[0].obj[key]
            pdf.Root.Pages.MediaBox = Array([100, 100, 500, 700])
            pdf.Root.Pages.Rotate = 270

        picture = picture_of(stamped(make_pdf(inherit)), scale=2)
        assert picture.size == (1200, 800)
        _, top, right, _ = dark_box(picture)
        assert (picture.width - right, top) == pytest.approx((30, 30), abs=2)

    @pytest.mark.parametrize("size", [(60, 60), (20, 400), (400, 12), (8, 8)])
    @pytest.mark.parametrize("rotation", [0, 90])
    def test_on_a_tiny_page_the_stamp_shrinks_and_stays_inside(
        self,
        make_pdf: MakePdf,
        stamped: Stamped,
        picture_of: PictureOf,
        dark_box: DarkBox,
        size: tuple[float, float],
        rotation: int,
    ) -> None:
        tiny = make_pdf(lambda pdf: setattr(pdf.pages[0].obj, "Rotate", rotation), size=size)
        picture = picture_of(stamped(tiny), scale=20)
        left, top, right, bottom = dark_box(picture)
        assert left > 0
        assert top > 0
        assert right < picture.width
        assert bottom < picture.height

    def test_a_long_identifier_widens_the_stamp_without_leaving_the_page(
        self, make_pdf: MakePdf, stamped: Stamped, picture_of: PictureOf, dark_box: DarkBox
    ) -> None:
        short = dark_box(picture_of(stamped(make_pdf())))
        wider = Tampon(date(2026, 5, 4), "TDT", "99_DE-042-123456782-20260430-" + "M" * 15)
        wide = dark_box(picture_of(stamped(make_pdf(), wider)))
        assert wide[2] == short[2]
        assert wide[0] < short[0]
        endless = dark_box(
            picture_of(stamped(make_pdf(), Tampon(date(2026, 5, 4), "T", "M" * 300)))
        )
        assert endless[0] > 0
        assert endless[2] < 2 * 595 - 2

    def test_a_user_unit_keeps_the_stamp_its_size_on_paper(
        self, make_pdf: MakePdf, stamped: Stamped
    ) -> None:
        def enlarge(pdf: Pdf) -> None:
            pdf.pages[0].obj.UserUnit = 4

        plain, enlarged = stamped(make_pdf()), stamped(make_pdf(enlarge))
        assert drawn_scale(enlarged) == pytest.approx(drawn_scale(plain) / 4)

    def test_a_page_without_any_usable_box_is_stamped_all_the_same(
        self, make_pdf: MakePdf, stamped: Stamped, text_of: TextOf
    ) -> None:
        def spoil(pdf: Pdf) -> None:
            pdf.pages[0].obj.MediaBox = Array([0, 0, 0, 0])
            pdf.pages[0].obj.UserUnit = String("deux")

        assert "RECU EN PREFECTURE" in text_of(stamped(make_pdf(spoil)))

    @pytest.mark.parametrize("margin", [-1.0, float("nan"), float("inf")])
    def test_a_margin_that_would_push_the_stamp_off_the_page_is_refused(
        self, margin: float
    ) -> None:
        with pytest.raises(ValueError, match="marge"):
            Placement(margin=margin)


def drawn_scale(content: bytes) -> float:
    with Pdf.open(io.BytesIO(content)) as pdf:
        matrices = pikepdf.parse_content_stream(pdf.pages[0], "cm")
        return float(matrices[-1].operands[0])


class TestPageContent:
    @pytest.mark.parametrize(
        "left_behind",
        [
            b"0.3 0 0 0.3 200 -300 cm",
            b"q 0.3 0 0 0.3 200 -300 cm",
            b"q q q 3 0 0 3 0 0 cm",
            b"Q Q 0.3 0 0 0.3 200 -300 cm",
            b"q Q Q 0.3 0 0 0.3 200 -300 cm q",
            b"q Q38 0.3 0 0 0.3 200 -300 cm q* Q",
            b"BT /F1 9 Tf 0.3 0 0 0.3 9 9 Tm",
            b"/OC /Hidden BDC",
            b"1 0 0 1 500 500 cm BI /W 1 /H 1 ID",
            b"0 0 10 10 re W n",
            b"1 1 1 rg 1 1 1 RG 3 Tr",
            b"<< [ ( ] >> ) { } 1 2 3 " * 40 + b" 0.3 0 0 0.3 200 -300 cm",
        ],
    )
    def test_whatever_the_page_leaves_behind_does_not_move_or_hide_the_stamp(
        self,
        make_pdf: MakePdf,
        stamped: Stamped,
        picture_of: PictureOf,
        dark_box: DarkBox,
        left_behind: bytes,
    ) -> None:
        def dirty(pdf: Pdf) -> None:
            hidden = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("caché")))
            pdf.Root.OCProperties = Dictionary(
                OCGs=Array([hidden]), D=Dictionary(OFF=Array([hidden]), Order=Array([]))
            )
            pdf.pages[0].resources.Properties = Dictionary(Hidden=hidden)
            pdf.pages[0].obj.Contents = pdf.make_stream(left_behind)

        expected = dark_box(picture_of(stamped(make_pdf())))
        assert dark_box(picture_of(stamped(make_pdf(dirty)))) == pytest.approx(expected, abs=1)

    @pytest.mark.parametrize("left_behind", [b"", b" q 2 0 0 2 0 0 cm", b" Q Q", b" BT"])
    def test_the_page_itself_looks_as_before(
        self, make_pdf: MakePdf, stamped: Stamped, picture_of: PictureOf, left_behind: bytes
    ) -> None:
        def draw(pdf: Pdf) -> None:
            contents = b"0.8 g 0.5 0 0 0.5 20 20 cm 0 0 300 300 re f" + left_behind
            pdf.pages[0].obj.Contents = pdf.make_stream(contents)

        before = make_pdf(draw)
        lower = (0, 400, 1190, 1684)
        after = picture_of(stamped(before)).crop(lower)
        assert ImageChops.difference(after, picture_of(before).crop(lower)).getbbox() is None

    def test_the_stamp_covers_what_lies_below_with_white(
        self, make_pdf: MakePdf, stamped: Stamped, picture_of: PictureOf
    ) -> None:
        def blacken(pdf: Pdf) -> None:
            pdf.pages[0].obj.Contents = pdf.make_stream(b"0 g 0 0 595 842 re f")

        picture = picture_of(stamped(make_pdf(blacken)))
        lightest = picture.point(lambda grey: 255 if grey > 250 else 0).getbbox()
        assert lightest is not None
        assert (picture.width - lightest[2], lightest[1]) == pytest.approx((28, 28), abs=2)

    def test_a_page_without_content_or_resources_is_stamped(
        self, make_pdf: MakePdf, stamped: Stamped, text_of: TextOf
    ) -> None:
        def strip(pdf: Pdf) -> None:
            del pdf.pages[0].obj.Contents
            del pdf.pages[0].obj.Resources

        assert "RECU EN PREFECTURE" in text_of(stamped(make_pdf(strip)))

    def test_a_resource_that_already_bears_our_name_is_left_alone(
        self, make_pdf: MakePdf, stamped: Stamped, picture_of: PictureOf
    ) -> None:
        def take_the_name(pdf: Pdf) -> None:
            square = pdf.make_stream(
                b"0 0 100 100 re f", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 100, 100]
            )
            pdf.pages[0].resources.XObject = Dictionary(Tampon1=square)
            pdf.pages[0].obj.Contents = pdf.make_stream(b"/Tampon1 Do")

        picture = picture_of(stamped(make_pdf(take_the_name)), scale=1)
        assert picture.getpixel((50, 842 - 50)) == 0
        assert picture.getpixel((300, 842 - 300)) == 255

    def test_a_stamped_copy_can_be_stamped_again(
        self, make_pdf: MakePdf, stamped: Stamped, text_of: TextOf
    ) -> None:
        twice = stamped(stamped(make_pdf()), corner=Corner.BOTTOM_LEFT)
        assert text_of(twice).count("RECU EN PREFECTURE") == 2


class TestPages:
    def test_only_the_first_page_is_stamped_by_default(
        self, make_pdf: MakePdf, as_file: AsFile, text_of: TextOf
    ) -> None:
        target = io.BytesIO()
        result = stamp_pdf(as_file(make_pdf(pages=3, text="Page")), target, INVENTED)
        assert result == StampResult(stamped_pages=1, signed_original=False, unlocked=False)
        assert "RECU" in text_of(target.getvalue(), 0)
        assert "RECU" not in text_of(target.getvalue(), 1)

    def test_all_pages_share_one_form_object(
        self, make_pdf: MakePdf, stamped: Stamped, text_of: TextOf
    ) -> None:
        def share_resources(pdf: Pdf) -> None:
            shared = pdf.make_indirect(pdf.pages[0].obj.Resources)
            for page in pdf.pages:
                page.obj.Resources = shared

        content = stamped(make_pdf(share_resources, pages=4), all_pages=True)
        assert all("RECU" in text_of(content, page) for page in range(4))
        with Pdf.open(io.BytesIO(content)) as pdf:
            forms = [thing for thing in pdf.objects if is_form(thing)]
            assert len(forms) == 1
            assert list(pdf.pages[3].obj.Resources.XObject.keys()) == ["/Tampon1"]

    def test_pages_of_different_shapes_each_get_the_stamp_in_their_corner(
        self, make_pdf: MakePdf, stamped: Stamped, picture_of: PictureOf, dark_box: DarkBox
    ) -> None:
        def vary(pdf: Pdf) -> None:
            pdf.pages[1].obj.MediaBox = Array([0, 0, 842, 595])
            pdf.pages[2].obj.Rotate = 90

        content = stamped(make_pdf(vary, pages=3), all_pages=True)
        for page in range(3):
            picture = picture_of(content, page)
            _, top, right, _ = dark_box(picture)
            assert (picture.width - right, top) == pytest.approx((30, 30), abs=2)


def is_form(thing: object) -> bool:
    return isinstance(thing, pikepdf.Stream) and thing.get("/Subtype") == "/Form"


def signed(pdf: Pdf) -> None:
    value = Dictionary(Type=Name.Sig, ByteRange=Array([0, 1, 2, 3]), Contents=String("x"))
    field = pdf.make_indirect(Dictionary(FT=Name.Sig, T=String("Signature1"), V=value))
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]))


class TestFiles:
    def test_the_original_is_untouched(self, make_pdf: MakePdf, as_file: AsFile) -> None:
        content = make_pdf(signed)
        source = as_file(content)
        source.chmod(0o400)
        stamp_pdf(source, io.BytesIO(), INVENTED)
        assert source.read_bytes() == content

    def test_a_signed_original_is_told_apart_on_the_copy(
        self, make_pdf: MakePdf, as_file: AsFile, text_of: TextOf
    ) -> None:
        target = io.BytesIO()
        result = stamp_pdf(as_file(make_pdf(signed)), target, INVENTED)
        assert result.signed_original
        assert "Copie : la signature électronique est dans l'original" in text_of(target.getvalue())

    def test_the_same_facts_give_the_same_bytes(self, make_pdf: MakePdf, stamped: Stamped) -> None:
        content = make_pdf(pages=2, text="Acte")
        assert stamped(content, GOLDEN, all_pages=True) == stamped(content, GOLDEN, all_pages=True)

    def test_an_owner_password_is_lifted_from_the_copy(
        self, make_pdf: MakePdf, as_file: AsFile, text_of: TextOf
    ) -> None:
        locked = make_pdf(text="Acte", encryption=pikepdf.Encryption(user="", owner="maitre"))
        target = io.BytesIO()
        assert stamp_pdf(as_file(locked), target, INVENTED).unlocked
        with Pdf.open(target) as pdf:
            assert not pdf.is_encrypted
        assert "Acte 1" in text_of(target.getvalue())

    def test_a_user_password_is_refused(self, make_pdf: MakePdf, stamped: Stamped) -> None:
        with pytest.raises(PasswordPdfError):
            stamped(make_pdf(encryption=pikepdf.Encryption(user="secret", owner="maitre")))

    def test_a_file_that_is_no_pdf_is_refused(self, stamped: Stamped) -> None:
        with pytest.raises(UnreadablePdfError, match="une page HTML"):
            stamped(b"<html></html>")

    def test_the_copy_goes_straight_to_a_file(
        self, make_pdf: MakePdf, as_file: AsFile, tmp_path: Path, text_of: TextOf
    ) -> None:
        copy = tmp_path / "copie.pdf"
        with copy.open("wb") as target:
            stamp_pdf(as_file(make_pdf()), target, INVENTED)
        assert "RECU" in text_of(copy.read_bytes())

    def test_streams_are_copied_without_being_encoded_anew(
        self, make_pdf: MakePdf, stamped: Stamped
    ) -> None:
        incompressible = random.Random(3).randbytes(50_000)

        def load(pdf: Pdf) -> None:
            pdf.Root.Bulk = pdf.make_stream(incompressible)
            pdf.Root.Bulk.Filter = Name.FlateDecode

        content = make_pdf(
            load, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none
        )
        assert incompressible in stamped(content)

    def test_widgets_outside_any_form_raise_no_warning(
        self, make_pdf: MakePdf, stamped: Stamped, text_of: TextOf
    ) -> None:
        def orphan(pdf: Pdf) -> None:
            widget = Dictionary(
                Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String("a"), Rect=[0, 0, 9, 9]
            )
            pdf.pages[0].obj.Annots = Array([pdf.make_indirect(widget)])

        with pytest.warns(PageCopyWarning):
            content = make_pdf(orphan)
        assert "RECU" in text_of(stamped(content))

    @pytest.mark.parametrize("seed", range(6))
    def test_whatever_is_spoilt_the_error_is_ours(
        self, make_pdf: MakePdf, tmp_path: Path, seed: int
    ) -> None:
        spoiler = random.Random(seed)
        content = make_pdf(signed, pages=2, text="Acte")
        source = tmp_path / "abime.pdf"
        outcomes = set()
        for _ in range(40):
            spoilt = bytearray(content)
            for _ in range(spoiler.choice((1, 3, 12))):
                position = spoiler.randrange(len(spoilt))
                piece = spoiler.choice((b"", b"null", b"<<", b"(", b"/\xe9#ff", b"[[", b"9" * 20))
                spoilt[position : position + spoiler.randrange(1, 8)] = piece
            source.write_bytes(spoilt)
            try:
                result = stamp_pdf(source, io.BytesIO(), INVENTED, Placement(all_pages=True))
                outcomes.add(result.stamped_pages)
            except PdfError:
                outcomes.add(0)
        assert outcomes <= {0, 1, 2}
