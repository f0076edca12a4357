"""Each act that is read is checked from what the register holds; nothing found is ever lost."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from tests.support.bench import Bench
from tests.support.prefecture import (
    CLASSIFICATION_DAY,
    Prefecture,
    acte_received,
    letter,
    written,
)
from tests.support.scene import pdf
from transmission.domain.acte import FichierSigne
from transmission.domain.collectivite import LegalOptions
from transmission.domain.delays import UsualDelay
from transmission.domain.errors import ConflictError, NotFoundError, RefusedError
from transmission.domain.identifiers import IdActe, NatureActe
from transmission.domain.legal.checked import CheckedActe
from transmission.domain.legal.checks import ACTE_CHECKS, check_acte
from transmission.domain.legal.evenements import EventKind
from transmission.domain.legal.sujets import PublicityMode
from transmission.domain.lifecycle import Event
from transmission.domain.publication import Verdict
from transmission.domain.retours import AccuseReception, ActeRecu
from transmission.domain.transmission import SERVICE, Author, StoredFile, Transmission
from transmission.ports import Step
from transmission.ports.publications import Look
from transmission.services import check as module
from transmission.services.assess import AssessmentError, assess, ring_assessments
from transmission.services.attach import attach
from transmission.services.check import SEEN, USUAL_FROM, acknowledge, recheck_silent
from transmission.services.declare import declare
from transmission.services.files import DepositedFile
from transmission.services.publish import publish
from transmission.services.record_event import Told, record_event
from transmission.services.reply import reply
from transmission.services.unpublish import unpublish
from transmission.store import findings
from transmission.store.findings import GONE, GRAVER
from transmission.store.statements import Statement
from transmission.store.tables_legal import finding, legal_stale

CLERK = Author("secrétariat", "vu le registre")
TODAY = date(2023, 3, 10)
ACT = pdf("Délibération")


def days(count: int) -> timedelta:
    return timedelta(days=count)


class Desk:
    """A bench, its préfecture, and what the checks say."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.prefecture = Prefecture(bench)

    @property
    def today(self) -> date:
        return self.bench.clock.instant.date()

    def later(self, count: float) -> None:
        self.bench.clock.advance(count * 86_400)

    def sent(self, **changes: Any) -> Transmission:
        made = self.bench.sent(contents=(ACT,), **changes)
        self.bench.silence()
        return made

    def answered(self, made: Transmission, message: Any) -> int:
        number = self.prefecture.answers(made, message)
        self.bench.silence()
        return number

    def received(self, day: date | None = None, **changes: Any) -> Transmission:
        made = self.sent(**changes)
        self.answered(made, acte_received(made.id_acte, day or self.today))
        return made

    def said(self, made: Transmission, kind: EventKind, day: date, **told: Any) -> None:
        record_event(self.bench.tools, made.acte_id, Told(kind=kind, received=day, **told), CLERK)

    def declared(self, made: Transmission, **facts: Any) -> None:
        declare(self.bench.tools, made.acte_id, facts, CLERK)

    def published(self, made: Transmission, address: str | None = "https://x.example/1") -> int:
        publish(self.bench.tools, made.acte_id, self.today, address, CLERK)
        return self.copy_id

    @property
    def copy_id(self) -> int:
        with self.bench.engine.connect() as connection:
            return int(connection.scalar(text("SELECT max(id) FROM published_copy")) or 0)

    def stale(self) -> list[int]:
        with self.bench.engine.connect() as connection:
            return list(connection.execute(select(legal_stale.c.acte_id).distinct()).scalars())

    def looked(self, copy_id: int, verdict: Verdict, file: StoredFile | None = None) -> None:
        now, tools = self.bench.clock.now(), self.bench.tools
        with tools.register() as unit:
            seen = Look(verdict=verdict, at=now, file=file, is_first=file is not None)
            assert unit.record_look(copy_id, seen, now + days(1))
            unit.commit()

    def run(self, statement: str, **values: Any) -> None:
        with self.bench.engine.begin() as connection:
            connection.execute(text(statement), values)

    def checked(self) -> None:
        recheck_silent(self.bench.tools)
        while assess(self.bench.tools, self.bench.authority_id):
            pass
        self.bench.silence()

    def rows(self, **wanted: Any) -> list[Any]:
        with self.bench.engine.connect() as connection:
            rows = connection.execute(select(finding).order_by(finding.c.id)).all()
        return [row for row in rows if all(getattr(row, name) == v for name, v in wanted.items())]

    def open(self) -> dict[str, str]:
        return {row.code: row.severity for row in self.rows(closed_at=None)}


