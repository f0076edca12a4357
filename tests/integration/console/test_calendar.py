"""The feed of an authority's limits, as calendars read it."""

import re
import secrets
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from icalendar import Calendar, Event
from sqlalchemy import update

from tests.support.limits import give, read
from transmission.bootstrap import wire
from transmission.domain.access import Scope
from transmission.domain.legal.controle import ControlState
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.reading import ActeState
from transmission.domain.people import Grant, Person, Role
from transmission.domain.transmission import Author
from transmission.services.tokens import create_token
from transmission.settings import Settings
from transmission.store.queries import limits
from transmission.store.tables import acte

TODAY = date(2026, 11, 23)
FEED = "/calendriers/123456782.ics"
HOSTILE = (
    "École, cantine ; « a\\b »\nBEGIN:VEVENT\r\nSUMMARY:faux\u2028ligne\u202e\x00\x0b"
    "ATTACH:http://exemple.invalid/" + "é" * 120
).replace("\x00", "")


@pytest.fixture
def owner(shelf: Any) -> int:
    return int(shelf.authority())


Give = Callable[..., int]


@pytest.fixture
def limit(shelf: Any, owner: int) -> Give:
    """An act with one limit; its id."""

    def given(
        numero: str = "2026_001",
        day: date = TODAY + timedelta(days=9),
        name: DateName = DateName.REJET_TACITE_LETTRE,
        objet: str = "Subvention",
        states: dict[str, str] | None = None,
        **changes: Any,
    ) -> int:
        acte_id, _ = shelf.acte(owner, numero, objet)
        read(shelf.engine, owner, acte_id, shelf.clock.at, **(states or {}))
        give(shelf.engine, owner, acte_id, day, name, **changes)
        return int(acte_id)

    return given


def _events(response: httpx.Response) -> list[Event]:
    assert response.status_code == 200, response.text
    return list(Calendar.from_ical(response.content).walk("VEVENT"))


def _acts(response: httpx.Response) -> list[str]:
    return [str(event["SUMMARY"]).rpartition(" ")[2] for event in _events(response)]


def test_a_limit_is_an_event_of_its_whole_day_that_blocks_nothing(site: Any, limit: Give) -> None:
    acte_id = limit()
    response = site.get(FEED)
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    (event,) = _events(response)
    assert event.decoded("DTSTART") == TODAY + timedelta(days=9)
    assert event.decoded("DTEND") == TODAY + timedelta(days=10)
    assert b"DTSTART;VALUE=DATE:20261202\r\n" in response.content
    assert event["SUMMARY"] == "Rejet implicite de la lettre d'observations, acte 2026_001"
    assert event["UID"] == f"acte-{acte_id}-rejet_tacite_lettre@123456782.transmission"
    assert str(event["URL"]) == f"{str(site.base_url).rstrip('/')}/actes/{acte_id}"
    assert event["TRANSP"] == "TRANSPARENT"
    assert event["STATUS"] == "TENTATIVE"
    assert [str(each) for each in event["CATEGORIES"].cats][1] == "À faire"
    assert event.decoded("DTSTAMP") == datetime(2026, 11, 23, 13, 5, tzinfo=UTC)
    assert event.decoded("LAST-MODIFIED") == event.decoded("DTSTAMP")
    described = str(event["DESCRIPTION"])
    for words in ("Objet : Subvention", "Répondez expressément", "Règle : DF-3", "provisoire"):
        assert words in described
    assert "à vérifier" not in described


def test_the_page_that_an_event_points_to_is_there(site: Any, limit: Give) -> None:
    limit()
    (event,) = _events(site.get(FEED))
    assert site.get(str(event["URL"])).status_code == 200


def test_a_date_that_is_final_and_one_whose_rule_is_to_verify_are_said_to_be(
    site: Any, limit: Give
) -> None:
    limit(name=DateName.RETRAIT, kind="last_day", rule="DT-2", provisional=False)
    (event,) = _events(site.get(FEED))
    assert event["STATUS"] == "CONFIRMED"
    assert "provisoire" not in event["DESCRIPTION"]
    assert "Cette règle est à vérifier." in event["DESCRIPTION"]


def test_the_object_of_an_act_is_in_the_description_alone(site: Any, limit: Give) -> None:
    limit(objet="Protection fonctionnelle")
    (event,) = _events(site.get(FEED))
    holding = [name for name, value in event.items() if "Protection" in str(value)]
    assert holding == ["DESCRIPTION"]


def test_the_calendar_has_what_rfc_5545_and_7986_want(site: Any, limit: Give) -> None:
    limit()
    calendar = Calendar.from_ical(site.get(FEED).content)
    assert (calendar["VERSION"], calendar["METHOD"]) == ("2.0", "PUBLISH")
    assert calendar["PRODID"]
    assert calendar["X-WR-CALNAME"] == "Échéances légales : Commune de Saint-Exemple"
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT6H\r\n" in site.get(FEED).content
    assert calendar.walk("VEVENT")[0].errors == calendar.errors == []


