"""The files of an act leave the service; what proves stays."""

import io
import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from tests.support.bench import Bench
from transmission.audit.review import StoreAuditor
from transmission.bootstrap import proof_checker
from transmission.domain.audits import Stage
from transmission.domain.dossier import HoleKind
from transmission.domain.errors import ConflictError, RefusedError
from transmission.domain.transmission import Author, StoredFile
from transmission.ports import DocumentStore
from transmission.ports.audits import EVERYTHING
from transmission.services import dispose as disposals
from transmission.services.dispose import GRACE, Disposed, Visa, dispose, remove_disposed
from transmission.services.dossier import make_dossier
from transmission.services.publish import publish
from transmission.services.unpublish import unpublish
from transmission.store.documents import DamagedDocumentError
from transmission.store.tables_archiving import disposed_content

ARCHIVIST = Author("archiviste", reason="bordereau d'élimination 2026-04")
VISA = Visa(b"%PDF-1.7 visa")
PUBLIC = date(2023, 3, 10)


def old(bench: Bench, **changes: Any) -> int:
    """An act that nobody may challenge any more; its number."""
    made = bench.acknowledged(**changes)
    publish(bench.tools, made.acte_id, PUBLIC, None, Author("secrétaire"))
    unpublish(bench.tools, made.acte_id, Author("secrétaire", reason="ancien"), early=True)
    bench.clock.advance(3 * 365 * 86400)
    return made.acte_id


def decided(bench: Bench, acte_id: int) -> Disposed:
    return dispose(bench.tools, acte_id, ARCHIVIST, VISA)


def files(bench: Bench, acte_id: int) -> list[StoredFile]:
    with bench.tools.register() as unit:
        return [piece.file for piece in unit.acte(acte_id).pieces]


def is_there(documents: DocumentStore, file: StoredFile) -> bool:
    try:
        documents.check(file)
    except DamagedDocumentError:
        return False
    return True


def states(bench: Bench) -> dict[str, str]:
    with bench.engine.connect() as connection:
        rows = connection.execute(select(disposed_content.c.sha256, disposed_content.c.state))
        return {row.sha256: row.state for row in rows}


def refusals(
    bench: Bench, acte_id: int, author: Author = ARCHIVIST, visa: Visa | None = VISA
) -> str:
    with pytest.raises(RefusedError) as caught:
        dispose(bench.tools, acte_id, author, visa)
    return str(caught.value)


def test_the_files_go_after_a_grace_and_what_proves_stays(bench: Bench) -> None:
    acte_id = old(bench)
    (received,) = files(bench, acte_id)
    with bench.tools.register() as unit:
        parcel = unit.current_transmission(acte_id).parcel
    assert parcel is not None
    made = decided(bench, acte_id)
    assert made.files == 2
    assert remove_disposed(bench.tools) == 0
    assert is_there(bench.tools.documents, received)
    bench.clock.advance(GRACE.total_seconds())
    assert remove_disposed(bench.tools) == 2
    assert not is_there(bench.tools.documents, received)
    assert not is_there(bench.tools.documents, parcel.archive)
    assert is_there(bench.tools.documents, parcel.message)
    assert remove_disposed(bench.tools) == 0
    with bench.tools.register() as unit:
        assert "files_disposed" in bench.events(unit.current_transmission(acte_id).id)


def test_the_certificate_says_what_went_and_on_whose_decision(bench: Bench) -> None:
    acte_id = old(bench)
    said = json.loads(bench.tools.documents.read(decided(bench, acte_id).certificate))
    assert said["auteur"] == "archiviste"
    assert said["fondement"] == "Visa d'élimination des archives"
    assert said["motif"] == "bordereau d'élimination 2026-04"
    (received,) = files(bench, acte_id)
    assert {"sha256": received.sha256, "octets": received.size} in said["fichiers"]
    with bench.tools.register() as unit:
        kept = unit.disposal_of(acte_id)
    assert kept is not None
    assert bench.tools.documents.read(kept.certificate)


