"""Reminders as people and programs read them."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import html

from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.controle import ControlState
from transmission.domain.legal.dates import DateKind
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.rappels import Limit, Reminder, is_recalled
from transmission.domain.legal.rappels_conseils import CONSEILS
from transmission.domain.legal.rappels_messages import EVENT_TYPE, SHOWN, Teller
from transmission.domain.legal.reading import ActeState
from transmission.domain.legal.recours import ThirdPartyState

TODAY = date(2026, 11, 23)
AT = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
OBJET = "Protection fonctionnelle d'un agent"
TELLER = Teller("Commune de Saint-Exemple", "123456782", TODAY, "https://actes.example.org")


def _reminder(
    name: DateName = DateName.REJET_TACITE_LETTRE, left: int = 2, acte_id: int = 12, **changes: Any
) -> Reminder:
    fields: dict[str, Any] = {
        "acte_id": acte_id,
        "numero": f"D2026_{acte_id:03d}",
        "nature": NatureActe.DELIBERATION,
        "objet": OBJET,
        "date_decision": date(2026, 9, 1),
        "name": name,
        "day": TODAY + timedelta(days=left),
        "kind": DateKind.STATUS,
        "rule": "DF-3",
        "provisional": False,
        "acte": ActeState.EXECUTOIRE,
        "control": ControlState.GRACIEUX_EN_COURS,
        "third": ThirdPartyState.OUVERT,
        **changes,
    }
    return Reminder(Limit(**fields), 2, left)


def test_the_subject_says_how_many_of_which_kind_by_which_day_and_nothing_of_the_act() -> None:
    digest = TELLER.digest([_reminder()])
    assert digest.subject == (
        "Rappel : 1 réponse à une lettre d'observations d'ici au 25 novembre 2026"
    )


def test_a_subject_counts_two_kinds_and_the_last_day_of_all() -> None:
    reminders = [_reminder(), _reminder(acte_id=13), _reminder(DateName.TRANSMISSION, 7)]
    assert TELLER.digest(reminders).subject == (
        "Rappel : 2 réponses à des lettres d'observations et 1 transmission à la préfecture "
        "d'ici au 30 novembre 2026"
    )


def test_a_subject_of_more_kinds_only_counts_them() -> None:
    names = (DateName.REJET_TACITE_LETTRE, DateName.TRANSMISSION, DateName.DEFERE)
    subject = TELLER.digest([_reminder(name) for name in names]).subject
    assert subject == "Rappel : 3 échéances légales d'ici au 25 novembre 2026"


@given(st.text(min_size=3), st.sampled_from(sorted(CONSEILS, key=lambda name: name.code)))
def test_no_subject_ever_depends_on_what_an_act_or_an_authority_is_called(
    text: str, name: DateName
) -> None:
    named = replace(TELLER, nom=text).digest([_reminder(name, objet=text)])
    assert named.subject == TELLER.digest([_reminder(name)]).subject
    assert named.subject.isprintable()


def test_both_texts_say_the_act_the_day_in_words_why_what_to_do_and_on_which_text() -> None:
    digest = TELLER.digest([_reminder()])
    conseil = CONSEILS[DateName.REJET_TACITE_LETTRE]
    page = " ".join(html.fromstring(digest.html).text_content().split())
    for words in (
        "Commune de Saint-Exemple (SIREN 123456782) : rappels du 23 novembre 2026",
        "Mercredi 25 novembre 2026 (dans 2 jours) : répondre avant ce jour",
        f"acte D2026_012 du 1er septembre 2026, « {OBJET} »",
        f"Pour : {conseil.qui}.",
        conseil.why,
        conseil.todo,
        "Règle : DF-3, CE, 18 avril 1986",
    ):
        assert words in digest.text
        assert words in page
    assert "https://actes.example.org/actes/12" in digest.text
    (link,) = html.fromstring(digest.html).cssselect("a")
    assert link.get("href") == "https://actes.example.org/actes/12"


def test_the_first_line_which_a_preview_shows_holds_nothing_of_an_act() -> None:
    digest = TELLER.digest([_reminder()])
    assert OBJET not in digest.text.splitlines()[0]
    assert OBJET not in html.fromstring(digest.html).findtext(".//title")
    assert OBJET not in html.fromstring(digest.html).findtext(".//h1")


def test_without_an_address_of_the_console_there_is_no_link() -> None:
    digest = replace(TELLER, console=None).digest([_reminder()])
    assert "http" not in digest.text
    assert html.fromstring(digest.html).cssselect("a") == []
    assert "None" not in digest.text + digest.html


@pytest.mark.parametrize(
    ("left", "words"), [(0, "aujourd'hui"), (1, "demain"), (5, "dans 5 jours")]
)
def test_the_days_left_are_said_as_people_say_them(left: int, words: str) -> None:
    assert f"({words})" in TELLER.digest([_reminder(left=left)]).text


def test_a_provisional_date_and_a_rule_to_verify_are_said_to_be_so() -> None:
    doubtful = TELLER.digest([_reminder(provisional=True, rule="DT-2")])
    sure = TELLER.digest([_reminder(rule="DF-1")])
    for words in ("date provisoire", "Cette règle est à vérifier."):
        assert words in doubtful.text
        assert words in doubtful.html
        assert words not in sure.text + sure.html


def test_duties_are_apart_from_what_is_for_information() -> None:
    text = TELLER.digest([_reminder(), _reminder(DateName.DEFERE, acte_id=13)]).text
    assert text.index("À FAIRE") < text.index("D2026_012")
    assert text.index("D2026_012") < text.index("POUR INFORMATION") < text.index("D2026_013")
    assert "À FAIRE" not in TELLER.digest([_reminder(DateName.DEFERE)]).text


def test_acts_of_one_meeting_share_one_paragraph_and_a_long_list_is_cut() -> None:
    one = DateName.LISTE_DELIBERATIONS
    digest = TELLER.digest([_reminder(one, acte_id=each) for each in range(1, SHOWN + 3)])
    assert digest.text.count("liste des délibérations\n") == 1
    assert len(html.fromstring(digest.html).cssselect("li")) == SHOWN + 1
    assert "et 2 autres, dans la console" in digest.text
    whole = TELLER.digest([_reminder(one, acte_id=each) for each in range(1, SHOWN + 1)])
    assert "autre" not in whole.text.split("Chaque échéance")[0]


@given(st.text(max_size=400))
@example("</li></ul><script>alert('à')</script>&amp;\" href='x'")
@example("fin\r\n\r\nÀ FAIRE\n\u2028\x85\u202e\x00\ud800")
def test_a_hostile_object_changes_neither_the_lines_nor_the_elements(objet: str) -> None:
    plain, hostile = TELLER.digest([_reminder()]), TELLER.digest([_reminder(objet=objet)])
    assert len(hostile.text.splitlines()) == len(plain.text.splitlines())
    tags = [[node.tag for node in html.fromstring(each.html).iter()] for each in (plain, hostile)]
    assert tags[0] == tags[1]
    assert hostile.html.encode("utf-8")
    assert all(character.isprintable() or character == "\n" for character in hostile.text)


def test_nothing_is_loaded_from_elsewhere() -> None:
    assert not re.search(
        r"(?i)<(img|script|link|style|iframe)|src=", TELLER.digest([_reminder()]).html
    )


def test_an_event_is_a_cloudevent_named_by_the_reminder_and_without_the_object() -> None:
    reminder = _reminder(provisional=True)
    event = TELLER.event(reminder, AT)
    assert event == {
        "specversion": "1.0",
        "id": f"123456782:{reminder.key}",
        "source": "/collectivites/123456782",
        "type": EVENT_TYPE,
        "subject": "D2026_012",
        "time": "2026-11-23T05:00:00+00:00",
        "datacontenttype": "application/json",
        "data": {
            "siren": "123456782",
            "acte": {
                "id": 12,
                "numero_interne": "D2026_012",
                "date_decision": "2026-09-01",
                "nature": 1,
            },
            "echeance": "rejet_tacite_lettre",
            "libelle": "Rejet implicite de la lettre d'observations",
            "date": "2026-11-25",
            "regle": "DF-3",
            "provisoire": True,
            "a_verifier": False,
            "a_faire": True,
            "jours_restants": 2,
        },
    }
    assert json.loads(json.dumps(event)) == event


def test_there_are_words_for_every_limit_that_is_recalled_and_no_other() -> None:
    assert set(CONSEILS) == {name for name in DateName if is_recalled(name)}
