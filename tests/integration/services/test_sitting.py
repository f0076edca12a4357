"""A list of a sitting is kept as it came, counts whole or not at all, and once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from tests.support.bench import Bench
from tests.support.scene import AUTHOR, START
from transmission.domain.errors import NotFoundError, RefusedError
from transmission.domain.sitting_list import MAX_BYTES
from transmission.domain.transmission import StoredFile
from transmission.services.sitting import Imported, SittingFile, import_sitting
from transmission.store.documents import described
from transmission.store.queries.sittings import SittingLine, list_sittings
from transmission.store.tables_legal import seance, seance_acte

DAY = date(2023, 3, 2)
LIST = b"numero;nature;objet\nD2023_001;DE;Subvention\nD2023_002;;\n"


def imported(bench: Bench, content: bytes = LIST, day: date | None = DAY, **more: Any) -> Imported:
    given = SittingFile(content=content, nom_fichier="liste.csv", date_seance=day, **more)
    return import_sitting(bench.tools, bench.authority_id, given, AUTHOR)


def lists(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(select(seance).order_by(seance.c.id)))


def lines(engine: Engine, seance_id: int) -> list[tuple[Any, ...]]:
    columns = seance_acte.c.numero_interne, seance_acte.c.nature, seance_acte.c.objet
    wanted = select(*columns).where(seance_acte.c.seance_id == seance_id)
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(wanted.order_by(seance_acte.c.id))]


def shown(bench: Bench) -> list[SittingLine]:
    with bench.engine.connect() as connection:
        return list(list_sittings(connection))


def nothing_is_kept(engine: Engine) -> bool:
    with engine.connect() as connection:
        counts = (select(func.count()).select_from(table) for table in (seance, seance_acte))
        return [connection.execute(count).scalar_one() for count in counts] == [0, 0]


def test_a_list_is_kept_with_its_bytes_and_its_acts(bench: Bench, engine: Engine) -> None:
    found = imported(bench)
    assert (found.date_seance, found.actes, found.repeated) == (DAY, 2, False)
    (row,) = lists(engine)
    assert (row.id, row.collectivite_id) == (found.seance_id, bench.authority_id)
    assert (row.date_seance, row.nom_fichier, row.author) == (DAY, "liste.csv", AUTHOR.name)
    assert row.at == START
    assert StoredFile(row.sha256, row.size) == described(LIST)
    assert bench.tools.documents.read(described(LIST)) == LIST
    assert lines(engine, row.id) == [("D2023_001", 1, "Subvention"), ("D2023_002", None, None)]
    assert bench.bells() == [("review", bench.authority_id)]


def test_the_same_list_twice_is_the_same_sitting(bench: Bench, engine: Engine) -> None:
    first = imported(bench)
    bench.silence()
    again = imported(bench)
    assert (again.seance_id, again.repeated) == (first.seance_id, True)
    assert len(lists(engine)) == 1
    assert bench.bells() == []


def test_a_corrected_list_counts_and_the_former_stays(bench: Bench, engine: Engine) -> None:
    first = imported(bench)
    second = imported(bench, b"numero\nD2023_003\n")
    assert second.replaced is not None
    assert second.replaced.id == first.seance_id
    assert [row.id for row in lists(engine)] == [first.seance_id, second.seance_id]
    assert len(lines(engine, first.seance_id)) == 2
    assert [(line.id, line.counts, line.actes) for line in shown(bench)] == [
        (second.seance_id, True, 1),
        (first.seance_id, False, 2),
    ]


def test_a_former_list_counts_again_when_it_is_imported_again(bench: Bench) -> None:
    imported(bench)
    imported(bench, b"numero\nD2023_003\n")
    again = imported(bench)
    assert not again.repeated
    assert next((line.id, line.counts) for line in shown(bench)) == (again.seance_id, True)


def test_the_lists_of_two_dates_and_of_two_authorities_all_count(bench: Bench) -> None:
    imported(bench)
    imported(bench, day=date(2023, 3, 1))
    given = SittingFile(content=LIST, nom_fichier="autre.csv", date_seance=DAY)
    import_sitting(bench.tools, bench.second_id, given, AUTHOR)
    assert [(line.date_seance, line.counts) for line in shown(bench)] == [
        (DAY, True),
        (DAY, True),
        (date(2023, 3, 1), True),
    ]


@pytest.mark.parametrize(
    ("content", "day", "rules"),
    [
        (b"numero\n=1\n2023_1\n;\n2023_1\n", DAY, ["numero", "numero"]),
        (b"numero;objet\n1;\x00", DAY, ["octets_nuls"]),
        (LIST, None, ["date"]),
        (LIST, date(2023, 3, 11), ["date"]),
        (b"numero\n", DAY, ["aucun_acte"]),
        (b"numero\n", None, ["date", "aucun_acte"]),
        (b'{"date_seance": "2023-03-01", "actes": [{"numero": "1"}]}', DAY, ["date"]),
    ],
)
def test_a_list_with_faults_is_refused_whole(
    bench: Bench, engine: Engine, content: bytes, day: date | None, rules: list[str]
) -> None:
    with pytest.raises(RefusedError) as error:
        imported(bench, content, day)
    assert [problem.rule for problem in error.value.problems] == rules
    assert nothing_is_kept(engine)
    assert bench.bells() == []


def test_the_bytes_of_a_refused_list_were_kept_before_they_were_read(bench: Bench) -> None:
    with pytest.raises(RefusedError):
        imported(bench, b"faux")
    assert bench.tools.documents.read(described(b"faux")) == b"faux"


def test_a_file_too_large_is_not_even_kept(bench: Bench) -> None:
    content = b"a" * (MAX_BYTES + 1)
    with pytest.raises(RefusedError, match="dépasse 2 Mio"):
        imported(bench, content)
    with pytest.raises(Exception, match="introuvable"):
        bench.tools.documents.read(described(content))


def test_the_date_may_be_that_of_the_file(bench: Bench) -> None:
    content = b'{"date_seance": "2023-03-01", "actes": [{"numero": "1"}]}'
    assert imported(bench, content, None).date_seance == date(2023, 3, 1)
    assert imported(bench, content, date(2023, 3, 1)).repeated


def test_the_day_of_the_sitting_is_one_of_the_authority(bench: Bench) -> None:
    bench.clock.instant = datetime(2023, 3, 10, 23, 30, tzinfo=UTC)
    assert imported(bench, day=date(2023, 3, 11)).actes == 2


def test_a_list_may_say_that_nothing_is_expected_any_more(bench: Bench) -> None:
    imported(bench)
    emptied = imported(bench, b"numero\n", may_be_empty=True)
    assert (emptied.actes, emptied.replaced is not None) == (0, True)


def test_the_largest_list_is_kept(bench: Bench, engine: Engine) -> None:
    content = b"numero\n" + b"\n".join(b"%d" % rank for rank in range(5000))
    found = imported(bench, content)
    assert len(lines(engine, found.seance_id)) == 5000


def test_what_a_database_refuses_is_stored_all_the_same(bench: Bench, engine: Engine) -> None:
    content = b'[{"numero": "1", "objet": "a\\u0000b\\ud800"}]'
    found = imported(bench, content)
    assert lines(engine, found.seance_id) == [("1", None, "a\ufffdb\ufffd")]


def test_an_authority_that_is_unknown_is_told(bench: Bench) -> None:
    given = SittingFile(content=LIST, nom_fichier="l.csv", date_seance=DAY)
    with pytest.raises(NotFoundError):
        import_sitting(bench.tools, 999, given, AUTHOR)


@pytest.fixture
def together() -> Iterator[ThreadPoolExecutor]:
    """Some callers at once."""
    with ThreadPoolExecutor(4) as pool:
        yield pool


def test_a_list_imported_by_several_at_once_is_kept_once(
    bench: Bench, engine: Engine, together: ThreadPoolExecutor
) -> None:
    barrier = Barrier(4)

    def one(_: int) -> Imported:
        barrier.wait(30)
        return imported(bench)

    found = list(together.map(one, range(4)))
    assert len({each.seance_id for each in found}) == 1
    assert sorted(each.repeated for each in found) == [False, True, True, True]
    assert len(lists(engine)) == 1
