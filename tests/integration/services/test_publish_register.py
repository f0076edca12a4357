"""An act that our register serves: its stamped copy, kept, never edited; or every reason not to."""

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from sqlalchemy import select, update

from tests.support.bench import Bench
from tests.support.scene import pdf
from transmission.domain.errors import RefusedError
from transmission.domain.identifiers import NatureActe
from transmission.domain.lifecycle import Event
from transmission.domain.publication import PublishedCopy
from transmission.domain.transmission import SERVICE, Author, StoredFile
from transmission.services.publish import REPLACED, Published, publish
from transmission.store.documents import DamagedDocumentError
from transmission.store.tables import acte, journal, piece
from transmission.store.tables_legal import published_copy

SECRETARY = Author("secrétaire de séance")
DAY = date(2023, 3, 10)
ADDRESS = "https://www.saint-exemple.example.org/actes/1.pdf"


def put(bench: Bench, acte_id: int, day: date = DAY, **more: Any) -> Published:
    return publish(bench.tools, acte_id, day, None, SECRETARY, on_register=True, **more)


def received(bench: Bench, **changes: Any) -> int:
    return bench.acknowledged(contents=(pdf("Délibération"),), **changes).acte_id


def current(bench: Bench, acte_id: int) -> PublishedCopy | None:
    with bench.tools.register() as unit:
        return unit.current_copy(acte_id)


def served(bench: Bench, acte_id: int) -> tuple[PublishedCopy, StoredFile]:
    """What is on line of an act, which the register serves."""
    copy = current(bench, acte_id)
    assert copy is not None
    assert copy.file is not None
    return copy, copy.file


def rows(bench: Bench) -> list[Any]:
    with bench.engine.connect() as connection:
        return list(connection.execute(select(published_copy).order_by(published_copy.c.id)))


def refusals(bench: Bench, acte_id: int, **more: Any) -> list[str]:
    before = rows(bench)
    with pytest.raises(RefusedError) as refused:
        put(bench, acte_id, **more)
    assert rows(bench) == before
    return [problem.rule + " " + problem.message for problem in refused.value.problems]


def test_the_stamped_copy_is_kept_with_the_date_of_mise_en_ligne_on_it(bench: Bench) -> None:
    acte_id = received(bench)
    told = put(bench, acte_id)
    copy, file = served(bench, acte_id)
    document = pypdfium2.PdfDocument(bench.tools.documents.read(file))
    text = document[0].get_textpage().get_text_range()
    document.close()
    assert "RECU EN PREFECTURE" in text
    assert "Date de mise en ligne : 10 mars 2023" in text
    assert copy.nom_fichier == "99_DE-042-123456782-20230302-D2023_001.pdf"
    assert copy.date_minimum == told.date_minimum == date(2023, 5, 10)
    assert copy.address is None
    (row,) = rows(bench)
    assert row.next_check_at == bench.clock.now()


def test_the_public_address_is_told_recorded_and_journaled(bench: Bench) -> None:
    bench.tools = replace(bench.tools, registre_url="https://actes.example.org")
    acte_id = received(bench)
    told = put(bench, acte_id)
    copy, file = served(bench, acte_id)
    assert told.address == f"https://actes.example.org/123456782/actes/{copy.id}"
    assert told.warnings == ()
    with bench.engine.connect() as connection:
        kept = connection.execute(select(acte.c.adresse_publication)).scalar_one()
        written = connection.execute(
            select(journal.c.details).where(journal.c.event == "published")
        ).scalar_one()
    assert kept == told.address
    assert written == {
        "date_mise_en_ligne": "2023-03-10",
        "adresse": told.address,
        "publication": copy.id,
        "sha256": file.sha256,
    }


def test_without_a_public_address_the_person_is_told_so(bench: Bench) -> None:
    told = put(bench, received(bench))
    assert told.address is None
    assert "TRANSMISSION_REGISTER_PUBLIC_URL" in told.warnings[0]