def test_hostile_text_makes_no_line_and_no_property_of_its_own(site: Any, limit: Give) -> None:
    limit(objet=HOSTILE)
    content = site.get(FEED).content
    (event,) = Calendar.from_ical(content).walk("VEVENT")
    assert set(event) == {
        "UID", "SEQUENCE", "DTSTAMP", "LAST-MODIFIED", "DTSTART", "DTEND", "SUMMARY",
        "DESCRIPTION", "URL", "CATEGORIES", "STATUS", "TRANSP",
    }  # fmt: skip
    told = str(event["DESCRIPTION"]).splitlines()[0]
    assert told.startswith("Objet : École, cantine ; « a\\b » BEGIN:VEVENT")
    assert "SUMMARY:faux ligne⟨U+202E⟩" in told
    assert told.endswith("é" * 120)
    assert content.count(b"\r\nBEGIN:VEVENT\r\n") == 1


def test_lines_are_folded_at_75_octets_and_no_character_is_cut(site: Any, limit: Give) -> None:
    limit(objet=HOSTILE)
    content = site.get(FEED).content
    assert content.endswith(b"\r\n")
    lines = content.removesuffix(b"\r\n").split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert any(line.startswith(b" ") for line in lines)
    for line in lines:
        line.decode("utf-8")
    assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|(?<!\r)\n|\r(?!\n)", content)


def test_what_has_a_meaning_in_a_text_is_escaped(site: Any, limit: Give) -> None:
    limit(objet="a, b; c\\d")
    unfolded = site.get(FEED).content.replace(b"\r\n ", b"")
    assert rb"Objet : a\, b\; c\\d\n" in unfolded


def test_a_hostile_name_of_an_authority_changes_nothing_but_the_name(site: Any, shelf: Any) -> None:
    shelf.authority("Nom, du\nSIVOM;\\x", "123456790")
    content = site.get("/calendriers/123456790.ics").content
    named = r"NAME:Échéances légales : Nom\, du SIVOM\;\\x"
    assert content.decode().count(f"{named}\r\n") == 2
    assert Calendar.from_ical(content).walk("VEVENT") == []


def test_the_feed_goes_from_thirty_days_ago_to_four_hundred_days_ahead(
    site: Any, limit: Give
) -> None:
    for rank, days in enumerate((-31, -30, 400, 401)):
        limit(f"2026_00{rank}", TODAY + timedelta(days=days))
    assert _acts(site.get(FEED)) == ["2026_001", "2026_002"]


def test_the_day_is_that_of_the_authority(site: Any, shelf: Any) -> None:
    shelf.clock.at = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
    for siren, zone in (("123456790", "America/Cayenne"), ("123456808", "Europe/Paris")):
        owner = shelf.authority("Commune", siren, time_zone=zone)
        acte_id, _ = shelf.acte(owner, "2026_001", siren=siren)
        read(shelf.engine, owner, acte_id)
        give(shelf.engine, owner, acte_id, TODAY - timedelta(days=30))
    # At that hour it is still the 23rd in Cayenne.
    assert len(_events(site.get("/calendriers/123456790.ics"))) == 1
    assert _events(site.get("/calendriers/123456808.ics")) == []


@pytest.mark.parametrize(
    ("name", "kind", "shown"),
    [
        (DateName.TIERS, "last_day", True),
        (DateName.SAISINE_CRC, "last_day", True),
        (DateName.TRANSMISSION, "due", False),
        (DateName.VOTE_BUDGET, "due", False),
        (DateName.EXECUTOIRE, "status_date", False),
        (DateName.REPRISE, "status_date", False),
        (DateName.REJET_TACITE_LETTRE, "status_date", True),
    ],
)
def test_a_date_is_shown_while_it_is_a_limit(
    site: Any, limit: Give, name: DateName, kind: str, shown: bool
) -> None:
    limit(name=name, kind=kind)
    assert len(_events(site.get(FEED))) == shown


def test_a_past_limit_stays_for_thirty_days_and_an_act_that_is_no_more_goes(
    site: Any, limit: Give
) -> None:
    past = {"controle": ControlState.EXPIRE.code}
    limit("2026_001", TODAY - timedelta(days=9), DateName.DEFERE, kind="last_day", states=past)
    limit("2026_002", states={"acte": ActeState.RETIRE.code})
    assert _acts(site.get(FEED)) == ["2026_001"]


def test_an_event_keeps_its_uid_when_its_day_moves_and_its_sequence_grows(
    site: Any, shelf: Any, owner: int, limit: Give
) -> None:
    acte_id = limit()
    (before,) = _events(site.get(FEED))
    shelf.clock.at += timedelta(hours=1)
    read(shelf.engine, owner, acte_id, shelf.clock.at)
    give(shelf.engine, owner, acte_id, TODAY + timedelta(days=40))
    (after,) = _events(site.get(FEED))
    assert after["UID"] == before["UID"]
    assert after.decoded("DTSTART") == TODAY + timedelta(days=40)
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after.decoded("LAST-MODIFIED") > before.decoded("LAST-MODIFIED")


