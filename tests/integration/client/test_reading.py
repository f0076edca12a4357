"""What is read through the client is what the register has, cut or not."""

from collections.abc import Callable
from datetime import date
from io import BytesIO

import pytest

from tests.support.bench import Bench
from tests.support.cutting import Cut, CuttingFront
from transmission.client import (
    Client,
    DamagedFileError,
    Depot,
    Filtres,
    NotYetError,
    UnknownError,
)


def test_every_act_is_given_page_after_page(client: Client, bench: Bench) -> None:
    made = [bench.acte().acte_id for _ in range(55)]
    assert client.page_of_actes().suivant is not None
    assert [acte.id for acte in client.actes()] == made[::-1]
    assert len({page.numero for page in client.actes(Filtres(etat=("accepted",)))}) == 55
    assert list(client.actes(Filtres(etat=("held",)))) == []


def test_an_act_is_read_whole(client: Client, bench: Bench) -> None:
    received = bench.acknowledged()
    acte = client.acte(received.acte_id)
    assert acte.date_reception == date(2023, 3, 9)
    assert acte.etat.code == "acknowledged"
    assert acte.etat.depuis.tzinfo is not None
    assert acte.lecture.dates
    assert acte.tampon == f"{acte.lien}/tampon"
    assert acte.envois[0].message.code == "1-1"


def test_what_is_unknown_and_what_is_another_authoritys_are_one(
    client: Client, bench: Bench
) -> None:
    theirs = bench.acte(authority_id=bench.second_id)
    said = []
    for acte_id in (theirs.acte_id, 999_999):
        with pytest.raises(UnknownError) as raised:
            client.acte(acte_id)
        said.append(str(raised.value))
    assert said[0] == said[1]


def test_changes_are_given_until_now_and_gone_on_from(client: Client, bench: Bench) -> None:
    first = bench.acte()
    changes = list(client.changements())
    assert [change.acte for change in changes] == [first.acte_id]
    assert list(client.changements(changes[-1].curseur)) == []
    second = bench.prepared()
    later = list(client.changements(changes[-1].curseur))
    assert {change.acte for change in later} == {second.acte_id}
    assert later[-1].vers == "prepared"


def test_a_file_that_is_cut_on_its_way_is_gone_on_from(
    client: Client, bench: Bench, front: CuttingFront
) -> None:
    content = bytes(range(256)) * 4096
    sent = bench.acte((content,))
    fichier = client.acte(sent.acte_id).fichiers[0]
    client.close()
    front.plan += [Cut(answer=300_000), Cut(answer=200_000), Cut(answer=10)]
    told: list[tuple[int, int]] = []
    target = BytesIO()
    written = client.fichier(
        sent.acte_id, fichier.sha256, target, progress=lambda *so_far: told.append(so_far)
    )
    assert target.getvalue() == content
    assert (written.sha256, written.octets) == (fichier.sha256, len(content))
    assert front.connections == 5
    assert told


def test_a_file_is_written_after_what_is_there_already(client: Client, bench: Bench) -> None:
    sent = bench.acte((b"%PDF-1.4 acte",))
    target = BytesIO(b"before")
    target.seek(0, 2)
    client.fichier(sent.acte_id, client.acte(sent.acte_id).fichiers[0].sha256, target)
    assert target.getvalue() == b"before%PDF-1.4 acte"


def test_the_stamp_and_the_ar_are_refused_while_they_are_not_there(
    client: Client, depot_of: Callable[..., Depot]
) -> None:
    acte_id = client.deposit(depot_of()).acte.id
    for method in (client.tampon, client.accuse_reception):
        with pytest.raises(NotYetError):
            method(acte_id, BytesIO())


def test_a_file_whose_digest_is_wrong_is_never_taken_for_whole(
    client: Client, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = bench.acte((b"%PDF-1.4 acte",))
    sha256 = client.acte(sent.acte_id).fichiers[0].sha256
    monkeypatch.setattr("transmission.api.downloads._blocks", lambda *_: iter([b"%PDF-1.4 actf"]))
    with pytest.raises(DamagedFileError):
        client.fichier(sent.acte_id, sha256, BytesIO())
