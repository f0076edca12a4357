"""The page of the management port: forms that play the ministry, without JavaScript."""

import re

import pytest


@pytest.fixture
def page(management):
    def read():
        answer = management.session.get(management.url + "/")
        assert answer.status_code == 200
        return answer.text

    return read


@pytest.fixture
def submit(management):
    def submit(form, headers=None, **fields):
        return management.session.post(
            f"{management.url}/page/{form}", data=fields, headers=headers, allow_redirects=False
        )

    return submit


def test_an_empty_page_says_what_to_do(page):
    assert "Aucun acte reçu" in page()


def test_each_act_has_its_forms(tdt, page, archive):
    act = tdt.submitted(archive(objet="Tarif &lt;script&gt;"))
    text = page()
    assert f'name="transaction" value="{act}"' in text
    assert set(re.findall(r'action="(/page/[a-z]+)"', text)) == {
        "/page/clock",
        "/page/retour",
        "/page/courrier",
    }
    assert "<script" not in text
    assert "Acquittement reçu" in text


def test_an_ar_is_given_by_hand(tdt, page, submit, archive):
    act = tdt.submitted(archive(number="SILENC1"))
    assert page().count(' disabled title="La préfecture') == 4
    answer = submit("retour", transaction=act, retour="ar")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert tdt.status(act).startswith(b"OK\n4\n")
    assert page().count("disabled title") == 1


def test_an_anomaly_is_given_by_hand(tdt, page, submit, archive):
    act = tdt.submitted(archive(number="SILENC1"))
    assert tdt.status(act) == b"OK\n3\n"
    assert 'value="anomalie_acte">' in page()
    submit("retour", transaction=act, retour="anomalie_acte")
    assert tdt.status(act).startswith(b"OK\n-1\n")


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("lettre_observations", "lettre d&#x27;observations"),
        ("defere_ta", "déféré au tribunal administratif"),
    ],
)
def test_a_letter_is_sent_by_hand_and_shown_under_its_act(tdt, page, submit, archive, kind, name):
    act = tdt.submitted(archive())
    tdt.status(act)
    assert submit("courrier", transaction=act, kind=kind, text="Motif é").status_code == 303
    assert f"{name}, n° {act + 1}" in page()


def test_the_clock_moves(management, page, submit):
    submit("clock", advance=86400)
    assert "Horloge : 17/03/2026 11:00:00" in page()
    submit("clock", set="2026-07-01T10:00:00+00:00")
    assert "Horloge : 01/07/2026 12:00:00" in page()


def test_a_form_that_cannot_be_obeyed_explains_itself(submit):
    answer = submit("courrier", transaction=1, kind="defere_ta")
    assert answer.status_code == 400
    assert "transaction ou id_acte inconnu" in answer.text
    assert submit("clock", set="demain").status_code == 400
    assert submit("clock", advance="9" * 5_000).status_code == 400
    assert submit("authorities", siren="1").status_code == 400


def test_another_site_cannot_play_the_ministry(tdt, management, submit, archive):
    act = tdt.submitted(archive(number="SILENC1"))
    fields = {"transaction": act, "retour": "ar"}
    evil = submit("retour", headers={"Origin": "http://evil.example"}, **fields)
    assert evil.status_code == 403
    assert tdt.status(act) == b"OK\n3\n"
    assert submit("retour", headers={"Origin": management.url}, **fields).status_code == 303