def test_an_unchanged_feed_is_not_sent_again(site: Any, limit: Give) -> None:
    limit()
    first = site.get(FEED)
    tag = first.headers["ETag"]
    assert site.get(FEED).content == first.content
    for asked in (tag, f"W/{tag}", f'"other", {tag}'):
        again = site.get(FEED, headers={"If-None-Match": asked})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    assert "no-store" not in first.headers["Cache-Control"]
    assert site.get(FEED, headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_change_and_a_new_day_change_the_tag(
    site: Any, shelf: Any, owner: int, limit: Give
) -> None:
    acte_id = limit()

    def tag() -> str:
        return str(site.get(FEED).headers["ETag"])

    tags = [tag()]
    read(shelf.engine, owner, acte_id, controle=ControlState.DEFERE.code)
    tags.append(tag())
    limit("2026_002")
    tags.append(tag())
    shelf.clock.at += timedelta(days=1)
    tags.append(tag())
    assert len(set(tags)) == 4


def test_the_answer_to_a_head_has_the_headers_and_no_body(site: Any, limit: Give) -> None:
    limit()
    response = site.head(FEED)
    assert response.status_code == 200
    assert response.content == b""
    assert response.headers["ETag"] == site.get(FEED).headers["ETag"]


@pytest.mark.parametrize("siren", ["999999999", "12345678", "123456782x", "../123456782"])
def test_a_siren_that_nobody_has_has_no_feed(site: Any, owner: int, siren: str) -> None:
    assert site.get(f"/calendriers/{siren}.ics").status_code == 404


def test_another_authority_sees_nothing_of_it(site: Any, shelf: Any, limit: Give) -> None:
    limit()
    shelf.authority("Commune de Modèle", "123456790")
    assert _events(site.get("/calendriers/123456790.ics")) == []


def test_a_long_feed_is_whole_and_in_order(
    site: Any, limit: Give, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PAGE", 3)
    for rank in range(10):
        limit(f"2026_{rank:03d}", TODAY + timedelta(days=rank // 4))
    assert _acts(site.get(FEED)) == [f"2026_{rank:03d}" for rank in range(10)]


def test_the_feed_of_another_machine_name_is_refused(site: Any, limit: Give) -> None:
    limit()
    assert site.get(FEED, headers={"Host": "evil.example"}).status_code == 400


def test_an_object_of_any_length_is_told_whole(site: Any, shelf: Any, limit: Give) -> None:
    acte_id = limit()
    objet = "délibération, " * 300
    with shelf.engine.begin() as connection:
        connection.execute(update(acte).where(acte.c.id == acte_id).values(objet=objet))
    (event,) = _events(site.get(FEED))
    assert str(event["DESCRIPTION"]).splitlines()[0] == f"Objet : {objet.strip()}"


@pytest.fixture
def program(shelf: Any, owner: int, tmp_path: Path, site: Any) -> Callable[..., int]:
    """What a calendar is answered, without a session, that shows a token as its password."""
    shelf.tools = wire(Settings(home=tmp_path), shelf.engine, shelf.clock)
    shelf.person = None

    def asked(
        scope: Scope | None, *, feed: str = FEED, of: int = owner, forged: bool = False
    ) -> int:
        if scope is None:
            response = site.get(feed)
        else:
            secret = create_token(
                shelf.tools, of, f"{scope.word} {of}", {scope}, None, Author("essai"),
                randomness=secrets.token_bytes,
            )  # fmt: skip
            password = secret[:-1] if forged else secret
            response = site.get(feed, auth=("calendrier", password))
        if response.status_code == 401:
            assert response.headers["www-authenticate"].startswith("Basic ")
            assert "BEGIN" not in response.text
        return int(response.status_code)

    return asked


def test_a_calendar_program_is_let_in_by_a_token_that_reads_there(
    shelf: Any, program: Callable[..., int], limit: Give
) -> None:
    limit()
    other = shelf.authority("Commune de Modèle", "123456790")
    assert program(None) == 401
    assert program(Scope.DEPOSIT) == 401
    assert program(Scope.READ, of=other) == 401
    assert program(Scope.READ, forged=True) == 401
    assert program(Scope.ACT, feed="/calendriers/999999998.ics") == 401


@pytest.mark.parametrize(
    "header", ["Basic", "Basic !!!", "Basic w6k=", "Basic /w==", "Bearer x", "Basic OnRkdF8="]
)
def test_what_is_no_password_lets_nobody_in(
    site: Any, program: Callable[..., int], header: str
) -> None:
    assert program(None) == 401
    assert site.get(FEED, headers={"authorization": header}).status_code == 401


def test_the_right_token_gets_the_feed(program: Callable[..., int], limit: Give) -> None:
    limit()
    assert program(Scope.READ) == 200
    assert program(None) == 401


def test_a_person_of_another_authority_finds_no_feed(shelf: Any, site: Any, owner: int) -> None:
    del owner
    shelf.person = Person(3, "ailleurs", (Grant(Role.READER, "123456790"),))
    assert site.get(FEED).status_code == 404
    shelf.person = Person(3, "ici", (Grant(Role.READER, "123456782"),))
    assert site.get(FEED).status_code == 200
