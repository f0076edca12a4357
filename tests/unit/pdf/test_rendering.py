import contextlib
import io
import re

import pikepdf
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Pdf

from transmission.pdf.errors import UnprintableTextError
from transmission.pdf.inspection import inspect_pdf
from transmission.pdf.rendering import render_markdown, render_text

FRENCH = "Œuvre, cœur, naïveté, où, ça, Àéîôü ÿ — « l’été » – 12 500 € … n° 3, 4²"


def text_of(content: bytes) -> str:
    """All selectable text, page after page, one kind of space and no page numbers."""
    document = pypdfium2.PdfDocument(content)
    try:
        pages = [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()
    text = "\n".join(re.sub(r"\s*\d+ / \d+\s*$", "", page) for page in pages)
    return text.replace("\u00a0", " ").replace("\r\n", "\n")


def markdown(text: str) -> str:
    return text_of(render_markdown(text, "Acte"))


def one_line(text: str) -> str:
    return " ".join(text.split())


class TestMarkdown:
    @pytest.mark.parametrize("mark", ["", "**", "*", "***", "`", "~~"])
    def test_french_is_printed_and_selected_whatever_the_emphasis(self, mark: str) -> None:
        assert one_line(markdown(f"{mark}{FRENCH}{mark}")) == FRENCH

    def test_titles_paragraphs_and_breaks_keep_their_lines(self) -> None:
        text = markdown("# Délibération\n\nLe maire,  \nl'adjoint,\nla suite\n\n### Article")
        assert text.split("\n") == ["Délibération", "Le maire,", "l'adjoint, la suite", "Article"]

    def test_escapes_and_superscripts_of_the_founding_document(self) -> None:
        text = one_line(markdown("99\\_DE-042 du 1<sup>er</sup> janvier, m<sub>2</sub>"))
        assert text.replace(" ", "") == "99_DE-042du1erjanvier,m2"

    def test_a_list_keeps_the_numbers_that_were_typed(self) -> None:
        text = markdown("3. trois\n7. sept\n   - un\n   - deux\n     1) a\n")
        assert text.split("\n") == ["3. trois", "7. sept", "• un", "• deux", "1) a"]

    def test_an_item_without_text_or_with_a_table_keeps_its_marker(self) -> None:
        assert markdown("-\n- b") == "–\n– b"
        assert one_line(markdown("1.  | a | b |\n    |---|---|\n    | c | d |")) == "1. a b c d"

    def test_a_table_is_printed_cell_by_cell(self) -> None:
        source = "| Poste | Montant |\n|:--|--:|\n| Voirie | 12 000 € |\n| **Total** | 1 |"
        assert one_line(markdown(source)) == "Poste Montant Voirie 12 000 € Total 1"

    def test_narrow_columns_are_not_broken_to_please_a_wide_one(self) -> None:
        wide = "un commentaire très long " * 12
        source = f"| Poste | Détail |\n|--|--|\n| Investissement | {wide} |"
        assert "Investissement" in markdown(source)

    def test_a_cell_longer_than_a_page_runs_over(self) -> None:
        source = "| a | b |\n|--|--|\n| " + "mot " * 3000 + "| fin |"
        text = markdown(source)
        assert text.count("mot") == 3000
        assert "fin" in text

    @pytest.mark.parametrize("columns", [12, 21, 60])
    def test_a_table_of_many_columns_loses_nothing(self, columns: int) -> None:
        numbers = [f"c{100 + column}" for column in range(columns)]
        row = "|" + "|".join(numbers) + "|"
        source = f"{row}\n|{'--|' * columns}\n{row}"
        text = markdown(source).replace("\n", "")
        assert all(text.count(number) == 2 for number in numbers)

    def test_quotations_literal_blocks_and_rules_are_printed(self) -> None:
        text = markdown("> cité\n> > deux fois\n\n---\n\n```\nun   deux\n```\n\n    quatre")
        assert [line.strip() for line in text.split("\n")] == [
            "cité",
            "deux fois",
            "un deux",
            "quatre",
        ]

    def test_links_show_their_address_and_nothing_can_be_clicked(self) -> None:
        content = render_markdown("[site](https://saint-exemple.fr/a?b=1&c=2)", "Acte")
        assert text_of(content) == "site (https://saint-exemple.fr/a?b=1&c=2)"
        with Pdf.open(io.BytesIO(content)) as pdf:
            assert "/Annots" not in pdf.pages[0].obj

    def test_an_address_alone_is_printed_once(self) -> None:
        assert markdown("<https://saint-exemple.fr>") == "https://saint-exemple.fr"

    def test_a_reference_definition_does_not_vanish(self) -> None:
        assert markdown("[1]: https://saint-exemple.fr") == "[1]: https://saint-exemple.fr"

    @pytest.mark.parametrize(
        "html",
        [
            "<script>alert(1)</script>",
            "<img src='/etc/passwd'/>",
            "<b>gras</b>",
            "<font size=80>grand</font>",
            "<a href='https://x.fr'>x</a>",
            "<para align=center>",
            "<!-- caché -->",
            "<sup>ouvert",
            "fermé</sup>",
            "<sup class='x'>attribut</sup>",
            "&lt;b&gt;",
            "a < b & c > d",
        ],
    )
    @pytest.mark.parametrize(
        "place", ["Voir {} ici", "{}", "- {}", "| {} | b |\n|---|---|\n| c | d |"]
    )
    def test_other_html_is_shown_and_never_interpreted(self, html: str, place: str) -> None:
        shown = html.replace("&lt;", "<").replace("&gt;", ">")
        assert shown in one_line(markdown(place.format(html)))

    def test_an_image_is_mentioned_and_not_fetched(self) -> None:
        content = render_markdown("![blason](http://x.fr/b.png) ![](file:///etc/passwd)", "Acte")
        assert one_line(text_of(content)) == (
            "[image non reprise : blason (http://x.fr/b.png)] ![](file:///etc/passwd)"
        )
        with Pdf.open(io.BytesIO(content)) as pdf:
            assert not list(pdf.pages[0].get_images())

    def test_a_character_without_glyph_is_refused_by_name(self) -> None:
        with pytest.raises(UnprintableTextError, match=r"« → » \(U\+2192\)"):
            render_markdown("# De A → B", "Acte")
        with pytest.raises(UnprintableTextError, match="U\\+2192"):
            render_markdown("De A &rarr; B", "Acte")

    def test_a_mark_of_byte_order_does_not_hide_the_first_title(self) -> None:
        assert markdown("\ufeff# Titre") == "Titre"

    @pytest.mark.parametrize("empty", ["", "  \n\n ", "\ufeff", "\f\f"])
    def test_an_empty_text_is_refused(self, empty: str) -> None:
        with pytest.raises(UnprintableTextError, match="vide"):
            render_markdown(empty, "Acte")
        with pytest.raises(UnprintableTextError, match="vide"):
            render_text(empty)

    def test_what_is_nested_too_deep_is_refused_rather_than_dropped(self) -> None:
        assert markdown(">" * 15 + " fond") == "fond"
        with pytest.raises(UnprintableTextError, match="imbrique"):
            render_markdown(">" * 100 + " fond", "Acte")

    def test_spaces_and_hyphens_of_every_kind_are_printed(self) -> None:
        assert one_line(markdown("un\fdeux")) == "un deux"
        assert one_line(markdown("12\u202f000 € porte\u2011avions\u00ad e\u0301té")) == (
            "12 000 € porte-avions été"
        )

    @given(st.lists(st.sampled_from(FRENCH.split()), min_size=1, max_size=60))
    @settings(max_examples=40)
    def test_no_word_is_ever_lost(self, words: list[str]) -> None:
        assert one_line(markdown(" ".join(words))).replace(" ", "") == "".join(words)

    @given(st.text(alphabet="ab 12.\n\n-*_#>|`~<>&[]()!\\/=:'\té€", min_size=1, max_size=120))
    @settings(max_examples=200)
    def test_any_markdown_prints_its_letters(self, text: str) -> None:
        letters = re.sub(r"[^ab]", "", text)
        try:
            printed = markdown(text)
        except UnprintableTextError:
            assert not letters
            return
        assert len(re.findall(r"[ab]", printed)) >= len(letters)

    @given(st.text(max_size=60))
    @settings(max_examples=100)
    def test_any_text_is_printed_or_refused(self, text: str) -> None:
        for render in (lambda: render_markdown(text, text), lambda: render_text(text)):
            with contextlib.suppress(UnprintableTextError):
                assert render().startswith(b"%PDF-")


class TestDocument:
    def test_the_same_text_gives_the_same_bytes(self) -> None:
        source = f"# Titre\n\n**{FRENCH}** *{FRENCH}*"
        assert render_markdown(source, "Acte") == render_markdown(source, "Acte")
        assert render_text(source) == render_text(source)

    def test_every_font_of_a_markdown_act_is_embedded(self) -> None:
        content = render_markdown("# T\n\na *b* **c** ***d*** `e`\n\n- f\n\n```\ng\n```", "Acte")
        with Pdf.open(io.BytesIO(content)) as pdf:
            fonts = [thing for thing in pdf.objects if is_font(thing)]
            assert len(fonts) == 4
            assert all("/FontFile2" in font.FontDescriptor for font in fonts)

    def test_pages_are_a4_numbered_and_free_of_active_content(self) -> None:
        content = render_markdown("Un paragraphe.\n\n" * 90, "Acte")
        document = pypdfium2.PdfDocument(content)
        try:
            assert len(document) > 1
            assert document[0].get_size() == pytest.approx((595.28, 841.89), abs=0.01)
            foot = document[1].get_textpage().get_text_range().splitlines()[-1]
            assert foot == f"2 / {len(document)}"
        finally:
            document.close()
        found = inspect_pdf(io.BytesIO(content))
        assert (found.active_content, found.repaired) == ((), ())

    def test_the_title_goes_to_the_properties(self) -> None:
        with Pdf.open(io.BytesIO(render_markdown("Texte", "Délibération « 12 »"))) as pdf:
            assert str(pdf.docinfo.Title) == "Délibération « 12 »"
            assert str(pdf.Root.Lang) == "fr-FR"

    def test_nothing_is_printed_outside_the_margins(self) -> None:
        source = "x" * 400 + "\n\n# " + "Y" * 200 + "\n\n" + "- " * 8 + "mot " * 60
        for content in (render_markdown(source, "Acte"), render_text(source)):
            document = pypdfium2.PdfDocument(content)
            try:
                picture = document[0].render(scale=1).to_pil().convert("L")
            finally:
                document.close()
            box = picture.point(lambda grey: 255 if grey < 160 else 0).getbbox()
            assert box is not None
            assert box[0] >= 50
            assert box[2] <= 545


def is_font(thing: object) -> bool:
    return isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/Font"


class TestPlainText:
    def test_french_is_printed_and_selected(self) -> None:
        assert one_line(text_of(render_text(FRENCH))) == FRENCH

    def test_lines_and_blank_lines_are_kept(self) -> None:
        text = text_of(render_text("Le maire,\n\nArrête :\n  Article 1"))
        assert [line.strip() for line in text.split("\n") if line.strip()] == [
            "Le maire,",
            "Arrête :",
            "Article 1",
        ]

    def test_typed_columns_stay_aligned(self) -> None:
        content = render_text("Poste        Montant\nVoirie         12 000\n\tx")
        document = pypdfium2.PdfDocument(content)
        try:
            page = document[0].get_textpage()
            text = page.get_text_range()
            left = [
                page.get_charbox(text.index(word), loose=True)[0] for word in ("Mont", "12", "x")
            ]
        finally:
            document.close()
        assert left[1] - left[0] == pytest.approx(2 * 6, abs=0.1)
        assert left[2] - left[0] == pytest.approx(-5 * 6, abs=0.1)

    def test_a_long_line_is_wrapped_under_its_own_indent(self) -> None:
        lines = text_of(render_text("    " + "mot " * 60)).split("\n")
        assert len(lines) == 4
        assert sum(line.count("mot") for line in lines) == 60

    def test_a_form_feed_starts_a_page(self) -> None:
        with Pdf.open(io.BytesIO(render_text("un\fdeux\f\ftrois"))) as pdf:
            assert len(pdf.pages) == 4

    def test_markup_is_printed_as_typed(self) -> None:
        assert (
            text_of(render_text("**a** <b>b</b> &amp; 99\\_DE")) == "**a** <b>b</b> &amp; 99\\_DE"
        )

    def test_a_character_without_glyph_is_refused_by_name(self) -> None:
        with pytest.raises(UnprintableTextError, match=r"U\+2265"):
            render_text("a ≥ b")
        with pytest.raises(UnprintableTextError, match=r"U\+0007"):
            render_text("a\x07b")

    def test_ten_thousand_lines_are_laid_out(self) -> None:
        with Pdf.open(io.BytesIO(render_text("une ligne\n" * 10_000))) as pdf:
            assert 150 < len(pdf.pages) < 260
