"""The texts of a template, and the same template in English."""

import pytest
from jinja2 import DictLoader, Environment

from transmission.console.english import foreign, keep, quote, say, tell
from transmission.console.english_source import texts, translated

ENGLISH = {
    "Ouvert {1}, le {2}.": "On {2}, opened {1}.",
    "Par <bdi>{1}</bdi>": "By <bdi>{1}</bdi>",
    "Choisir {1}": "Choose {1}",
    "Bonjour": "Hello",
}


def english(source: str, **values: object) -> str:
    made = Environment(loader=DictLoader({"t": translated(source, ENGLISH.get)}), autoescape=True)
    made.filters |= {"say": say, "tell": tell, "quote": quote, "foreign": foreign, "keep": keep}
    return made.get_template("t").render(values)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>Ouvert {{ a|f(b) }},\n le {{ c }}.</p>", ["Ouvert {1}, le {2}."]),
        ("<p>Par <bdi>{{ name }}</bdi></p>", ["Par <bdi>{1}</bdi>"]),
        ("<b id='x'>Un</b>{% if a == 'Deux' %}Trois{% endif %}", ["Un", "Trois"]),
        ('<a aria-label="Aller {{ x }}" href="/Ailleurs">{{ y }}</a>', ["Aller {1}"]),
        ('<i class="{% if a == "b" %}Non{% endif %}">Oui</i>', ["Oui"]),
        ("{# Un mot #}<code>transmission user</code>{{ x }} · {{ y }}", []),
        ('{% set m %} required{% if x %} aria-invalid="true"{% endif %}{% endset %}', []),
        ("<strong>{% if x %}Ouvert{% endif %}</strong>", ["Ouvert"]),
    ],
)
def test_a_text_stands_between_two_tags(source: str, found: list[str]) -> None:
    assert list(texts(source)) == found


def test_gaps_keep_their_values_wherever_english_puts_them() -> None:
    said = english("<p>\nOuvert {{ a }}, le {{ b|upper }}.\n</p>", a="2026_001", b="x1")
    assert said == "<p>\nOn X1, opened 2026_001.\n</p>"


def test_what_people_wrote_is_neither_translated_nor_taken_for_english() -> None:
    said = english("<p>Par <bdi>{{ name }}</bdi></p>", name="Annulée <b>")
    assert said == '<p>By <bdi lang="fr">Annulée &lt;b&gt;</bdi></p>'


def test_a_quotation_may_be_cut_by_a_condition() -> None:
    source = "<bdi>{{ a }}{% if b %} ({{ b }}){% endif %}</bdi> {{ c }}"
    said = english(source, a="Annulée", b="Annulée", c="Annulée")
    assert said == '<bdi lang="fr">Annulée (Annulée)</bdi> Cancelled'


def test_names_and_reasons_stay_as_they_were_written_everywhere() -> None:
    source = "<p>{{ event.reason }} {{ nom }} {{ step }}</p><option>{{ nom }}</option>"
    said = english(source, event={"reason": "Annulée"}, nom="Transmise", step="Annulée")
    kept = '<span lang="fr">Annulée</span> <span lang="fr">Transmise</span>'
    assert said == f"<p>{kept} Cancelled</p><option>Transmise</option>"


def test_sentences_of_the_program_between_them_are_told_in_english() -> None:
    said = english("<bdi>{{ view.reason }}</bdi>", view={"reason": "Attend la réponse du TdT."})
    assert said == '<bdi lang="fr"><span lang="en">Waits for the answer of the TdT.</span></bdi>'


def test_what_a_page_computes_is_told_in_english_or_marked() -> None:
    assert english("<p>{{ x }}</p>", x="Annulée") == "<p>Cancelled</p>"
    assert english("<p>{{ x }}</p>", x="mot") == '<p><span lang="fr">mot</span></p>'
    assert english("{{ 'Annulée' if x }}", x=False) == ""
    assert english("{% block title %}{{ x }}{% endblock %}", x="mot") == "mot"


def test_attributes_and_options_get_text_alone() -> None:
    assert english('<i aria-label="Choisir {{ x }}">', x="mot") == '<i aria-label="Choose mot">'
    assert english('<i id="{{ x }}">', x="Annulée") == '<i id="Annulée">'
    one = '<option{% if x == "mot" %} selected{% endif %}>{{ x }}</option>'
    assert english(one, x="mot") == '<option selected lang="fr">mot</option>'
    assert english(one, x="Annulée") == "<option>Cancelled</option>"
    assert english("<textarea>{{ x }}</textarea>", x="Annulée") == "<textarea>Annulée</textarea>"


def test_attributes_that_a_block_writes_keep_their_values() -> None:
    source = '{% set m %} aria-describedby="{{ x }}"{% endset %}<i{{ m }}>Bonjour</i>'
    assert english(source, x="aide-motif") == '<i aria-describedby="aide-motif">Hello</i>'


def test_the_page_says_that_it_is_in_english() -> None:
    assert translated('<html lang="fr"><p lang="fr">', ENGLISH.get) == (
        '<html lang="en"><p lang="fr">'
    )
