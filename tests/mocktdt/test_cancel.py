"""Cancellations that do not end as usual."""

import io
import tarfile

import pytest

from transmission.mocktdt import xmlio

CANCEL = "/modules/actes/actes_transac_cancel.php"
DOCUMENT = "/modules/actes/actes_transac_get_document.php"
ACTES = "/modules/actes/"
DAY = 86_400


def cancelled(tdt, act):
    answer = tdt.post(CANCEL, data={"api": "1", "id": str(act)}).content
    assert answer.startswith(b"OK\n"), answer
    return int(answer.split(b"\n")[1])


def test_the_platform_sends_a_valid_envelope_for_it(tdt, archive):
    one = archive()
    act = tdt.submitted(one)
    cancellation = cancelled(tdt, act)
    location = tdt.get(DOCUMENT, id=cancellation).headers["Location"]
    content = tdt.session.get(tdt.url + ACTES + location).content
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as tar:
        members = {member.name: tar.extractfile(member).read() for member in tar}
    assert list(members)[1] == f"{one.stem}-6-1_0.xml"
    assert all(xmlio.violation(xmlio.parse(xml)) is None for xml in members.values())
    assert tdt.get(DOCUMENT, id=act).content == b"6-4-%d\n" % cancellation


def test_a_refused_one_leaves_the_act_in_4_and_can_be_asked_again(tdt, management, archive):
    act = tdt.submitted(archive(number="ANNREF1"))
    assert tdt.status(act).startswith(b"OK\n4\n")
    refused = cancelled(tdt, act)
    status = tdt.status(refused)
    assert status.startswith(b"OK\n-1\n<?xml")
    assert "annulation refusée".encode("iso-8859-1") in status
    assert b"AnomalieEnveloppe" in status
    assert tdt.status(act).startswith(b"OK\n4\n")
    management.post("/scenario", scenario="ar", number="ANNREF1", **{"for": "cancellation"})
    again = cancelled(tdt, act)
    assert b"ARAnnulation" in tdt.status(again)
    assert tdt.status(act).split(b"\n", 2)[::2] == tdt.status(again).split(b"\n", 2)[::2]
    assert tdt.status(act).startswith(b"OK\n0\n")


@pytest.mark.parametrize("number", ["ANNSIL1", "D1"])
def test_a_silent_one_stays_pending_for_thirty_days(tdt, management, archive, number):
    if number == "D1":
        management.post("/scenario", scenario="silence", **{"for": "cancellation"})
    act = tdt.submitted(archive(number=number))
    pending = cancelled(tdt, act)
    assert tdt.status(pending) == b"OK\n3\n"
    again = tdt.post(CANCEL, data={"api": "1", "id": str(act)}).content
    assert b"d\xe9j\xe0 en cours" in again
    management.post("/clock", advance=31 * DAY)
    assert tdt.status(pending).startswith(b"OK\n-1\n")
    assert cancelled(tdt, act) > pending


def test_a_letter_does_not_prevent_one(tdt, archive):
    act = tdt.submitted(archive(number="DEMPIE1"))
    assert tdt.status(cancelled(tdt, act)).startswith(b"OK\n4\n")


def test_one_that_the_platform_refuses_opens_nothing(tdt, management, archive):
    act = tdt.submitted(archive())
    management.post("/scenario", scenario="refused", next=True, **{"for": "cancellation"})
    answer = tdt.post(CANCEL, data={"api": "1", "id": str(act)}).content
    assert answer == b"KO\nRefus demand\xe9 au simulateur\n"
    assert tdt.get(DOCUMENT, id=act).content == b""


@pytest.mark.parametrize(
    ("number", "status"), [("ANNREF1", b"OK\n-1\n"), ("ANNSIL1", b"OK\n3\n"), ("D1", b"OK\n4\n")]
)
def test_one_that_comes_in_an_envelope_has_the_same_fate(tdt, archive, number, status):
    one = archive(number=number)
    tdt.submitted(one)
    message = (
        f'<?xml version="1.0" encoding="ISO-8859-1"?><actes:Annulation xmlns:actes="{xmlio.ACTES}" '
        f'actes:IDActe="{one.stem}"/>'
    ).encode("iso-8859-1")
    envelope = archive(serial=2, messages=((f"{one.stem}-6-1_0.xml", message),))
    assert tdt.status(tdt.submitted(envelope)).startswith(status)
