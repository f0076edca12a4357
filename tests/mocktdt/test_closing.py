"""Closing, bordereau, stamp by transaction, envelope serial."""

import pytest

ACTES = "/modules/actes/"
CLOSE = ACTES + "actes_transac_close.php"
PDF = ACTES + "actes_create_pdf.php"
TAMPON = ACTES + "actes_transac_get_tampon.php"
SERIAL = ACTES + "actes_transac_get_env_serial.php"
DAY = 86_400


def close(tdt, status, **fields):
    return tdt.post(CLOSE, data={"api": "1", "status": status, **fields}).content


@pytest.mark.parametrize(("choice", "status"), [("valid", 5), ("invalid", 6)])
def test_an_act_is_closed_two_months_after_its_ar(tdt, management, archive, choice, status):
    act = tdt.submitted(archive())
    assert tdt.status(act).startswith(b"OK\n4\n")
    management.post("/clock", set="2026-05-15T10:00:00Z")
    early = close(tdt, choice, id=str(act))
    assert early == f"KO\n{act} : l&#039;accusé a moins de deux mois\n".encode("iso-8859-1")
    management.post("/clock", set="2026-05-16T10:00:00Z")
    done = close(tdt, choice, id=str(act))
    assert done == f"OK\n{act} : transaction fermée\n".encode("iso-8859-1")
    assert tdt.status(act) == b"OK\n%d\n" % status
    assert close(tdt, choice, id=str(act)).startswith(b"KO\n")


def test_archiving_does_not_wait(tdt, archive):
    act = tdt.submitted(archive())
    assert close(tdt, "sae", id=str(act)).startswith(b"OK\n")
    assert tdt.status(act) == b"OK\n19\n"


def test_an_act_waiting_for_its_signature_can_only_be_refused(tdt):
    act = tdt.created(must_signed="1")
    assert close(tdt, "valid", id=str(act)).startswith(b"KO\n")
    assert close(tdt, "sae", id=str(act)).startswith(b"KO\n")
    assert close(tdt, "invalid", id=str(act)).startswith(b"OK\n")
    assert tdt.status(act) == b"OK\n6\n"


def test_each_transaction_of_a_list_has_its_line(tdt, neighbour, archive):
    act = tdt.submitted(archive())
    ids = {"liste_id[]": ["99", str(act)]}
    lines = close(tdt, "sae", **ids).splitlines()
    assert [line.split(b" ")[0] for line in lines] == [b"OK", b"99", str(act).encode()]
    assert close(neighbour, "sae", id=str(act)).startswith(b"KO\n")
    assert close(tdt, "autre", id=str(act)).startswith(b"KO\nL&#039;")
    assert close(tdt, "sae").startswith(b"KO\n")
    assert tdt.post(CLOSE, data={"status": "sae", "id": str(act)}).status_code == 302


def test_a_month_too_short_ends_on_its_last_day(tdt, management, archive):
    management.post("/clock", set="2026-12-31T10:00:00Z")
    act = tdt.submitted(archive())
    assert tdt.status(act).startswith(b"OK\n4\n")
    management.post("/clock", set="2027-02-27T10:00:00Z")
    assert close(tdt, "valid", id=str(act)).startswith(b"KO\n")
    management.post("/clock", set="2027-02-28T10:00:00Z")
    assert close(tdt, "valid", id=str(act)).startswith(b"OK\n")


def test_the_bordereau_is_a_pdf_even_before_the_ar(tdt, neighbour, archive):
    act = tdt.submitted(archive(number="SILENC1"))
    answer = tdt.get(PDF, trans_id=act)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'inline; filename="acquittement.pdf"'
    assert answer.content.startswith(b"%PDF-")
    assert b"SILENC1" in answer.content
    assert b"Transmis" in answer.content
    assert b"Acquittement re" not in answer.content
    assert neighbour.get(PDF, trans_id=act).status_code == 302
    assert tdt.get(PDF, trans_id=99).status_code == 302


def test_a_long_bordereau_has_several_pages(tdt, archive):
    act = tdt.submitted(archive(annexes=("21_RP",) * 15))
    content = tdt.get(PDF, trans_id=act).content
    assert content.count(b"/Type /Page\n") > 1
    assert b"Acquittement re" in content


def test_the_stamp_by_transaction_redirects_to_the_first_pdf(tdt, archive):
    one = archive()
    act = tdt.submitted(one)
    answer = tdt.get(TAMPON, transaction=act)
    assert answer.status_code == 302
    assert answer.headers["Location"] == "actes_download_file.php?file=9002&tampon=true"
    stamped = tdt.session.get(tdt.url + ACTES + answer.headers["Location"])
    assert stamped.content.startswith(b"%PDF-")
    assert tdt.get(TAMPON, unique_id=one.stem).status_code == 302


def test_a_stamp_is_refused_before_the_ar_and_for_what_is_not_a_number(tdt, archive):
    act = tdt.submitted(archive(number="SILENC1"))
    assert tdt.get(TAMPON, transaction=act).content.startswith(b"KO\n")
    assert not tdt.get(TAMPON, transaction="x").content.startswith(b"KO")
    assert tdt.get(TAMPON, transaction=99).content.startswith(b"KO\n")


def test_a_serial_is_spent_when_it_is_told(tdt, neighbour):
    answers = [client.get(SERIAL).content for client in (tdt, tdt, neighbour)]
    assert answers == [b"OK\n1\n", b"OK\n2\n", b"OK\n1\n"]
