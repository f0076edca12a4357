"""The read side, on a real register."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Table, insert, select

from transmission.domain.collectivite import Collectivite, TdtAccount
from transmission.domain.identifiers import Departement, IdActe, NatureActe, NomEnveloppe, Siren
from transmission.domain.lifecycle import State
from transmission.domain.transmission import SealedParcel, StoredFile
from transmission.store.queries import (
    LIVING,
    Cursor,
    Older,
    Wanted,
    acte_file,
    attempt_request,
    authority_names,
    find_actes,
    list_actes,
    newest_journal_id,
    open_letters,
    quarantined_retours,
    read_story,
    retour_file,
    sent_signature,
    state_counts,
)
from transmission.store.queries import counts as counts_module
from transmission.store.queries import queue as queue_module
from transmission.store.queries import search as search_module
from transmission.store.queries.search import plain
from transmission.store.rows import dump_collectivite, dump_parcel
from transmission.store.tables import (
    acte,
    answer_piece,
    attempt,
    collectivite,
    courrier,
    journal,
    piece,
    retour,
    retour_piece,
    transmission,
)
from transmission.store.unit_of_work import open_engine

NOW = datetime(2026, 11, 23, 13, 5, tzinfo=UTC)
SIREN, OTHER = "123456782", "732829320"


def file(name: str) -> StoredFile:
    """An invented stored file: a digest that says its name."""
    return StoredFile(name.encode().hex().ljust(64, "0")[:64], len(name))


@dataclass
class Register:
    """One connection over an empty register, and verbs that fill it."""

    connection: Connection

    def add(self, table: Table, **values: Any) -> int:
        statement = insert(table).values(values).returning(table.c.id)
        return int(self.connection.execute(statement).scalar_one())

    def authority(self, siren: str = SIREN, nom: str = "Commune de Saint-Exemple") -> int:
        tdt = TdtAccount("s2low", "un TdT", "https://tdt.example", "c", "k", None, "ca")
        owner = Collectivite(Siren(siren), Departement("042"), 2, "31", nom, ("a@example.fr",), tdt)
        return self.add(
            collectivite, siren=siren, settings=dump_collectivite(owner), created_at=NOW
        )

    def acte(
        self,
        owner: int,
        numero: str,
        state: State = State.ACCEPTED,
        since: datetime = NOW,
        *,
        objet: str = "Tarifs",
        day: date = date(2026, 11, 20),
        siren: str = SIREN,
        **columns: Any,
    ) -> tuple[int, int]:
        acte_id = self.add(
            acte, collectivite_id=owner, numero_interne=numero, date_decision=day, nature=1,
            matiere="7.1", objet=objet, date_classification=day, document_papier=False,
            fingerprint="f", accepted_at=since, accepted_by="api",
        )  # fmt: skip
        self.add(
            piece, acte_id=acte_id, ordre=1, nom_original=f"{numero}.pdf", code_type_pj="99_DE",
            extension="pdf", sha256=file(numero).sha256, size=file(numero).size,
        )  # fmt: skip
        named = str(IdActe("042", siren, day, numero, NatureActe.DELIBERATION))
        return acte_id, self.sending(owner, acte_id, named, state, since, **columns)

    def sending(
        self, owner: int, acte_id: int, named: str, state: State, since: datetime, **columns: Any
    ) -> int:
        return self.add(
            transmission, collectivite_id=owner, acte_id=acte_id, id_acte=named, state=state.code,
            state_since=since, **columns,
        )  # fmt: skip

    def letter(self, owner: int, acte_id: int, message: str, document: str = "") -> int:
        came = a_retour(
            self, owner, f"{message}{acte_id}", acte_id=acte_id, status="applied", kind=message,
            source=f"inbox:{message}", nom_fichier=f"{message}.xml",
        )  # fmt: skip
        if document:
            self.add(
                retour_piece, retour_id=came, ordre=1, nom_fichier=document,
                sha256=file(document).sha256, size=1,
            )  # fmt: skip
        return self.add(
            courrier, collectivite_id=owner, acte_id=acte_id, message=message, texte="",
            date_courrier=NOW.date(), fingerprint="f", received_at=NOW, retour_id=came,
        )  # fmt: skip

    def follow(self, owner: int, acte_id: int, message: str, state: State, **columns: Any) -> int:
        """Something sent about an act after it."""
        named = "042-123456782-20261120-A-DE"
        return self.sending(owner, acte_id, named, state, NOW, message=message, **columns)

    def event(self, owner: int, acte_id: int, sent: int, target: State, at: datetime) -> int:
        return self.add(
            journal, collectivite_id=owner, acte_id=acte_id, transmission_id=sent, at=at,
            event="prepared", target=target.code, author="service",
        )  # fmt: skip

    def numbers(self, wanted: Wanted, limit: int = 50) -> list[str]:
        return [
            line.numero_interne for line in list_actes(self.connection, wanted, limit=limit).lines
        ]


@pytest.fixture
def register(database_url: str) -> Iterator[Register]:
    engine = open_engine(database_url)
    with engine.connect() as connection:
        yield Register(connection)
    engine.dispose()


def ago(**length: float) -> datetime:
    return NOW - timedelta(**length)


# --- counts ------------------------------------------------------------------------------------


def test_every_state_is_counted_in_the_order_of_the_lifecycle(register: Register) -> None:
    owner = register.authority()
    register.acte(owner, "A", State.HELD, ago(days=2))
    register.acte(owner, "B", State.HELD, ago(days=5))
    register.acte(owner, "C", State.ACKNOWLEDGED)
    counts = state_counts(register.connection)
    assert [count.state for count in counts] == list(State)
    found = {count.state: (count.count, count.oldest_since) for count in counts if count.count}
    assert found == {State.HELD: (2, ago(days=5)), State.ACKNOWLEDGED: (1, None)}


def test_counts_of_one_authority_ignore_the_others(register: Register) -> None:
    register.acte(register.authority(), "A")
    register.acte(register.authority(OTHER, "Commune d'Essai"), "B", siren=OTHER)
    assert sum(count.count for count in state_counts(register.connection, OTHER)) == 1
    assert sum(count.count for count in state_counts(register.connection, "000000000")) == 0


def test_counts_of_final_states_stop_at_the_ceiling(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counts_module, "COUNT_CEILING", 2)
    owner = register.authority()
    for numero in ("A", "B"):
        register.acte(owner, numero, State.ACKNOWLEDGED)
    exact = state_counts(register.connection)[list(State).index(State.ACKNOWLEDGED)]
    register.acte(owner, "C", State.ACKNOWLEDGED)
    capped = state_counts(register.connection)[list(State).index(State.ACKNOWLEDGED)]
    assert (exact.count, exact.capped) == (2, False)
    assert (capped.count, capped.capped) == (2, True)


def test_an_act_sent_again_is_counted_and_listed_once(register: Register) -> None:
    owner = register.authority()
    acte_id, _ = register.acte(owner, "A", State.REJECTED)
    register.sending(owner, acte_id, "042-123456782-20261120-A-DE", State.REJECTED, NOW)
    rejected = state_counts(register.connection)[list(State).index(State.REJECTED)]
    assert rejected.count == 1
    assert register.numbers(Wanted((State.REJECTED,))) == ["A"]
    assert register.numbers(Wanted(tuple(State))) == ["A"]


# --- lists -------------------------------------------------------------------------------------


def test_those_that_wait_come_by_age_and_the_others_by_novelty(register: Register) -> None:
    owner = register.authority()
    register.acte(owner, "A", since=ago(hours=1))
    register.acte(owner, "B", State.HELD, since=ago(hours=9))
    register.acte(owner, "C", State.ACKNOWLEDGED, since=ago(hours=5))
    register.acte(owner, "D", State.ACKNOWLEDGED, since=ago(hours=7))
    assert register.numbers(Wanted()) == ["B", "A"]
    assert register.numbers(Wanted((State.ACKNOWLEDGED,))) == ["D", "C"]
    assert register.numbers(Wanted(tuple(State))) == ["D", "C", "B", "A"]


@pytest.mark.parametrize("states", [LIVING, tuple(State)])
def test_pages_follow_each_other_without_a_gap_or_a_repeat(
    register: Register, states: tuple[State, ...]
) -> None:
    owner = register.authority()
    for rank in range(17):
        register.acte(owner, f"N{rank:02d}", since=ago(hours=rank // 4))
    seen: list[str] = []
    after: Cursor | None = None
    while True:
        page = list_actes(register.connection, Wanted(states), after, limit=3)
        seen += [line.numero_interne for line in page.lines]
        if page.following is None:
            break
        after = Cursor.parse(str(page.following))
    assert sorted(seen) == [f"N{rank:02d}" for rank in range(17)]
    assert seen == register.numbers(Wanted(states))


def test_a_full_last_page_announces_no_other(register: Register) -> None:
    owner = register.authority()
    for numero in ("A", "B"):
        register.acte(owner, numero)
    assert list_actes(register.connection, Wanted(), limit=2).following is None
    assert list_actes(register.connection, Wanted(), limit=1).following is not None


@given(
    st.integers(min_value=0, max_value=10**18 - 1),
    st.none() | st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-3))])),
)
def test_a_cursor_survives_its_address(rank: int, since: datetime | None) -> None:
    assert Cursor.parse(str(Cursor(rank, since))) == Cursor(rank, since)


@given(st.text(max_size=60))
def test_anything_else_is_no_cursor_and_no_crash(text: str) -> None:
    try:
        parsed = Cursor.parse(text)
    except ValueError:
        return
    assert parsed.since is None or parsed.since.tzinfo is not None


def test_a_number_leads_to_its_acts_newest_first(register: Register) -> None:
    owner = register.authority()
    first, _ = register.acte(owner, "A", day=date(2025, 1, 2))
    second, _ = register.acte(owner, "A")
    assert find_actes(register.connection, SIREN, "A") == [second, first]
    assert find_actes(register.connection, OTHER, "A") == []


def test_authorities_are_named_in_order_and_within_the_limit(register: Register) -> None:
    register.authority(SIREN, "Commune de Saint-Exemple")
    register.authority(OTHER, "Commune d'Essai")
    assert authority_names(register.connection, 5) == [
        (OTHER, "Commune d'Essai"),
        (SIREN, "Commune de Saint-Exemple"),
    ]
    assert len(authority_names(register.connection, 1)) == 1


def test_the_newest_row_of_the_journal_is_known(register: Register) -> None:
    assert newest_journal_id(register.connection) == 0
    owner = register.authority()
    acte_id, sent = register.acte(owner, "A")
    written = [register.event(owner, acte_id, sent, State.ACCEPTED, NOW) for _ in range(2)]
    assert newest_journal_id(register.connection) == written[-1]


# --- letters, answers, cancellations -------------------------------------------------------------


def test_a_waiting_answer_is_counted_and_listed_beside_its_act(register: Register) -> None:
    owner = register.authority()
    acte_id, sent = register.acte(owner, "A", State.CANCELLING, ago(hours=1))
    asked = register.follow(owner, acte_id, "6-1", State.SUBMITTED)
    lines = list_actes(register.connection, Wanted()).lines
    assert [(line.transmission_id, line.message, line.numero_interne) for line in lines] == [
        (sent, "1-1", "A"),
        (asked, "6-1", "A"),
    ]
    counts = {count.state: count.count for count in state_counts(register.connection)}
    assert (counts[State.CANCELLING], counts[State.SUBMITTED]) == (1, 1)


def test_an_ended_answer_neither_counts_as_an_act_nor_hides_one(register: Register) -> None:
    owner = register.authority()
    acte_id, sent = register.acte(owner, "A", State.ACKNOWLEDGED)
    for message, state in (
        ("4-4", State.ACKNOWLEDGED), ("4-2", State.DELIVERED), ("6-1", State.REJECTED)
    ):  # fmt: skip
        register.follow(owner, acte_id, message, state)
    counts = {count.state: count.count for count in state_counts(register.connection)}
    assert {state: count for state, count in counts.items() if count} == {State.ACKNOWLEDGED: 1}
    for states in ((State.ACKNOWLEDGED,), tuple(State)):
        [line] = list_actes(register.connection, Wanted(states)).lines
        assert (line.transmission_id, line.message) == (sent, "1-1")
    for state in (State.DELIVERED, State.REJECTED):
        assert register.numbers(Wanted((state,))) == []


def test_the_story_of_an_act_is_told_by_its_own_sending(register: Register) -> None:
    owner = register.authority()
    acte_id, sent = register.acte(owner, "A", State.ACKNOWLEDGED)
    asked = register.follow(owner, acte_id, "6-1", State.SUBMITTED)
    register.event(owner, acte_id, sent, State.PREPARED, ago(hours=2))
    register.event(owner, acte_id, asked, State.SUBMITTED, NOW)
    story = read_story(register.connection, acte_id)
    assert story is not None
    assert story.latest.id == sent
    assert story.reached == {State.PREPARED: ago(hours=2)}
    assert [event.message for event in story.events] == ["6-1", "1-1"]
    assert [each.id for each in story.of_message("6-1")] == [asked]


def test_a_thread_holds_the_letter_its_documents_its_receipt_and_its_answers(
    register: Register,
) -> None:
    owner = register.authority()
    acte_id, _ = register.acte(owner, "A", State.ACKNOWLEDGED)
    other = register.letter(owner, acte_id, "2-1")
    letter = register.letter(owner, acte_id, "4-1", "lettre.pdf")
    refused = register.follow(owner, acte_id, "4-4", State.REJECTED, courrier_id=letter)
    receipt = register.follow(owner, acte_id, "4-2", State.DELIVERED, courrier_id=letter)
    given = register.follow(owner, acte_id, "4-4", State.SUBMITTED, courrier_id=letter)
    register.add(
        answer_piece, transmission_id=given, ordre=1, nom_original="r.pdf", code_type_pj="99_DE",
        extension="pdf", sha256=file("r").sha256, size=1,
    )  # fmt: skip
    story = read_story(register.connection, acte_id)
    assert story is not None
    assert [thread.letter.id for thread in story.threads] == [letter, other]
    thread, simple = story.threads
    assert (thread.nom_fichier, thread.letter.file) == ("4-1.xml", file(f"4-1{acte_id}"))
    assert [document.nom_fichier for document in thread.documents] == ["lettre.pdf"]
    assert thread.receipt is not None
    assert thread.receipt.id == receipt
    assert [answer.sent.id for answer in thread.answers] == [given, refused]
    assert [piece.nom_original for piece in thread.answers[0].pieces] == ["r.pdf"]
    assert thread.answer == thread.answers[0].sent
    assert (simple.answers, simple.receipt, simple.documents, simple.answer) == ((), None, (), None)


def test_letters_wait_until_an_answer_stands(register: Register) -> None:
    owner = register.authority()
    other = register.authority(OTHER, "Commune d'Essai")
    acte_id, _ = register.acte(owner, "A", State.ACKNOWLEDGED)
    elsewhere, _ = register.acte(other, "B", State.ACKNOWLEDGED, siren=OTHER)
    cancelled, _ = register.acte(owner, "C", State.CANCELLED)
    simple = register.letter(owner, acte_id, "2-1")
    asked = register.letter(owner, acte_id, "3-1")
    observed = register.letter(other, elsewhere, "4-1")
    register.letter(owner, acte_id, "5-1")
    register.letter(owner, cancelled, "4-1")
    register.follow(owner, acte_id, "2-2", State.DELIVERED, courrier_id=simple)
    register.follow(owner, acte_id, "3-2", State.DELIVERED, courrier_id=asked)
    register.follow(owner, acte_id, "3-4", State.REJECTED, courrier_id=asked)

    def waiting(siren: str | None = None, limit: int = 9, **order: bool) -> list[int]:
        found = open_letters(register.connection, siren, limit, **order)
        return [line.courrier_id for line in found]

    assert waiting() == [asked, observed]
    assert waiting(newest_first=True) == [observed, asked]
    assert waiting(OTHER) == [observed]
    assert waiting(limit=1) == [asked]
    register.follow(owner, acte_id, "3-3", State.ACCEPTED, courrier_id=asked)
    assert waiting() == [observed]


def test_a_file_of_a_letter_or_an_answer_is_found_through_its_act_alone(
    register: Register,
) -> None:
    owner = register.authority()
    acte_id, _ = register.acte(owner, "A", State.ACKNOWLEDGED)
    other_id, _ = register.acte(owner, "B")
    letter = register.letter(owner, acte_id, "4-1", "lettre.PDF")
    given = register.follow(owner, acte_id, "4-4", State.HELD, courrier_id=letter)
    register.add(
        answer_piece, transmission_id=given, ordre=1, nom_original="réponse", extension="pdf",
        code_type_pj="99_DE", sha256=file("answer").sha256, size=1,
    )  # fmt: skip
    unknown = a_retour(register, owner, "u", acte_id=acte_id, nom_fichier="u.xml")
    register.add(
        retour_piece, retour_id=unknown, ordre=1, nom_fichier="u.pdf", size=1,
        sha256=file("unknown").sha256,
    )  # fmt: skip
    expected = {
        "lettre.PDF": ("lettre.PDF", "pdf"),
        f"4-1{acte_id}": ("4-1.xml", "xml"),
        "answer": ("réponse", "pdf"),
    }
    for name, shown in expected.items():
        owned = acte_file(register.connection, acte_id, file(name).sha256)
        assert owned is not None, name
        assert (owned.name, owned.extension) == shown
        assert acte_file(register.connection, other_id, file(name).sha256) is None
    for name in ("unknown", "u"):
        assert acte_file(register.connection, acte_id, file(name).sha256) is None


def test_an_act_is_found_by_every_number_that_it_was_sent_under(register: Register) -> None:
    owner = register.authority()
    acte_id, _ = register.acte(owner, "D2026_1", State.REJECTED)
    for numero, state in (("D2026_1_2", State.REJECTED), ("X7", State.ACKNOWLEDGED)):
        named = f"042-123456782-20261120-{numero}-DE"
        register.sending(owner, acte_id, named, state, NOW)
    register.acte(owner, "D2026_2", State.ACKNOWLEDGED)
    everywhere = tuple(State)
    for numero in ("D2026_1", "D2026_1_2", "X7"):
        assert find_actes(register.connection, SIREN, numero) == [acte_id], numero
        assert find_actes(register.connection, OTHER, numero) == []
        for typed in (numero, numero.lower(), f"042-123456782-20261120-{numero}-DE"):
            assert register.numbers(Wanted(everywhere, text=typed)) == ["D2026_1"], typed
        other_day = f"042-123456782-20261119-{numero}-DE"
        assert register.numbers(Wanted(everywhere, text=other_day)) == []


# --- search ------------------------------------------------------------------------------------


def test_words_are_found_whatever_their_accents_and_capitals(register: Register) -> None:
    owner = register.authority()
    register.acte(owner, "A", objet="Élection du maire – Cœur de ville, tarif à 3 €")
    for typed in (
        "election",
        "ÉLECTION maire",
        "coeur",
        "CŒUR",
        "3 €",
        "tarif A",
        "123456782-2026",
    ):
        assert register.numbers(Wanted(text=typed)) == ["A"], typed
    for typed in (
        "election cantine",
        "%",
        "_lection",
        "elect*",
        "el.ction",
        "[e]lection",
        "(",
        "\\",
    ):
        assert register.numbers(Wanted(text=typed)) == [], typed


def test_an_identifier_finds_its_act_and_no_other(register: Register) -> None:
    owner, other = register.authority(), register.authority(OTHER, "Commune d'Essai")
    register.acte(owner, "D2026_1")
    register.acte(owner, "D2026_1", day=date(2026, 11, 19))
    register.acte(other, "D2026_1", siren=OTHER)
    register.acte(owner, "D2026_10")
    for typed in (
        "042-123456782-20261120-D2026_1-DE",
        " 042-123456782-20261120-d2026_1-de ".upper(),
        "99_DE-042-123456782-20261120-D2026_1",
        "99_DE-042-123456782-20261120-D2026_1-DE-1-1_1.pdf",
        "042-123456782-20261120-D2026_1-DE-1-2_5279.xml",
    ):
        page = list_actes(register.connection, Wanted(text=typed))
        assert [line.id_acte for line in page.lines] == ["042-123456782-20261120-D2026_1-DE"], typed


def test_the_database_reads_every_letter_as_we_do(register: Register) -> None:
    latin = [c for c in map(chr, range(0xC0, 0x180)) if c.isalpha() and c not in "œŒ"]
    letters = "".join(c for c in latin if c.upper().lower() == c.lower())
    register.acte(register.authority(), "A", objet=letters)
    plain = "".join(unicodedata.normalize("NFD", letter)[0] for letter in letters)
    assert register.numbers(Wanted(text=plain.upper())) == ["A"]
    assert register.numbers(Wanted(text=unicodedata.normalize("NFD", letters))) == ["A"]
    assert register.numbers(Wanted(text=plain + "x")) == []


LETTERS = st.characters(categories=["L", "N", "P", "S"], max_codepoint=0x17F)


@given(st.text(LETTERS, max_size=20), st.text(LETTERS, min_size=1, max_size=20), st.text(LETTERS))
def test_a_word_is_plain_inside_any_text_as_it_is_alone(before: str, word: str, after: str) -> None:
    assert plain(word) in plain(before + word + after)


@given(st.text(max_size=30))
def test_a_plain_text_stays_as_it_is(text: str) -> None:
    assert plain(plain(text)) == plain(text)


def test_the_register_makes_a_text_plain_as_we_do(register: Register) -> None:
    latin = "".join(c for c in map(chr, range(0x20, 0x180)) if c.isprintable())
    register.acte(register.authority(), "A", objet=latin)
    kept = register.connection.execute(select(acte.c.words)).scalar_one()
    assert kept == plain(f"{latin} A")


def test_the_beginning_of_a_number_finds_its_acts_before_any_word_does(register: Register) -> None:
    owner = register.authority()
    for numero in ("2025_1", "2025_12", "X2025"):
        register.acte(owner, numero)
    register.acte(owner, "B", objet="Budget 2025")
    register.acte(owner, "C", objet="Exercice 2024")
    assert register.numbers(Wanted(text="2025_1")) == ["2025_1", "2025_12"]
    assert register.numbers(Wanted(text="2025")) == ["2025_1", "2025_12"]
    assert register.numbers(Wanted(text="2024")) == ["C"]
    assert register.numbers(Wanted(text="025_12")) == ["2025_12"]


def test_the_beginning_of_an_identifier_finds_all_that_begin_so(register: Register) -> None:
    owner, other = register.authority(), register.authority(OTHER, "Commune d'Essai")
    register.acte(owner, "A1", day=date(2025, 12, 31))
    register.acte(owner, "B1", day=date(2026, 2, 28))
    register.acte(owner, "B2", day=date(2026, 2, 1))
    register.acte(other, "C1", siren=OTHER)
    for typed, expected in (
        ("123456782", ["A1", "B1", "B2"]),
        ("042-123456782-2026", ["B1", "B2"]),
        ("123456782-202602", ["B1", "B2"]),
        ("123456782-20260228", ["B1"]),
        ("123456782-20260201-b", ["B2"]),
        ("123456782-20260230", []),
        ("000000000", []),
    ):
        assert register.numbers(Wanted(text=typed)) == expected, typed


def test_an_envelope_finds_its_act_and_so_does_the_name_of_its_refusal(register: Register) -> None:
    owner = register.authority()
    register.acte(owner, "A", State.SUBMITTED, **a_parcel())
    register.acte(owner, "B")
    name = a_parcel()["archive_name"]
    bare = a_parcel()["enveloppe"]
    for typed in (name, bare, f"ANO_{bare}", f"{bare}.xml"):
        assert register.numbers(Wanted(text=typed)) == ["A"], typed
    assert register.numbers(Wanted(text=bare.replace("-1", "-2"))) == []


def _pages(register: Register, wanted: Wanted, limit: int = 3) -> list[tuple[list[str], bool]]:
    """Numbers of each page, and whether it stopped before the end of the list."""
    found: list[tuple[list[str], bool]] = []
    after: Cursor | None = None
    while True:
        page = list_actes(register.connection, wanted, after, limit)
        found.append(([line.numero_interne for line in page.lines], page.stopped))
        if page.following is None:
            return found
        after = page.following


@pytest.mark.parametrize("states", [tuple(State), (State.ACKNOWLEDGED,)])
def test_words_that_many_acts_have_are_found_a_stretch_at_a_time(
    register: Register, monkeypatch: pytest.MonkeyPatch, states: tuple[State, ...]
) -> None:
    monkeypatch.setattr(queue_module, "STRETCH", 4)
    monkeypatch.setattr(search_module, "MOST", 2)
    owner = register.authority()
    for rank in range(12):
        objet = "Tarifs" if rank in (0, 1, 5, 9) else "Voirie"
        register.acte(owner, f"N{rank:02d}", State.ACKNOWLEDGED, objet=objet)
    assert _pages(register, Wanted(states, text="tarifs")) == [
        (["N09"], True), (["N05"], True), (["N01", "N00"], False),
    ]  # fmt: skip
    found = [numero for numbers, _ in _pages(register, Wanted(states, text="voirie"))
             for numero in numbers]  # fmt: skip
    assert found == ["N11", "N10", "N08", "N07", "N06", "N04", "N03", "N02"]


def test_several_words_are_looked_for_by_the_rarest_and_found_in_any_order(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_module, "STRETCH", 1)
    owner = register.authority()
    for rank, objet in enumerate(["Tarifs du camping", "Tarifs", "Tarifs", "Vente"]):
        register.acte(owner, f"A{rank}", objet=objet)
    for text in ("tarifs camping", "camping tarifs"):
        ordered = search_module._rarest_first(register.connection, text.split())
        assert ordered == ["camping", "tarifs"]
        assert register.numbers(Wanted(tuple(State), text=text)) == ["A0"]


def test_words_that_few_acts_have_are_all_found_however_old(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_module, "STRETCH", 2)
    owner = register.authority()
    for rank in range(9):
        register.acte(owner, f"N{rank}", objet="Piscine" if rank % 4 == 0 else "Voirie")
    assert _pages(register, Wanted(tuple(State), text="piscine")) == [(["N8", "N4", "N0"], False)]
    assert _pages(register, Wanted(tuple(State), SIREN, "piscine")) == [(["N8", "N4", "N0"], False)]
    assert _pages(register, Wanted(tuple(State), OTHER, "piscine")) == [([], False)]


def test_a_sign_alone_is_looked_for_a_stretch_at_a_time(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_module, "STRETCH", 2)
    owner = register.authority()
    for rank, objet in enumerate(("Tarif à 3 €", "Voirie", "Voirie", "Voirie")):
        register.acte(owner, f"N{rank}", objet=objet)
    assert _pages(register, Wanted(tuple(State), text="€")) == [([], True), (["N0"], False)]


# --- retours -----------------------------------------------------------------------------------


def a_retour(register: Register, owner: int, name: str, **columns: Any) -> int:
    values = {
        "collectivite_id": owner, "source": "tdt:1", "received_at": NOW, "status": "quarantined",
        "sha256": file(name).sha256, "size": file(name).size, **columns,
    }  # fmt: skip
    return register.add(retour, **values)


def test_the_quarantine_is_oldest_first_bounded_and_by_authority(register: Register) -> None:
    owner, other = register.authority(), register.authority(OTHER, "Commune d'Essai")
    first = a_retour(register, owner, "a", reason="inconnu")
    a_retour(register, owner, "b", status="applied")
    last = a_retour(register, other, "c")
    found = quarantined_retours(register.connection, None, 10)
    assert [line.id for line in found] == [first, last]
    assert found[0].reason == "inconnu"
    assert [line.id for line in quarantined_retours(register.connection, OTHER, 10)] == [last]
    assert [line.id for line in quarantined_retours(register.connection, None, 1)] == [first]


def test_a_retour_knows_its_act_and_whether_it_counts(register: Register) -> None:
    owner = register.authority()
    acte_id, sent = register.acte(owner, "A", State.ACKNOWLEDGED)
    other = a_retour(register, owner, "a", acte_id=acte_id, transmission_id=sent)
    counts = a_retour(
        register, owner, "b", acte_id=acte_id, transmission_id=sent, status="applied", kind="1-2",
        notes=["une note"], differences=[{"champ": "objet", "envoye": "a", "recu": "b"}],
    )  # fmt: skip
    register.connection.execute(transmission.update().values(retour_id=counts))
    story = read_story(register.connection, acte_id)
    assert story is not None
    assert [(line.id, line.decisive) for line in story.retours] == [(counts, True), (other, False)]
    assert story.retours[0].notes == ("une note",)
    assert story.retours[0].differences[0].recu == "b"
    assert quarantined_retours(register.connection, None, 9)[0].acte_id == acte_id


def test_the_bytes_of_a_retour_are_found_by_its_id(register: Register) -> None:
    found = a_retour(register, register.authority(), "a")
    assert retour_file(register.connection, found) == file("a")
    assert retour_file(register.connection, found + 1) is None


# --- one act -----------------------------------------------------------------------------------


def test_an_unknown_act_has_no_story(register: Register) -> None:
    assert read_story(register.connection, 1) is None


def test_a_story_tells_when_each_state_was_first_reached(register: Register) -> None:
    owner = register.authority()
    acte_id, earlier = register.acte(owner, "A", State.REJECTED)
    sent = register.sending(
        owner, acte_id, "042-123456782-20261120-A-DE", State.SUBMITTED, NOW, attempts=2
    )
    register.event(owner, acte_id, earlier, State.SUBMITTED, ago(days=9))
    register.event(owner, acte_id, sent, State.PREPARED, ago(hours=3))
    register.event(owner, acte_id, sent, State.PREPARED, ago(hours=2))
    register.event(owner, acte_id, sent, State.SUBMITTED, ago(hours=1))
    story = read_story(register.connection, acte_id)
    assert story is not None
    assert story.latest.id == sent
    assert [one.id for one in story.transmissions] == [sent, earlier]
    assert story.reached == {State.PREPARED: ago(hours=3), State.SUBMITTED: ago(hours=1)}
    assert story.acte.pieces[0].nom_original == "A.pdf"
    assert story.collectivite.nom == "Commune de Saint-Exemple"


def test_the_journal_of_another_act_is_not_told(register: Register) -> None:
    owner = register.authority()
    acte_id, _ = register.acte(owner, "A")
    other_id, other = register.acte(owner, "B")
    register.event(owner, other_id, other, State.ACCEPTED, NOW)
    story = read_story(register.connection, acte_id)
    assert story is not None
    assert story.events == ()
    assert story.older == Older()


def test_a_long_story_comes_page_after_page(register: Register) -> None:
    owner = register.authority()
    acte_id, sent = register.acte(owner, "A")
    written = [register.event(owner, acte_id, sent, State.PREPARED, NOW) for _ in range(230)]
    for number in range(1, 46):
        register.add(
            attempt, transmission_id=sent, number=number, connector="s2low", started_at=NOW,
            archive_name="a", archive_sha256="0",
        )  # fmt: skip
    events: list[int] = []
    attempts: list[int] = []
    page: Older | None = Older()
    while page is not None:
        story = read_story(register.connection, acte_id, page)
        assert story is not None
        events += [line.id for line in story.events]
        attempts += [line.number for line in story.attempts]
        more = story.older.events_before is not None
        page = Older(story.older.events_before, story.older.attempts_before or 1) if more else None
    assert events == written[::-1]
    assert attempts == list(range(45, 0, -1))


# --- files -------------------------------------------------------------------------------------


def a_parcel() -> dict[str, Any]:
    enveloppe = NomEnveloppe("EACT", SIREN, "", date(2026, 11, 23), 1)
    sealed = SealedParcel(
        enveloppe, enveloppe.archive("SLO"), file("archive"), file("message"), file("seal"),
        ("PEM", None),
    )  # fmt: skip
    return {
        "enveloppe": str(enveloppe),
        "archive_name": sealed.archive_name,
        "parcel": dump_parcel(sealed),
    }


def test_every_file_of_an_act_is_found_under_its_name(register: Register) -> None:
    owner = register.authority()
    acte_id, sent = register.acte(owner, "A", State.SUBMITTED, **a_parcel())
    register.add(
        attempt, transmission_id=sent, number=3, connector="s2low", started_at=NOW,
        archive_name="a", archive_sha256="0", response_sha256=file("answer").sha256,
        response_size=file("answer").size,
    )  # fmt: skip
    archive = "SLO-EACT--123456782--20261123-1.tar.gz"
    for name, shown, extension in (
        ("A", "A.pdf", "pdf"),
        ("archive", archive, "tar.gz"),
        ("message", "042-123456782-20261120-A-DE-1-1_0.xml", "xml"),
        ("seal", f"{archive}.p7s", "p7s"),
        ("answer", "tentative-3-reponse.txt", "txt"),
    ):
        owned = acte_file(register.connection, acte_id, file(name).sha256)
        assert owned is not None, name
        assert (owned.file, owned.name, owned.extension) == (file(name), shown, extension)


def test_a_seal_in_xml_is_named_so(register: Register) -> None:
    owner, parcel = register.authority(), a_parcel()
    parcel["parcel"]["seal_format"] = "xades"
    acte_id, _ = register.acte(owner, "A", State.SUBMITTED, **parcel)
    owned = acte_file(register.connection, acte_id, file("seal").sha256)
    assert owned is not None
    assert (owned.name.endswith(".tar.gz.xml"), owned.extension) == (True, "xml")


def test_a_file_of_another_act_is_not_found(register: Register) -> None:
    owner = register.authority()
    acte_id, sent = register.acte(owner, "A", State.SUBMITTED, **a_parcel())
    other_id, _ = register.acte(owner, "B")
    number = register.add(
        attempt, transmission_id=sent, number=1, connector="s2low", started_at=NOW,
        archive_name="a", archive_sha256="0", request="asked",
        response_sha256=file("answer").sha256, response_size=1,
    )  # fmt: skip
    for name in ("A", "archive", "message", "seal", "answer", "unknown"):
        assert acte_file(register.connection, other_id, file(name).sha256) is None
    assert attempt_request(register.connection, acte_id, number) == "asked"
    assert attempt_request(register.connection, other_id, number) is None
    assert sent_signature(register.connection, acte_id, sent, 1) == "PEM"
    assert sent_signature(register.connection, acte_id, sent, 2) is None
    assert sent_signature(register.connection, acte_id, sent, 3) is None
    assert sent_signature(register.connection, other_id, sent, 1) is None
