"""What a dossier de preuve is made of when something is missing: it is made all the same, and says
so."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import insert

from tests.support.bench import Bench
from tests.support.dossiers import contents, holes, told
from tests.support.scene import AUTHOR
from transmission.domain.collectivite import SigningKey
from transmission.domain.errors import TransmissionError
from transmission.domain.lifecycle import Event
from transmission.domain.retention import Ground
from transmission.domain.transmission import SERVICE, KeptPiece, Transmission
from transmission.ports import Arrived
from transmission.ports.archiving import NewDisposal
from transmission.ports.scans import KeptScan, Verdict
from transmission.services.anchor import anchor_journal
from transmission.services.dossier import make_dossier
from transmission.store.tables import attempt, retour

ALWAYS = ["sealed_by_service", "no_dossier_time_stamp"]
Reach = Callable[[Bench], Transmission]


def _held(bench: Bench) -> Transmission:
    made = bench.acte()
    with bench.tools.register() as unit:
        held = unit.move(made, Event.PREPARATION_FAILED, SERVICE, bench.clock.now())
        unit.commit()
    return held


def _made(bench: Bench, about: Transmission, tmp_path: Path) -> Path:
    path = tmp_path / f"{about.acte_id}.asice"
    with path.open("w+b") as target:
        make_dossier(bench.tools, about.acte_id, AUTHOR, target)
    return path


@pytest.mark.parametrize(
    ("reach", "missing"),
    [
        (Bench.acte, ["not_linked", "not_sent", "no_reception"]),
        (_held, ["not_linked", "not_sent", "no_reception"]),
        (
            Bench.prepared,
            ["no_seal", "no_signature", "no_time_stamp", "not_linked", "not_sent", "no_reception"],
        ),
        (
            Bench.in_doubt,
            ["no_seal", "no_signature", "no_time_stamp", "not_linked", "no_reception"],
        ),
        (Bench.sent, ["no_seal", "no_signature", "no_time_stamp", "not_linked", "no_reception"]),
        (Bench.acknowledged, ["no_seal", "no_signature", "no_time_stamp", "not_linked"]),
    ],
)
def test_a_dossier_is_made_in_every_state_and_tells_what_it_lacks(
    bench: Bench, tmp_path: Path, reach: Reach, missing: list[str]
) -> None:
    about = reach(bench)
    path = _made(bench, about, tmp_path)
    assert sorted(holes(path)) == sorted([*ALWAYS, *missing])
    found = told(path)
    assert found["sealed_by"] == "service"
    assert found["transmissions"][0]["state"] == about.state.code
    assert (found["reception"] is None) == ("no_reception" in missing)
    assert all(hole["message"].endswith((".", ")")) for hole in found["holes"])
    assert b"no_dossier_time_stamp" in contents(path)["dossier.json"]


def test_a_document_that_is_lost_is_a_hole_and_the_others_are_there(
    bench: Bench, tmp_path: Path
) -> None:
    sent = bench.sent(contents=(b"%PDF-1.4 acte", b"%PDF-1.4 plan"))
    with bench.tools.register() as unit:
        lost = unit.acte(sent.acte_id).pieces[1].file
    (kept,) = (tmp_path / "documents").rglob(lost.sha256)
    kept.unlink()
    path = _made(bench, sent, tmp_path)
    assert "recu/01-piece-1.pdf" in contents(path)
    assert "recu/02-piece-2.pdf" not in contents(path)
    (hole,) = [each for each in told(path)["holes"] if each["kind"] == "unreadable_file"]
    assert hole["of"] == "recu/02-piece-2.pdf"
    assert lost.sha256 in hole["message"]


def test_a_large_document_that_is_damaged_leaves_no_byte_of_it(
    bench: Bench, tmp_path: Path
) -> None:
    sent = bench.sent(contents=(b"%PDF-1.4 acte" + b"x" * (2 << 20),))
    with bench.tools.register() as unit:
        damaged = unit.acte(sent.acte_id).pieces[0].file
    (kept,) = (tmp_path / "documents").rglob(damaged.sha256)
    kept.chmod(0o600)
    kept.write_bytes(b"%PDF-1.4 acte" + b"y" * (2 << 20))
    path = _made(bench, sent, tmp_path)
    assert "recu/01-piece-1.pdf" not in contents(path)
    assert b"yyyyyyyy" not in path.read_bytes()
    assert "unreadable_file" in holes(path)


def test_a_store_that_is_away_is_no_hole(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class AwayError(TransmissionError, OSError):
        """What a distant store raises."""

    sent = bench.sent()

    def away(*_: object) -> bytes:
        raise AwayError("le magasin ne répond pas")

    monkeypatch.setattr(type(bench.tools.documents), "read", away)
    with pytest.raises(AwayError), (tmp_path / "x").open("w+b") as target:
        make_dossier(bench.tools, sent.acte_id, AUTHOR, target)
    assert "dossier_made" not in bench.events(sent.id)


def test_a_document_in_which_a_virus_is_recognised_stays_out(bench: Bench, tmp_path: Path) -> None:
    made = bench.acte(contents=(b"%PDF-1.4 acte", b"%PDF-1.4 piege"))
    with bench.tools.register() as unit:
        infected = unit.acte(made.acte_id).pieces[1].file
        unit.keep_scan(infected.sha256, KeptScan(Verdict.FOUND, "Eicar", "1", bench.clock.now()))
        unit.commit()
    path = _made(bench, made, tmp_path)
    assert b"%PDF-1.4 piege" not in path.read_bytes()
    (hole,) = [each for each in told(path)["holes"] if each["kind"] == "unreadable_file"]
    assert "un virus y est reconnu (Eicar)" in hole["message"]


def test_a_document_that_was_let_go_is_told_with_the_decision(bench: Bench, tmp_path: Path) -> None:
    sent = bench.acknowledged()
    visa = bench.tools.documents.put_bytes(b"visa")
    with bench.tools.register() as unit:
        gone = unit.acte(sent.acte_id).pieces[0].file
        unit.add_disposal(
            NewDisposal(
                acte_id=sent.acte_id, collectivite_id=bench.authority_id, ground=Ground.VISA,
                reason="délai échu", transfer_id=None, visa=visa, certificate=visa,
                contents=(gone,), due_at=bench.clock.now(),
            ),
            AUTHOR,
            bench.clock.now(),
        )  # fmt: skip
        unit.commit()
    (kept,) = (tmp_path / "documents").rglob(gone.sha256)
    kept.unlink()
    (hole,) = [
        each
        for each in told(_made(bench, sent, tmp_path))["holes"]
        if each["kind"] == "unreadable_file"
    ]
    assert "éliminé par décision du 10/03/2023 (Visa d'élimination" in hole["message"]
    assert visa.sha256 in hole["message"]


def _arrives(bench: Bench, about: Transmission, content: bytes, **changes: object) -> int:
    file = bench.tools.documents.put_bytes(content)
    with bench.tools.register() as unit:
        arrived = Arrived(
            bench.authority_id, file, f"tdt:{content!r}", bench.clock.now(), about.id, **changes
        )
        added = unit.add_retour(arrived)
        unit.commit()
    assert added is not None
    return added


def _settled(bench: Bench, number: int, status: str, **changes: object) -> None:
    with bench.engine.begin() as connection:
        connection.execute(
            retour.update().where(retour.c.id == number).values(status=status, **changes)
        )


def test_a_retour_in_quarantine_is_told_and_not_given(bench: Bench, tmp_path: Path) -> None:
    sent = bench.sent()
    number = _arrives(bench, sent, b"<quarantaine/>")
    _settled(bench, number, "quarantined")
    path = _made(bench, sent, tmp_path)
    assert "quarantined_retour" in holes(path)
    assert b"<quarantaine/>" not in path.read_bytes()


def test_a_hostile_name_of_the_state_leads_nowhere(bench: Bench, tmp_path: Path) -> None:
    sent = bench.sent()
    piece = KeptPiece("../../étranger\\x.PDF.exe", bench.tools.documents.put_bytes(b"document"))
    number = _arrives(bench, sent, b"<r/>", nom_fichier="/../..//CON.xml", pieces=(piece,))
    _settled(bench, number, "applied", kind="2-1")
    names = [name for name in contents(_made(bench, sent, tmp_path)) if "retours/" in name]
    assert names == ["retours/01-CON.xml", "retours/02-etranger-x.PDF.exe.bin"]


def test_an_archive_that_also_holds_messages_about_others_stays_out(
    bench: Bench, tmp_path: Path
) -> None:
    sent, other = bench.sent(), bench.sent()
    mine = _arrives(bench, sent, b"archive de lui seul", container=True)
    shared = _arrives(bench, sent, b"archive de plusieurs", container=True)
    for parent, about in ((mine, sent), (shared, sent), (shared, other)):
        inside = _arrives(
            bench, about, f"<m{parent}{about.id}/>".encode(), parent_id=parent, nom_fichier="m.xml"
        )
        _settled(bench, inside, "applied", kind="2-1")
    for number in (mine, shared):
        _settled(bench, number, "applied")
    given = _made(bench, sent, tmp_path).read_bytes()
    assert b"archive de lui seul" in given
    assert b"archive de plusieurs" not in given
    assert f"<m{shared}{other.id}/>".encode() not in given


def test_an_attempt_that_carried_another_archive_is_told(bench: Bench, tmp_path: Path) -> None:
    sent = bench.sent()
    with bench.engine.begin() as connection:
        connection.execute(
            insert(attempt).values(
                transmission_id=sent.id, number=9, connector="s2low", archive_name="autre",
                archive_sha256="ab" * 32, started_at=bench.clock.now(),
            )
        )  # fmt: skip
    (hole,) = [
        each
        for each in told(_made(bench, sent, tmp_path))["holes"]
        if each["kind"] == "replaced_archive"
    ]
    assert "ab" * 32 in hole["message"]


def test_progress_is_told_up_to_the_end(bench: Bench) -> None:
    sent = bench.sent()
    seen: list[tuple[int, int]] = []
    make_dossier(bench.tools, sent.acte_id, AUTHOR, BytesIO(), lambda *step: seen.append(step))
    assert seen[0][0] < seen[0][1]
    assert seen[-1][0] == seen[-1][1]
    assert [done for done, _ in seen[:4]] == sorted(done for done, _ in seen[:4])


def test_nothing_of_another_authority_is_in_a_dossier(bench: Bench, tmp_path: Path) -> None:
    sent = bench.sent(contents=(b"%PDF-1.4 le mien",))
    other = bench.sent(contents=(b"%PDF-1.4 le leur",), authority_id=bench.second_id)
    bench.clock.advance(86_400)
    anchor_journal(bench.tools)
    path = _made(bench, sent, tmp_path)
    found = contents(path)
    assert "ancres/000001.json" in found
    with bench.tools.register() as unit:
        theirs = unit.acte(other.acte_id)
        siren = unit.authority(bench.second_id).collectivite.siren
    assert other.parcel is not None
    digests = (theirs.pieces[0].file.sha256, other.parcel.archive.sha256)
    for word in (siren, str(theirs.numero_interne), other.parcel.archive_name, *digests):
        assert not [name for name, content in found.items() if word.encode() in content], word
    assert b"le leur" not in path.read_bytes()
    with ZipFile(path) as archive:
        assert not [name for name in archive.namelist() if siren in name]


def test_bytes_kept_after_a_key_was_lost_are_sealed_by_the_service(
    bench: Bench, tmp_path: Path
) -> None:
    sent = bench.sent()
    bench.changed(lambda owner: replace(owner, signing_key=SigningKey(str(tmp_path / "absente"))))
    (hole,) = [
        each
        for each in told(_made(bench, sent, tmp_path))["holes"]
        if each["kind"] == "sealed_by_service"
    ]
    assert "la clé de la collectivité ne peut pas servir" in hole["message"]
