"""What the register holds around acts: their sendings and AR, their letters, their publications."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Engine, text

from tests.support.bench import RECEPTION, Bench
from tests.support.prefecture import Prefecture, acte_received, acte_refused, letter
from tests.support.scene import START
from transmission.domain.legal.checked import Accuse, Sending
from transmission.domain.legal.evenements import EventKind
from transmission.domain.publication import Verdict
from transmission.domain.retours import EchoDifference
from transmission.domain.transmission import Author, StoredFile
from transmission.ports.findings import Surroundings
from transmission.ports.publications import Look, NewCopy
from transmission.services.release import abandon
from transmission.store.queries.checked import NOT_KEPT, surroundings

FILE = StoredFile("a" * 64, 1)
CLERK = Author("secrétariat", "vu")


def around(bench: Bench, *acte_ids: int) -> list[Surroundings]:
    with bench.engine.connect() as connection:
        found = surroundings(connection, acte_ids)
    return [found[acte_id] for acte_id in acte_ids]


def only(bench: Bench, acte_id: int) -> Sending:
    ((sending,),) = (each.sendings for each in around(bench, acte_id))
    return sending


def published(bench: Bench, acte_id: int, file: StoredFile | None = None, **given: Any) -> int:
    new = NewCopy(
        acte_id=acte_id,
        collectivite_id=bench.authority_id,
        date_mise_en_ligne=RECEPTION,
        date_minimum=RECEPTION,
        file=file,
        **given,
    )
    with bench.tools.register() as unit:
        copy_id = unit.add_copy(new, "agent", bench.clock.now())
        unit.commit()
    return copy_id


def looked(bench: Bench, copy_id: int, *verdicts: Verdict) -> None:
    with bench.tools.register() as unit:
        for verdict in verdicts:
            look = Look(verdict=verdict, at=bench.clock.now(), detail=verdict.code)
            unit.record_look(copy_id, look, bench.clock.now())
        unit.commit()


def test_a_sending_is_told_with_its_ar(bench: Bench) -> None:
    made, prefecture = bench.sent(), Prefecture(bench)
    bench.clock.advance(60)
    prefecture.answers(made, acte_received(made.id_acte, RECEPTION))
    prefecture.answers(made, acte_received(made.id_acte, RECEPTION), source="again")
    sending = only(bench, made.acte_id)
    assert (sending.id, sending.id_acte) == (made.id, str(made.id_acte))
    assert (sending.tdt, sending.sent_at) == ("TdT d'essai", START)
    assert (sending.over, sending.usual_delay) == (False, None)
    assert sending.date_classification == date(2023, 1, 2)
    first, second = sending.accuses
    taken_at = START + timedelta(seconds=60)
    assert first.date_reception == second.date_reception == RECEPTION
    assert (first.id_acte, first.taken_at) == (str(made.id_acte), taken_at)
    assert first.sha256 == second.sha256 == bench.retours()[0].sha256
    assert first.tdt_at is None


def test_what_an_echo_differs_in_is_told(bench: Bench, engine: Engine) -> None:
    made = bench.sent()
    Prefecture(bench).answers(made, acte_received(made.id_acte, RECEPTION))
    told = '[{"champ": "objet", "envoye": "a", "recu": "b"}]'
    with engine.begin() as connection:
        connection.execute(text("UPDATE retour SET differences = :told"), {"told": told})
    (accuse,) = only(bench, made.acte_id).accuses
    assert accuse.differences == (EchoDifference("objet", "a", "b"),)


def test_a_date_whose_ar_is_not_kept_is_still_an_ar(bench: Bench) -> None:
    made = bench.acknowledged()
    sending = only(bench, made.acte_id)
    assert sending.accuses == (
        Accuse(date_reception=RECEPTION, id_acte=str(made.id_acte), sha256=NOT_KEPT),
    )
    assert not sending.awaits


def test_what_never_left_has_no_instant_and_awaits_nothing(bench: Bench) -> None:
    made = bench.prepared()
    sending = only(bench, made.acte_id)
    assert (sending.sent_at, sending.awaits) == (None, False)
    assert only(bench, bench.in_doubt().acte_id).awaits


def test_a_refused_sending_is_over_unless_it_has_an_ar(bench: Bench) -> None:
    prefecture, made = Prefecture(bench), bench.sent()
    refused = bench.sent()
    for each in (made, refused):
        prefecture.answers(each, acte_refused(each.id_acte))
    assert only(bench, refused.acte_id).over
    prefecture.answers(made, acte_received(made.id_acte, RECEPTION))
    abandon(bench.tools, made.acte_id, CLERK)
    assert bench.now_of(made.id).state.code == "rejected"
    assert not only(bench, made.acte_id).over


def test_the_newest_classification_is_that_held_when_the_act_left(bench: Bench) -> None:
    bench.classified(date(2023, 1, 2))
    bench.classified(date(2023, 2, 1))
    made = bench.sent()
    bench.clock.advance(3600)
    bench.classified(date(2023, 3, 1))
    assert only(bench, made.acte_id).newest_classification == date(2023, 2, 1)
    elsewhere = bench.sent(authority_id=bench.second_id)
    assert only(bench, elsewhere.acte_id).newest_classification is None


def test_a_letter_is_what_the_clock_reads_of_it(bench: Bench) -> None:
    made = bench.acknowledged()
    Prefecture(bench).sends(letter("4-1", made.id_acte), reference="812")
    ((found,),) = (each.letters for each in around(bench, made.acte_id))
    with bench.tools.register() as unit:
        (case,) = unit.legal_cases([made.acte_id])
    assert found.event in case.events
    assert found.event.kind is EventKind.LETTRE_OBSERVATIONS
    assert (found.courrier_id, found.answered_at) == (bench.letters(made.acte_id)[0].id, None)


def test_looks_are_told_of_what_was_once_amiss_alone(bench: Bench) -> None:
    fine, amiss = bench.acknowledged(), bench.acknowledged()
    looked(bench, published(bench, fine.acte_id, FILE), Verdict.CONFORME, Verdict.INJOIGNABLE)
    verdicts = (Verdict.CONFORME, Verdict.INJOIGNABLE, Verdict.ABSENT, Verdict.CONFORME)
    looked(bench, published(bench, amiss.acte_id, FILE, address="https://x.example"), *verdicts)
    (well,), (ill,) = (each.publications for each in around(bench, fine.acte_id, amiss.acte_id))
    assert (well.looks, well.address, well.sha256) == ((), "", FILE.sha256)
    assert [look.verdict for look in ill.looks] == [
        Verdict.CONFORME, Verdict.ABSENT, Verdict.CONFORME
    ]  # fmt: skip
    assert ill.looks[1].detail == "absent"


def test_what_is_on_line_and_not_known_yet_is_the_act_itself(bench: Bench) -> None:
    made = bench.acknowledged(contents=(b"%PDF-1.4 un", b"%PDF-1.4 annexe"))
    first = published(bench, made.acte_id, address="https://x.example")
    with bench.tools.register() as unit:
        unit.withdraw_copy(first, "Remplacée.", bench.clock.now())
        unit.commit()
        document = unit.acte(made.acte_id).pieces[0].file
    published(bench, made.acte_id, FILE, address="https://x.example")
    ((old, new),) = (each.publications for each in around(bench, made.acte_id))
    assert (old.sha256, old.withdrawn_at) == (document.sha256, bench.clock.now())
    assert (new.sha256, new.withdrawn_at) == (FILE.sha256, None)


def test_every_act_asked_for_is_there(bench: Bench) -> None:
    assert around(bench, 10**6) == [Surroundings()]
    with bench.engine.connect() as connection:
        assert surroundings(connection, []) == {}
