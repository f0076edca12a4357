"""Which act or sending a retour speaks of: exactly one, or the desk."""

from dataclasses import replace
from datetime import date

import pytest

from tests.support.bench import Bench
from tests.support.prefecture import Prefecture, acte_received, letter
from tests.support.scene import AUTHOR
from transmission.domain.identifiers import IdActe
from transmission.domain.lifecycle import Event, State
from transmission.domain.transmission import SERVICE, RetourStatus, StoredFile, StoredRetour
from transmission.ports import Opening, UnitOfWork
from transmission.services.matching import (
    Context,
    QuarantineError,
    acte_meant,
    require_not_replaced,
    sending_meant,
)

DAY = date(2023, 3, 14)


def _context(
    bench: Bench,
    unit: UnitOfWork,
    transmission_id: int | None = None,
    acte_id: int | None = None,
    authority_id: int = 0,
) -> Context:
    authority_id = authority_id or bench.authority_id
    retour = StoredRetour(
        id=1,
        collectivite_id=authority_id,
        transmission_id=transmission_id,
        file=StoredFile("ab" * 32, 1),
        status=RetourStatus.STORED,
        container=False,
        nom_fichier=None,
        reference=None,
        received_at=bench.clock.now(),
    )
    collectivite = unit.authority(authority_id).collectivite
    return Context(bench.tools, unit, retour, collectivite, (), AUTHOR, acte_id)


def _sent_again(bench: Bench, numero: str | None = None) -> tuple[int, int]:
    """An act refused, then sent again under ``numero``: both sendings."""
    first = bench.sent()
    with bench.tools.register() as unit:
        unit.move(first, Event.ANOMALIE_RECEIVED, SERVICE, bench.clock.now())
        id_acte = replace(first.id_acte, numero_interne=numero or first.id_acte.numero_interne)
        opening = Opening(first.acte_id, first.collectivite_id, "1-1", id_acte)
        now = bench.clock.now()
        second = unit.open_transmission(opening, AUTHOR, now, bench.tools.delays.bell_at(now))
        unit.ring("send", second.collectivite_id)
        unit.commit()
    bench.run("prepare", "submit")
    assert bench.now_of(second.id).state is State.SUBMITTED
    return first.id, second.id


def test_an_identifier_names_its_act_whatever_the_case(bench: Bench) -> None:
    sent = bench.sent()
    bench.sent()
    lower = replace(sent.id_acte, numero_interne=sent.id_acte.numero_interne.lower())
    with bench.tools.register() as unit:
        for id_acte in (sent.id_acte, lower):
            assert acte_meant(_context(bench, unit), id_acte) == sent.acte_id
            assert sending_meant(_context(bench, unit), id_acte).id == sent.id


@pytest.mark.parametrize(
    "change",
    [
        {"numero_interne": "D2023_99"},
        {"siren": "123456790"},
        {"departement": "069"},
        {"date_decision": date(2022, 3, 2)},
    ],
)
def test_an_identifier_that_differs_in_one_thing_names_nothing(
    bench: Bench, change: dict[str, object]
) -> None:
    sent = bench.sent()
    other: IdActe = replace(sent.id_acte, **change)  # type: ignore[arg-type]
    with bench.tools.register() as unit:
        for meant in (acte_meant, sending_meant):
            with pytest.raises(QuarantineError, match="Aucun envoi de Commune de Saint-Exemple"):
                meant(_context(bench, unit), other)


def test_an_act_of_another_authority_is_never_meant(bench: Bench) -> None:
    sent = bench.sent()
    with bench.tools.register() as unit:
        context = _context(bench, unit, authority_id=bench.second_id)
        with pytest.raises(QuarantineError):
            acte_meant(context, sent.id_acte)


def test_an_act_that_never_left_is_not_meant(bench: Bench) -> None:
    prepared = bench.prepared()
    with bench.tools.register() as unit, pytest.raises(QuarantineError):
        acte_meant(_context(bench, unit), prepared.id_acte)


def test_of_two_sendings_under_one_number_the_living_one_is_meant(bench: Bench) -> None:
    _, second = _sent_again(bench)
    with bench.tools.register() as unit:
        meant = sending_meant(_context(bench, unit), bench.now_of(second).id_acte)
    assert meant.id == second


def test_a_reference_says_which_of_two_sendings_is_meant(bench: Bench) -> None:
    first, second = _sent_again(bench)
    with bench.tools.register() as unit:
        id_acte = bench.now_of(second).id_acte
        assert sending_meant(_context(bench, unit, first), id_acte).id == first
        assert sending_meant(_context(bench, unit, second), id_acte).id == second


def test_an_act_sent_under_two_numbers_is_one_act(bench: Bench) -> None:
    first, second = _sent_again(bench, "D2023_900")
    with bench.tools.register() as unit:
        for sending in (first, second):
            sent = bench.now_of(sending)
            assert acte_meant(_context(bench, unit), sent.id_acte) == sent.acte_id
            assert sending_meant(_context(bench, unit), sent.id_acte).id == sending


def test_a_reference_that_contradicts_the_identifier_leads_to_the_desk(bench: Bench) -> None:
    one, other = bench.sent(), bench.sent()
    with bench.tools.register() as unit:
        context = _context(bench, unit, transmission_id=other.id)
        with pytest.raises(QuarantineError, match="collecté pour un autre envoi"):
            sending_meant(context, one.id_acte)


def test_the_word_of_a_person_is_taken(bench: Bench) -> None:
    one, other = bench.sent(), bench.sent()
    with bench.tools.register() as unit:
        context = _context(bench, unit, one.id, other.acte_id)
        assert acte_meant(context, one.id_acte) == other.acte_id
        assert sending_meant(context, one.id_acte).id == other.id


def test_a_refused_sending_that_was_made_again_is_told_with_both_identifiers(bench: Bench) -> None:
    first, second = map(bench.now_of, _sent_again(bench, "D2023_900"))
    with bench.tools.register() as unit:
        context = _context(bench, unit)
        require_not_replaced(context, second)
        with pytest.raises(QuarantineError) as told:
            require_not_replaced(context, first)
    assert str(first.id_acte) in str(told.value)
    assert str(second.id_acte) in str(told.value)


def test_every_quarantine_is_in_french_and_names_what_it_is_about(
    bench: Bench, prefecture: Prefecture
) -> None:
    sent = bench.sent()
    unknown = replace(sent.id_acte, numero_interne="D2023_999")
    for message in (acte_received(unknown, DAY), letter("2-1", unknown)):
        prefecture.answers(None, message)
    assert all(str(unknown) in kept.reason for kept in bench.retours())
