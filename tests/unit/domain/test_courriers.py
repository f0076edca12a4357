from datetime import date

from transmission.domain.acte import FichierSigne
from transmission.domain.courriers import (
    ARDemandePieceComplementaire,
    ARLettreObservations,
    CourrierSimple,
    DemandePieceComplementaire,
    LettreObservations,
    PieceComplementaire,
    RefusPieceComplementaire,
    RejetLettreObservations,
    ReponseCourrierSimple,
    ReponseLettreObservations,
)
from transmission.domain.identifiers import IdActe, NatureActe

ID_ACTE = IdActe("042", "123456782", date(2023, 12, 31), "A1", NatureActe.DELIBERATION)
DAY = date(2024, 1, 2)
LETTER, ANSWER = FichierSigne("lettre.pdf"), FichierSigne("reponse.pdf")


def test_every_answer_repeats_the_date_of_the_letter() -> None:
    simple = CourrierSimple(ID_ACTE, DAY, LETTER)
    assert simple.reponse(ANSWER) == ReponseCourrierSimple(ID_ACTE, DAY, ANSWER)
    asked = DemandePieceComplementaire(ID_ACTE, DAY, "Plan", LETTER)
    assert asked.accuse() == ARDemandePieceComplementaire(ID_ACTE, DAY)
    assert asked.refus(ANSWER) == RefusPieceComplementaire(ID_ACTE, DAY, ANSWER)
    assert asked.pieces((ANSWER, LETTER)) == PieceComplementaire(ID_ACTE, DAY, (ANSWER, LETTER))
    observed = LettreObservations(ID_ACTE, DAY, "Quorum", LETTER)
    assert observed.accuse() == ARLettreObservations(ID_ACTE, DAY)
    assert observed.rejet(ANSWER) == RejetLettreObservations(ID_ACTE, DAY, ANSWER)
    assert observed.reponse(ANSWER) == ReponseLettreObservations(ID_ACTE, DAY, ANSWER)
