"""Options of an authority: written by people, kept as JSON, read by the clock."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.domain.collectivite import (
    Calendrier,
    Collectivite,
    LegalOptions,
    PublicityMode,
    TdtAccount,
    Webhook,
)
from transmission.domain.identifiers import Departement, Siren
from transmission.domain.legal.options import (
    dump_options,
    legal_authority_of,
    legal_settings_of,
    read_options,
)
from transmission.domain.legal.settings import PRUDENT, STRICT, AnnulationEffect, LegalSettings
from transmission.domain.legal.sujets import AuthorityKind

TDT = TdtAccount("s2low", "TdT", "https://tdt.example", "c.pem", "k.pem", None, "ca.pem")

modes = st.sampled_from([mode for mode in PublicityMode if mode is not PublicityMode.GPU])
settings = st.fixed_dictionaries(
    {},
    optional={
        "late_pieces_restart": st.sampled_from(["oui", "non"]),
        "annulation_effect": st.sampled_from(["void", "informative"]),
        "roll_own_obligations": st.sampled_from(["backward", "none", "forward"]),
    },
).map(lambda chosen: tuple(sorted(chosen.items())))
options = st.builds(
    LegalOptions,
    population=st.none() | st.integers(0, 3_000_000),
    publicity=st.lists(st.tuples(st.dates(), modes), max_size=3).map(tuple),
    telematics_from=st.none() | st.dates(),
    date_commune_nouvelle=st.none() | st.dates(),
    profile=st.sampled_from(["prudent", "strict"]),
    settings=settings,
    rappels_jours=st.sets(st.integers(0, 60)).map(lambda days: tuple(sorted(days, reverse=True))),
    rappels_courriels=st.lists(
        st.sampled_from(["a@example.org", "b+c@example.org"]), unique=True
    ).map(tuple),
    rappels_webhooks=st.lists(
        st.builds(Webhook, st.just("https://example.org/h"), st.just("/secret")), max_size=2
    ).map(tuple),
)


def authority(droit: LegalOptions, **changes: Any) -> Collectivite:
    fields: dict[str, Any] = {
        "siren": Siren("123456782"),
        "departement": Departement("042"),
        "arrondissement": 2,
        "nature": "31",
        "nom": "Commune de Saint-Exemple",
        "adresses_retour": (),
        "tdt": TDT,
        "droit": droit,
    }
    return Collectivite(**{**fields, **changes})


@given(options)
def test_options_come_back_the_same_from_json(chosen: LegalOptions) -> None:
    read, faults = read_options(json.loads(json.dumps(dump_options(chosen))))
    assert (read, faults) == (chosen, [])


def test_without_any_section_options_are_the_defaults() -> None:
    assert read_options({}) == (LegalOptions(), [])
    assert read_options({"droit": {}, "rappels": {}}) == (LegalOptions(), [])
    assert (LegalOptions().rappels_jours, LegalOptions().profile) == ((7, 2), "prudent")


def test_days_of_reminders_may_be_none_and_are_each_counted_once() -> None:
    assert read_options({"rappels": {"jours": []}})[0].rappels_jours == ()
    assert read_options({"rappels": {"jours": [2, 7, 2]}})[0].rappels_jours == (7, 2)


def test_every_fault_of_both_sections_is_told_at_once() -> None:
    _, faults = read_options(
        {
            "droit": {
                "population": "beaucoup",
                "profil": "hardi",
                "profile": "strict",
                "publicite": [{"date": date(2022, 7, 1), "mode": "gpu"}, {"mode": "papier"}],
                "reglages": {"late_pieces_restart": 1, "annulation_effect": "x", "C-1": True},
            },
            "rappels": {
                "jours": [61],
                "courriels": ["Mairie <a@b.fr>"],
                "webhooks": [{"url": "http://example.org"}],
            },
        }
    )
    assert [str(fault) for fault in faults] == [
        "droit.population doit être un nombre entier positif",
        "droit.publicite[1].mode : choisissez parmi electronique, affichage, papier",
        "droit.publicite[2].date manque",
        "droit.profil : choisissez parmi prudent, strict",
        "droit.reglages.late_pieces_restart doit être true ou false",
        "droit.reglages.annulation_effect : choisissez parmi void, informative",
        "droit.reglages.C-1 : ce nom est inconnu",
        "droit.profile : ce nom est inconnu",
        "rappels.jours doit être une liste de nombres de jours, de 0 à 60",
        "rappels.courriels doit être une liste d'adresses de courriel",
        "rappels.webhooks[1].secret_file manque",
        "rappels.webhooks[1].url doit être une adresse https://, ou http:// de cette machine",
    ]


@pytest.mark.parametrize("section", ["droit", "rappels"])
@pytest.mark.parametrize("content", ["x", 3, [], [{}]])
def test_a_section_that_is_none_is_a_fault(section: str, content: Any) -> None:
    _, faults = read_options({section: content})
    assert [str(fault) for fault in faults] == [f"{section} doit être une section"]


@pytest.mark.parametrize(
    ("url", "taken"),
    [
        ("https://example.org/h", True),
        ("http://127.0.0.1:9000/h", True),
        ("http://localhost/h", True),
        ("http://example.org/h", False),
        ("http://127.0.0.1.example.org/h", False),
        ("https://", False),
        ("https://example.org/\nh", False),
        ("ftp://example.org", False),
        ("https://[::1", False),
    ],
)
def test_only_a_safe_address_is_called(url: str, taken: bool) -> None:
    content = {"rappels": {"webhooks": [{"url": url, "secret_file": "s"}]}}
    read, faults = read_options(content)
    assert (bool(read.rappels_webhooks), bool(faults)) == (taken, not taken)


def test_settings_are_those_of_the_profile_then_the_own_ones() -> None:
    assert legal_settings_of(authority(LegalOptions())) == PRUDENT
    assert legal_settings_of(authority(LegalOptions(profile="strict"))) == STRICT
    own = (("annulation_effect", "informative"), ("late_pieces_restart", "oui"))
    made = legal_settings_of(authority(LegalOptions(profile="strict", settings=own)))
    assert made.annulation_effect is AnnulationEffect.INFORMATIVE
    assert made.late_pieces_restart is True
    assert made.pieces_after_lo is STRICT.pieces_after_lo


@pytest.mark.parametrize("name", LegalSettings.__dataclass_fields__)
def test_every_setting_of_the_clock_may_be_chosen(name: str) -> None:
    usual = getattr(PRUDENT, name)
    others = [not usual] if isinstance(usual, bool) else [x for x in type(usual) if x is not usual]
    for other in others:
        text = other if isinstance(other, bool) else other.value
        chosen, faults = read_options({"droit": {"reglages": {name: text}}})
        assert faults == []
        assert getattr(legal_settings_of(authority(chosen)), name) == other


def test_the_authority_is_cut_down_to_what_the_rules_read() -> None:
    chosen = LegalOptions(
        population=1200,
        publicity=((date(2022, 7, 1), PublicityMode.AFFICHAGE),),
        telematics_from=date(2015, 1, 1),
        date_commune_nouvelle=date(2019, 1, 1),
    )
    made = legal_authority_of(authority(chosen, calendrier=Calendrier.ALSACE_MOSELLE))
    assert (made.kind, made.departement) == (AuthorityKind.COMMUNE, "042")
    assert (made.population, made.publicity) == (1200, chosen.publicity)
    assert (made.telematics_from, made.date_commune_nouvelle) == (
        date(2015, 1, 1),
        date(2019, 1, 1),
    )
    assert made.calendrier is Calendrier.ALSACE_MOSELLE
