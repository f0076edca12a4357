"""Dossiers of acts of every fate: what is as it should be is never said altered."""

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.dossiers import Proven, proven, settle
from tests.support.scene import Scene
from transmission.audit.dossier import verify_dossier
from transmission.audit.dossier_report import Report, Verdict, Vouching
from transmission.bootstrap import proof_checker
from transmission.domain.transmission import Author
from transmission.services.cancel import cancel
from transmission.services.resend import resend

NUMBERS = {
    "rejected": "ANOACT002_1",
    "sent again": "D2023_008",
    "unanswered": "SILENC_1",
    "cut": "COUPEAP_1",
    "refused by the TdT": "REFUSE_1",
    "brought before the judge": "DEFERE0S_1",
    "observed": "LETOBS0S_1",
    "cancelled": "D2023_002",
}
"""The mock decides by the first letters of a number."""
WHY = Author("directrice", "erreur dans l'annexe")


@pytest.fixture
def made(engine, tmp_path: Path, quick) -> Iterator[Proven]:
    with proven(engine, tmp_path, quick) as dossiers:
        yield dossiers


def _change(scene: Scene, **changes: object) -> None:
    with scene.tools.register() as unit:
        owner = unit.authority(scene.authority_id).collectivite
        unit.replace_authority(replace(owner, **changes))
        unit.commit()


def _lived(scene: Scene, numero: str) -> int:
    acte_id = scene.accept(numero).acte_id
    scene.run()
    for _ in range(3):
        scene.later(60)
    return acte_id


def _read(made: Proven, acte_id: int) -> Report:
    path = made.scene.folder / "lu.asice"
    made.make(path, acte_id)
    return verify_dossier(io.BytesIO(path.read_bytes()), proof_checker(made.roots))


def test_what_became_of_an_act_never_makes_its_dossier_altered(made: Proven) -> None:
    scene = made.scene
    scene.manage("scenario", scenario="anomalie_enveloppe", number=NUMBERS["sent again"])
    fates = {name: _lived(scene, number) for name, number in NUMBERS.items()}
    cancel(scene.tools, fates["cancelled"], WHY)
    resend(scene.tools, fates["sent again"], WHY, renumber=True)
    scene.run()
    scene.later(60)
    scene.later(60)
    _change(scene, seal_format="xades", seals_pdf="b")
    fates["sealed copies"] = _lived(scene, "D2023_003")
    _change(scene, seal_format="cades", seals_pdf="non", signing_key=None, signs_documents=False)
    fates["without a key"] = _lived(scene, "D2023_004")
    settle(scene)
    reports = {name: _read(made, acte_id) for name, acte_id in fates.items()}
    assert {name: report.faults for name, report in reports.items()} == dict.fromkeys(fates, ())
    # Nobody gave the service's own certificate as one to trust.
    assert {report.verdict for report in reports.values()} == {Verdict.INCOMPLETE}
    received = {name for name, report in reports.items() if report.acte.date_reception}
    assert received == fates.keys() - {"rejected", "unanswered", "refused by the TdT"}
    seals = {each.place for each in reports["sealed copies"].of(Vouching.SEAL)}
    signed = {each.over for each in reports["sealed copies"].of(Vouching.SIGNATURE)}
    assert seals == {"envoi/1/sceau.xml"}
    assert signed == {"envoi/1/document-01.pdf", "envoi/1/document-02.pdf"}
    assert reports["sent again"].acte.id_acte.split("-")[3] != NUMBERS["sent again"]


def test_a_file_lost_by_the_store_is_a_hole_and_no_alteration(made: Proven) -> None:
    folder = made.scene.folder.parent / "documents"
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lost = set()
    for path in files:
        content = path.read_bytes()
        path.unlink()
        report = _read(made, made.acte_id)
        path.write_bytes(content)
        assert report.faults == (), path
        lost |= {each.place for each in report.holes}
    assert {"envoi/1/archive.tar.gz", "recu/01-piece-0.pdf", "recu/02-piece-1.pdf"} <= lost
    assert _read(made, made.acte_id).faults == ()
