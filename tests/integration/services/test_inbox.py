"""The inbox: bytes kept before the TdT is told, and nothing taken twice."""

from typing import Any

import pytest

from tests.support.bench import Bench
from tests.support.prefecture import Prefecture, archived, enveloped, letter
from tests.support.scene import Scene
from transmission.domain.outcomes import CannotTell
from transmission.ports import InboxItem, TdtConfigurationError
from transmission.services.inbox import InboxUnavailableError, inbox

ID_ACTE = "042-123456782-20230302-D2023_001-DE"


def _letter(bench: Bench) -> bytes:
    return archived(enveloped(letter("2-1", bench.acknowledged().id_acte)))


def test_what_waits_is_kept_byte_for_byte_then_confirmed_and_read_by_a_task_of_its_own(
    bench: Bench, prefecture: Prefecture
) -> None:
    container = _letter(bench)
    item = prefecture.puts(container, "4711")
    bench.silence()
    inbox(bench.tools, bench.authority_id)
    (kept,) = bench.retours()
    assert (kept.status, kept.container, kept.reference) == ("stored", True, "4711")
    assert kept.source == f"inbox:{item.key}"
    with bench.tools.register() as unit:
        stored = unit.lock_retour(kept.id)
    assert stored is not None
    assert bench.tools.documents.read(stored.file) == container
    assert bench.bells() == [("apply", kept.id)]
    assert prefecture.waiting == {}


def test_the_tdt_is_told_only_once_the_bytes_are_committed(
    bench: Bench, prefecture: Prefecture
) -> None:
    prefecture.puts(_letter(bench))
    kept_when_told: list[int] = []

    def told(_: InboxItem) -> None:
        kept_when_told.append(len(bench.retours()))

    bench.tdt.on_confirm = told
    inbox(bench.tools, bench.authority_id)
    assert kept_when_told == [1]


def test_an_item_that_could_not_be_confirmed_is_taken_once_and_confirmed_later(
    bench: Bench, prefecture: Prefecture
) -> None:
    prefecture.puts(_letter(bench))
    usual, bench.tdt.on_confirm = bench.tdt.on_confirm, CannotTell("coupure")
    with pytest.raises(InboxUnavailableError, match="coupure"):
        inbox(bench.tools, bench.authority_id)
    bench.tdt.on_confirm = usual
    inbox(bench.tools, bench.authority_id)
    assert len(bench.retours()) == 1
    assert len([task for task, _ in bench.bells() if task == "apply"]) == 1
    assert prefecture.waiting == {}


def test_an_item_that_cannot_be_fetched_stays_and_keeps_none_of_the_others_waiting(
    bench: Bench, prefecture: Prefecture
) -> None:
    container = _letter(bench)
    items = [prefecture.puts(container) for _ in range(3)]
    usual = bench.tdt.on_fetch_item

    def broken(item: InboxItem) -> Any:
        return CannotTell("délai dépassé") if item == items[1] else usual(item)

    bench.tdt.on_fetch_item = broken
    with pytest.raises(InboxUnavailableError, match=r"1 envoi\(s\) .* délai dépassé"):
        inbox(bench.tools, bench.authority_id)
    assert [kept.source for kept in bench.retours()] == [
        f"inbox:{item.key}" for item in (items[0], items[2])
    ]
    assert list(prefecture.waiting) == [items[1].key]


def test_a_full_disk_confirms_nothing(
    bench: Bench, prefecture: Prefecture, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefecture.puts(_letter(bench))

    def full(_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(bench.tools.documents), "put", lambda self, source: full(source))
    with pytest.raises(OSError, match="No space left"):
        inbox(bench.tools, bench.authority_id)
    assert bench.tdt.times("confirm") == 0
    assert len(prefecture.waiting) == 1


def test_an_inbox_that_does_not_answer_is_told_in_words_that_help(bench: Bench) -> None:
    bench.tdt.on_inbox = CannotTell("certificat expiré")
    with pytest.raises(InboxUnavailableError, match=r"TdT d'essai .* \(certificat expiré\)"):
        inbox(bench.tools, bench.authority_id)


def test_an_account_that_cannot_be_used_is_told(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise TdtConfigurationError("Le certificat a disparu.")

    monkeypatch.setattr(bench.tdt, "connector", broken)
    with pytest.raises(TdtConfigurationError):
        inbox(bench.tools, bench.authority_id)


def test_an_empty_inbox_costs_one_call(bench: Bench, prefecture: Prefecture) -> None:
    del prefecture
    inbox(bench.tools, bench.authority_id)
    assert [name for name, _ in bench.tdt.asked] == ["inbox"]
    assert bench.retours() == []


def test_a_letter_of_a_real_platform_is_taken_once_under_its_act(scene: Scene) -> None:
    taken = scene.accept()
    scene.run()
    scene.later(30)
    scene.manage("courrier", kind="lettre_observations", id_acte=ID_ACTE, date="2023-03-06")
    for _ in range(2):
        inbox(scene.tools, scene.authority_id)
        scene.run()
    with scene.tools.register() as unit:
        (kept,) = unit.courriers_of(taken.acte_id)
        (piece,) = unit.pieces_of_retour(kept.retour_id)
    assert (kept.message, str(kept.date_courrier)) == ("4-1", "2023-03-06")
    assert scene.tools.documents.read(piece.file).startswith(b"%PDF")
    assert len([retour for retour in scene.retours() if retour.container]) == 1
    assert scene.tools.tdts.connector(_account(scene)).inbox() == []


def _account(scene: Scene) -> Any:
    with scene.tools.register() as unit:
        return unit.authority(scene.authority_id).collectivite.tdt