@pytest.fixture
def desk(bench: Bench) -> Desk:
    return Desk(bench)


def _individual(desk: Desk, **changes: Any) -> Transmission:
    made = desk.sent(nature=NatureActe.INDIVIDUEL, decided=date(2023, 2, 1), **changes)
    desk.run("UPDATE acte SET matiere = '4.1' WHERE id = :id", id=made.acte_id)
    desk.declared(made, date_signature="2023-02-01")
    return made


def reception_tardive(desk: Desk) -> None:
    made = _individual(desk)
    desk.answered(made, acte_received(made.id_acte, TODAY))


def transmission_en_retard(desk: Desk) -> None:
    _individual(desk)


def budget_en_retard(desk: Desk) -> None:
    desk.later(60)
    made = desk.received(nature=NatureActe.BUDGET, decided=date(2023, 5, 2))
    desk.declared(made, document_budgetaire="primitif", exercice=2023, renouvellement=False)


def accuse_absent(desk: Desk) -> None:
    desk.sent()
    desk.later(4)


def retrait_tardif(desk: Desk) -> None:
    made = desk.received()
    desk.declared(made, cree_des_droits=True)
    desk.later(200)
    desk.said(made, EventKind.RETRAIT, desk.today)


def accuse_avant_decision(desk: Desk) -> None:
    desk.received(date(2023, 3, 1))


def accuse_avant_envoi(desk: Desk) -> None:
    desk.received(date(2023, 3, 9))


def accuse_futur(desk: Desk) -> None:
    desk.received(date(2023, 3, 12))


def accuse_loin_des_horloges(desk: Desk) -> None:
    made = desk.sent()
    desk.later(5)
    desk.answered(made, acte_received(made.id_acte, TODAY))


def accuses_contradictoires(desk: Desk) -> None:
    made = desk.received()
    desk.answered(made, acte_received(made.id_acte, desk.today - timedelta(days=1)))


def echo_different(desk: Desk) -> None:
    made = desk.sent()
    about = made.id_acte
    echo = ActeRecu(
        about.numero_interne, about.date_decision, about.nature.code, (7, 5), "Tout autre objet",
        CLASSIFICATION_DAY, FichierSigne("autre.pdf"), (), 0, False,
    )  # fmt: skip
    desk.answered(made, written(AccuseReception(about, desk.today, echo, CLASSIFICATION_DAY)))


def id_acte_different(desk: Desk) -> None:
    made = desk.sent()
    other = IdActe.parse(str(made.id_acte).replace(str(made.id_acte.numero_interne), "D2023_999"))
    number = desk.prefecture.answers(None, acte_received(other, desk.today))
    attach(desk.bench.tools, number, made.acte_id, CLERK)
    desk.bench.silence()


def classification_perimee(desk: Desk) -> None:
    desk.bench.classified(date(2023, 3, 1))
    desk.received()


def publie_avant_reception(desk: Desk) -> None:
    desk.published(desk.sent())
    desk.later(3)


def effet_avant_executoire(desk: Desk) -> None:
    desk.declared(desk.received(), date_effet="2023-01-01")


def signature_prematuree(desk: Desk) -> None:
    made = desk.sent(nature=NatureActe.CONTRAT)
    desk.run("UPDATE acte SET matiere = '1.2' WHERE id = :id", id=made.acte_id)
    desk.declared(made, date_signature="2023-03-02", date_deliberation_recue="2023-03-06")


