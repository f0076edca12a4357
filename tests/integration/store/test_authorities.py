"""Authorities and their classifications."""

from dataclasses import replace
from datetime import date

import pytest

from tests.support.bench import COLLECTIVITE, SECOND, Bench
from transmission.domain.collectivite import Calendrier, SigningKey
from transmission.domain.errors import ConflictError, NotFoundError
from transmission.domain.identifiers import Siren
from transmission.domain.transmission import StoredFile

OLD, NEW = date(2019, 3, 1), date(2023, 1, 2)
UNKNOWN = replace(COLLECTIVITE, siren=Siren("732829320"))


def test_an_authority_comes_back_as_it_was_added_by_key_or_by_siren(bench: Bench) -> None:
    with bench.tools.register() as unit:
        by_key = unit.authority(bench.authority_id)
        assert by_key.collectivite == COLLECTIVITE
        assert unit.authority_by_siren(COLLECTIVITE.siren) == by_key
        assert [row.collectivite for row in unit.authorities()] == [COLLECTIVITE, SECOND]


def test_a_siren_is_enrolled_once_and_a_second_time_tells_how_to_change_it(bench: Bench) -> None:
    with (
        bench.tools.register() as unit,
        pytest.raises(ConflictError, match=r"123456782.*--replace"),
    ):
        unit.add_authority(replace(COLLECTIVITE, nom="Autre"), bench.clock.now())


def test_replacing_changes_every_setting_of_that_authority_alone(bench: Bench) -> None:
    changed = replace(
        COLLECTIVITE,
        nom="Nouveau nom",
        calendrier=Calendrier.REUNION,
        time_zone="Indian/Reunion",
        signing_key=SigningKey("cachet.p12", None, "phrase"),
        signs_documents=True,
        tdt=replace(COLLECTIVITE.tdt, mode="champs"),
    )
    with bench.tools.register() as unit:
        unit.replace_authority(changed)
        unit.commit()
    with bench.tools.register() as unit:
        assert unit.authority(bench.authority_id).collectivite == changed
        assert unit.authority(bench.second_id).collectivite == SECOND


def test_an_unknown_authority_is_told_with_the_way_to_add_it(bench: Bench) -> None:
    with bench.tools.register() as unit:
        for ask in (
            lambda: unit.authority(999),
            lambda: unit.authority_by_siren("732829320"),
            lambda: unit.replace_authority(UNKNOWN),
        ):
            with pytest.raises(NotFoundError, match="authority add"):
                ask()


def test_the_latest_classification_is_the_one_in_force_and_old_ones_stay(bench: Bench) -> None:
    now = bench.clock.now()
    with bench.tools.register() as unit:
        assert unit.classification_file(bench.authority_id) is None
        assert unit.add_classification(bench.authority_id, NEW, StoredFile("new", 1), now)
        assert unit.add_classification(bench.authority_id, OLD, StoredFile("old", 2), now)
        unit.commit()
    with bench.tools.register() as unit:
        assert unit.classification_file(bench.authority_id) == (NEW, StoredFile("new", 1))
        assert unit.classification_file(bench.authority_id, OLD) == (OLD, StoredFile("old", 2))
        assert unit.classification_file(bench.authority_id, date(2020, 1, 1)) is None
        assert unit.classification_file(bench.second_id) is None


def test_a_classification_of_a_date_already_held_replaces_nothing(bench: Bench) -> None:
    now = bench.clock.now()
    with bench.tools.register() as unit:
        assert unit.add_classification(bench.authority_id, NEW, StoredFile("first", 1), now)
        assert not unit.add_classification(bench.authority_id, NEW, StoredFile("again", 1), now)
        assert unit.add_classification(bench.second_id, NEW, StoredFile("again", 1), now)
        assert unit.classification_file(bench.authority_id) == (NEW, StoredFile("first", 1))
