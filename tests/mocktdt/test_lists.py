"""Lists and counts in JSON."""

import pytest

LIST = "/modules/actes/api/list_actes.php"
COUNT = "/modules/actes/api/number_actes.php"
LABELS = "/modules/actes/api/actes_status.php"


def _ids(answer) -> list[str]:
    return [item["id"] for item in answer.json()["transactions"]]


def test_every_leaf_is_a_string(tdt, archive):
    tdt.submitted(archive())
    assert tdt.get(LIST, status_id=4).content == (
        b'{"status_id":"4","authority_id":"1","offset":"0","limit":"100","transactions":'
        b'[{"id":"4711","subject":"Tarif de la m\\u00e9diath\\u00e8que","number":"D2026_001",'
        b'"date":"2026-03-12","nature_descr":"D\\u00e9lib\\u00e9rations","classification":"7.1",'
        b'"type":"1"}]}'
    )


def test_all_types_are_mixed_and_nulls_are_empty(tdt):
    tdt.get("/modules/actes/actes_classification_request.php", api=1)
    (item,) = tdt.get(LIST, status_id=4).json()["transactions"]
    assert item == {
        "id": "4711",
        "subject": "",
        "number": "",
        "date": "",
        "nature_descr": "",
        "classification": "",
        "type": "7",
    }


def test_cancelled_acts_are_the_default(tdt, archive):
    act = tdt.submitted(archive())
    tdt.status(act)
    assert _ids(tdt.get(LIST)) == []
    tdt.post("/modules/actes/actes_transac_cancel.php", data={"api": "1", "id": str(act)})
    assert _ids(tdt.get(LIST)) == [str(act)]


def test_the_newest_come_first_by_pages(tdt, archive):
    for n in range(5):
        tdt.submitted(archive(number=f"N{n}", serial=n))
    assert _ids(tdt.get(LIST, status_id=4, limit=2)) == ["4715", "4714"]
    assert _ids(tdt.get(LIST, status_id=4, limit=2, offset=4)) == ["4711"]
    assert tdt.get(LIST, status_id=4, limit=0).json()["limit"] == "100"
    assert len(_ids(tdt.get(LIST, status_id=4, limit=""))) == 5


def test_only_the_authority_s_own_transactions_are_listed(tdt, neighbour, archive):
    tdt.submitted(archive())
    assert _ids(neighbour.get(LIST, status_id=4)) == []


@pytest.mark.parametrize(("version", "expected"), [(5, ["4711"]), (6, [])])
def test_the_bounds_are_on_the_status_in_5_and_on_the_deposit_in_6(
    start_mock, connect, manage, version, expected
):
    mock = start_mock(version=version, ar_delay=86400)
    client = connect(mock)
    client.created()
    manage(mock).post("/clock", advance=2 * 86400)
    found = client.get(LIST, status_id=4, min_date="2026-03-17")
    assert _ids(found) == expected
    assert _ids(client.get(LIST, status_id=4, max_date="2026-03-15")) == []
    assert _ids(client.get(LIST, status_id=4, min_date="2026-03-16", max_date="2026-03-18")) == [
        "4711"
    ]


def test_an_invalid_bound_kills_the_script(tdt):
    assert tdt.get(LIST, status_id=4, min_date="hier").status_code == 500


def test_counts_are_integers(tdt, archive):
    tdt.submitted(archive())
    assert tdt.get(COUNT, status_id=4).content == (
        b'{"status_id":4,"authority_id":1,"nb_transactions":1}'
    )
    assert tdt.get(COUNT).json()["nb_transactions"] == 0


def test_the_labels_begin_with_minus_one(tdt):
    answer = tdt.get(LABELS)
    assert answer.content.startswith(b'{"-1":"Erreur","0":"Annul\\u00e9","1":"Post\\u00e9",')
    assert len(answer.json()) == 24