def publicite_manquante(desk: Desk) -> None:
    desk.received()
    desk.later(8)


def publication_invalide(desk: Desk) -> None:
    desk.bench.changed(lambda owner: replace(owner, droit=LegalOptions(population=12_000)))
    made = desk.received()
    desk.said(made, EventKind.PUBLICATION, desk.today, mode=PublicityMode.AFFICHAGE)


def publicite_interrompue(desk: Desk) -> None:
    made = desk.received()
    copy_id = desk.published(made)
    for verdict in (Verdict.CONFORME, Verdict.ABSENT, Verdict.INJOIGNABLE, Verdict.PAGE_HTML):
        desk.looked(copy_id, verdict)
        desk.later(1)


def defere_tardif(desk: Desk) -> None:
    made = desk.received()
    desk.later(100)
    desk.said(made, EventKind.DEFERE, desk.today)


def pieces_sans_reponse(desk: Desk) -> None:
    desk.prefecture.sends(letter("3-1", desk.received().id_acte), reference="812")
    desk.later(57)


def lettre_sans_reponse(desk: Desk) -> None:
    desk.prefecture.sends(letter("4-1", desk.received().id_acte), reference="812")
    desk.later(65)


def fichier_public_change(desk: Desk) -> None:
    copy_id = desk.published(desk.received())
    desk.looked(copy_id, Verdict.CONFORME, StoredFile("a" * 64, 1))
    desk.looked(copy_id, Verdict.CHANGE, StoredFile("b" * 64, 1))


def fichier_public_absent(desk: Desk) -> None:
    copy_id = desk.published(desk.received())
    desk.looked(copy_id, Verdict.ABSENT)
    desk.later(1)
    desk.looked(copy_id, Verdict.ABSENT)


Story = Callable[[Desk], None]
STORIES: dict[Story, str] = {
    reception_tardive: "attention",
    transmission_en_retard: "attention",
    budget_en_retard: "grave",
    accuse_absent: "attention",
    retrait_tardif: "grave",
    accuse_avant_decision: "grave",
    accuse_avant_envoi: "grave",
    accuse_futur: "grave",
    accuse_loin_des_horloges: "attention",
    accuses_contradictoires: "grave",
    echo_different: "grave",
    id_acte_different: "grave",
    classification_perimee: "info",
    publie_avant_reception: "attention",
    effet_avant_executoire: "grave",
    signature_prematuree: "grave",
    publicite_manquante: "attention",
    publication_invalide: "grave",
    publicite_interrompue: "grave",
    defere_tardif: "grave",
    pieces_sans_reponse: "attention",
    lettre_sans_reponse: "grave",
    fichier_public_change: "grave",
    fichier_public_absent: "grave",
}
"""By story, the severity of the finding of that name that it makes of the rows of the register."""


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_a_check_finds_in_the_register_what_it_looks_for(desk: Desk, story: Story) -> None:
    story(desk)
    desk.checked()
    assert desk.open().get(story.__name__) == STORIES[story], desk.open()


def test_every_check_of_an_act_has_its_story() -> None:
    assert {story.__name__ for story in STORIES} == ACTE_CHECKS


def test_an_act_about_which_all_is_well_has_no_finding_on_any_day(desk: Desk) -> None:
    made = desk.sent()
    desk.checked()
    desk.answered(made, acte_received(made.id_acte, desk.today))
    copy_id = desk.published(made)
    for _ in range(80):
        desk.looked(copy_id, Verdict.CONFORME, StoredFile("a" * 64, 1))
        desk.checked()
        desk.later(1)
    assert desk.rows() == []


def test_a_finding_stays_the_same_row_until_its_cause_is_gone(desk: Desk) -> None:
    made = desk.received()
    desk.later(8)
    desk.checked()
    desk.later(1)
    desk.checked()
    (row,) = desk.rows()
    assert (row.code, row.key) == ("publicite_manquante", f"acte:{made.acte_id}")
    assert (row.acte_id, row.collectivite_id) == (made.acte_id, desk.bench.authority_id)
    assert ["Reçu en préfecture le", "10 mars 2023"] in row.evidence
    desk.published(made)
    desk.checked()
    (closed,) = desk.rows()
    assert (closed.id, closed.closed_reason) == (row.id, GONE)
    assert closed.closed_at == desk.bench.clock.now()
    assert closed.message == row.message


