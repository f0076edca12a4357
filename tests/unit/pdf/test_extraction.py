import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transmission.pdf.extraction import (
    PasswordPdfError,
    UnreadablePdfError,
    extract_text,
    propose_metadata,
)
from transmission.pdf.rendering import render_markdown

MakePdf = Callable[..., bytes]
AsFile = Callable[[bytes], Path]

DELIBERATION = """\
**EXTRAIT DU REGISTRE DES DELIBERATIONS**

**SEANCE DU CONSEIL MUNICIPAL DU 02 MARS 2026**

**DELIBERATION N°2026.00042**

**SUBVENTION A L'ASSOCIATION DES JARDINS D'EXEMPLE - AVENANT A LA
CONVENTION ATTRIBUTIVE**

Le Conseil municipal a été convoqué le 24 février 2026

Nombre de membres en exercice : 15

**RECU EN PREFECTURE**

Le 10 mars 2026

VIA DOTELEC - iXBus

99\\_DE-042-123456782-20260302-D20260004210

Date de mise en ligne : 10 mars 2026

## **DELIBERATION DU CONSEIL MUNICIPAL DU 02 MARS 2026**

Par délibération du Conseil municipal en date du 16 juin 2025, la commune a accordé une aide.
Vu la délibération n° 2025.00017 du 16 juin 2025,
"""

ARRETE = """\
REPUBLIQUE FRANCAISE
Commune de Saint-Exemple
ARRETE MUNICIPAL N° 2026-045
portant réglementation temporaire de la circulation
rue des Lilas
Le maire de Saint-Exemple,
Vu le code général des collectivités territoriales,
Vu l'arrêté n° 2020-12 du 3 juillet 2020,
ARRETE
Article 1 : la circulation est interdite du 3 au 5 mai 2026.
Fait à Saint-Exemple, le 1er avril 2026
Publié le 2 avril 2026
"""


def samples() -> Path:
    folder = os.environ.get("TRANSMISSION_SAMPLES")
    if not folder:
        pytest.skip("TRANSMISSION_SAMPLES is not set")
    return Path(folder)