def test_nothing_goes_while_it_may_be_challenged_is_on_line_or_nobody_allowed_it(
    bench: Bench,
) -> None:
    young = bench.acknowledged().acte_id
    publish(bench.tools, young, PUBLIC, None, Author("secrétaire"))
    told = refusals(bench, young, Author("archiviste"), visa=None)
    for reason in ("contrôle de légalité", "en ligne", "visa d'élimination", "motif"):
        assert reason in told


def test_a_decision_is_made_once(bench: Bench) -> None:
    acte_id = old(bench)
    decided(bench, acte_id)
    with pytest.raises(ConflictError):
        decided(bench, acte_id)


def test_what_another_act_is_made_of_stays(bench: Bench) -> None:
    contents = (b"%PDF-1.4 annexe commune",)
    acte_id = old(bench, contents=contents)
    other = bench.acknowledged(contents=contents).acte_id
    decided(bench, acte_id)
    bench.clock.advance(GRACE.total_seconds())
    assert remove_disposed(bench.tools) == 1
    (shared,) = files(bench, other)
    assert is_there(bench.tools.documents, shared)
    assert states(bench)[shared.sha256] == "kept"


def test_bytes_that_come_back_before_they_go_are_kept(bench: Bench) -> None:
    contents = (b"%PDF-1.4 modele repris",)
    acte_id = old(bench, contents=contents)
    decided(bench, acte_id)
    other = bench.acknowledged(contents=contents).acte_id
    (shared,) = files(bench, other)
    assert states(bench)[shared.sha256] == "kept"
    bench.clock.advance(GRACE.total_seconds())
    remove_disposed(bench.tools)
    assert is_there(bench.tools.documents, shared)


def test_nobody_relies_on_bytes_that_are_being_removed(bench: Bench) -> None:
    contents = (b"%PDF-1.4 modele repris",)
    acte_id = old(bench, contents=contents)
    decided(bench, acte_id)
    (going,) = files(bench, acte_id)
    with bench.tools.register() as unit:
        assert unit.begin_removal(going)
        unit.commit()
    with pytest.raises(DBAPIError, match="being disposed of"):
        bench.acknowledged(contents=contents)


def test_a_removal_that_was_cut_is_taken_up_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    acte_id = old(bench)
    decided(bench, acte_id)
    bench.clock.advance(GRACE.total_seconds())

    class Away:
        def forget(self, _file: StoredFile) -> None:
            raise OSError("le disque ne répond pas")

    with pytest.raises(OSError, match="disque"):
        remove_disposed(replace(bench.tools, documents=Away()))  # type: ignore[arg-type]
    assert "removing" in states(bench).values()
    assert remove_disposed(bench.tools) == 2
    assert set(states(bench).values()) == {"removed"}
    monkeypatch.setattr(disposals, "GRACE", timedelta())
    with bench.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM disposal")).scalar_one() == 1


def auditor_of(bench: Bench) -> StoreAuditor:
    tools = bench.tools
    return StoreAuditor(bench.engine, tools.documents, tools.anchors, lambda: proof_checker(None))


def differences(bench: Bench) -> list[str]:
    auditor = auditor_of(bench)
    return [each.kind.code for each in auditor.reread(Stage.ACTES, 0, 100, EVERYTHING).differences]


def test_an_audit_takes_what_was_disposed_of_for_no_difference_if_it_is_proved(
    bench: Bench,
) -> None:
    acte_id = old(bench)
    before = differences(bench)
    decided(bench, acte_id)
    bench.clock.advance(GRACE.total_seconds())
    remove_disposed(bench.tools)
    assert differences(bench) == before
    with bench.engine.begin() as connection:
        connection.execute(text("UPDATE disposal SET certificate_sha256 = repeat('0', 64)"))
    assert "fichier" in set(differences(bench)) - set(before)


def test_a_dossier_says_what_was_disposed_of(bench: Bench) -> None:
    acte_id = old(bench)
    decided(bench, acte_id)
    bench.clock.advance(GRACE.total_seconds())
    remove_disposed(bench.tools)
    made = make_dossier(bench.tools, acte_id, ARCHIVIST, io.BytesIO())
    told = [hole.message for hole in made.holes if hole.kind is HoleKind.UNREADABLE_FILE]
    assert len(told) >= 2
    assert all("éliminé par décision" in each for each in told)