def test_the_same_publication_twice_is_one_and_keeps_its_address(bench: Bench) -> None:
    acte_id = received(bench)
    put(bench, acte_id)
    bench.clock.advance(60)
    put(bench, acte_id)
    assert len(rows(bench)) == 1


def test_a_later_publication_withdraws_the_former_which_is_kept(bench: Bench) -> None:
    acte_id = received(bench)
    publish(bench.tools, acte_id, date(2023, 3, 9), ADDRESS, SECRETARY)
    put(bench, acte_id)
    put(bench, acte_id, date(2023, 3, 9))
    outside, first, last = rows(bench)
    assert outside.address == ADDRESS
    assert [row.withdrawn_reason for row in (outside, first, last)] == [REPLACED, REPLACED, None]
    assert outside.withdrawn_at == first.withdrawn_at == bench.clock.now()
    assert (outside.next_check_at, first.next_check_at) == (None, None)
    assert first.sha256 != last.sha256
    bench.tools.documents.check(StoredFile(first.sha256, first.size))


def test_every_reason_not_to_serve_is_told_at_once(bench: Bench) -> None:
    made = bench.sent(nature=NatureActe.INDIVIDUEL)
    with bench.engine.begin() as connection:
        connection.execute(update(piece).values(extension="xml"))
    told = refusals(bench, made.acte_id, day=date(2023, 3, 11))
    assert [each.split()[0] for each in told] == [
        "date_mise_en_ligne",
        "tampon",
        "tampon",
        "PU-6",
    ]
    assert "n'est pas encore arrivé" in told[1]
    assert "fichier xml" in told[2]


def test_an_act_whose_transmission_is_cancelled_is_not_served(bench: Bench) -> None:
    made = bench.acknowledged(contents=(pdf(),))
    with bench.tools.register() as unit:
        asked = unit.move(made, Event.CANCEL_REQUESTED, SERVICE, bench.clock.now())
        unit.move(asked, Event.AR_ANNULATION_RECEIVED, SERVICE, bench.clock.now())
        unit.commit()
    (told,) = refusals(bench, made.acte_id)
    assert "annulée" in told


def test_a_cancellation_that_comes_while_the_copy_is_made_is_seen(bench: Bench) -> None:
    made = bench.acknowledged(contents=(pdf(),))
    usual = bench.tools.stamper

    class Slow:
        def stamp(self, *arguments: Any) -> None:
            with bench.tools.register() as unit:
                asked = unit.move(made, Event.CANCEL_REQUESTED, SERVICE, bench.clock.now())
                unit.move(asked, Event.AR_ANNULATION_RECEIVED, SERVICE, bench.clock.now())
                unit.commit()
            usual.stamp(*arguments)

    bench.tools = replace(bench.tools, stamper=Slow())
    assert "annulée" in refusals(bench, made.acte_id)[0]


def test_an_individual_act_is_served_only_on_purpose_and_with_a_reason(bench: Bench) -> None:
    acte_id = received(bench, nature=NatureActe.INDIVIDUEL)
    (told,) = refusals(bench, acte_id)
    assert "données personnelles" in told
    (told,) = refusals(bench, acte_id, individual=True)
    assert "motif" in told
    motive = replace(SECRETARY, reason="permis, publié en vertu du code de l'urbanisme")
    made = publish(bench.tools, acte_id, DAY, None, motive, on_register=True, individual=True)
    assert "individuel" in made.warnings[0]
    assert current(bench, acte_id) is not None


def test_an_individual_act_put_on_line_elsewhere_is_warned_about(bench: Bench) -> None:
    acte_id = received(bench, nature=NatureActe.INDIVIDUEL)
    made = publish(bench.tools, acte_id, DAY, ADDRESS, SECRETARY)
    assert "notification" in made.warnings[0]


@dataclass(frozen=True)
class _Words:
    """The port ``TextReader``: every document says the same."""

    said: str

    def text_of(self, source: Path) -> str:
        assert source.is_file()
        return self.said


