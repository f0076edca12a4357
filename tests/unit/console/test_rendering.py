import gzip
import re
from importlib.resources import files

import pytest

from transmission.console.rendering import asset, error_page


def body(*advice: str) -> str:
    return bytes(error_page(404, "Introuvable", *advice).body).decode()


def test_what_comes_from_outside_is_escaped() -> None:
    assert "&lt;script&gt;" in body("<script>alert('x')</script>")
    assert "<script>alert" not in body("<script>alert('x')</script>")


def test_what_could_disguise_a_name_is_shown() -> None:
    assert "facture⟨U+202E⟩fdp.exe" in body("facture\u202efdp.exe")


def test_a_page_of_error_says_its_status_and_where_to_go() -> None:
    response = error_page(404, "Introuvable", "Rien ici.")
    assert response.status_code == 404
    assert 'href="/"' in bytes(response.body).decode()


@pytest.mark.parametrize("name", ["console.css", "console.js", "icone.svg"])
def test_an_asset_is_named_by_its_content_and_may_be_kept(name: str) -> None:
    found = asset(name)
    assert found is not None
    assert "immutable" in found.headers["cache-control"]
    assert re.search(rf"/statique/{re.escape(name)}\?v=[0-9a-f]{{12}}\"", body())


@pytest.mark.parametrize(
    ("accepted", "compressed"),
    [
        ("", False), ("gzip", True), ("br, gzip;q=0.5", True), ("GZIP , deflate", True),
        ("gzip;q=0", False), ("gzip; q=0.000, br", False), ("x-gzipped", False), ("br", False),
    ],
)  # fmt: skip
def test_an_asset_is_compressed_for_whoever_reads_it(accepted: str, compressed: bool) -> None:
    found, whole = asset("console.css", accepted), asset("console.css")
    assert found is not None
    assert whole is not None
    assert found.headers.get("content-encoding") == ("gzip" if compressed else None)
    assert found.headers["vary"] == "Accept-Encoding"
    body = bytes(found.body)
    assert (gzip.decompress(body) if compressed else body) == bytes(whole.body)


@pytest.mark.parametrize("name", ["../app.py", "base.html", ""])
def test_nothing_else_of_the_package_is_an_asset(name: str) -> None:
    assert asset(name) is None


def test_no_template_carries_script_style_or_a_foreign_address() -> None:
    for template in (files("transmission.console") / "templates").iterdir():
        text = template.read_text(encoding="utf-8")
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:", text), template.name
        assert not re.search(r"https?://[^ ]|//[a-z]", text), template.name
        assert not re.search(r"<script(?![^>]*\ssrc=)", text), template.name
        assert "|safe" not in text, template.name


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(c * 2 for c in digits) if len(digits) == 3 else digits
    parts = [int(digits[rank : rank + 2], 16) / 255 for rank in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def palettes() -> list[dict[str, str]]:
    style = (files("transmission.console") / "statique" / "console.css").read_text("utf-8")
    roots = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    return [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", root)) for root in roots]


READ = [
    ("encre", "fond"), ("encre", "surface"), ("discret", "fond"), ("discret", "surface"),
    ("lien", "fond"), ("lien", "surface"), ("fond", "lien"), ("sur-bleu", "bleu"),
    ("encre", "attente-fond"), ("attente", "attente-fond"), ("doute", "doute-fond"),
    ("alerte", "alerte-fond"), ("fait", "fait-fond"), ("clos", "clos-fond"), ("attente", "fond"),
    ("fait", "fond"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "ground"), READ)
def test_text_stands_out_from_its_ground_in_light_and_in_dark(text: str, ground: str) -> None:
    light, dark = palettes()[:2]
    assert contrast(light[text], light[ground]) >= 4.5
    assert contrast(dark[text], dark[ground]) >= 4.5


@pytest.mark.parametrize("mark", ["focus", "trait-fort"])
def test_focus_and_fields_stand_out_from_the_page(mark: str) -> None:
    for palette in palettes()[:2]:
        assert contrast(palette[mark], palette["fond"]) >= 3
        assert contrast(palette[mark], palette["surface"]) >= 3
