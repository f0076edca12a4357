"""Each word: what we write, what we refuse to write, and what we read all the same."""

from datetime import date
from typing import Any

import pytest

from transmission.actes.forms import Draft, Reading, Word
from transmission.actes.words import (
    ARRONDISSEMENT,
    DATE,
    DEPARTEMENT,
    EMAIL,
    ID_ACTE,
    LIBELLE,
    NATURAL,
    NATURE_ANOMALIE_ACTE,
    NATURE_ANOMALIE_ENVELOPPE,
    NATURE_COLLECTIVITE,
    NOM_FICHIER,
    NUMERO,
    OBJET,
    SIGNATURE,
    SIREN,
    TEXT,
)
from transmission.domain.identifiers import IdActe, NatureActe

ID = IdActe("042", "123456782", date(2023, 3, 2), "a_1", NatureActe.DELIBERATION)


@pytest.mark.parametrize(
    ("word", "value", "text"),
    [
        (DATE, date(2024, 2, 29), "2024-02-29"),
        (DATE, date(7, 1, 1), "0007-01-01"),
        (ID_ACTE, ID, "042-123456782-20230302-a_1-DE"),
        (NUMERO, "2023_001", "2023_001"),
        (TEXT, " l’œuvre\nà 3 € ", "l’œuvre\nà 3 €"),
        (OBJET, "é" * 500, "é" * 500),
        (LIBELLE, " ", ""),
        (SIGNATURE, " MII\r\n", " MII\r\n"),
        (NATURAL, 0, "0"),
        (ARRONDISSEMENT, 9, "9"),
        (NATURE_COLLECTIVITE, "31", "31"),
        (NATURE_ANOMALIE_ACTE, "007", "007"),
        (NATURE_ANOMALIE_ENVELOPPE, "100", "100"),
        (NATURE_ANOMALIE_ENVELOPPE, "5", "5"),
        (NOM_FICHIER, "99_DE-042-1.PDF", "99_DE-042-1.PDF"),
        (EMAIL, "a.b@c.museum", "a.b@c.museum"),
        (SIREN, "123456782", "123456782"),
        (DEPARTEMENT, "02A", "02A"),
    ],
)
def test_a_word_is_written(word: Word[Any], value: object, text: str) -> None:
    draft = Draft()
    assert word.written(value, draft) == text
    assert draft.problems == []


@pytest.mark.parametrize(
    ("word", "value", "said"),
    [
        (
            ID_ACTE,
            IdActe("042", "123456782", ID.date_decision, "a-1", ID.nature),
            "son numéro doit",
        ),
        (NUMERO, "a1", "ne peut pas servir de numéro"),
        (TEXT, " \n", "est vide"),
        (TEXT, "Fête 🎉 ☃", "U+2603 SNOWMAN, U+1F389 PARTY POPPER"),
        (TEXT, "a\x0bb\x0cc", "U+000B, U+000C"),
        (TEXT, "\udc80", "U+DC80"),
        (OBJET, "é" * 501, "501 caractères, 500 au plus"),
        (LIBELLE, "\x00", "U+0000"),
        (SIGNATURE, "MII\x00", "que le XML interdit"),
        (NATURAL, -1, "nombre entier positif"),
        (ARRONDISSEMENT, 12, "n'est pas un arrondissement"),
        (ARRONDISSEMENT, -1, "n'est pas un arrondissement"),
        (NATURE_COLLECTIVITE, "3", "nature de collectivité"),
        (NATURE_COLLECTIVITE, "٣١", "nature de collectivité"),
        (NATURE_ANOMALIE_ACTE, "7", "nature d'anomalie d'acte"),
        (NATURE_ANOMALIE_ENVELOPPE, "999", "nature d'anomalie d'enveloppe"),
        (NOM_FICHIER, "../x", "ne peut pas nommer un fichier"),
        (EMAIL, "a+b@c.fr", "n'est pas une adresse"),
        (EMAIL, "a@c.technology", "n'est pas une adresse"),
        (SIREN, "123456789", "clé de contrôle"),
        (DEPARTEMENT, "020", "code de département"),
    ],
)
def test_a_word_that_may_not_be_written_is_a_problem_of_its_attribute(
    word: Word[Any], value: object, said: str
) -> None:
    draft = Draft().inside("referent").inside("nom")
    assert word.written(value, draft) == ""
    (problem,) = draft.problems
    assert problem.field == "referent.nom"
    assert said in problem.message
    assert problem.rule
    assert problem.remedy.endswith(".")


@pytest.mark.parametrize(
    ("word", "text", "value", "note"),
    [
        (DATE, " 2024-02-29 ", date(2024, 2, 29), None),
        (DATE, "2024-02-29+01:00", date(2024, 2, 29), "X : le fuseau horaire de"),
        (DATE, "2024-02-30", None, "X : « 2024-02-30 » n'est pas une date."),
        (ID_ACTE, "042-123456782-20230302-A_1-DE", IdActe.parse(str(ID).upper()), None),
        (ID_ACTE, str(ID), ID, "X : le numéro « a_1 » n'a pas la forme"),
        (ID_ACTE, "042", None, "X : « 042 » n'est pas un identifiant d'acte."),
        (NUMERO, " a-1 ", "a-1", None),
        (TEXT, " 🎉 ", "🎉", None),
        (TEXT, " \n ", None, None),
        (TEXT, None, None, None),
        (OBJET, "é" * 501, "é" * 501, None),
        (SIGNATURE, " MII\n", " MII\n", None),
        (SIGNATURE, "", None, None),
        (NATURAL, "007", 7, None),
        (NATURAL, "sept", None, "X : « sept » n'est pas un nombre."),
        (ARRONDISSEMENT, "12", 12, None),
        (NATURE_ANOMALIE_ACTE, "ERREUR2", "ERREUR2", None),
        (NATURE_ANOMALIE_ENVELOPPE, "999", "999", None),
        (NOM_FICHIER, "../x", "../x", None),
        (EMAIL, "a+b@c.fr", "a+b@c.fr", None),
        (SIREN, "1234", "1234", None),
        (DEPARTEMENT, "|4|", "|4|", None),
    ],
)
def test_a_word_is_read_with_tolerance_and_a_note(
    word: Word[Any], text: str | None, value: object, note: str | None
) -> None:
    reading = Reading("ARActe", [])
    assert word.found(text, "X", reading) == value
    if note is None:
        assert reading.notes == []
    else:
        (said,) = reading.notes
        assert said.startswith(note)
