"""Every check fires where it should and stays silent where it should; none ever raises."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from types import ModuleType

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.support.checks import (
    COMMUNE,
    CONTRACT,
    DECIDED,
    ID_ACTE,
    INDIVIDUAL,
    RECEIVED,
    REGULATION,
    TODAY,
    accuse,
    at,
    checked,
    days,
    online,
    received,
    sending,
)
from transmission.domain.acte import Matiere
from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.check import DEFAULTS
from transmission.domain.legal.checked import Absence, Accuse, CheckedActe, Letter, Sending
from transmission.domain.legal.checks import CHECKS, FAMILIES, check_acte, check_numbering
from transmission.domain.legal.checks_fichier import (
    InvalidlySigned,
    PublicLook,
    SentFile,
    fichier_public_absent,
    fichier_public_change,
    meme_fichier,
    signature_invalide,
)
from transmission.domain.legal.checks_seance import ListedActe, adopte_jamais_transmis
from transmission.domain.legal.checks_serie import NumberedActe, Numbering
from transmission.domain.legal.checks_service import (
    Certificate,
    Recomputed,
    Unstamped,
    certificat_expire,
    horodatage_manquant,
    recalcul_different,
)
from transmission.domain.legal.controle import Asked
from transmission.domain.legal.controle import Letter as LetterOfTheControl
from transmission.domain.legal.evenements import EventKind, LegalEvent
from transmission.domain.legal.findings import Finding
from transmission.domain.legal.horloge import read
from transmission.domain.legal.settings import PROFILES
from transmission.domain.legal.sujets import (
    ActeKind,
    AuthorityKind,
    BudgetDocument,
    BudgetKind,
    Categorie,
    LegalActe,
    LegalAuthority,
    PublicityMode,
)
from transmission.domain.retours import EchoDifference

LATER = TODAY + days(120)
FIFTEEN = DECIDED + days(15)
LETTER = at(EventKind.LETTRE_OBSERVATIONS, date(2026, 4, 1))
ASKED = at(EventKind.DEMANDE_PIECES, date(2026, 4, 1))
LAST_DAY = date(2026, 5, 4)
BUDGET = LegalActe(
    NatureActe.BUDGET,
    Matiere((7, 1)),
    date(2027, 4, 15),
    budget=BudgetDocument(BudgetKind.PRIMITIF, 2027, renouvellement=False),
)
LISTED = ListedActe(collectivite_id=1, date_seance=DECIDED, numero="2026_007")
FILE = SentFile(12, 1, "2026_001", DECIDED, "a" * 64)
LOOK = PublicLook(
    acte_id=12,
    collectivite_id=1,
    numero="2026_001",
    date_mise_en_ligne=DECIDED,
    address="https://saint-exemple.example/2026_001.pdf",
    expected_sha256="a" * 64,
    found_sha256="a" * 64,
    since_at=datetime(2026, 3, 6, 5, tzinfo=UTC),
    looks=2,
    zone=UTC,
)
NOW = datetime(2026, 3, 5, 11, tzinfo=UTC)
CERTIFICATE = Certificate(
    collectivite_id=1,
    usage="tdt",
    label="connexion",
    subject="CN=x",
    not_after=NOW + days(99),
    zone=UTC,
)
RECOMPUTED = Recomputed(
    acte_id=12,
    collectivite_id=1,
    numero="2026_001",
    name="defere",
    rule="DF-1",
    stored=TODAY,
    computed=TODAY,
    read_at=NOW,
    zone=UTC,
)
SIGNED = InvalidlySigned(
    acte_id=12,
    collectivite_id=1,
    numero="2026_001",
    ordre=1,
    sha256="a" * 64,
    reasons=("CN=Maire : le document a été altéré depuis la signature",),
)
UNSTAMPED = Unstamped(collectivite_id=1, count=2, oldest_at=NOW, reason=None, zone=UTC)


def _numbering(*ranks: int, twice: bool = False, free: bool = False) -> Iterable[Finding]:
    numeros = [f"VOEU{chr(65 + r)}" if free else f"2026_{r:03d}" for r in ranks]
    actes = [NumberedActe(rank, numero, DECIDED) for rank, numero in enumerate(numeros)]
    if twice:
        actes.append(NumberedActe(99, numeros[0], TODAY))
    return check_numbering(
        Numbering(
            collectivite_id=1,
            nature=NatureActe.DELIBERATION,
            year=2026,
            today=LATER,
            actes=tuple(actes),
        )
    )


def _acte(*events: LegalEvent, **given: object) -> Iterable[Finding]:
    return check_acte(checked(*events, **given))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Case:
    """What makes a check speak, and what leaves it silent though it is near."""

    fires: Callable[[], Iterable[Finding]]
    silent: Callable[[], Iterable[Finding]]


CASES = {
    "reception_tardive": Case(
        lambda: _acte(received(FIFTEEN + days(1)), acte=INDIVIDUAL, today=LATER),
        lambda: _acte(received(FIFTEEN), acte=INDIVIDUAL, today=LATER),
    ),
    "transmission_en_retard": Case(
        lambda: _acte(acte=CONTRACT, today=FIFTEEN + days(1)),
        lambda: _acte(acte=CONTRACT, today=FIFTEEN),
    ),
    "budget_en_retard": Case(
        lambda: _acte(received(date(2027, 5, 1)), acte=BUDGET, today=date(2027, 5, 2)),
        lambda: _acte(received(date(2027, 4, 30)), acte=BUDGET, today=date(2027, 5, 2)),
    ),
    "accuse_absent": Case(
        lambda: _acte(sendings=(sending(),)),
        lambda: _acte(sendings=(sending(),), today=RECEIVED),
    ),
    "retrait_tardif": Case(
        lambda: _acte(at(EventKind.RETRAIT, date(2026, 7, 3)), today=LATER),
        lambda: _acte(at(EventKind.RETRAIT, date(2026, 7, 2)), today=LATER),
    ),
    "accuse_avant_decision": Case(
        lambda: _acte(sendings=(sending(accuse(DECIDED - days(1))),)),
        lambda: _acte(sendings=(sending(accuse(DECIDED)),)),
    ),
    "accuse_avant_envoi": Case(
        lambda: _acte(sendings=(sending(accuse(), sent_at=datetime(2026, 3, 4, 9, tzinfo=UTC)),)),
        lambda: _acte(sendings=(sending(accuse(), sent_at=datetime(2026, 3, 3, 9, tzinfo=UTC)),)),
    ),
    "accuse_futur": Case(
        lambda: _acte(sendings=(sending(accuse(taken_at=datetime(2026, 3, 2, 20, tzinfo=UTC))),)),
        lambda: _acte(sendings=(sending(accuse(taken_at=datetime(2026, 3, 3, 20, tzinfo=UTC))),)),
    ),
    "accuse_loin_des_horloges": Case(
        lambda: _acte(sendings=(sending(accuse(taken_at=datetime(2026, 3, 8, 9, tzinfo=UTC))),)),
        lambda: _acte(sendings=(sending(accuse(taken_at=datetime(2026, 3, 7, 9, tzinfo=UTC))),)),
    ),
    "accuses_contradictoires": Case(
        lambda: _acte(sendings=(sending(accuse(), accuse(DECIDED, sha256="b" * 64)),)),
        lambda: _acte(sendings=(sending(accuse(), accuse(sha256="b" * 64)),)),
    ),
    "echo_different": Case(
        lambda: _acte(
            sendings=(sending(accuse(differences=(EchoDifference("objet", "a", "b"),))),)
        ),
        lambda: _acte(sendings=(sending(accuse()),)),
    ),
    "id_acte_different": Case(
        lambda: _acte(sendings=(sending(accuse(id_acte=ID_ACTE.replace("001", "002"))),)),
        lambda: _acte(sendings=(sending(accuse(id_acte=ID_ACTE.lower())),)),
    ),
    "classification_perimee": Case(
        lambda: _acte(
            sendings=(sending(date_classification=DECIDED, newest_classification=TODAY),)
        ),
        lambda: _acte(sendings=(sending(date_classification=TODAY, newest_classification=TODAY),)),
    ),
    "publie_avant_reception": Case(
        lambda: _acte(online(DECIDED), received()),
        lambda: _acte(online(RECEIVED), received()),
    ),
    "effet_avant_executoire": Case(
        lambda: _acte(received(), online(TODAY), acte=replace(REGULATION, date_effet=RECEIVED)),
        lambda: _acte(received(), online(TODAY), acte=replace(REGULATION, date_effet=TODAY)),
    ),
    "signature_prematuree": Case(
        lambda: _acte(acte=replace(CONTRACT, date_deliberation_recue=DECIDED + days(1))),
        lambda: _acte(acte=replace(CONTRACT, date_deliberation_recue=DECIDED)),
    ),
    "publicite_manquante": Case(
        lambda: _acte(received(), today=RECEIVED + days(8)),
        lambda: _acte(received(), today=RECEIVED + days(7)),
    ),
    "publication_invalide": Case(
        lambda: _acte(received(), online(TODAY, PublicityMode.AFFICHAGE)),
        lambda: _acte(received(), online(TODAY, PublicityMode.ELECTRONIQUE)),
    ),
    "publicite_interrompue": Case(
        lambda: _acte(online(DECIDED), absences=(Absence(RECEIVED, TODAY),)),
        lambda: _acte(online(DECIDED), absences=(Absence(TODAY, TODAY),)),
    ),
    "defere_tardif": Case(
        lambda: _acte(received(), at(EventKind.DEFERE, LAST_DAY + days(1)), today=LATER),
        lambda: _acte(received(), at(EventKind.DEFERE, LAST_DAY), today=LATER),
    ),
    "pieces_sans_reponse": Case(
        lambda: _acte(received(), ASKED, today=date(2026, 5, 25)),
        lambda: _acte(received(), ASKED, today=date(2026, 5, 24)),
    ),
    "lettre_sans_reponse": Case(
        lambda: _acte(received(), LETTER, today=date(2026, 5, 25)),
        lambda: _acte(received(), LETTER, today=date(2026, 5, 24)),
    ),
    "adopte_jamais_transmis": Case(
        lambda: adopte_jamais_transmis([LISTED], DECIDED + days(8), DEFAULTS),
        lambda: adopte_jamais_transmis([LISTED], DECIDED + days(7), DEFAULTS),
    ),
    "numero_manquant": Case(
        lambda: _numbering(1, 2, 3, 5, 6, 7), lambda: _numbering(1, 2, 3, 4, 5, 6, 7)
    ),
    "numero_double": Case(lambda: _numbering(1, 2, twice=True), lambda: _numbering(1, 2)),
    "serie_non_reconnue": Case(
        lambda: _numbering(1, 2, 3, 4, 5, free=True), lambda: _numbering(1, 2, 3, 4, free=True)
    ),
    "meme_fichier": Case(
        lambda: meme_fichier([FILE, replace(FILE, acte_id=13, numero="2026_002")], DEFAULTS),
        lambda: meme_fichier(
            [FILE, replace(FILE, acte_id=13, numero="2026_002", sha256="b" * 64)], DEFAULTS
        ),
    ),
    "fichier_public_change": Case(
        lambda: fichier_public_change(replace(LOOK, found_sha256="b" * 64), DEFAULTS),
        lambda: fichier_public_change(LOOK, DEFAULTS),
    ),
    "fichier_public_absent": Case(
        lambda: fichier_public_absent(replace(LOOK, found_sha256=None), TODAY, DEFAULTS),
        lambda: fichier_public_absent(replace(LOOK, found_sha256=None, looks=1), TODAY, DEFAULTS),
    ),
    "certificat_expire": Case(
        lambda: certificat_expire(replace(CERTIFICATE, not_after=NOW + days(30)), NOW, DEFAULTS),
        lambda: certificat_expire(replace(CERTIFICATE, not_after=NOW + days(31)), NOW, DEFAULTS),
    ),
    "recalcul_different": Case(
        lambda: recalcul_different(replace(RECOMPUTED, computed=LATER), DEFAULTS),
        lambda: recalcul_different(RECOMPUTED, DEFAULTS),
    ),
    "signature_invalide": Case(
        lambda: signature_invalide(SIGNED, DEFAULTS),
        lambda: signature_invalide(replace(SIGNED, reasons=()), DEFAULTS),
    ),
    "horodatage_manquant": Case(
        lambda: horodatage_manquant(UNSTAMPED, DEFAULTS),
        lambda: horodatage_manquant(replace(UNSTAMPED, count=0), DEFAULTS),
    ),
}


def test_every_check_has_a_case() -> None:
    assert set(CASES) == set(CHECKS)


@pytest.mark.parametrize("code", CHECKS)
def test_a_check_fires_and_says_what_a_person_needs(code: str) -> None:
    found = [each for each in CASES[code].fires() if each.check == code]
    assert len(found) == 1
    assert found[0].collectivite_id == 1
    assert found[0].article
    assert found[0].message.endswith(".")
    assert found[0].remedy.endswith(".")
    assert found[0].evidence
    assert all(label and value for label, value in found[0].evidence)
    assert "NUMERO" not in found[0].message + found[0].remedy


@pytest.mark.parametrize("code", CHECKS)
def test_a_check_stays_silent_where_nothing_is_wrong(code: str) -> None:
    assert [each for each in CASES[code].silent() if each.check == code] == []


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_a_check_is_the_function_of_its_name(family: ModuleType) -> None:
    for check in family.CHECKS:
        assert callable(getattr(family, check.code))
        assert CHECKS[check.code] is check


# --- whatever is missing ---

DAYS = st.dates(date(2025, 11, 1), date(2027, 9, 30))
INSTANTS = st.datetimes(
    datetime(2025, 11, 1),  # noqa: DTZ001 - hypothesis wants bounds without zone
    datetime(2027, 9, 30),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=-10))]),
)


def _maybe(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.none() | strategy


EVENTS = st.builds(
    LegalEvent,
    st.sampled_from(EventKind),
    DAYS,
    DAYS,
    complete=st.booleans(),
    mode=_maybe(st.sampled_from(PublicityMode)),
    remedies=_maybe(st.booleans()),
)
ACTES = st.builds(
    LegalActe,
    st.sampled_from(NatureActe),
    st.sampled_from([Matiere((7, 1)), Matiere((4, 1)), Matiere((2, 2)), Matiere((1, 1))]),
    DAYS,
    date_signature=_maybe(DAYS),
    stated_kind=_maybe(st.sampled_from(ActeKind)),
    stated_categorie=_maybe(st.sampled_from(Categorie)),
    budget=_maybe(
        st.builds(
            BudgetDocument,
            st.sampled_from(BudgetKind),
            st.integers(2024, 2027),
            _maybe(st.booleans()),
        )
    ),
    date_effet=_maybe(DAYS),
    date_deliberation_recue=_maybe(DAYS),
    creates_rights=_maybe(st.booleans()),
    tacite=st.booleans(),
    sous_scot=_maybe(st.booleans()),
)
OWNERS = st.builds(
    LegalAuthority,
    st.sampled_from(AuthorityKind),
    population=_maybe(st.integers(0, 100_000)),
    publicity=st.lists(st.tuples(DAYS, st.sampled_from(PublicityMode)), max_size=2).map(tuple),
)
ACCUSES = st.builds(
    Accuse,
    date_reception=DAYS,
    id_acte=st.sampled_from([ID_ACTE, ID_ACTE.lower(), "autre"]),
    sha256=st.sampled_from(["a" * 64, "b" * 64]),
    taken_at=_maybe(INSTANTS),
    tdt_at=_maybe(INSTANTS),
    differences=st.lists(
        st.builds(
            EchoDifference, st.sampled_from(["objet", "annexes", "x"]), st.just("1"), st.just("")
        )
    ).map(tuple),
)
SENDINGS = st.builds(
    Sending,
    id=st.integers(1, 10**6),
    id_acte=st.just(ID_ACTE),
    tdt=st.just("Fictif"),
    sent_at=_maybe(INSTANTS),
    over=st.booleans(),
    usual_delay=_maybe(st.timedeltas(timedelta(), timedelta(days=9))),
    date_classification=_maybe(DAYS),
    newest_classification=_maybe(DAYS),
    accuses=st.lists(ACCUSES, max_size=3).map(tuple),
)


@st.composite
def _checked_actes(draw: st.DrawFn) -> CheckedActe:
    events = tuple(draw(st.lists(EVENTS, max_size=6)))
    settings = draw(st.sampled_from(list(PROFILES.values())))
    reading = read(draw(ACTES), draw(OWNERS), events, settings, draw(DAYS))
    dates = draw(st.lists(st.sampled_from(reading.dates))) if reading.dates else []
    zones = st.sampled_from([UTC, timezone(timedelta(hours=11)), timezone(timedelta(hours=-4))])
    return CheckedActe(
        acte_id=12,
        collectivite_id=1,
        numero="2026_001",
        # Some dates are left out: a check must not count on any of them.
        reading=replace(reading, dates=tuple(each for each in reading.dates if each not in dates)),
        now=draw(INSTANTS),
        zone=draw(zones),
        state_zone=draw(zones),
        sendings=tuple(draw(st.lists(SENDINGS, max_size=3, unique_by=lambda each: each.id))),
        letters=tuple(Letter(courrier_id=1, event=event) for event in events[:1]),
        date_execution=draw(_maybe(DAYS)),  # type: ignore[arg-type]
        date_deliberation_executoire=draw(_maybe(DAYS)),  # type: ignore[arg-type]
        absences=tuple(
            Absence(first, first + days(1)) for first in draw(st.sets(DAYS, max_size=2))
        ),
    )


@given(_checked_actes())
def test_no_check_raises_and_each_finding_is_about_one_thing(acte: CheckedActe) -> None:
    found = check_acte(acte)
    keys = [(each.check, each.key) for each in found]
    assert len(keys) == len(set(keys))
    for each in found:
        assert each.acte_id == 12
        assert CHECKS[each.check].source or each.rule in CHECKS[each.check].rules
        assert all(label and isinstance(value, str) for label, value in each.evidence)


@given(_checked_actes())
def test_the_words_of_a_finding_do_not_change_as_time_goes_by(acte: CheckedActe) -> None:
    reading = acte.reading
    tomorrow = reading.today + days(1)
    assume(all(event.received != tomorrow for event in reading.events))
    later = replace(
        acte, now=acte.now + timedelta(hours=1), reading=replace(reading, today=tomorrow)
    )
    after = {(each.check, each.key): each for each in check_acte(later)}
    for each in check_acte(acte):
        same = after.get((each.check, each.key))
        if same is not None and not _has_turned(acte, each):
            assert (same.message, same.evidence) == (each.message, each.evidence)


def _has_turned(acte: CheckedActe, finding: Finding) -> bool:
    """Whether a silence becomes a decision that day, or an AR of the future one of the present."""
    turns = {each.tacit for each in (_asked(acte), _letter(acte)) if each is not None}
    return acte.today in turns or finding.check == "accuse_futur"


def _asked(acte: CheckedActe) -> Asked | None:
    return acte.reading.control.asked if acte.reading.control else None


def _letter(acte: CheckedActe) -> LetterOfTheControl | None:
    return acte.reading.control.letter if acte.reading.control else None


@given(_checked_actes())
def test_the_words_of_a_finding_are_no_part_of_its_key(acte: CheckedActe) -> None:
    sendings = tuple(replace(each, tdt="Autre tiers") for each in acte.sendings)
    renamed = replace(acte, numero="AUTRE", sendings=sendings, zone=UTC)
    same_zone = replace(acte, zone=UTC)
    keys = [(each.check, each.key) for each in check_acte(same_zone)]
    assert [(each.check, each.key) for each in check_acte(renamed)] == keys


def test_a_commune_that_keeps_its_duties_has_nothing_to_answer_for() -> None:
    plain = checked(
        received(),
        online(RECEIVED),
        owner=COMMUNE,
        today=LATER,
        sendings=(sending(accuse(), date_classification=DECIDED, newest_classification=DECIDED),),
    )
    assert check_acte(plain) == ()