class TestExtractText:
    def test_pages_come_apart_by_a_form_feed(self, make_pdf: MakePdf, as_file: AsFile) -> None:
        text = extract_text(as_file(make_pdf(pages=2, text="Décision")))
        assert text.split("\f") == ["Décision 1", "Décision 2"]

    def test_only_the_first_pages_are_read(self, make_pdf: MakePdf, as_file: AsFile) -> None:
        assert "Page 3" not in extract_text(as_file(make_pdf(pages=3, text="Page")), max_pages=2)

    def test_a_scan_has_no_text(self, make_pdf: MakePdf, as_file: AsFile) -> None:
        assert extract_text(as_file(make_pdf())) == ""

    def test_a_damaged_file_is_refused(self, as_file: AsFile) -> None:
        with pytest.raises(UnreadablePdfError, match="une page HTML"):
            extract_text(as_file(b"<html>"))

    def test_a_user_password_is_refused(self, make_pdf: MakePdf, as_file: AsFile) -> None:
        locked = make_pdf(encryption=pikepdf.Encryption(user="secret", owner="maitre"))
        with pytest.raises(PasswordPdfError, match="mot de passe"):
            extract_text(as_file(locked))

    def test_a_password_met_before_is_not_blamed_on_the_next_file(
        self, make_pdf: MakePdf, as_file: AsFile
    ) -> None:
        locked = as_file(make_pdf(encryption=pikepdf.Encryption(user="secret", owner="maitre")))
        without_page = b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
        without_page += b"2 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\n"
        without_page += b"trailer\n<</Root 1 0 R/Size 3>>\n"
        with pytest.raises(PasswordPdfError):
            extract_text(locked)
        with pytest.raises(UnreadablePdfError):
            extract_text(as_file(without_page))

    def test_a_missing_file_is_not_taken_for_a_damaged_one(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            extract_text(tmp_path / "absent.pdf")


class TestWholeActs:
    def test_a_deliberation_in_markdown_says_everything(self) -> None:
        found = propose_metadata(DELIBERATION)
        assert found.numero_imprime == "2026.00042"
        assert found.date_decision == date(2026, 3, 2)
        assert found.nature == "DE"
        assert found.objet == (
            "SUBVENTION A L'ASSOCIATION DES JARDINS D'EXEMPLE - AVENANT A LA CONVENTION ATTRIBUTIVE"
        )

    def test_the_same_deliberation_printed_says_the_same(self, as_file: AsFile) -> None:
        printed = as_file(render_markdown(DELIBERATION, "Délibération"))
        assert propose_metadata(extract_text(printed)) == propose_metadata(DELIBERATION)

    def test_an_arrete_has_the_date_of_its_signature(self) -> None:
        found = propose_metadata(ARRETE)
        assert found.numero_imprime == "2026-045"
        assert found.date_decision == date(2026, 4, 1)
        assert found.objet == "portant réglementation temporaire de la circulation rue des Lilas"
        assert found.nature == "AR"

    def test_the_founding_document_is_read_in_full(self) -> None:
        text = (samples() / "deliberation-2023-00097.md").read_text(encoding="utf-8")
        found = propose_metadata(text)
        assert found.numero_imprime == "2023.00097"
        assert found.date_decision == date(2023, 3, 2)
        assert found.nature == "DE"
        assert found.objet is not None
        assert found.objet.startswith("SOUTIEN AUX FILIERES D'EXCELLENCE - ACTION PRODUCTION")
        assert found.objet.endswith("AVENANT A LA CONVENTION ATTRIBUTIVE DE SUBVENTION")

    def test_a_real_pdf_is_read_in_full(self) -> None:
        found = propose_metadata(extract_text(samples() / "deliberation-adullact.pdf"))
        assert found.numero_imprime == "20150915_001"
        assert found.date_decision == date(2015, 9, 15)
        assert found.nature == "DE"
        assert found.objet == "Constructions nouvelles"

    @pytest.mark.parametrize("text", ["", "Bonjour,\nveuillez trouver la note.", "\f\n \x02"])
    def test_a_text_that_is_no_act_proposes_nothing(self, text: str) -> None:
        found = propose_metadata(text)
        assert (found.numero_imprime, found.date_decision, found.objet) == (None, None, None)
        assert found.nature is None
        assert found.nature_reason.startswith("Aucun titre")

    @given(
        st.text(
            alphabet=st.sampled_from("séanceDÉLIBRTo n°:du/-_.0123 mars\n|#*\\'<>"), max_size=300
        )
    )
    def test_any_text_is_read_without_failing(self, text: str) -> None:
        found = propose_metadata(text)
        assert found.objet is None or ("\n" not in found.objet and len(found.objet) <= 500)


class TestNumber:
    @pytest.mark.parametrize(
        ("text", "number"),
        [
            ("DELIBERATION N°2026.00042", "2026.00042"),
            ("Délibération n° : 2026-42", "2026-42"),
            ("DÉLIBÉRATION Nº 2026/42", "2026/42"),
            ("Délibération 20260302_001", "20260302_001"),
            ("DELIBERATION\nN° 2026-42", "2026-42"),
            ("Arrêté n° AR_2026_12 du 3 mai 2026", "AR_2026_12"),
            ("ARRÊTÉ DU MAIRE N° 2026-12", "2026-12"),
            ("DECISION N° 2026/15", "2026/15"),
            ("Numéro de l'acte : 2026-C-12", "2026-C-12"),
            ("CONVENTION N° 2026-C-12", "2026-C-12"),
            ("Ville de Saint-Exemple     DELIBERATION N° 42", "42"),
            ("Vu la délibération n° 2020-07 du 3 juillet 2020,", None),
            ("conformément à la\nDélibération n° 2020-07 du 3 juillet 2020,", None),
            ("AVENANT N° 1 A LA CONVENTION", None),
            ("Délibération du 02/03/2026", None),
            ("Délibération 02/03/2026", None),
            ("DELIBERATION N° 2026 / 45", None),
            ("DELIBERATION N°", None),
            ("DELIBERATION RELATIVE A L'AVENANT N° 2 DU MARCHE", None),
            ("Délibération n° 2026-1\nDélibération n° 2026-2", None),
        ],
    )
    def test_it_is_the_one_that_a_title_gives(self, text: str, number: str | None) -> None:
        assert propose_metadata(text).numero_imprime == number


class TestDateOfSitting:
    @pytest.mark.parametrize(
        "text",
        [
            "SEANCE DU BUREAU METROPOLITAIN DU 02 MARS 2026",
            "Séance du 2 mars 2026",
            "Séance publique du lundi 2 mars 2026 à 19 h",
            "SEANCE DU CONSEIL MUNICIPAL\nDU 2 MARS 2026",
            "Séance du : 02/03/2026",
            "Date de la séance : 02.03.2026",
            "Conseil municipal du 2 mars 2026",
            "Conseil municipal – 2 mars 2026",
            "# Délibération du 2 mars 2026",
            "EXTRAIT DU REGISTRE DES DELIBERATIONS DU CONSEIL MUNICIPAL - SEANCE DU 2 MARS 2026",
            "L'an deux mille vingt-six, le deux mars, le conseil municipal s'est réuni",
            "Le conseil municipal légalement convoqué s'est réuni en mairie le 2 mars 2026",
            "Séance du 2 mars 2026\nDate de convocation : 24 février 2026",
            "Séance du 2 mars 2026\nConvocation du conseil municipal du 24 février 2026",
        ],
    )
    def test_it_is_read_in_the_usual_headings(self, text: str) -> None:
        assert propose_metadata(text).date_decision == date(2026, 3, 2)

    def test_the_first_of_a_month_is_read(self) -> None:
        assert propose_metadata("Séance du 1er avril 2024").date_decision == date(2024, 4, 1)

    @pytest.mark.parametrize(
        "text",
        [
            "Date de convocation : 24 février 2026",
            "Le Conseil municipal a été convoqué le 24 février 2026",
            "SEANCE ORDINAIRE - CONVOCATION DU 24 FEVRIER 2026",
            "RECU EN PREFECTURE\nLe 10 mars 2026",
            "Date de mise en ligne : 10 mars 2026",
            "Vu la délibération du conseil municipal du 3 juillet 2020",
            "Par délibération du\nBureau du 16 juin 2025, la commune a accordé une aide",
            "Conseil d'État, 12 juin 2020",
            "DELIBERATION RELATIVE A LA CONVENTION DU 3 JANVIER 2020",
            "Séance du 31 février 2026",
            "Séance du 2 mars 2026\nSéance du 3 mars 2026",
            "Délibération\nFait à Saint-Exemple, le 9 mars 2026",
            "s'est réuni le 2 mars 2026",
        ],
    )
    def test_no_other_date_is_taken_for_it(self, text: str) -> None:
        assert propose_metadata(text).date_decision is None

    def test_minutes_to_approve_do_not_give_their_own_date(self) -> None:
        text = (
            "Séance du 2 mars 2026\nDELIBERATION N° 2026-1\n"
            "APPROBATION DU PROCES-VERBAL DE LA\nSEANCE DU 12 JANVIER 2026"
        )
        found = propose_metadata(text)
        assert found.date_decision == date(2026, 3, 2)
        assert found.objet == "APPROBATION DU PROCES-VERBAL DE LA SEANCE DU 12 JANVIER 2026"


class TestDateOfSignature:
    @pytest.mark.parametrize(
        ("text", "day"),
        [
            ("ARRETE N° 2026-12 DU 3 MAI 2026 PORTANT NOMINATION", date(2026, 5, 3)),
            ("Arrêté du 3 mai 2026 portant nomination", date(2026, 5, 3)),
            ("DECISION N° 2026-3\nFait à Saint-Exemple, le 12/03/2026", date(2026, 3, 12)),
            ("CONVENTION DE PARTENARIAT\nFait à Saint-Exemple le 12 mars 2026", date(2026, 3, 12)),
            ("ARRETE N° 3 DU 3 MAI 2026\nFait à Saint-Exemple, le 4 mai 2026", None),
            ("ARRETE N° 3 PORTANT RETRAIT DE L'ARRETE DU 3 MAI 2020", None),
            ("ARRETE N° 3\nNotifié le 4 mai 2026", None),
        ],
    )
    def test_other_acts_bear_the_date_of_their_title_or_signature(
        self, text: str, day: date | None
    ) -> None:
        assert propose_metadata(text).date_decision == day


class TestObjet:
    @pytest.mark.parametrize(
        ("text", "objet"),
        [
            ("Objet : Vote des taux 2026\nLe conseil décide", "Vote des taux 2026"),
            ("**OBJET :** Vote des *taux* 2026", "Vote des taux 2026"),
            ("Objet de la délibération : Vote des taux", "Vote des taux"),
            ("Objet :\nVote des taux", "Vote des taux"),
            (
                "Objet : Adhésion à l'association\ndes communes",
                "Adhésion à l'association des communes",
            ),
            ("Objet : Cession à la Ville de\nSaint-Exemple", "Cession à la Ville de Saint-Exemple"),
            ("Objet : 1<sup>er</sup> acompte\n\nsuite", "1er acompte"),
            ("Objet : Un\n\nObjet : Deux", None),
            ("Objet : Vote\nOBJET : VOTE", "Vote"),
            ("Objet :\nVu le code général", None),
            ("DELIBERATION N° 3\nNOMBRE DE MEMBRES EN EXERCICE", None),
            ("DELIBERATION N° 3\nLe conseil municipal,", None),
            ("ARRETE N° 3 PORTANT NOMINATION D'UN\nREGISSEUR", "PORTANT NOMINATION D'UN REGISSEUR"),
            (
                "CONVENTION DE MISE A DISPOSITION\nD'UN LOCAL",
                "CONVENTION DE MISE A DISPOSITION D'UN LOCAL",
            ),
        ],
    )
    def test_it_is_the_one_stated(self, text: str, objet: str | None) -> None:
        assert propose_metadata(text).objet == objet

    def test_an_endless_object_is_cut_between_words(self) -> None:
        found = propose_metadata("Objet : " + "subvention " * 100)
        assert found.objet is not None
        assert len(found.objet) <= 500
        assert found.objet.endswith("subvention")


class TestNature:
    @pytest.mark.parametrize(
        ("text", "nature", "reason"),
        [
            ("DELIBERATION N° 3", "DE", "délibération"),
            ("Extrait du registre des délibérations", "DE", "délibération"),
            ("ARRETE N° 3 PORTANT NOMINATION D'UN REGISSEUR", "AI", "individuel"),
            ("ARRETE N° 3\nObjet : interdiction de stationner", "AR", "réglementaire"),
            ("ARRETE N° 3\nObjet : délégation de signature", None, "sans dire"),
            ("ARRETE N° 3 REGLEMENTANT LES NOMINATIONS\nObjet : nomination", None, "sans dire"),
            ("DECISION DU MAIRE N° 3", None, "dépend de ce qu'elle décide"),
            ("CONVENTION DE PARTENARIAT", "CC", "convention"),
            ("BUDGET PRIMITIF 2026", "BF", "budgétaire"),
            ("DECISION MODIFICATIVE N° 1", "BF", "budgétaire"),
            ("DELIBERATION N° 3\nAvis\n\nCONVENTION DE PARTENARIAT", "DE", "délibération"),
            ("DELIBERATION N° 3\nARRETE N° 4", None, "contredisent"),
            ("ARRETE", None, "Aucun titre"),
            ("Le conseil ARRETE le compte", None, "Aucun titre"),
        ],
    )
    def test_it_comes_with_its_reason(self, text: str, nature: str | None, reason: str) -> None:
        found = propose_metadata(text)
        assert found.nature == nature
        assert reason in found.nature_reason


def test_a_hostile_text_is_read_in_bounded_time() -> None:
    """Any quadratic rule would take minutes here, not the seconds of the whole suite."""
    for line in ("l'an " * 30, "extrait seance " * 2000, "Objet : " + "a " * 5000, "* _" * 5000):
        propose_metadata((line + "\n") * 3000)
