"""Lists of sittings, in the register: held by one caller at a time, the newest of a date found."""

from datetime import date, timedelta

import pytest

from tests.support.bench import Bench
from tests.support.scene import START
from transmission.domain.errors import NotFoundError
from transmission.domain.identifiers import NumeroInterne
from transmission.domain.sitting_list import SittingActe
from transmission.domain.transmission import StoredFile
from transmission.ports.sittings import NewSitting

DAY = date(2023, 3, 2)


def _new(bench: Bench, sha256: str, day: date = DAY) -> NewSitting:
    return NewSitting(
        collectivite_id=bench.authority_id,
        date_seance=day,
        nom_fichier="liste.csv",
        file=StoredFile(sha256, 3),
        at=START,
        author="secrétariat",
        actes=[SittingActe(NumeroInterne("D1"))],
    )


def test_the_newest_list_of_a_date_is_held(bench: Bench) -> None:
    with bench.tools.register() as unit:
        assert unit.hold_sitting(bench.authority_id, DAY) is None
        unit.add_sitting(_new(bench, "a"))
        newest = unit.add_sitting(_new(bench, "b"))
        unit.add_sitting(_new(bench, "c", DAY + timedelta(days=1)))
        held = unit.hold_sitting(bench.authority_id, DAY)
        assert held is not None
        assert (held.id, held.file, held.author) == (newest, StoredFile("b", 3), "secrétariat")
        assert unit.hold_sitting(bench.second_id, DAY) is None


def test_what_was_not_committed_is_not_kept(bench: Bench) -> None:
    with bench.tools.register() as unit:
        unit.add_sitting(_new(bench, "a"))
    with bench.tools.register() as unit:
        assert unit.hold_sitting(bench.authority_id, DAY) is None


def test_an_unknown_authority_is_told(bench: Bench) -> None:
    with bench.tools.register() as unit, pytest.raises(NotFoundError):
        unit.hold_sitting(999, DAY)