def test_a_cause_that_comes_back_is_another_row(desk: Desk) -> None:
    made = desk.received()
    facts = {"date_effet": "2023-01-01"}
    desk.declared(made, **facts)
    desk.checked()
    declare(desk.bench.tools, made.acte_id, {}, CLERK, withdrawn=["date_effet"])
    desk.checked()
    desk.declared(made, **facts)
    desk.checked()
    first, second = desk.rows(code="effet_avant_executoire")
    assert first.closed_at is not None
    assert second.closed_at is None
    assert first.key == second.key


def test_time_alone_brings_a_finding_on_its_day_and_no_sooner(desk: Desk) -> None:
    desk.received()
    desk.checked()
    found = {}
    for _ in range(9):
        desk.later(1)
        while ring_assessments(desk.bench.tools):
            desk.bench.run("assess")
        found[desk.today.day] = list(desk.open())
    # Seven days are left to a formality, the eighth is late.
    assert found[17] == []
    assert found[18] == found[19] == ["publicite_manquante"]


def test_a_silence_is_checked_again_as_its_hours_pass_until_it_is_grave(desk: Desk) -> None:
    made = desk.sent()
    desk.checked()
    seen = []
    for _ in range(8):
        desk.later(1)
        marked = recheck_silent(desk.bench.tools)
        ring_assessments(desk.bench.tools)
        desk.bench.run("assess")
        seen.append((marked, desk.open().get("accuse_absent")))
    # Sent on a Friday: the week-end does not count.
    assert seen == [
        (0, None), (1, None), (1, None), (1, "attention"), (1, "attention"), (1, "grave"),
        (0, "grave"), (0, "grave"),
    ]  # fmt: skip
    desk.answered(made, acte_received(made.id_acte, TODAY))
    desk.checked()
    assert "accuse_absent" not in desk.open()
    assert len(desk.rows(code="accuse_absent")) == 1


@pytest.mark.parametrize(("acts", "found"), [(USUAL_FROM, False), (USUAL_FROM - 1, True)])
def test_a_tdt_known_well_enough_has_the_time_that_it_usually_takes(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, acts: int, found: bool
) -> None:
    usual = UsualDelay(acts, days(1), days(5), days(10))
    monkeypatch.setattr(findings, "usual_delays", lambda _: {"TdT d'essai": usual})
    desk.sent()
    desk.later(4)
    desk.checked()
    assert ("accuse_absent" in desk.open()) is found


def test_an_acknowledged_finding_is_brought_up_to_date_and_stays_acknowledged(desk: Desk) -> None:
    reception_tardive(desk)
    desk.checked()
    (row,) = desk.rows(code="reception_tardive")
    kept = acknowledge(desk.bench.tools, row.id, CLERK)
    assert (kept.acknowledged_by, kept.closed_at) == ("secrétariat", None)
    desk.declared(desk.bench.now_of(1), date_signature="2023-02-02")
    desk.checked()
    (after,) = desk.rows(code="reception_tardive", closed_at=None)
    assert after.id == row.id
    assert after.message != row.message
    assert after.acknowledged_at == kept.acknowledged_at
    assert after.acknowledged_reason == "vu le registre"


def test_what_becomes_graver_than_what_was_acknowledged_is_another_row(desk: Desk) -> None:
    accuse_absent(desk)
    desk.checked()
    (row,) = desk.rows()
    acknowledge(desk.bench.tools, row.id, CLERK)
    desk.later(4)
    desk.checked()
    old, new = desk.rows()
    assert (old.id, old.severity, old.acknowledged_by) == (row.id, "attention", "secrétariat")
    assert old.closed_reason == GRAVER
    assert (new.severity, new.acknowledged_at, new.closed_at) == ("grave", None, None)


