"""A register where everything happened differs in nothing; whatever is changed is found, placed."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import text
from sqlalchemy.engine import make_url

from tests.support.audited import ALL, Audited, audited, auditor_of
from tests.support.dossiers import sign
from tests.support.scene import Scene
from tests.support.tampering import (
    EVIDENCE,
    Change,
    changes_of,
    defenceless,
    flipped,
    inserted,
    rows_of,
    spoilt,
    tampered,
)
from transmission.domain.audits import Kind, Page, Stage
from transmission.domain.transmission import Author
from transmission.ports.audits import EVERYTHING, Scope
from transmission.services.resend import resend
from transmission.settings import load_settings
from transmission.store.unit_of_work import open_engine

DATABASE = "audit_review"
DOCS = Path(__file__).parents[2] / "docs" / "audit.md"
STAGES = {
    "collectivite": (Stage.AUTHORITIES, Stage.ACTES),
    "classification": (Stage.AUTHORITIES,),
    "enveloppe_counter": (Stage.AUTHORITIES,),
    "journal": (Stage.JOURNAL,),
    "journal_link": (Stage.JOURNAL,),
    "anchor": (Stage.ANCHORS,),
    "anchor_part": (Stage.ANCHORS,),
}


@pytest.fixture(scope="module")
def register(
    postgres_server: str,
    administration: psycopg.Connection,
    template_database: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Audited]:
    """One for all: each test gives everything back."""
    parts = {"name": sql.Identifier(DATABASE), "template": sql.Identifier(template_database)}
    administration.execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {template}").format(**parts))
    engine = open_engine(
        make_url(postgres_server).set(database=DATABASE).render_as_string(hide_password=False)
    )
    settings = load_settings(submission_max=60, settle_delay=30, poll_delays=(10, 20, 40))
    try:
        with audited(engine, tmp_path_factory.mktemp("audit"), settings) as made:
            defenceless(engine)
            yield made
    finally:
        engine.dispose()
        administration.execute(sql.SQL("DROP DATABASE {name} WITH (FORCE)").format(**parts))


def _seen(register: Audited, change: Change) -> Page:
    """What is seen of a change, where it is looked for first, else anywhere."""
    stages = STAGES.get(change.table, (Stage.ACTES,))
    scope = Scope(acte_id=2 if change.table in ("published_copy", "idempotency") else 1)
    whole = Stage.AUTHORITIES in stages or Stage.JOURNAL in stages
    page = register.reread(*stages, scope=EVERYTHING if whole else scope)
    return page if page.differences else register.reread(*(set(ALL) - set(stages)))


def _first_changes(register: Audited, table: str) -> list[Change]:
    """Each column of the first row, which bears everything: an act received, its AR."""
    with register.scene.engine.connect() as connection:
        rows = rows_of(connection, table)
        first = rows[-1 if table == "published_copy" else 0]
        return [
            each
            for each in changes_of(connection, table)
            if each.row == first and each.column not in ("number", "anchor", None)
        ]


def test_a_register_where_everything_happened_differs_in_nothing(register: Audited) -> None:
    page = register.reread()
    assert [str(each) for each in page.differences] == []
    assert page.unread == ()
    with register.scene.engine.connect() as connection:
        assert all(rows_of(connection, table) for table in EVIDENCE)


def test_pages_of_one_say_the_same_as_pages_of_many(register: Audited) -> None:
    assert register.reread(limit=1).count == register.reread().count


@pytest.mark.parametrize("table", EVIDENCE)
def test_each_column_of_evidence_is_reread_or_said_not_to_be(register: Audited, table: str) -> None:
    unseen = set()
    for change in _first_changes(register, table):
        with tampered(register.scene.engine, change):
            if not _seen(register, change).differences:
                unseen.add(change.column)
    documented = re.findall(rf"^\| `{table}` \| (.+?) \|", DOCS.read_text(encoding="utf-8"), re.M)
    told = {name for names in documented for name in re.findall(r"`(\w+)`", names)}
    assert unseen == told


def _on(table: str, column: str, value: str, where: str = "true") -> tuple[str, str, str, str]:
    return table, column, value, where


CASES = {
    "the act is another": (_on("acte", "objet", "'Autre objet'"), {Kind.DEPOT, Kind.MESSAGE}),
    "the number is another": (
        _on("acte", "numero_interne", "'X1'"),
        {Kind.DEPOT, Kind.IDENTIFIANT},
    ),
    "the day of receipt is another": (
        _on("transmission", "date_reception", "date_reception + 1"),
        {Kind.DATE},
    ),
    "a day of receipt without its AR": (_on("transmission", "retour_id", "NULL"), {Kind.DATE}),
    "the state is another": (_on("transmission", "state", "'rejected'"), {Kind.ETAT}),
    "the AR of another act": (
        _on("retour", "acte_id", "(SELECT max(id) FROM acte)", "kind = '1-2'"),
        {Kind.RATTACHEMENT},
    ),
    "a piece that is of no act": (
        _on("piece", "acte_id", "424242"),
        {Kind.DEPOT, Kind.ARCHIVE, Kind.MESSAGE, Kind.SIGNATURE, Kind.ORPHELIN},
    ),
    "another outcome": (_on("attempt", "outcome", "'Refused'"), {Kind.TENTATIVE}),
    "another request": (_on("attempt", "request", "'POST /autre'"), {Kind.TENTATIVE}),
    "a line rewritten": (_on("journal", "author", "'quelqu''un'", "id = 3"), {Kind.CHAINE}),
    "an anchor rewritten": (
        _on("anchor", "header", "set_byte(header, 9, 48)"),
        {Kind.ANCRE, Kind.HORODATAGE},
    ),
    "an instant that no token says": (
        _on("time_stamp", "at", "at + interval '1 day'"),
        {Kind.HORODATAGE},
    ),
    "another publication": (
        _on("published_copy", "sha256", "(SELECT sha256 FROM piece LIMIT 1)", "sha256 IS NOT NULL"),
        {Kind.PUBLICATION, Kind.FICHIER},
    ),
    "a counter that went back": (_on("enveloppe_counter", "last", "1"), {Kind.NUMERO}),
    "an envelope used twice": (
        _on(
            "transmission",
            "enveloppe",
            "(SELECT enveloppe FROM transmission ORDER BY id LIMIT 1)",
            "id = (SELECT max(id) FROM transmission)",
        ),
        {Kind.NUMERO, Kind.IDENTIFIANT, Kind.ARCHIVE},
    ),
    "a letter of another day": (
        _on("courrier", "date_courrier", "date_courrier + 1"),
        {Kind.RETOUR, Kind.JOURNAL, Kind.MESSAGE},
    ),
    "the seal of another archive": (
        _on(
            "transmission",
            "parcel",
            "jsonb_set(parcel, '{seal}', (SELECT o.parcel->'seal' FROM transmission o "
            "ORDER BY id DESC LIMIT 1))",
        ),
        {Kind.SIGNATURE, Kind.HORODATAGE},
    ),
    "a document that is not signed": (
        _on("transmission", "parcel", "jsonb_set(parcel, '{signatures,0}', 'null')"),
        {Kind.SIGNATURE},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_changed_is_found_with_its_kind_and_its_place(register: Audited, case: str) -> None:
    (table, column, value, where), kinds = CASES[case]
    key = EVIDENCE[table]
    with register.scene.engine.connect() as connection:
        said = f"SELECT {key} FROM {table} WHERE {where} ORDER BY {key} LIMIT 1"
        row = connection.execute(text(said)).scalar_one()
    with tampered(register.scene.engine, Change(table, row, column, value)):
        page = register.reread()
    assert {each.kind for each in page.differences} == kinds
    assert len({each.place.acte for each in page.differences if each.place.acte}) <= 2
    assert not page.unread
    places = {(each.place.table, each.place.row) for each in page.differences}
    assert table in {name for name, _ in places}


def _journal_places(page: Page) -> list[tuple[int | None, str | None]]:
    return [(each.place.row, each.place.column) for each in page.differences]


def test_a_line_taken_away_with_its_link_is_missed_by_the_chain_and_the_anchor(
    register: Audited,
) -> None:
    with tampered(register.scene.engine, Change("journal", 4), Change("journal_link", 4)):
        lines, anchors = register.reread(Stage.JOURNAL), register.reread(Stage.ANCHORS)
    assert {row for row, _ in _journal_places(lines)} == {5}
    assert {each.kind for each in anchors.differences} == {Kind.ANCRE}


def test_a_line_put_in_is_an_intruder(register: Audited) -> None:
    with register.scene.engine.connect() as connection:
        free = connection.execute(text("SELECT max(id) + 1 FROM journal")).scalar_one()
    with ExitStack() as undone:
        undone.enter_context(tampered(register.scene.engine, Change("journal", 3)))
        undone.enter_context(inserted(register.scene.engine, "journal", 4, {"id": 3}))
        assert (3, "link") in _journal_places(register.reread(Stage.JOURNAL))
    with register.scene.engine.begin() as connection:
        connection.execute(text("UPDATE chain SET linked_to = linked_to + 5"))
    with inserted(register.scene.engine, "journal", 4, {"id": free}):
        (found,) = register.reread(Stage.JOURNAL).differences
        assert (found.place.row, found.kind) == (free, Kind.CHAINE)
    with register.scene.engine.begin() as connection:
        connection.execute(text("UPDATE chain SET linked_to = linked_to - 5"))


def test_a_day_of_receipt_changed_wherever_it_is_written_is_contradicted_by_the_ar(
    register: Audited,
) -> None:
    with register.scene.engine.connect() as connection:
        said = "SELECT id FROM journal WHERE event = 'ar_received' AND transmission_id = 1"
        line = connection.execute(text(said)).scalar_one()
    written = "jsonb_set(details, '{date_reception}', '\"2023-03-09\"')"
    changes = [
        Change("transmission", 1, "date_reception", "DATE '2023-03-09'"),
        Change("journal", line, "details", written),
    ]
    with tampered(register.scene.engine, *changes):
        page = register.reread(Stage.ACTES)
    assert {(each.kind, each.place.table) for each in page.differences} == {
        (Kind.DATE, "transmission")
    }


def test_two_lines_that_change_places_are_both_named(register: Audited) -> None:
    swapped = [
        Change("journal", row, "details", f"(SELECT details FROM journal WHERE id = {other})")
        for row, other in ((5, 6), (6, 5))
    ]
    with tampered(register.scene.engine, *swapped):
        found = _journal_places(register.reread(Stage.JOURNAL))
    assert {row for row, _ in found} <= {5, 6}


@pytest.mark.parametrize("content", [b"", None, b"%PDF-1.4 autre"])
def test_a_document_of_the_folder_that_changed_is_named(
    register: Audited, content: bytes | None
) -> None:
    with register.scene.engine.connect() as connection:
        digest = connection.execute(text("SELECT sha256 FROM piece WHERE id = 1")).scalar_one()
    path = register.documents / digest[:2] / digest
    with spoilt(path, content):
        page = register.again().reread()
    assert {(each.kind, each.place.file) for each in page.differences} == {(Kind.FICHIER, digest)}
    assert ("piece", 1) in {(each.place.table, each.place.row) for each in page.differences}


def test_one_byte_of_an_archive_is_enough(register: Audited) -> None:
    with register.scene.engine.connect() as connection:
        said = "SELECT parcel->'archive'->>'sha256' FROM transmission WHERE id = 1"
        digest = connection.execute(text(said)).scalar_one()
    path = register.documents / digest[:2] / digest
    with spoilt(path, flipped(path.read_bytes(), 400)):
        page = register.again().reread()
    assert {each.place.file for each in page.differences} == {digest}


def test_a_folder_of_documents_that_cannot_be_read_is_neither_equal_nor_different(
    register: Audited, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = register.again()

    def away(*_: object) -> None:
        raise OSError("dossier indisponible")

    monkeypatch.setattr(register.scene.tools.documents, "open", away)
    page = again.reread()
    assert page.differences == ()
    assert {each.why for each in page.unread} == {"dossier indisponible"}


@pytest.mark.parametrize("name", ["000001.json", "000001.parts.json", "000001.tsr"])
@pytest.mark.parametrize("content", [b"{}", None])
def test_a_file_of_an_anchor_that_changed_is_named(
    register: Audited, name: str, content: bytes | None
) -> None:
    with spoilt(register.anchors / name, content):
        (found,) = register.reread(Stage.ANCHORS).differences
    assert (found.kind, found.place.row, found.place.file) == (Kind.ANCRE, 1, name)


def test_an_anchor_that_the_register_forgot_is_named(register: Audited) -> None:
    with register.scene.engine.connect() as connection:
        last = rows_of(connection, "anchor")[-1]
    with tampered(register.scene.engine, Change("anchor", last)):
        found = register.reread(Stage.ANCHORS).differences
    assert {each.place.file for each in found} == {
        f"{last:06d}{end}" for end in (".json", ".parts.json", ".tsr")
    }


def test_one_act_or_one_authority_is_reread_alone(register: Audited) -> None:
    with tampered(register.scene.engine, Change("acte", 1, "objet", "'Autre'")):
        assert register.reread(Stage.ACTES, scope=Scope(acte_id=2)).differences == ()
        assert register.reread(Stage.ACTES, scope=Scope(owner_id=999)).count == 0
        assert register.reread(Stage.ACTES, scope=Scope(acte_id=1)).differences


def test_nothing_is_written(register: Audited) -> None:
    with register.auditor._reading() as connection, pytest.raises(Exception, match="read-only"):
        connection.execute(text("UPDATE acte SET objet = 'x'"))


@pytest.mark.parametrize("form", ["cades", "xades"])
def test_an_archive_sealed_in_either_form_and_documents_sealed_themselves_differ_in_nothing(
    scene: Scene, tmp_path: Path, form: str
) -> None:
    sign(scene, tmp_path)
    with scene.tools.register() as unit:
        owner = unit.authority(scene.authority_id).collectivite
        unit.replace_authority(replace(owner, seal_format=form, seals_pdf="b"))
        unit.commit()
    scene.accept()
    scene.run("prepare")
    made = Audited(scene, auditor_of(scene, tmp_path / "anchors"), tmp_path, tmp_path)
    assert [str(each) for each in made.reread().differences] == []
    with scene.engine.begin() as connection:
        other = "cades" if form == "xades" else "xades"
        said = f'UPDATE transmission SET parcel = parcel || \'{{"seal_format": "{other}"}}\''
        connection.execute(text(said))
    assert {each.kind for each in made.reread().differences} == {Kind.SIGNATURE}


def test_a_refused_act_that_was_sent_again_differs_in_nothing(scene: Scene, tmp_path: Path) -> None:
    scene.manage("scenario", scenario="anomalie_acte", number="D2023_001")
    taken = scene.accept()
    scene.run()
    scene.later(30)
    resend(scene.tools, taken.acte_id, Author("secrétaire", "corrigé"), "D2023_001_2")
    scene.run()
    scene.later(30)
    made = Audited(scene, auditor_of(scene, tmp_path / "anchors"), tmp_path, tmp_path)
    page = made.reread()
    assert [str(each) for each in page.differences] == []
    assert scene.events(taken.acte_id).count("accepted") == 2
