"""What people are told by e-mail, as they read it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from transmission.domain.cloud_events import EventType
from transmission.domain.notifications import KINDS, SHOWN, Kind, Letter, Mention, Pace

AT = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
LETTER = Letter("Commune de Saint-Exemple", "123456782", "https://actes.example.org")


def mention(kind: Kind = Kind.AR, number: int = 12, **changes: Any) -> Mention:
    fields: dict[str, Any] = {
        "key": f"journal:{number}",
        "kind": kind,
        "at": AT + timedelta(minutes=number),
        "what": "Reçu en préfecture le 20 novembre 2026",
        "acte_id": number,
        "numero": f"D2026_{number:03d}",
        "objet": "Protection fonctionnelle d'un agent",
        **changes,
    }
    return Mention(**fields)


def test_the_subject_says_what_happened_and_how_many_times_the_gravest_first() -> None:
    mentions = [mention(), mention(number=13), mention(Kind.COURRIER), mention(Kind.ANOMALIE)]
    assert LETTER.write(mentions).subject == (
        "Télétransmission : 1 courrier de la préfecture, 1 anomalie, 2 accusés de réception"
    )


@given(st.text(), st.text(), st.text(min_size=1), st.sampled_from(Kind))
def test_no_subject_depends_on_the_words_of_an_act(
    objet: str, what: str, numero: str, kind: Kind
) -> None:
    told = LETTER.write([mention(kind, objet=objet, what=what, numero=numero)]).subject
    assert told == LETTER.write([mention(kind)]).subject
    assert told.isprintable()


def test_the_body_says_what_happened_to_which_act_what_to_do_and_where() -> None:
    todo = "Lisez l'anomalie, corrigez et renvoyez."
    digest = LETTER.write([mention(Kind.ANOMALIE, what="Anomalie reçue", todo=todo)])
    line = "Anomalie reçue : acte D2026_012, « Protection fonctionnelle d'un agent »"
    assert f"ANOMALIES ET REFUS\n- {line}\n  {todo}\n" in digest.text
    assert "https://actes.example.org/actes/12" in digest.text
    (link,) = html.fromstring(digest.html).cssselect("li a")
    assert (link.text, link.get("href")) == (line, "https://actes.example.org/actes/12")


def test_without_an_address_of_the_console_nothing_is_linked() -> None:
    digest = replace(LETTER, console=None).write([mention()])
    assert "http" not in digest.text
    assert not html.fromstring(digest.html).cssselect("a")


def test_what_is_about_no_act_is_told_too() -> None:
    soon = mention(
        Kind.CERTIFICAT, what="Le certificat expire le 3 décembre", acte_id=None, numero=None
    )
    assert "- Le certificat expire le 3 décembre\n" in LETTER.write([soon]).text


def test_a_long_list_is_counted() -> None:
    digest = LETTER.write([mention(number=n) for n in range(SHOWN + 2)])
    assert digest.text.count("- Reçu") == SHOWN
    assert "et 2 de plus, dans la console" in digest.text
    assert "et 2 de plus, dans la console" in digest.html


@given(st.permutations(range(6)))
def test_the_order_in_which_they_came_changes_nothing(order: list[int]) -> None:
    kinds = list(Kind)
    mentions = [mention(kinds[number % 3], number) for number in range(6)]
    assert LETTER.write([mentions[n] for n in order]) == LETTER.write(mentions)


@given(st.text(alphabet="<>&\"'é\u202e\n\x07a", min_size=1))
def test_whatever_an_act_is_called_its_mail_stays_well_formed(text: str) -> None:
    digest = LETTER.write([mention(objet=text, what=text, todo="")])
    tree = html.fromstring(digest.html)
    assert len(tree.cssselect("li")) == 1
    assert {each.tag for each in tree.iter() if isinstance(each.tag, str)} <= {
        "html", "head", "meta", "title", "body", "h1", "h2", "ul", "li", "a", "p"
    }  # fmt: skip
    assert "\u202e" not in digest.text
    assert "\x07" not in digest.text


def test_every_kind_has_a_code_of_its_own_and_is_found_by_it() -> None:
    assert len({kind.code for kind in Kind}) == len(Kind)
    assert [Kind.of(kind.code) for kind in Kind] == list(Kind)
    assert [Pace.of(pace.code) for pace in Pace] == list(Pace)


@pytest.mark.parametrize("read", [Kind.of, Pace.of])
def test_an_unknown_code_is_refused(read: Any) -> None:
    with pytest.raises(ValueError, match="unknown"):
        read("autre")


def test_people_are_told_of_every_state_that_waits_for_them() -> None:
    waiting = {each for each in EventType if each.code.endswith(("en_attente", "anomalie"))}
    assert waiting <= set(KINDS)
    assert {each for each in EventType if "incertain" in each.code} <= set(KINDS)