def test_an_object_that_seems_to_name_a_person_is_put_on_line_only_once_checked(
    bench: Bench,
) -> None:
    acte_id = received(bench, objet="Nomination de Mme Exemple, adjointe")
    (told,) = refusals(bench, acte_id)
    assert "Mme Exemple" in told
    assert current(bench, acte_id) is None
    put(bench, acte_id, names_checked=True)
    assert current(bench, acte_id) is not None


def test_elsewhere_a_name_in_the_object_is_a_warning(bench: Bench) -> None:
    acte_id = received(bench, objet="Nomination de Mme Exemple, adjointe")
    told = publish(bench.tools, acte_id, DAY, ADDRESS, SECRETARY).warnings
    assert "« Mme Exemple »" in told[-1]


def test_the_words_of_an_individual_act_are_looked_at_and_those_of_a_sitting_are_not(
    bench: Bench,
) -> None:
    bench.tools = replace(bench.tools, texts=_Words("Présents : M. Exemple, Mme Modèle"))
    sitting = received(bench)
    put(bench, sitting)
    assert current(bench, sitting) is not None
    motive = replace(SECRETARY, reason="permis, publié en vertu du code de l'urbanisme")
    individual = received(bench, nature=NatureActe.INDIVIDUEL)
    with pytest.raises(RefusedError, match=r"M\. Exemple.*Mme Modèle"):
        publish(bench.tools, individual, DAY, None, motive, on_register=True, individual=True)


def test_a_past_day_needs_the_proof_of_another_place(bench: Bench) -> None:
    bench.tools = replace(bench.tools, registre_url="https://actes.example.org")
    acte_id = received(bench)
    (warning,) = put(bench, acte_id, date(2023, 3, 9)).warnings
    assert "09/03/2023" in warning


def test_what_the_register_serves_is_not_replaced_by_accident(bench: Bench) -> None:
    acte_id = received(bench)
    put(bench, acte_id)
    for address in (None, ADDRESS):
        with pytest.raises(RefusedError, match="sert déjà"):
            publish(bench.tools, acte_id, DAY, address, SECRETARY)
    assert len(rows(bench)) == 1


@pytest.mark.parametrize(
    "address",
    [
        "www.example.org/acte.pdf",
        "ftp://example.org/acte.pdf",
        "https:///acte.pdf",
        "https://agent:secret@example.org/acte.pdf",
        "https://example.org/un acte.pdf",
        "https://example.org/\u202eacte.pdf",
        "https://[::1/acte.pdf",
        "https://example.org/" + "x" * 2000,
        "",
    ],
)
def test_an_address_that_the_public_cannot_open_is_refused(bench: Bench, address: str) -> None:
    acte_id = received(bench)
    with pytest.raises(RefusedError) as refused:
        publish(bench.tools, acte_id, DAY, address, SECRETARY)
    assert [problem.field for problem in refused.value.problems] == ["adresse"]
    assert rows(bench) == []


def test_the_register_and_an_address_are_not_asked_for_together(bench: Bench) -> None:
    with pytest.raises(RefusedError, match="donne lui-même l'adresse"):
        publish(bench.tools, received(bench), DAY, ADDRESS, SECRETARY, on_register=True)


def test_an_address_outside_is_looked_at_at_once_and_a_mere_date_never(bench: Bench) -> None:
    outside, dated = received(bench), received(bench)
    publish(bench.tools, outside, DAY, ADDRESS, SECRETARY)
    publish(bench.tools, dated, DAY, None, SECRETARY)
    assert [(row.address, row.sha256, row.next_check_at) for row in rows(bench)] == [
        (ADDRESS, None, bench.clock.now()),
        (None, None, None),
    ]


def test_a_damaged_original_is_never_put_on_line(bench: Bench) -> None:
    acte_id = received(bench)
    with bench.tools.register() as unit:
        original = unit.acte(acte_id).pieces[0].file
    bench.tools.documents.path(original).unlink()
    with pytest.raises(DamagedDocumentError):
        put(bench, acte_id)
    assert rows(bench) == []