def test_a_day_that_a_new_computation_moves_is_open_until_somebody_saw_it(desk: Desk) -> None:
    made = desk.received()
    desk.checked()
    read_at = desk.bench.clock.now()
    desk.run(
        "UPDATE legal_reading SET rules = 0, dates = jsonb_set(dates, '{0,day}', "
        "'\"2023-05-09\"') WHERE current"
    )
    desk.later(1)
    desk.checked()
    (row,) = desk.rows(code="recalcul_different")
    assert row.key.startswith(f"acte:{made.acte_id}:")
    assert ["Donnée auparavant", "9 mai 2023"] in row.evidence
    assert dict(row.evidence)["Calculée le"].startswith(f"{read_at:%d/%m/%Y}")
    desk.later(1)
    desk.declared(made, cree_des_droits=True)
    desk.checked()
    assert "recalcul_different" in desk.open()
    assert acknowledge(desk.bench.tools, row.id, CLERK).closed_reason == SEEN
    assert "recalcul_different" not in desk.open()


def test_a_person_says_why_and_only_once(desk: Desk) -> None:
    made = desk.received()
    desk.later(8)
    desk.checked()
    tools, (row,) = desk.bench.tools, desk.rows()
    with pytest.raises(RefusedError):
        acknowledge(tools, row.id, Author("secrétariat"))
    with pytest.raises(NotFoundError, match="transmission check"):
        acknowledge(tools, 999, CLERK)
    acknowledge(tools, row.id, CLERK)
    with pytest.raises(ConflictError, match="secrétariat a déjà pris acte"):
        acknowledge(tools, row.id, Author("directrice", "vu"))
    desk.published(made)
    desk.checked()
    with pytest.raises(ConflictError, match="fermée"):
        acknowledge(tools, row.id, CLERK)
    assert desk.rows()[0].acknowledged_by == "secrétariat"


def test_what_is_found_again_on_line_closes_the_finding(desk: Desk) -> None:
    fichier_public_change(desk)
    desk.checked()
    (row,) = desk.rows(closed_at=None)
    assert dict(row.evidence)["Empreinte trouvée (SHA-256)"] == "b" * 64
    copy_id = desk.copy_id
    desk.looked(copy_id, Verdict.INJOIGNABLE)
    desk.checked()
    assert list(desk.open()) == ["fichier_public_change"]
    desk.looked(copy_id, Verdict.CONFORME, StoredFile("a" * 64, 1))
    assert len(desk.stale()) == 1
    desk.checked()
    assert desk.open() == {}


def test_a_look_that_finds_all_well_costs_no_reading(desk: Desk) -> None:
    copy_id = desk.published(desk.received())
    desk.looked(copy_id, Verdict.CONFORME)
    desk.checked()
    for verdict in (Verdict.CONFORME, Verdict.INJOIGNABLE, Verdict.CONFORME):
        desk.looked(copy_id, verdict)
    assert desk.stale() == []


def test_a_look_that_finds_something_amiss_has_the_act_checked(desk: Desk) -> None:
    copy_id = desk.published(desk.received())
    desk.checked()
    for _ in range(2):
        assert desk.stale() == []
        desk.looked(copy_id, Verdict.ABSENT)
        desk.later(1)
        assert len(desk.stale()) == 1
        desk.checked()
    assert set(desk.open()) == {"fichier_public_absent", "publicite_interrompue"}


def test_another_file_than_ours_that_never_changed_is_no_change(desk: Desk) -> None:
    copy_id = desk.published(desk.received())
    for _ in range(3):
        desk.looked(copy_id, Verdict.AUTRE_FICHIER, StoredFile("b" * 64, 1))
        desk.later(1)
    desk.checked()
    assert desk.open() == {}


def test_an_act_taken_off_line_within_its_two_months_is_told_at_once(desk: Desk) -> None:
    made = desk.received()
    desk.published(made)
    unpublish(desk.bench.tools, made.acte_id, CLERK, early=True)
    desk.checked()
    assert desk.open() == {"publicite_interrompue": "grave"}
    desk.published(made)
    desk.checked()
    assert desk.open() == {}


