"""Acts, their pieces and their keys."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select

from tests.support.bench import Bench
from tests.support.scene import AUTHOR, SIREN
from transmission.domain.errors import ConflictError, NotFoundError
from transmission.domain.identifiers import NatureActe, NumeroInterne
from transmission.domain.lifecycle import State
from transmission.domain.transmission import AdoptedActe, Author
from transmission.store.tables import acte, journal, piece, transmission

UNKNOWN = NumeroInterne("INCONNU")


@pytest.fixture
def known(bench: Bench) -> AdoptedActe:
    """An act of two pieces, already stored."""
    made = bench.acte((b"acte", b"plan"))
    with bench.tools.register() as unit:
        return unit.acte(made.acte_id)


def _add(bench: Bench, added: AdoptedActe, key: str | None = None) -> tuple[int, int]:
    now = bench.clock.now()
    with bench.tools.register() as unit:
        ids = unit.add_acte(added, added.id_acte("042", SIREN), AUTHOR, now, key, now)
        unit.commit()
    return ids


def _count(bench: Bench) -> tuple[int, ...]:
    with bench.engine.connect() as connection:
        return tuple(
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (acte, piece, transmission, journal)
        )


def test_an_act_comes_back_as_it_was_added_its_pieces_in_order(
    bench: Bench, known: AdoptedActe
) -> None:
    pieces = (known.pieces[1], known.pieces[0])
    added = replace(
        known,
        numero_interne=NumeroInterne("D2"),
        pieces=tuple(replace(item, ordre=rank) for rank, item in enumerate(pieces, 1)),
        document_papier=True,
    )
    acte_id, _ = _add(bench, added)
    with bench.tools.register() as unit:
        assert unit.acte(acte_id) == added


def test_an_act_is_born_with_its_transmission_its_identifier_and_its_journal(
    bench: Bench, known: AdoptedActe
) -> None:
    acte_id, transmission_id = _add(bench, replace(known, numero_interne=NumeroInterne("D2")))
    with bench.tools.register() as unit:
        born = unit.current_transmission(acte_id)
    assert (born.id, born.state, born.attempts) == (transmission_id, State.ACCEPTED, 0)
    assert str(born.id_acte) == "042-123456782-20230302-D2-DE"
    assert born.waiting_for == "la préparation de l'enveloppe"
    assert bench.events(transmission_id) == ["accepted"]


def test_the_legal_key_serves_once_and_the_second_adds_nothing_at_all(
    bench: Bench, known: AdoptedActe
) -> None:
    before = _count(bench)
    with pytest.raises(ConflictError, match="D2023_001"):
        _add(bench, replace(known, objet="Autre objet", fingerprint="autre"))
    assert _count(bench) == before


@pytest.mark.parametrize(
    "changes",
    [
        {"numero_interne": NumeroInterne("D2")},
        {"date_decision": date(2023, 3, 3)},
        {"nature": NatureActe.REGLEMENTAIRE},
    ],
)
def test_an_act_that_differs_by_any_part_of_the_legal_key_is_another(
    bench: Bench, known: AdoptedActe, changes: dict[str, object]
) -> None:
    other = replace(known, **changes)  # type: ignore[arg-type]
    with bench.tools.register() as unit:
        before = {each.id for each in unit.known_actes(other, None)}
    acte_id, _ = _add(bench, other)
    with bench.tools.register() as unit:
        found = {each.id: each for each in unit.known_actes(other, None)}
    assert set(found) == before | {acte_id}
    assert (found[acte_id].nature, found[acte_id].date_decision) == (
        other.nature,
        other.date_decision,
    )
    assert (found[acte_id].fingerprint, found[acte_id].by_key) == (other.fingerprint, False)


def test_an_idempotency_key_serves_once_within_its_authority(
    bench: Bench, known: AdoptedActe
) -> None:
    acte_id, _ = _add(bench, replace(known, numero_interne=NumeroInterne("D2")), key="séance")
    before = _count(bench)
    with pytest.raises(ConflictError):
        _add(bench, replace(known, numero_interne=NumeroInterne("D3")), key="séance")
    assert _count(bench) == before
    with bench.tools.register() as unit:
        third = replace(known, numero_interne=NumeroInterne("D3"))
        elsewhere = replace(third, collectivite_id=bench.second_id)
        (found,) = unit.known_actes(third, "séance")
        assert (found.id, found.fingerprint, found.by_key) == (acte_id, known.fingerprint, True)
        assert unit.known_actes(elsewhere, "séance") == []
        assert unit.known_actes(third, "autre") == []


def test_acts_are_found_by_number_newest_first_and_narrowed_by_nature_and_day(
    bench: Bench, known: AdoptedActe
) -> None:
    next_year = replace(known, date_decision=date(2024, 3, 2))
    arrete = replace(known, nature=NatureActe.REGLEMENTAIRE)
    ids = [_add(bench, other)[0] for other in (next_year, arrete)]
    numero, mine = known.numero_interne, bench.authority_id
    with bench.tools.register() as unit:
        (first,) = unit.find_acte(mine, numero, known.nature, known.date_decision)
        assert list(unit.find_acte(mine, numero, None, None)) == [ids[1], ids[0], first]
        assert list(unit.find_acte(mine, numero, NatureActe.REGLEMENTAIRE, None)) == [ids[1]]
        assert list(unit.find_acte(mine, numero, None, date(2024, 3, 2))) == [ids[0]]
        assert list(unit.find_acte(bench.second_id, numero, None, None)) == []
        assert list(unit.find_acte(mine, UNKNOWN, None, None)) == []


def test_an_unknown_act_is_not_found(bench: Bench) -> None:
    with bench.tools.register() as unit, pytest.raises(NotFoundError, match="999"):
        unit.acte(999)


def test_a_publication_is_kept_and_told_in_the_journal_with_who_and_why(
    bench: Bench, known: AdoptedActe
) -> None:
    day, author = date(2023, 3, 8), Author("secrétaire", "affichage")
    with bench.tools.register() as unit:
        acte_id = unit.find_acte(bench.authority_id, known.numero_interne, None, None)[0]
        assert unit.publication(acte_id) is None
        unit.set_publication(acte_id, day, "https://example.org/1", author, bench.clock.now())
        unit.commit()
    with bench.tools.register() as unit:
        assert unit.publication(acte_id) == day
    with bench.engine.connect() as connection:
        row = connection.execute(select(journal).where(journal.c.event == "published")).one()
    assert (row.acte_id, row.transmission_id) == (acte_id, None)
    assert (row.author, row.reason) == ("secrétaire", "affichage")
    assert row.details == {"date_mise_en_ligne": "2023-03-08", "adresse": "https://example.org/1"}
