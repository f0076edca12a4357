"""The stamped copy: never before the AR, and with its date."""

import re
from collections.abc import Callable
from datetime import date
from io import BytesIO

import pypdfium2
import pytest
from sqlalchemy import update

from tests.support.bench import Bench
from tests.support.scene import AUTHOR, Scene, pdf
from transmission.domain.lifecycle import Event, State
from transmission.domain.transmission import SERVICE, Transmission
from transmission.ports import Arrived, Step
from transmission.services.publish import publish
from transmission.services.stamp import NotStampableError, received, stamp
from transmission.store.documents import DamagedDocumentError
from transmission.store.tables import piece

AR = b"<ar/>"
DAY = date(2023, 3, 9)


def _stamped(bench: Bench, acte_id: int) -> list[str]:
    target = BytesIO()
    stamp(bench.tools, acte_id, target)
    document = pypdfium2.PdfDocument(target.getvalue())
    try:
        text = document[0].get_textpage().get_text_range()
    finally:
        document.close()
    return [line.strip() for line in text.splitlines() if line.strip()]


def _acknowledged(bench: Bench) -> Transmission:
    sent = bench.sent(contents=(pdf("Délibération"),))
    now, file = bench.clock.now(), bench.tools.documents.put_bytes(AR)
    with bench.tools.register() as unit:
        retour_id = unit.add_retour(Arrived(bench.authority_id, file, "tdt:1", now, sent.id))
        step = Step(date_reception=DAY, retour_id=retour_id)
        moved = unit.move(sent, Event.AR_RECEIVED, SERVICE, now, step)
        unit.commit()
    return moved


def test_an_act_received_bears_the_founding_lines_with_the_date_of_the_ar(scene: Scene) -> None:
    scene.manage("reception-date", mode="fixed", date="2023-03-08")
    taken = scene.accept(contents=(pdf("Délibération"), pdf("Plan")))
    scene.run()
    scene.later(30)
    scene.clock.advance(400 * 86_400)
    target = BytesIO()
    stamp(scene.tools, taken.acte_id, target)
    document = pypdfium2.PdfDocument(target.getvalue())
    lines = document[0].get_textpage().get_text_range().splitlines()
    document.close()
    assert [line for line in lines if "Délibération" not in line] == [
        "RECU EN PREFECTURE",
        "Le 8 mars 2023",
        "VIA DEMONSTRATION - mock",
        "99_DE-042-123456782-20230302-D2023_001",
    ]


@pytest.mark.parametrize("reach", [Bench.acte, Bench.prepared, Bench.in_doubt, Bench.sent])
def test_an_act_is_never_stamped_before_its_ar(
    bench: Bench, reach: Callable[..., Transmission]
) -> None:
    made = reach(bench, contents=(pdf(),))
    target = BytesIO()
    with pytest.raises(NotStampableError, match=re.escape(made.state.label)):
        stamp(bench.tools, made.acte_id, target)
    assert target.getvalue() == b""
    with pytest.raises(NotStampableError, match="pas encore arrivé"):
        received(bench.tools, made.acte_id)


def test_the_original_is_neither_touched_nor_replaced(bench: Bench) -> None:
    made = _acknowledged(bench)
    with bench.tools.register() as unit:
        original = unit.acte(made.acte_id).pieces[0].file
    before = bench.tools.documents.read(original)
    assert "RECU EN PREFECTURE" in _stamped(bench, made.acte_id)
    assert bench.tools.documents.read(original) == before == pdf("Délibération")


def test_once_published_the_copy_says_since_when(bench: Bench) -> None:
    made = _acknowledged(bench)
    assert not any("mise en ligne" in line for line in _stamped(bench, made.acte_id))
    publish(bench.tools, made.acte_id, date(2023, 3, 10), None, AUTHOR)
    assert "Date de mise en ligne : 10 mars 2023" in _stamped(bench, made.acte_id)


def test_the_same_copy_is_made_every_time(bench: Bench) -> None:
    made = _acknowledged(bench)
    copies = []
    for _ in range(2):
        target = BytesIO()
        stamp(bench.tools, made.acte_id, target)
        copies.append(target.getvalue())
        bench.clock.advance(3600)
    assert copies[0] == copies[1]


def test_the_ar_is_given_exactly_as_it_came(bench: Bench) -> None:
    made = _acknowledged(bench)
    assert bench.tools.documents.read(received(bench.tools, made.acte_id)) == AR


def test_an_act_that_is_no_pdf_is_not_stamped_and_told_so(bench: Bench) -> None:
    made = _acknowledged(bench)
    with bench.engine.begin() as connection:
        connection.execute(update(piece).values(extension="xml"))
    with pytest.raises(NotStampableError, match="fichier xml"):
        stamp(bench.tools, made.acte_id, BytesIO())


def test_a_damaged_original_is_never_stamped(bench: Bench) -> None:
    made = _acknowledged(bench)
    with bench.tools.register() as unit:
        original = unit.acte(made.acte_id).pieces[0].file
    bench.tools.documents.path(original).unlink()
    with pytest.raises(DamagedDocumentError):
        stamp(bench.tools, made.acte_id, BytesIO())


@pytest.mark.parametrize("ends", [False, True])
def test_an_act_whose_retours_contradict_each_other_is_not_stamped(
    bench: Bench, ends: bool
) -> None:
    sent = bench.sent(contents=(pdf(),))
    now = bench.clock.now()
    with bench.tools.register() as unit:
        rejected = unit.move(sent, Event.ANOMALIE_RECEIVED, SERVICE, now)
        last = unit.move(rejected, Event.AR_RECEIVED, SERVICE, now, Step(date_reception=DAY))
        if ends:
            last = unit.move(last, Event.ABANDONED, AUTHOR, now)
        unit.commit()
    assert last.state is (State.REJECTED if ends else State.HELD)
    with pytest.raises(NotStampableError, match=re.escape(last.state.label)):
        stamp(bench.tools, sent.acte_id, BytesIO())


def test_an_act_whose_transmission_is_cancelled_is_not_stamped(bench: Bench) -> None:
    made = _acknowledged(bench)
    now = bench.clock.now()
    with bench.tools.register() as unit:
        asked = unit.move(made, Event.CANCEL_REQUESTED, AUTHOR, now)
        unit.move(asked, Event.AR_ANNULATION_RECEIVED, SERVICE, now)
        unit.commit()
    with pytest.raises(NotStampableError, match="annulée"):
        stamp(bench.tools, made.acte_id, BytesIO())
