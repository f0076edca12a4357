"""Acts handed over to the public archives."""

import hashlib
import io
from dataclasses import replace
from datetime import date
from typing import Any
from zipfile import ZipFile

import pytest
from lxml import etree

from tests.support.bench import RECEPTION, Bench
from transmission.actes.seda import NAMESPACE, ArchiveReplyError
from transmission.domain.errors import ConflictError, NotFoundError, RefusedError, TransmissionError
from transmission.domain.transmission import Author
from transmission.services import transfer as transfers
from transmission.services.transfer import MadeTransfer, TransferAsked, answer, transfer

ARCHIVIST = Author("archiviste")


def asked(bench: Bench, **changes: Any) -> TransferAsked:
    made = TransferAsked(bench.authority_id, RECEPTION, "ACTES-01", "FRAD042")
    return replace(made, **changes)


def written(bench: Bench, **changes: Any) -> tuple[MadeTransfer, bytes]:
    target = io.BytesIO()
    made = transfer(bench.tools, asked(bench, **changes), ARCHIVIST, target)
    return made, target.getvalue()


def reply(identifier: str, code: str = "OK") -> bytes:
    return (
        f'<ArchiveTransferReply xmlns="{NAMESPACE}"><ReplyCode>{code}</ReplyCode>'
        f"<MessageRequestIdentifier>{identifier}</MessageRequestIdentifier></ArchiveTransferReply>"
    ).encode()


def test_a_package_holds_a_dossier_of_each_act_as_its_slip_says(bench: Bench) -> None:
    first, second = bench.acknowledged(), bench.acknowledged()
    bench.sent()
    made, content = written(bench)
    with ZipFile(io.BytesIO(content)) as package:
        slip = etree.fromstring(package.read("manifest.xml"))
        uris = [each.text or "" for each in slip.iter(f"{{{NAMESPACE}}}Uri")]
        digests = [each.text for each in slip.iter(f"{{{NAMESPACE}}}MessageDigest")]
        assert sorted(package.namelist()) == sorted([*uris, "manifest.xml"])
        assert digests == [hashlib.sha512(package.read(uri)).hexdigest() for uri in uris]
        assert all(ZipFile(io.BytesIO(package.read(uri))).testzip() is None for uri in uris)
    assert [uri.split("/")[1].split("-")[0] for uri in uris] == [
        str(first.acte_id),
        str(second.acte_id),
    ]
    assert made.left == ()
    assert made.transfer.actes == 2
    assert made.transfer.package is not None
    assert made.transfer.package.sha256 == hashlib.sha256(content).hexdigest()


def test_an_act_is_handed_over_once_unless_asked_or_refused_by_the_archives(bench: Bench) -> None:
    bench.acknowledged()
    made, _ = written(bench)
    with pytest.raises(RefusedError, match="ne reste à verser"):
        written(bench)
    assert written(bench, again=True)[0].transfer.actes == 1
    for each in (made.transfer, *others(bench, made)):
        answer(
            bench.tools,
            bench.authority_id,
            each.identifier,
            reply(each.identifier, "KO"),
            ARCHIVIST,
        )
    assert written(bench)[0].transfer.actes == 1


def others(bench: Bench, made: MadeTransfer) -> list[Any]:
    with bench.tools.register() as unit:
        known = unit.transfers(bench.authority_id)
    return [each for each in known if each.id != made.transfer.id]


def test_what_was_received_later_or_by_another_authority_is_not_handed_over(bench: Bench) -> None:
    bench.acknowledged(authority_id=bench.second_id)
    bench.acknowledged()
    with pytest.raises(RefusedError):
        written(bench, until=date(2023, 1, 1))
    made, content = written(bench)
    assert made.transfer.actes == 1
    with bench.tools.register() as unit:
        other = unit.authority(bench.second_id).collectivite.siren
        assert unit.transfers(bench.second_id) == []
    assert other.encode() not in content


def test_an_act_whose_dossier_cannot_be_made_is_told_and_the_others_go(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, sound = bench.acknowledged(), bench.acknowledged()
    usual = transfers.make_dossier

    def failing(tools: Any, acte_id: int, *rest: Any) -> Any:
        if acte_id == broken.acte_id:
            raise TransmissionError("La clé est illisible.")
        return usual(tools, acte_id, *rest)

    monkeypatch.setattr(transfers, "make_dossier", failing)
    made, _ = written(bench)
    assert [each.id_acte for each in made.left] == [str(broken.id_acte)]
    monkeypatch.undo()
    # Only what went is held: the other is taken by the next one.
    again, _ = written(bench)
    assert (made.transfer.actes, again.transfer.actes) == (1, 1)
    assert sound.acte_id != broken.acte_id


def test_a_package_that_was_cut_is_not_told_as_made(bench: Bench) -> None:
    bench.acknowledged()

    class Full(io.BytesIO):
        def write(self, _block: Any) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        transfer(bench.tools, asked(bench), ARCHIVIST, Full())
    with bench.tools.register() as unit:
        (cut,) = unit.transfers(bench.authority_id)
    assert (cut.package, cut.actes) == (None, 0)
    assert written(bench)[0].transfer.identifier != cut.identifier


def test_the_answer_of_the_archives_is_kept_once_as_received(bench: Bench) -> None:
    made = bench.acknowledged()
    identifier = written(bench)[0].transfer.identifier
    content = reply(identifier)
    told = answer(bench.tools, bench.authority_id, identifier, content, ARCHIVIST)
    assert (told.accepted, told.reply_code) == (True, "OK")
    with bench.tools.register() as unit:
        accepted = unit.accepted_transfer(made.acte_id)
    assert accepted is not None
    assert accepted.identifier == identifier
    with pytest.raises(ConflictError):
        answer(bench.tools, bench.authority_id, identifier, content, ARCHIVIST)


def test_an_answer_to_nothing_we_sent_is_refused(bench: Bench) -> None:
    bench.acknowledged()
    identifier = written(bench)[0].transfer.identifier
    with pytest.raises(NotFoundError):
        answer(bench.tools, bench.second_id, identifier, reply(identifier), ARCHIVIST)
    with pytest.raises(ArchiveReplyError):
        answer(bench.tools, bench.authority_id, identifier, b"<a/>", ARCHIVIST)
    with bench.tools.register() as unit:
        assert unit.transfer(bench.authority_id, identifier).accepted is None