@pytest.mark.parametrize(
    ("answer", "severity"), [(None, "grave"), ("left", "attention"), ("refused", "grave")]
)
def test_an_answer_that_left_makes_a_silence_less_grave(
    desk: Desk, tmp_path: Path, answer: str | None, severity: str
) -> None:
    desk.bench.classified()
    made = desk.received()
    desk.prefecture.sends(letter("4-1", made.id_acte), reference="812")
    (thread,) = desk.bench.letters(made.acte_id)
    if answer is not None:
        (tmp_path / "r.pdf").write_bytes(pdf("Réponse"))
        reply(desk.bench.tools, thread.id, "4-4", [DepositedFile(tmp_path / "r.pdf", "r")], CLERK)
        desk.bench.run("send")
    if answer == "refused":
        (sent,) = desk.bench.about(made.acte_id, "4-4")
        with desk.bench.tools.register() as unit:
            now = desk.bench.clock.now()
            unit.move(sent, Event.ANOMALIE_RECEIVED, SERVICE, now, Step())
            unit.commit()
    desk.later(65)
    desk.checked()
    (row,) = desk.rows(code="lettre_sans_reponse")
    assert row.severity == severity
    assert ("Réponse partie le" in dict(row.evidence)) is (answer == "left")
    assert dict(row.evidence)["Courrier n°"] == str(thread.id)


def test_checks_that_fail_about_an_act_keep_no_other_and_change_nothing_of_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = desk.received(), desk.received()
    desk.later(8)
    desk.checked()

    def check(acte: CheckedActe) -> Any:
        if acte.acte_id == first.acte_id:
            raise ValueError("unheard of")
        return check_acte(acte)

    monkeypatch.setattr(module, "check_acte", check)
    for made in (first, second):
        desk.published(made)
    with pytest.raises(AssessmentError, match=f"n° {first.acte_id}"):
        assess(desk.bench.tools, desk.bench.authority_id)
    assert [row.acte_id for row in desk.rows(closed_at=None)] == [first.acte_id]
    assert desk.stale() == [first.acte_id]
    monkeypatch.undo()
    desk.checked()
    assert desk.open() == {}


def test_a_thousand_acts_take_a_few_statements_a_batch(desk: Desk) -> None:
    made = desk.received()
    names = "collectivite_id, date_decision, nature, matiere, objet, date_classification, "
    names += "document_papier, fingerprint, accepted_at, accepted_by"
    desk.run(
        f"INSERT INTO acte (numero_interne, {names}) SELECT 'C' || g, {names} "
        "FROM acte, generate_series(1, 999) g WHERE id = :id",
        id=made.acte_id,
    )
    desk.run(
        "INSERT INTO transmission (acte_id, collectivite_id, state, state_since, id_acte, "
        "date_reception) SELECT id, collectivite_id, 'acknowledged', accepted_at, numero_interne, "
        "'2023-03-10' FROM acte WHERE id > :id",
        id=made.acte_id,
    )
    with desk.bench.tools.register() as unit:
        unit.mark_all_stale(desk.bench.authority_id)
        unit.commit()
    desk.later(8)
    with counted() as statements:
        desk.checked()
    assert desk.open() == {"publicite_manquante": "attention"}
    assert len(desk.rows()) == 1000
    assert len(statements) < 25 * (1000 // 200 + 2)
    desk.checked()
    assert len(desk.rows()) == 1000


@contextmanager
def counted() -> Iterator[list[str]]:
    """The texts of the hot statements that are run."""
    texts: list[str] = []
    usual = Statement._executed

    def executed(self: Statement, connection: Any, values: dict[str, Any]) -> Any:
        texts.append(str(self._clause))
        return usual(self, connection, values)

    Statement._executed = executed  # type: ignore[method-assign]
    try:
        yield texts
    finally:
        Statement._executed = usual  # type: ignore[method-assign]
