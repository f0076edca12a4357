"""The settings of an authority are judged when it is enrolled, not at its first sending."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.domain.collectivite import (
    Calendrier,
    Collectivite,
    LegalOptions,
    Referent,
    SigningKey,
    TdtAccount,
    TransmissionWindow,
)
from transmission.domain.errors import IdentifierError, RefusedError
from transmission.domain.identifiers import Departement, NomEnveloppe, Siren, outgoing_enveloppe
from transmission.ports import AuthorityRow
from transmission.services.enroll import checked, enroll
from transmission.services.enroll import replace as change
from transmission.tdt.registry import ConnectorRegistry

NOW = datetime(2023, 3, 10, 9, tzinfo=UTC)
TDT = TdtAccount("s2low", "TdT", "https://tdt.example", "c.pem", "k.pem", None, "ca.pem")
GOOD = Collectivite(
    siren=Siren("123456782"),
    departement=Departement("042"),
    arrondissement=2,
    nature="31",
    nom="Commune de Saint-Exemple",
    adresses_retour=("retours@example.org",),
    tdt=TDT,
)


class Notebook:
    """A register, a clock and a TdT registry: notes what is done, and whether it was committed."""

    def __init__(self) -> None:
        self.done: list[Any] = []
        self.clock = self
        self.tdts = ConnectorRegistry()

    def now(self) -> datetime:
        return NOW

    @contextmanager
    def register(self) -> Iterator["Notebook"]:
        yield self

    def add_authority(self, collectivite: Collectivite, at: datetime) -> int:
        self.done.append(("added", collectivite, at))
        return 7

    def authority_by_siren(self, siren: str) -> AuthorityRow:
        assert siren == GOOD.siren
        return AuthorityRow(7, GOOD)

    def mark_all_stale(self, authority_id: int) -> None:
        self.done.append(("stale", authority_id))

    def replace_authority(self, collectivite: Collectivite) -> None:
        self.done.append(("replaced", collectivite))

    def ring(self, task: str, subject: int) -> None:
        self.done.append((task, subject))

    def commit(self) -> None:
        self.done.append("committed")


def _rules(collectivite: Collectivite) -> list[str]:
    tools: Any = Notebook()
    with pytest.raises(RefusedError) as refused:
        enroll(tools, collectivite)
    assert tools.done == []
    assert all(problem.remedy for problem in refused.value.problems)
    return [problem.rule for problem in refused.value.problems]


def test_a_right_authority_is_stored_and_its_classification_asked_for_in_one_commit() -> None:
    tools: Any = Notebook()
    assert enroll(tools, GOOD) == 7
    assert tools.done == [("added", GOOD, NOW), ("classify", 7), "committed"]


def test_replacing_settings_judges_them_too_and_keeps_the_classification() -> None:
    tools: Any = Notebook()
    change(tools, GOOD)
    assert tools.done == [("replaced", GOOD), "committed"]
    with pytest.raises(RefusedError):
        change(tools, replace(GOOD, arrondissement=10))
    assert len(tools.done) == 2


@pytest.mark.parametrize(
    ("changes", "again"),
    [
        ({"nom": "Autre nom"}, False),
        ({"droit": LegalOptions(rappels_jours=(3,))}, False),
        ({"calendrier": Calendrier.ALSACE_MOSELLE}, True),
        ({"time_zone": "America/Cayenne"}, True),
        ({"nature": "44"}, True),
        ({"droit": LegalOptions(profile="strict")}, True),
        ({"droit": LegalOptions(settings=(("late_pieces_restart", "non"),))}, True),
        ({"droit": LegalOptions(population=1200)}, True),
    ],
)
def test_settings_that_change_what_the_law_makes_of_acts_have_them_all_read_again(
    changes: dict[str, Any], again: bool
) -> None:
    tools: Any = Notebook()
    change(tools, replace(GOOD, **changes))
    assert (("stale", 7) in tools.done) is again
    assert tools.done[-1] == "committed"


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"arrondissement": 10}, "arrondissement_chiffre"),
        ({"arrondissement": -1}, "arrondissement_chiffre"),
        ({"nature": "3"}, "nature_collectivite"),
        ({"nature": "3A"}, "nature_collectivite"),
        ({"nature": "٣١"}, "nature_collectivite"),
        ({"adresses_retour": ()}, "adresse_absente"),
        ({"adresses_retour": ("a+b@example.org",)}, "adresse_schema"),
        ({"referent": Referent(email="a@example.technology")}, "adresse_schema"),
        ({"referent": Referent(nom="Service \N{GRINNING FACE}")}, "caracteres"),
        ({"referent": Referent(telephone="04\x0000")}, "caracteres"),
        ({"tdt": replace(TDT, windows=(TransmissionWindow(8, 8, 1),))}, "fenetres"),
        ({"time_zone": "Paris"}, "fuseau"),
        ({"time_zone": ""}, "fuseau"),
        ({"time_zone": "Europe"}, "fuseau"),
        ({"time_zone": "../../etc/passwd"}, "fuseau"),
        ({"stamp_corner": "middle"}, "coin"),
        ({"seal_format": "pades"}, "forme_du_cachet"),
        ({"seals_pdf": "lta"}, "sceau_pdf"),
        ({"seals_pdf": "b"}, "sceau_pdf"),
        ({"signing_key": SigningKey()}, "cle_de_signature"),
        ({"signing_keys": (SigningKey("a.p12"), SigningKey(token="t"))}, "cle_de_signature"),
        ({"tdt": replace(TDT, mode="fax")}, "tdt_connu"),
        ({"tdt": replace(TDT, connector="pigeon")}, "tdt_connu"),
        ({"tdt": replace(TDT, application="EACTE")}, "nom_archive"),
        ({"tdt": replace(TDT, application="eact")}, "nom_archive"),
        ({"tdt": replace(TDT, trigramme="SLOW")}, "nom_archive"),
        ({"tdt": replace(TDT, trigramme="")}, "nom_archive"),
    ],
)
def test_each_wrong_setting_is_refused_by_its_rule_and_nothing_is_stored(
    changes: dict[str, Any], rule: str
) -> None:
    assert _rules(replace(GOOD, **changes)) == [rule]


def test_everything_wrong_is_told_at_once() -> None:
    wrong = replace(
        GOOD, arrondissement=12, nature="", adresses_retour=("nulle part",), time_zone="Mars"
    )
    assert _rules(wrong) == [
        "arrondissement_chiffre", "nature_collectivite", "adresse_schema", "fuseau",
    ]  # fmt: skip


@given(st.text(max_size=5), st.text(max_size=4))
def test_an_authority_that_is_taken_never_gets_an_envelope_that_cannot_be_read_back(
    application: str, trigramme: str
) -> None:
    tdt = replace(TDT, application=application, trigramme=trigramme)
    tools: Any = Notebook()
    try:
        enroll(tools, replace(GOOD, tdt=tdt))
    except RefusedError:
        return
    enveloppe = outgoing_enveloppe(application, GOOD.siren, NOW.date(), 1)
    assert NomEnveloppe.parse(str(enveloppe)) == enveloppe
    assert NomEnveloppe.parse(enveloppe.archive(trigramme)) == enveloppe


def test_loose_fields_become_an_authority() -> None:
    made = checked({**_fields(), "siren": "123 456 782", "departement": "042"})
    assert made == GOOD


def test_loose_fields_are_all_judged_before_any_is_refused() -> None:
    with pytest.raises(RefusedError) as refused:
        checked({**_fields(), "siren": "123456789", "departement": "42"})
    assert [problem.field for problem in refused.value.problems] == ["siren", "departement"]


@pytest.mark.parametrize("name", ["siren", "departement"])
def test_a_field_that_is_missing_is_told_like_a_wrong_one(name: str) -> None:
    fields = _fields()
    del fields[name]
    with pytest.raises(RefusedError) as refused:
        checked(fields)
    assert [problem.field for problem in refused.value.problems] == [name]
    assert not isinstance(refused.value, IdentifierError)


def test_a_name_that_is_no_setting_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="couleur"):
        checked({**_fields(), "couleur": "rouge"})


def _fields() -> dict[str, Any]:
    return {
        name: getattr(GOOD, name)
        for name in (
            "siren",
            "departement",
            "arrondissement",
            "nature",
            "nom",
            "adresses_retour",
            "tdt",
        )
    }
