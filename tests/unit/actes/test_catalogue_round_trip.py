"""Built, read, built again: every kind of message comes back as it was, to the byte."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from transmission.actes.messages import build_message, read_message
from transmission.actes.safe_xml import parse
from transmission.actes.schema import InvalidMessageError, validate
from transmission.domain.acte import (
    OBJET_MAX,
    Acte,
    Classification,
    DemandeClassification,
    FichierSigne,
    Matiere,
    TypePieceJointe,
)
from transmission.domain.collectivite import Referent
from transmission.domain.courriers import (
    Annulation,
    ARAnnulation,
    ARDemandePieceComplementaire,
    ARLettreObservations,
    ARPieceComplementaire,
    ARReponseRejetLettreObservations,
    CourrierSimple,
    DefereTA,
    DemandePieceComplementaire,
    LettreObservations,
    PieceComplementaire,
    RefusPieceComplementaire,
    RejetLettreObservations,
    ReponseCourrierSimple,
    ReponseLettreObservations,
)
from transmission.domain.enveloppes import EnveloppeCLMISILL, EnveloppeMISILLCL, EnveloppeRecue
from transmission.domain.identifiers import (
    IDSGAR,
    Departement,
    IdActe,
    IDPref,
    IDSousPref,
    NatureActe,
)
from transmission.domain.messages import MESSAGES, Message, MessageKind
from transmission.domain.retours import (
    AccuseReception,
    ActeRecu,
    AnomalieActe,
    AnomalieEnveloppe,
    ReponseClassificationSansChangement,
    RetourClassification,
)

SIREN = "123456782"
KEYBOARD = "".join(map(chr, range(0x20, 0x7F))) + "".join(map(chr, range(0xA0, 0x100)))
TYPED = KEYBOARD + "œŒ€’‘“”–…Ÿ\n\t\r" + "éœ€’&<>" * 20


def _around_new_year(year: int, days: int) -> date:
    return date(year, 1, 1) + timedelta(days)


def _texts(longest: int = 80) -> SearchStrategy[str]:
    return st.text(TYPED, min_size=1, max_size=longest).map(str.strip).filter(bool)


days = st.dates() | st.builds(_around_new_year, st.integers(2000, 2100), st.integers(-4, 4))
departements = st.sampled_from(["042", "02A", "02B", "974"]).map(Departement)
identifiers = st.builds(
    IdActe,
    departements,
    st.just(SIREN),
    days,
    st.from_regex(r"[A-Z0-9](?:[A-Z0-9_]{0,13}[A-Z0-9])?", fullmatch=True),
    st.sampled_from(NatureActe),
)
files = st.builds(
    FichierSigne,
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", fullmatch=True),
    st.none() | st.text(TYPED, min_size=1, max_size=80),
)
levels = st.lists(st.integers(1, 99), min_size=2, max_size=5).map(tuple)
gapped = st.tuples(st.integers(0, 99), st.integers(0, 99), st.none(), st.integers(0, 9))
codes = st.from_regex(r"[A-Z0-9_]{5}", fullmatch=True)
emails = st.sampled_from(["a@b.fr", "tdt-retour_1.x@saint-exemple.museum", "A-B@1.re"])
formulaires = st.lists(
    st.integers(0, 99999).map(lambda n: FichierSigne(f"042-{SIREN}-20231231-A_{n}-DE-1-1_0.xml")),
    min_size=1,
    max_size=3,
    unique=True,
).map(tuple)
referents = st.builds(
    Referent, st.none() | _texts(), st.none() | st.just("0477000000"), st.none() | emails
)
acts = st.builds(
    Acte,
    id_acte=identifiers,
    matiere=levels.map(Matiere),
    objet=_texts(OBJET_MAX),
    date_classification=days,
    document=files,
    annexes=st.lists(files, max_size=3).map(tuple),
    document_papier=st.booleans(),
    precedent=st.none() | identifiers,
)
echoes = st.builds(
    ActeRecu,
    numero_interne=identifiers.map(lambda id_acte: id_acte.numero_interne),
    date_decision=days,
    code_nature=st.integers(1, 6),
    matieres=levels | gapped,
    objet=_texts(OBJET_MAX),
    date_classification=days,
    document=files,
    annexes=st.lists(files, max_size=3).map(tuple),
    nombre_annexes=st.integers(0, 99),
    document_papier=st.booleans(),
    precedent=st.none() | identifiers,
)


def _classification(
    day: date,
    tree: dict[int, dict[int, list[int]]],
    types: dict[NatureActe, list[TypePieceJointe]],
    label: str,
) -> Classification:
    matieres: dict[tuple[int, ...], str] = {}
    for first, seconds in tree.items():
        matieres[first,] = label
        for second, below in seconds.items():
            for depth in range(len(below) + 1):
                matieres[(first, second, *below[:depth])] = label
    return Classification(day, matieres, {nature: tuple(t) for nature, t in types.items()})


classifications = st.builds(
    _classification,
    days,
    st.dictionaries(
        st.integers(1, 9),
        st.dictionaries(
            st.integers(1, 12), st.lists(st.integers(1, 9), max_size=3), min_size=1, max_size=3
        ),
        min_size=1,
        max_size=3,
    ),
    st.dictionaries(
        st.sampled_from(NatureActe),
        st.lists(st.builds(TypePieceJointe, codes, _texts() | st.just("")), min_size=1, max_size=3),
        min_size=1,
    ),
    _texts() | st.just(""),
)
about = {"id_acte": identifiers, "date_courrier_pref": days}

STRATEGIES: dict[type[Any], SearchStrategy[Any]] = {
    Acte: acts,
    AccuseReception: st.builds(AccuseReception, identifiers, days, echoes, days),
    AnomalieActe: st.builds(
        AnomalieActe,
        days,
        st.from_regex(r"[0-9]{3}", fullmatch=True),
        _texts() | st.just(""),
        echoes,
        days,
    ),
    CourrierSimple: st.builds(CourrierSimple, **about, document=files),
    ReponseCourrierSimple: st.builds(ReponseCourrierSimple, **about, document=files),
    DemandePieceComplementaire: st.builds(
        DemandePieceComplementaire, **about, description_pieces=_texts(600), document=files
    ),
    ARDemandePieceComplementaire: st.builds(ARDemandePieceComplementaire, **about),
    RefusPieceComplementaire: st.builds(RefusPieceComplementaire, **about, document=files),
    PieceComplementaire: st.builds(
        PieceComplementaire,
        **about,
        documents=st.lists(files, min_size=1, max_size=4).map(tuple),
    ),
    ARPieceComplementaire: st.builds(ARPieceComplementaire, **about, date_reception=days),
    LettreObservations: st.builds(LettreObservations, **about, motif=_texts(600), document=files),
    ARLettreObservations: st.builds(ARLettreObservations, **about),
    RejetLettreObservations: st.builds(RejetLettreObservations, **about, document=files),
    ReponseLettreObservations: st.builds(ReponseLettreObservations, **about, document=files),
    ARReponseRejetLettreObservations: st.builds(
        ARReponseRejetLettreObservations, **about, date_reception=days
    ),
    DefereTA: st.builds(
        DefereTA, identifiers, days, _texts(600), st.lists(files, max_size=4).map(tuple)
    ),
    Annulation: st.builds(Annulation, identifiers),
    ARAnnulation: st.builds(ARAnnulation, identifiers, days),
    DemandeClassification: st.builds(DemandeClassification, st.none() | days),
    RetourClassification: st.builds(RetourClassification, classifications),
    ReponseClassificationSansChangement: st.builds(ReponseClassificationSansChangement, days),
    EnveloppeCLMISILL: st.builds(
        EnveloppeCLMISILL,
        st.just(SIREN),
        st.just("042"),
        st.integers(0, 9),
        st.from_regex(r"[0-9]{2}", fullmatch=True),
        st.lists(emails, min_size=1, max_size=3).map(tuple),
        formulaires,
        referents,
    ),
    EnveloppeMISILLCL: st.builds(
        EnveloppeMISILLCL,
        st.builds(IDSGAR, departements)
        | st.builds(IDPref, departements)
        | st.builds(IDSousPref, departements, st.integers(0, 9)),
        st.just(SIREN),
        st.lists(files, min_size=1, max_size=3).map(tuple),
        referents,
    ),
    AnomalieEnveloppe: st.builds(
        AnomalieEnveloppe,
        days,
        st.sampled_from(["001", "5", "0100"]),
        _texts(600) | st.just(""),
        st.builds(
            EnveloppeRecue,
            st.just(SIREN),
            departements,
            st.integers(0, 9),
            st.from_regex(r"[0-9]{2}", fullmatch=True),
            st.lists(emails, min_size=1, max_size=3).map(tuple),
            st.lists(files, min_size=1, max_size=3).map(tuple),
            referents,
        ),
    ),
}


def _emetteur(message: Message) -> tuple[str, str] | None:
    return (message.id_acte.departement, SIREN) if isinstance(message, Acte) else None


@pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.root)
@settings(max_examples=60)
@given(data=st.data())
def test_a_message_read_back_is_the_same_to_the_byte(
    kind: MessageKind, data: st.DataObject
) -> None:
    message = data.draw(STRATEGIES[kind.type])
    raw = build_message(message)
    assert validate(parse(raw).root) == []
    read = read_message(raw, emetteur=_emetteur(message))
    assert read.message == message
    assert all("niveau absent" in note or "est vide" in note for note in read.notes)
    assert build_message(read.message) == raw


@pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.root)
@settings(max_examples=40)
@given(data=st.data())
def test_whatever_text_is_given_a_message_is_valid_or_refused_in_french(
    kind: MessageKind, data: st.DataObject
) -> None:
    anything = st.text(max_size=30) | st.sampled_from(["\x00", "\ufffe", "\udc80", "a\x0bb", " "])
    message = _spoilt(data.draw(STRATEGIES[kind.type]), data, anything)
    try:
        raw = build_message(message)
    except InvalidMessageError as error:
        problems = error.problems
    else:
        problems = ()
        again = read_message(raw, emetteur=("042", SIREN)).message
        assert build_message(again) == raw
    assert all(problem.field and problem.remedy for problem in problems)


def _spoilt(value: Any, data: st.DataObject, anything: SearchStrategy[str]) -> Any:
    """The same value in which some texts, at any depth, are anything."""
    if isinstance(value, str) and data.draw(st.integers(0, 4)) == 0:
        return data.draw(anything)
    if isinstance(value, tuple):
        return tuple(_spoilt(item, data, anything) for item in value)
    if hasattr(value, "__dataclass_fields__") and not isinstance(value, Matiere | Classification):
        changes = {
            name: _spoilt(getattr(value, name), data, anything)
            for name in value.__dataclass_fields__
        }
        return type(value)(**changes)
    return value
