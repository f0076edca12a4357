"""Where a transaction stands, its AR, its cancellation."""

from datetime import UTC, datetime

from transmission.mocktdt import xmlio

STATUS = "/modules/actes/actes_transac_get_status.php"
AR = "/modules/actes/actes_transac_get_ARActe.php"
CANCEL = "/modules/actes/actes_transac_cancel.php"
ID_ACTE = "042-123456782-20260312-D2026_001-DE"


def test_the_body_ends_after_the_second_line_while_nothing_came_back(tdt, management, archive):
    management.post("/delays", check=10, sending=10, answer=10)
    number = tdt.submitted(archive())
    assert tdt.status(number) == b"OK\n1\n"
    management.post("/clock", advance=10)
    assert tdt.status(number) == b"OK\n2\n"
    management.post("/clock", advance=10)
    assert tdt.status(number) == b"OK\n3\n"
    management.post("/clock", advance=10)
    assert tdt.status(number).startswith(b"OK\n4\n<?xml ")


def test_the_ministry_dates_its_answer_not_the_one_who_asks(tdt, management, archive):
    management.post("/delays", answer=3600)
    number = tdt.submitted(archive())
    management.post("/clock", advance=5 * 86400)
    assert b'actes:DateReception="2026-03-16"' in tdt.status(number)


def test_the_day_of_reception_is_the_day_in_paris(start_mock, connect, archive):
    late = datetime(2026, 3, 16, 23, 30, tzinfo=UTC)
    client = connect(start_mock(start=late))
    assert b'actes:DateReception="2026-03-17"' in client.status(client.submitted(archive()))


def test_errors_are_echoed_in_utf_8_without_final_line_feed(tdt):
    for query in ({"transaction": "99"}, {"transaction": "abc"}, {}, {"unique_id": "x"}):
        assert tdt.get(STATUS, **query).content == "KO\nNuméro de transaction invalide".encode()


def test_another_authority_may_not_look(tdt, neighbour, archive):
    number = tdt.submitted(archive())
    assert neighbour.status(number) == "KO\nAccès refusé".encode()
    assert neighbour.get(AR, id=number, api=1).content == b"KO\nAcc\xe8s refus\xe9\n"


def test_polling_needs_the_full_permission(tdt, management, archive):
    number = tdt.submitted(archive())
    for permission in ("CS", "TT", "RO", "NONE"):
        management.post("/account", siren="123456782", permission=permission)
        assert tdt.status(number) == "KO\nAccès refusé".encode()


def test_the_unique_id_is_known_only_after_the_ar(tdt, management, archive):
    management.post("/delays", answer=60)
    number = tdt.submitted(archive())
    assert tdt.get(STATUS, unique_id=ID_ACTE).content.startswith(b"KO\n")
    assert tdt.get(STATUS, unique_id=f"{ID_ACTE}-1-1").content == b"OK\n3\n"
    management.post("/clock", advance=60)
    assert tdt.get(STATUS, unique_id=ID_ACTE).content == tdt.status(number)


def test_the_unique_id_wins_over_the_transaction(tdt, archive):
    one, two = tdt.submitted(archive()), tdt.submitted(archive(number="B", serial=2))
    assert tdt.status(one) != tdt.status(two)
    assert tdt.get(STATUS, unique_id=ID_ACTE, transaction=two).content == tdt.status(one)


def test_the_ar_alone_has_an_xml_content_type(tdt, archive):
    number = tdt.submitted(archive())
    answer = tdt.get(AR, id=number, api=1)
    assert answer.headers["Content-Type"] == "application/xml"
    assert answer.content == tdt.status(number).removeprefix(b"OK\n4\n")


def test_without_ar_the_body_is_empty(tdt, archive):
    answer = tdt.get(AR, id=tdt.submitted(archive(number="SILENC1")), api=1)
    assert (answer.status_code, answer.content) == (200, b"")


def test_a_cancellation_is_a_transaction_of_its_own(tdt, archive):
    act = tdt.submitted(archive())
    answer = tdt.post(CANCEL, data={"api": "1", "id": str(act)}).content
    assert answer == b"OK\n4712\n\n"
    xml = tdt.status(4712).removeprefix(b"OK\n4\n")
    assert tdt.status(act) == b"OK\n0\n" + xml
    root = xmlio.parse(xml)
    assert xmlio.local_name(root) == "ARAnnulation"
    assert xmlio.violation(root) is None
    assert b'actes:DateReception="2026-03-16"' in xml


def test_the_refusals_of_a_cancellation_are_told(tdt, neighbour, management, archive):
    management.post("/delays", answer=60)
    act = tdt.submitted(archive())

    def cancel(client, identifier):
        return client.post(CANCEL, data={"api": "1", "id": str(identifier)}).content

    assert cancel(tdt, 99).startswith(b"KO\nTransaction \xe0 annuler introuvable")
    assert b"permet de l&#039;annuler" in cancel(tdt, act)
    management.post("/clock", advance=60)
    assert cancel(neighbour, act) == b"KO\nAcc\xe8s refus\xe9\n"
    assert cancel(tdt, act) == b"OK\n4712\n\n"
    assert b"d\xe9j\xe0 en cours" in cancel(tdt, act)
    assert b"Seule la transmission" in cancel(tdt, 4712)
    management.post("/clock", advance=60)
    assert b"permet de l&#039;annuler" in cancel(tdt, act)
