"""What is read of an act, the digest that tells it, and the version of the rules that read it."""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from transmission.domain.acte import Matiere
from transmission.domain.collectivite import Calendrier, PublicityMode
from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.cases import RULES_VERSION, LegalCase
from transmission.domain.legal.declaration import NOTHING, Declaration
from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.settings import PRUDENT, STRICT, AnnulationEffect
from transmission.domain.legal.sujets import (
    ActeKind,
    AuthorityKind,
    BudgetDocument,
    BudgetKind,
    Categorie,
    LegalActe,
    LegalAuthority,
    Marche,
)

DECIDED = date(2026, 3, 2)
RECEIPT = LegalEvent.at(EventKind.ACCUSE_RECEPTION, date(2026, 3, 4))
CASE = LegalCase(
    acte_id=7,
    collectivite_id=1,
    numero="D2026_001",
    time_zone="Europe/Paris",
    acte=LegalActe(NatureActe.DELIBERATION, Matiere((7, 5)), DECIDED),
    owner=LegalAuthority(AuthorityKind.COMMUNE, departement="042"),
    events=(RECEIPT,),
    settings=PRUDENT,
    declaration=NOTHING,
)


def test_the_clock_reads_the_case_on_a_day() -> None:
    reading = CASE.read(date(2026, 3, 10))
    assert (reading.acte, reading.owner, reading.today) == (
        CASE.acte,
        CASE.owner,
        date(2026, 3, 10),
    )
    assert reading.day(DateName.DEFERE) == date(2026, 5, 5)


def test_what_did_not_happen_may_be_supposed_and_leaves_no_trace() -> None:
    asked = LegalEvent.at(EventKind.DEMANDE_PIECES, date(2026, 4, 1))
    supposed = CASE.read(date(2026, 4, 2), [asked])
    assert supposed.day(DateName.DEFERE) != CASE.read(date(2026, 4, 2)).day(DateName.DEFERE)
    assert CASE.events == (RECEIPT,)


def test_the_digest_tells_each_thing_that_is_read() -> None:
    changes: list[Callable[[LegalCase], LegalCase]] = [
        lambda case: replace(case, acte=replace(case.acte, date_decision=date(2026, 3, 3))),
        lambda case: replace(case, acte=replace(case.acte, stated_kind=ActeKind.ESPECE)),
        lambda case: replace(case, acte=replace(case.acte, marche=Marche(Decimal("1.50")))),
        lambda case: replace(case, acte=replace(case.acte, creates_rights=False)),
        lambda case: replace(case, owner=replace(case.owner, population=12)),
        lambda case: replace(case, owner=replace(case.owner, calendrier=Calendrier.GUYANE)),
        lambda case: replace(case, settings=STRICT),
        lambda case: replace(
            case, settings=replace(PRUDENT, annulation_effect=AnnulationEffect.INFORMATIVE)
        ),
        lambda case: replace(case, events=()),
        lambda case: replace(case, events=(RECEIPT, RECEIPT)),
        lambda case: replace(case, events=(replace(RECEIPT, sent=date(2026, 3, 3)),)),
        lambda case: replace(case, events=(replace(RECEIPT, mode=PublicityMode.PAPIER),)),
        lambda case: replace(case, events=(replace(RECEIPT, remedies=False),)),
    ]
    digests = [CASE.inputs(), *(change(CASE).inputs() for change in changes)]
    assert len(set(digests)) == len(digests)
    assert all(len(digest) == 64 for digest in digests)


@pytest.mark.parametrize(
    "change",
    [
        {"acte_id": 8},
        {"numero": "D2026_002"},
        {"events": (replace(RECEIPT, source="autrement"),)},
        {"declaration": Declaration(date_execution=DECIDED)},
    ],
)
def test_what_no_rule_reads_is_not_in_the_digest(change: dict[str, Any]) -> None:
    assert replace(CASE, **change).inputs() == CASE.inputs()


def test_a_fact_that_nobody_stated_is_not_in_the_digest() -> None:
    # Readings that are kept know nothing of what a later version of the program may ask.
    told = [
        {
            "date_decision": "2026-03-02",
            "matiere": {"niveaux": [7, 5]},
            "nature": "DELIBERATION",
        },
        {"departement": "042", "kind": "COMMUNE"},
        {},
        [{"kind": "ACCUSE_RECEPTION", "received": "2026-03-04", "sent": "2026-03-04"}],
    ]
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
    assert CASE.inputs() == digest


ANSWERS = {1: "549d76a13846745ad0d2ab9f85803ed7ea0578215019838e662eb7fd27e48a91"}
"""Digest of what the rules of each version answer to the cases below."""


def test_the_rules_answer_what_their_version_answered() -> None:
    told = hashlib.sha256("\n".join(_answers()).encode()).hexdigest()
    assert ANSWERS[RULES_VERSION] == told, (
        "The same facts have other dates. If that is meant, raise cases.RULES_VERSION and put this "
        "digest under its number: every act is then read again, and the differences reported."
    )


