"""The English of the console: nothing missing, nothing dead, nothing lost on the way."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from jinja2 import Environment, nodes
from markupsafe import Markup

from transmission.console.english import (
    catalogue,
    english,
    foreign,
    quote,
    say,
    source_english,
    tell,
)
from transmission.console.english_source import texts
from transmission.console.rendering import _environment

PACKAGE = Path(__file__).parents[3] / "transmission"
TEMPLATES = sorted((PACKAGE / "console" / "templates").glob("*.html"))

NOT_SAID = {
    "Europe/Paris": "a place for the clock",
    "bouton bouton-secondaire": "classes of the style sheet",
    "à vérifier": "compared with a mark, which is told with a capital",
    "Acte (": "a part of a shape",
    "Annexe ": "a part of a shape",
    "annexe ": "a part of a shape",
    "document ": "the same word in English",
    "le constat n° ": "a part of a shape",
    "courrier n° ": "a part of a shape",
    "retour n° ": "a part of a shape",
    "avis n° ": "a part of a shape",
    "Délais ": "a part of a text",
}
"""Strings of templates that no page says by themselves, and why."""

_SAID = re.compile(r"^[A-ZÀ-Ý]|\w \w|[à-ÿ]|\w $")


def strings_of_templates() -> Iterator[tuple[str, str]]:
    for template in TEMPLATES:
        tree = Environment(autoescape=True).parse(template.read_text(encoding="utf-8"))
        for each in tree.find_all(nodes.Const):
            if isinstance(each.value, str):
                yield template.name, each.value


@cache
def strings_of_programs() -> frozenset[str]:
    found = {value for _, value in strings_of_templates()}
    for folder in ("console", "domain", "services"):
        for module in (PACKAGE / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.add(node.value)
    return frozenset(" ".join(each.split()) for each in found)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_every_text_of_a_template_has_its_english(template: Path) -> None:
    missing = {
        text for text in texts(template.read_text(encoding="utf-8")) if source_english(text) is None
    }
    assert not missing


def test_every_string_that_a_template_says_has_its_english() -> None:
    missing = {
        (name, text)
        for name, text in strings_of_templates()
        if _SAID.search(text)
        and text not in NOT_SAID
        and english(text.strip(" :")) is None
        and english(f"3 {text}") is None
        and english(text.strip()) is None
    }
    assert not missing


def test_no_reason_to_leave_a_string_alone_outlives_it() -> None:
    assert set(NOT_SAID) <= {text for _, text in strings_of_templates()}


def test_no_text_of_the_catalogue_is_dead() -> None:
    living = {text for each in TEMPLATES for text in texts(each.read_text(encoding="utf-8"))}
    living |= strings_of_programs()
    living |= {each[:1].upper() + each[1:] for each in living}
    assert not set(catalogue().texts) - living


def test_no_shape_of_the_catalogue_is_dead() -> None:
    said = "\n".join(strings_of_programs())
    for shape in _read("shapes"):
        # Programs put sentences together from pieces: each piece is somewhere.
        for part in re.split(
            r"\{\d(?::[tc])?\}| [;:] |\. | depuis | la décision | a |ont |1 min", shape
        ):
            assert part.strip(" «».;()") in said, shape


def test_what_is_counted_is_counted_somewhere() -> None:
    said = "\n".join(strings_of_programs())
    for singular in _read("counted"):
        # « 2 courriers sans réponse » is put together from pieces too.
        head, _, rest = singular.partition(" ")
        assert singular in said or (head in said and rest in said), singular


def test_what_varies_in_a_text_varies_in_its_english() -> None:
    for french, said in (_read("texts") | _read("shapes")).items():
        gaps = re.compile(r"\{\d(?::[tc])?\}|</?[a-z]+>")
        assert sorted(gaps.findall(french)) == sorted(gaps.findall(said)), french


def test_every_template_can_be_read_in_english() -> None:
    environment = _environment("en")
    for template in TEMPLATES:
        environment.get_template(template.name)


@pytest.mark.parametrize(
    ("french", "said"),
    [
        ("1er mars 2023", "1 March 2023"),
        ("mars 2023", "March 2023"),
        ("10 mars 2023 à 14 h 05", "10 March 2023, 14:05"),
        ("10 mars 2023 à 9 h 05 (heure de Mayotte)", "10 March 2023, 09:05 (Mayotte time)"),
        ("il y a 3\u00a0jours", "3 days ago"),
        ("dans moins d'1\u00a0min", "in less than 1 min"),
        ("1\u202f234\u00a0actes", "1,234 acts"),
        ("2,3\u00a0Mo", "2.3 MB"),
        ("> 99 %", "> 99%"),
        ("acceptée", "accepted"),
        ("Encore 1 jour", "1 day left"),
        ("n° 2026_001", "no. 2026_001"),
        (
            "2 envois à suivre, dont 1 attend la décision d'une personne.",
            "2 sendings to follow, of which 1 waits for the decision of a person.",
        ),
        ("Attend l'accusé d'annulation.", "Waits for the acknowledgement of cancellation."),
    ],
)
def test_dates_numbers_and_sentences_are_told_the_english_way(french: str, said: str) -> None:
    assert english(french) == said


@pytest.mark.parametrize(
    "text",
    ["", "Budget primitif", "Vu le 3 mars", "il y a longtemps", "Autre chose", "x" * 5000],
)
def test_what_the_catalogue_does_not_know_stays(text: str) -> None:
    assert english(text) is None
    assert tell(text) == text


def test_what_stays_french_is_marked_where_an_element_may_be() -> None:
    assert say("Budget <primitif>") == Markup('<span lang="fr">Budget &lt;primitif&gt;</span>')
    assert say("2026_001") == "2026_001"
    assert say(12) == 12
    assert say(Markup("<b>déjà écrit</b>")) == "<b>déjà écrit</b>"
    assert say(Markup('<svg class="x">')) == '<svg lang="fr" class="x">'
    assert say("Transmise ") == "Transmitted "
    assert foreign("Budget primitif") == ' lang="fr"'
    assert foreign("Transmise") == foreign("2026_001") == ""


def test_french_words_in_an_english_sentence_are_marked_too() -> None:
    sentence = "La décision d'une personne. Motif : l'archive <est> vide."
    marked = say(sentence)
    assert marked.startswith("The decision of a person. Reason: ")
    assert '<span lang="fr">l&#39;archive &lt;est&gt; vide.</span>' in marked
    assert tell(sentence) == "The decision of a person. Reason: l'archive <est> vide."
    assert quote(sentence) == Markup('<span lang="en">{}</span>').format(marked)
    assert quote("Budget primitif") == "Budget primitif"


def test_what_is_hidden_in_what_stays_is_shown_as_in_french() -> None:
    assert "⟨U+202E⟩" in say("objet \u202e retourné")
    assert say("La décision d'une personne. Motif : a\x0fb\x0ec mot").count("<span") == 1


def _read(table: str) -> dict[str, str]:
    import tomllib

    text = (PACKAGE / "console" / "anglais.toml").read_text(encoding="utf-8")
    found: dict[str, str] = tomllib.loads(text)[table]
    return found
