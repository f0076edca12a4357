"""Whether the platform has an answer or a cancellation: what stands beside it decides."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from transmission.domain.outcomes import Absent, CannotTell, Found
from transmission.ports import Bearings, Parcel, TdtConnector
from transmission.tdt.s2low import finding, wire
from transmission.tdt.s2low.questions import Questions

NewParcel = Callable[..., Parcel]


def item(reference: str, **changes: str) -> dict[str, str]:
    return {"id": reference, "number": "D2026_07", "date": "2026-03-12", "type": "1"} | changes


DOCUMENTS = "actes_transac_get_document.php"
KINDS = [("2-2", "2"), ("3-3", "3"), ("3-4", "3"), ("4-3", "4"), ("4-4", "4")]


@pytest.mark.parametrize(("code", "kind"), KINDS)
def test_an_answer_is_found_in_the_place_of_its_letter(
    server: Any, steps: Any, enveloppe: TdtConnector, about: NewParcel, code: str, kind: str
) -> None:
    server.steps = [steps.says(f"{kind}-1-4755\n5-21-4731\n6-3-4790\n".encode())]
    assert enveloppe.find(about(code)) == Found("4755")
    assert server.requests[0].target == (
        "/modules/actes/actes_transac_get_document.php?id=4711&api=1"
    )


@pytest.mark.parametrize("statut", [-1, 1, 2, 3, 4, 5, 11, 13, 17, 99])
def test_an_answer_is_found_whatever_became_of_it(
    server: Any, steps: Any, enveloppe: TdtConnector, about: NewParcel, statut: int
) -> None:
    server.steps = [steps.says(b"3-%d-4755\n" % statut)]
    assert enveloppe.find(about("3-4")) == Found("4755")


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("2-2", b"2-21-4730\n"),
        ("3-4", b"3-7-4730\n"),
        ("4-3", b"4-8-4730\n"),
        ("3-4", b"3-8-4730\n3-8-4740\n2-1-4760\n4-3-4761\n6-3-4790\n"),
    ],
)
def test_a_letter_that_has_its_own_line_is_not_answered(
    server: Any, steps: Any, enveloppe: TdtConnector, about: NewParcel, code: str, lines: bytes
) -> None:
    server.steps = [steps.says(lines)]
    assert enveloppe.find(about(code)) == Absent()


def test_what_answers_another_letter_is_not_taken_for_ours(
    server: Any, steps: Any, enveloppe: TdtConnector, about: NewParcel
) -> None:
    answered = b"3-4-4755\n3-8-4740\n"
    server.steps = [steps.says(answered)] * 3
    known = frozenset({"4755", "4730"})
    assert enveloppe.find(about("3-4", courrier="4740", known=known)) == Absent()
    # Before the answer to the first letter is known, it could be anybody's.
    found = enveloppe.find(about("3-4", courrier="4740"))
    assert isinstance(found, CannotTell)
    assert "4755" in found.reason
    assert enveloppe.find(about("3-4", courrier="4730")) == Found("4755")


def test_an_answer_is_found_beside_that_of_another_letter(
    server: Any, steps: Any, enveloppe: TdtConnector, about: NewParcel
) -> None:
    server.steps = [steps.says(b"3-4-4755\n3-1-4756\n")]
    known = frozenset({"4755", "4730"})
    assert enveloppe.find(about("3-4", courrier="4740", known=known)) == Found("4756")


def test_several_answers_unknown_here_decide_nothing(
    server: Any, steps: Any, enveloppe: TdtConnector, about: NewParcel
) -> None:
    server.steps = [steps.says(b"3-4-4755\n3-1-4756\n")]
    found = enveloppe.find(about("3-4"))
    assert isinstance(found, CannotTell)
    assert "4755, 4756" in found.reason


@pytest.mark.parametrize("lines", [b"", b"3-8-4740\n", b"4-3-4755\n6-4-4790\n"])
def test_a_letter_that_vanished_without_an_answer_decides_nothing(
    server: Any, steps: Any, enveloppe: TdtConnector, about: NewParcel, lines: bytes
) -> None:
    server.steps = [steps.says(lines)]
    assert isinstance(enveloppe.find(about("3-4")), CannotTell)


def test_after_a_refused_answer_the_second_is_absent_if_no_list_has_it(
    server: Any, steps: Any, enveloppe: TdtConnector, about: NewParcel
) -> None:
    others = [item("1", type="3", number="AUTRE"), item("2"), item("3", type="2")]
    server.steps = [steps.says(b"3--1-4755\n")]
    server.scripts = {"list_actes.php": steps.lists({"-1": [item("4755", type="3")], "3": others})}
    assert enveloppe.find(about("3-4", known=frozenset({"4755"}))) == Absent()


@pytest.mark.parametrize("statut", ["1", "2", "3", "4", "-1"])
def test_a_second_answer_hidden_behind_the_first_is_found_in_the_lists(
    server: Any, steps: Any, enveloppe: TdtConnector, about: NewParcel, statut: str
) -> None:
    listed = [item("4755", type="3"), item("4760", type="3")]
    server.steps = [steps.says(b"3--1-4755\n")]
    server.scripts = {"list_actes.php": steps.lists({statut: listed}, page=1)}
    assert enveloppe.find(about("3-4", known=frozenset({"4755"}))) == Found("4760")


def test_a_list_that_fails_leaves_a_second_answer_in_doubt(
    server: Any, steps: Any, enveloppe: TdtConnector, about: NewParcel
) -> None:
    server.steps = [steps.says(b"3--1-4755\n")]
    server.scripts = {"list_actes.php": steps.says(b"<html>")}
    assert isinstance(enveloppe.find(about("3-4", known=frozenset({"4755"}))), CannotTell)


@pytest.mark.parametrize(
    ("lines", "known", "expected"),
    [
        (b"6-1-4790\n", (), Found("4790")),
        (b"3-8-4730\n6--1-4790\n", (), Found("4790")),
        (b"6--1-4790\n6-4-4791\n", ("4790",), Found("4791")),
        (b"", (), Absent()),
        (b"3-1-4755\n", (), Absent()),
        (b"6--1-4790\n", ("4790",), Absent()),
    ],
)
def test_a_cancellation_is_the_one_that_is_not_known_yet(
    server: Any,
    steps: Any,
    enveloppe: TdtConnector,
    about: NewParcel,
    lines: bytes,
    known: tuple[str, ...],
    expected: Any,
) -> None:
    server.steps = [steps.says(lines)]
    assert enveloppe.find(about("6-1", known=frozenset(known))) == expected


def test_two_cancellations_unknown_here_decide_nothing(
    server: Any, steps: Any, enveloppe: TdtConnector, about: NewParcel
) -> None:
    server.steps = [steps.says(b"6-1-4790\n6-1-4791\n")]
    assert isinstance(enveloppe.find(about("6-1")), CannotTell)


@pytest.mark.parametrize("code", ["2-2", "3-4", "6-1"])
@pytest.mark.parametrize(
    "choose",
    [
        lambda s: s.says(b"KO\nNum\xc3\xa9ro de transaction invalide"),
        lambda s: s.says(b"<html></html>"),
        lambda s: s.says(b"3-8-47"),
        lambda s: s.says(b"3-8-4730\n<br />\n<b>Warning</b>"),
        lambda s: s.says(b"3-8-4730\n\n6-1-4790\n"),
        lambda s: s.says(b"", "302 Found", "Location: actes_download_file.php?env=1"),
        lambda s: s.says(b"3-8-4730\n", "500 Internal Server Error"),
        lambda s: s.writes(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n3-8-4730\n"),
        lambda s: s.resets_after_the_body,
    ],
    ids=["KO", "page", "half a line", "warning", "blank", "302", "500", "cut", "reset"],
)
def test_absence_is_never_said_of_an_unclear_answer(
    server: Any,
    steps: Any,
    enveloppe: TdtConnector,
    about: NewParcel,
    code: str,
    choose: Callable[[Any], Any],
) -> None:
    server.scripts = {DOCUMENTS: choose(steps)}
    assert isinstance(enveloppe.find(about(code)), CannotTell)


@pytest.mark.parametrize(
    ("code", "missing"),
    [("2-2", "acte"), ("3-4", "acte"), ("6-1", "acte"), ("2-2", "courrier"), ("3-4", "courrier")],
)
def test_without_the_references_nothing_is_asked(
    server: Any, enveloppe: TdtConnector, about: NewParcel, code: str, missing: str
) -> None:
    assert isinstance(enveloppe.find(about(code, **{missing: None})), CannotTell)
    assert server.requests == []


@pytest.mark.parametrize("code", ["3-2", "4-2", "7-1"])
def test_what_the_platform_keeps_under_no_reference_is_never_said_absent(
    server: Any, enveloppe: TdtConnector, about: NewParcel, code: str
) -> None:
    assert isinstance(enveloppe.find(about(code)), CannotTell)
    assert server.requests == []


# --- whatever the platform has -----------------------------------------------------------------

OURS = "900"


@dataclass(frozen=True)
class Letter:
    """A letter of type 3 and the answers that others gave to it: reference, status, known here."""

    reference: str
    answers: tuple[tuple[str, int, bool], ...]


@dataclass(frozen=True)
class Platform:
    """What stands in for the questions: letters, perhaps our answer to the first of them."""

    letters: tuple[Letter, ...]
    ours: int | None
    shows_the_newest: bool

    def answers(self, rank: int) -> list[tuple[str, int]]:
        given = [(reference, code) for reference, code, _ in self.letters[rank].answers]
        if rank == 0 and self.ours is not None:
            given.append((OURS, self.ours))
        return given

    def ask(self, path: str, query: dict[str, str]) -> bytes:
        lines = []
        for rank, letter in enumerate(self.letters):
            shown = self.answers(rank) or [(letter.reference, 8)]
            reference, code = shown[-1 if self.shows_the_newest else 0]
            lines.append(f"3-{code}-{reference}\n")
        return "".join(lines).encode()

    def pages(self, code: int) -> Iterator[tuple[wire.ListedActe, ...]]:
        every = [answer for rank in range(len(self.letters)) for answer in self.answers(rank)]
        listed = [reference for reference, status in every if status == code]
        yield tuple(wire.ListedActe(each, "D2026_07", "2026-03-12", "3") for each in listed)


statuts = st.sampled_from([-1, 1, 2, 3, 4])


@st.composite
def platforms(draw: st.DrawFn, *, strangers: bool) -> Platform:
    letters = []
    for rank in range(draw(st.integers(1, 3))):
        answers = tuple(
            (f"{rank + 1}{n}0", draw(statuts), not strangers or draw(st.booleans()))
            for n in range(draw(st.integers(0, 2)))
        )
        letters.append(Letter(f"{rank + 1}", answers))
    return Platform(tuple(letters), draw(st.none() | statuts), draw(st.booleans()))


def asked(platform: Platform, parcel: Parcel) -> Any:
    known = {each.reference for each in platform.letters}
    known |= {answer[0] for each in platform.letters for answer in each.answers if answer[2]}
    bearings = Bearings("4711", platform.letters[0].reference, frozenset(known))
    return finding.find(cast(Questions, platform), replace(parcel, bearings=bearings))


@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_answer_that_is_there_is_never_said_absent(
    about: NewParcel, data: st.DataObject
) -> None:
    platform = data.draw(platforms(strangers=True).filter(lambda each: each.ours is not None))
    assert asked(platform, about("3-4")) != Absent()


@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_where_nobody_else_answers_an_answer_is_always_told(
    about: NewParcel, data: st.DataObject
) -> None:
    platform = data.draw(platforms(strangers=False))
    expected = Absent() if platform.ours is None else Found(OURS)
    assert asked(platform, about("3-4")) == expected