def test_versions_only_grow() -> None:
    assert max(ANSWERS) == RULES_VERSION


def _answers() -> Iterator[str]:
    for rank in range(600):
        case, today = _case(rank)
        reading = case.read(today)
        states = (reading.acte_state, reading.control_state, reading.third_state)
        yield " ".join(
            [
                str(rank),
                reading.portee.soumission.code,
                *(state.code for state in states),
                *(f"{each.name}={each.day}/{each.rule}" for each in reading.dates),
            ]
        )


# Spelled out: a member more must not change what is drawn.
_DRAWN = """
ACCUSE_RECEPTION ANOMALIE ANNULATION PUBLICATION AFFICHAGE_URGENCE NOTIFICATION COURRIER_SIMPLE
DEMANDE_PIECES PIECES REFUS_PIECES LETTRE_OBSERVATIONS REPONSE_LETTRE REPONSE_ATTENTE RENONCIATION
DEFERE SUSPENSION ORDONNANCE SUSPENSION_PRONONCEE RECOURS_GRACIEUX DEMANDE_AU_PREFET REPONSE_TIERS
RETRAIT ABROGATION JUGEMENT
;
ORDINAIRE VOIRIE_DISPENSEE GESTION_AGENTS_DISPENSEE POLICE CIRCULATION SANCTION_VOIE_PUBLIQUE
BUVETTE NON_TITULAIRE RENFORT NOMINATION_FONCTIONNAIRE EMPRUNT MARCHE MARCHE_PARTENARIAT DSP
CONCESSION AUTORISATION_URBANISME PLU SCOT REQUISITION SOCIETE_LOCALE AU_NOM_DE_L_ETAT DROIT_PRIVE
;
ELECTRONIQUE AFFICHAGE PAPIER GPU
;
COMMUNE ETABLISSEMENT_COMMUNAL DEPARTEMENT REGION EPCI_FISCALITE_PROPRE SYNDICAT_COMMUNES
SYNDICAT_MIXTE_FERME SYNDICAT_MIXTE_OUVERT INCONNUE
"""
_EVENTS, _CATEGORIES, _MODES, _AUTHORITIES = (
    [kind[name] for name in names.split()]
    for kind, names in zip(
        (EventKind, Categorie, PublicityMode, AuthorityKind), _DRAWN.split(";"), strict=True
    )
)


class _Draw:
    """Numbers that are the same everywhere and for ever."""

    def __init__(self, seed: int) -> None:
        self.state = seed * 2654435761 % 2**32

    def __call__(self, below: int) -> int:
        self.state = (self.state * 1664525 + 1013904223) % 2**32
        return (self.state >> 16) % below

    def one(self, choices: Any) -> Any:
        found = list(choices)
        return found[self(len(found))]


def _case(rank: int) -> tuple[LegalCase, date]:
    draw = _Draw(rank + 1)
    decided = date(2022, 6, 20) + timedelta(days=draw(1500))
    acte = LegalActe(
        draw.one(NatureActe),
        draw.one([Matiere((7, 5)), Matiere((1, 1)), Matiere((2, 2)), Matiere((7, 1))]),
        decided,
        date_signature=draw.one([None, decided]),
        stated_kind=draw.one([None, *ActeKind]),
        stated_categorie=draw.one([None, None, *_CATEGORIES]),
        budget=draw.one([None, None, BudgetDocument(draw.one(BudgetKind), decided.year, False)]),
        date_effet=draw.one([None, None, decided + timedelta(days=draw(60))]),
        creates_rights=draw.one([None, True, False]),
        tacite=draw(8) == 0,
        sous_scot=draw.one([None, True, False]),
    )
    owner = LegalAuthority(
        draw.one(_AUTHORITIES),
        population=draw.one([None, 900, 12_000]),
        calendrier=draw.one(Calendrier),
        publicity=draw.one([(), ((date(2022, 7, 1), PublicityMode.AFFICHAGE),)]),
        telematics_from=date(2015, 1, 1),
    )
    receipt = LegalEvent.at(EventKind.ACCUSE_RECEPTION, decided + timedelta(days=draw(9)))
    events = [receipt] if draw(5) else []
    for _ in range(draw(6)):
        received = decided + timedelta(days=draw(120))
        sent = max(decided, received - timedelta(days=draw(3)))
        mode = draw.one([None, *_MODES])
        events.append(LegalEvent(draw.one(_EVENTS), received, sent, bool(draw(4)), mode))
    case = replace(
        CASE,
        acte=acte,
        owner=owner,
        events=tuple(sorted(events, key=lambda event: event.received)),
        settings=draw.one([PRUDENT, PRUDENT, STRICT]),
    )
    return case, decided + timedelta(days=draw(200))
