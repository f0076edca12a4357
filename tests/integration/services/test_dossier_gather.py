"""What the register knows of an act is read as one picture."""

from datetime import date

import pytest

from tests.support.bench import Bench
from transmission.domain.errors import NotFoundError
from transmission.domain.lifecycle import Event, State
from transmission.domain.transmission import SERVICE
from transmission.ports import Step
from transmission.ports.dossiers import Acceptance
from transmission.ports.scans import KeptScan, Verdict
from transmission.services.dossier_gather import gather
from transmission.store.dossiers import Dossiers


def test_what_happens_meanwhile_is_in_the_next_one_whole(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = bench.sent()
    usual, moved = Dossiers.acceptance, []

    def interrupted(unit: Dossiers, acte_id: int) -> Acceptance:
        if not moved:
            moved.append(True)
            with bench.tools.register() as other:
                step = Step(date_reception=date(2023, 3, 9))
                other.move(sent, Event.AR_RECEIVED, SERVICE, bench.clock.now(), step)
                other.commit()
        return usual(unit, acte_id)

    monkeypatch.setattr(Dossiers, "acceptance", interrupted)
    first = gather(bench.tools, sent.acte_id)
    assert moved
    assert first.current.state is first.sendings[0].transmission.state is State.SUBMITTED
    assert "ar_received" not in b"".join(line.content for line in first.proofs.lines).decode()
    second = gather(bench.tools, sent.acte_id)
    assert second.current.state is State.ACKNOWLEDGED
    assert "ar_received" in b"".join(line.content for line in second.proofs.lines).decode()


def test_an_unknown_act_is_not_found(bench: Bench) -> None:
    with pytest.raises(NotFoundError):
        gather(bench.tools, 999_999)


def test_a_virus_recognised_in_a_document_is_known_by_its_digest(bench: Bench) -> None:
    sent = bench.sent()
    with bench.tools.register() as unit:
        file = unit.acte(sent.acte_id).pieces[0].file
        unit.keep_scan(file.sha256, KeptScan(Verdict.FOUND, "Eicar", "1", bench.clock.now()))
        unit.commit()
    assert gather(bench.tools, sent.acte_id).infected == {file.sha256: "Eicar"}
