"""Notices as those who look after them read them."""

from dataclasses import replace
from datetime import timedelta

from tests.support.bench import Bench
from tests.support.scene import START
from transmission.ports.notices import Channel, Fate, NewNotice
from transmission.store.queries import Waiting
from transmission.store.queries.notices import NoticeLine, failed_notices, list_notices

HOUR = timedelta(hours=1)


def _write(bench: Bench, key: str, failure: str | None = None, **changes: object) -> None:
    new = NewNotice(
        collectivite_id=bench.authority_id, kind="rappel", key=key, channel=Channel.MAIL,
        target="dgs@example.org", content={"subject": f"Rappel {key}", "type": "fr.essai"},
    )  # fmt: skip
    at = bench.clock.now()
    with bench.tools.register() as unit:
        unit.add_notice(replace(new, **changes), at)
        if failure is not None:
            claimed = unit.claim_notice(bench.authority_id, at, at + HOUR)
            assert claimed is not None
            unit.settle_notice(claimed, Fate(at=at, failure=failure))
        unit.commit()


def _listed(bench: Bench, siren: str | None = None, limit: int = 9, **changes: bool) -> list[str]:
    with bench.engine.connect() as connection:
        return [each.about for each in list_notices(connection, siren, limit, **changes)]


def test_a_notice_is_listed_whole(bench: Bench) -> None:
    acte_id = bench.acte().acte_id
    _write(bench, "k", "Refusé.", acte_id=acte_id)
    with bench.engine.connect() as connection:
        (line,) = list_notices(connection, None, 9)
    assert line == NoticeLine(
        id=line.id,
        collectivite="Commune de Saint-Exemple",
        time_zone="Europe/Paris",
        channel=Channel.MAIL,
        target="dgs@example.org",
        about="Rappel k",
        numero_interne="D2023_001",
        at=START,
        attempts=1,
        next_attempt_at=None,
        delivered_at=None,
        failure="Refusé.",
    )


def test_lists_are_bounded_newest_first_and_of_one_authority_or_of_all(bench: Bench) -> None:
    _write(bench, "1")
    _write(bench, "2", channel=Channel.WEBHOOK)
    _write(bench, "3", collectivite_id=bench.second_id)
    _write(bench, "4", channel=Channel.TOLD)
    assert _listed(bench) == ["Rappel 3", "fr.essai", "Rappel 1"]
    assert _listed(bench, limit=1) == ["Rappel 3"]
    assert _listed(bench, "123456782") == ["fr.essai", "Rappel 1"]


def test_what_was_refused_or_given_up_is_listed_and_counted_apart(bench: Bench) -> None:
    _write(bench, "perdu", "Abandonné.")
    bench.clock.advance(3600)
    _write(bench, "refusé", "Refusé.")
    _write(bench, "dit", channel=Channel.TOLD)
    _write(bench, "en attente")
    assert _listed(bench, failed=True) == ["Rappel refusé", "Rappel perdu"]
    with bench.engine.connect() as connection:
        assert failed_notices(connection, START) == Waiting(2, START)
        assert failed_notices(connection, START + HOUR) == Waiting(1, START + HOUR)
        assert failed_notices(connection, START + 2 * HOUR) == Waiting(0)
