"""What became of what was sent: one transaction, or all those that still wait."""

from transmission.ports import Collected, Situation
from transmission.tdt.http import FILE_MAX
from transmission.tdt.s2low import wire
from transmission.tdt.s2low.errors import ERREUR, STATUTS, UndecidedError, statut_in_french
from transmission.tdt.s2low.questions import ACTES, GET_STATUS, Questions

_AR_ALONE = ACTES + "actes_transac_get_ARActe.php"

# In the order in which a transaction goes through them: one that moves while we look is met
# further on.
_STATUTS_THAT_WAIT = (17, 18, 1, 2, 3)


def collected(questions: Questions, reference: str) -> Collected:
    """Where a transaction stands, with the State's XML when there is one (S²LOW API §3.4, §4.9).

    An act, a reply or a cancellation alike. Raises UndecidedError.
    """
    body = questions.ask(GET_STATUS, {"transaction": reference}, FILE_MAX)
    statut = wire.parsed_statut(body)
    if isinstance(statut, wire.Refusal):
        raise UndecidedError(f"le TdT ne dit rien de {reference} : {statut.text}")
    words = statut_in_french(statut.code)
    if statut.code == ERREUR:
        message, text = wire.split_anomalie(statut.remainder)
        situation = Situation.ANSWERED if message else Situation.REFUSED_BY_TDT
        return Collected(situation, body, message, text or "le TdT n'a pas dit pourquoi")
    situation, _ = STATUTS.get(statut.code, (Situation.UNKNOWN, ""))
    if situation is not Situation.ANSWERED:
        return Collected(situation, body, None, words)
    if statut.remainder.strip():
        return Collected(situation, body, statut.remainder, words)
    return _ar_alone(questions, reference, body, words)


def waiting(questions: Questions) -> dict[str, Collected]:
    """All that the platform has and that the State has not answered, by reference (§4.20).

    Raises UndecidedError, also when a list is too long to be read.
    """
    return {
        each.reference: Collected(STATUTS[code][0], b"", None, statut_in_french(code))
        for code in _STATUTS_THAT_WAIT
        for page in questions.pages(code)
        for each in page
    }


def _ar_alone(questions: Questions, reference: str, body: bytes, words: str) -> Collected:
    """The AR of an act that has moved on since: get_status no longer carries it (§4.10)."""
    message = questions.ask(_AR_ALONE, {"id": reference}, FILE_MAX)
    if wire.is_xml(message):
        return Collected(Situation.ANSWERED, message, message, words)
    return Collected(Situation.UNKNOWN, body, None, f"{words}, mais aucun accusé n'est fourni")
