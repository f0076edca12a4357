"""The rules that read a date, an object and a nature in an act; each keeps silent when in doubt."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise

from transmission.pdf.act_lines import Line
from transmission.pdf.french_dates import DATE, WEEKDAY, date_of, date_spelt_out, folded
from transmission.pdf.headings import SUBJECT, Family, Heading, continues_a_sentence

MAX_OBJET_LENGTH = 500

# What makes a date that of something else than the sitting.
_OTHER_DATE = re.compile(
    r"convoc|convoqu|proces-verbal|\bpv\b|compte[- ]rendu|convention|avenant|\bloi\b|decret|arrete|"
    r"contrat|marche|\bbail\b|protocole|relati|portant|approuv|\bvu\b|modifi|affich|publi[eé]|"
    r"en ligne|\brecu|rapport|precedent|prochain|transmi|notifi|election|depuis|jusqu|\bavis\b|"
    r"d'etat|constitutionnel|d'etudes|de discipline|citoyen|economique|programmation"
)
_ON = rf"(?:\b(?:du|le)\s|[:,–-])\s*(?:{WEEKDAY}\s+)?{DATE}"
_SITTING = re.compile(
    r"(?:extrait .{0,120}?)?(?:date de (?:la )?)?\b(?:seance|session|deliberations?|conseil|bureau|"
    r"reunion (?:ordinaire|extraordinaire|du conseil|du bureau|du comite)|comite syndical|"
    rf"commission permanente|assemblee)\b(?P<between>.{{0,100}}?){_ON}"
)
_SITTING_WITHOUT_DATE = re.compile(
    r"(?:date de (?:la )?)?(?:seance|session|conseil|bureau)\b.{0,100}$"
)
_DATE_ALONE = re.compile(rf"(?:(?:du|le|en date du)\s)?\s*(?:{WEEKDAY}\s+)?{DATE}")
_MET_ON = re.compile(
    r"\b(?:conseil|bureau|comite syndical|assemblee)\b[^.;]{0,150}?\bs'est (?:reuni|assemble)e?\b"
    rf"(?P<between>[^.;]{{0,150}}?){_ON}"
)
_SIGNED_ON = re.compile(rf"(?:fait|signe)\b(?P<between>.{{0,80}}?){_ON}")
_STATED_ON = re.compile(DATE)
_NUMBER_ONLY = re.compile(r"n\s?°\s*:?\s*\S+$")


def sitting_dates(lines: Sequence[Line]) -> set[date]:
    """Days on which the headings, or else the first sentences, say that the assembly sat."""
    text = " ".join(line.folded for line in lines)
    stated = set(_headline_dates(lines))
    spelt_out = date_spelt_out(text)
    if spelt_out:
        stated.add(spelt_out)
    return stated or set(_dates(_MET_ON.finditer(text)))


def signing_dates(lines: Sequence[Line], headings: Sequence[Heading]) -> set[date]:
    """Days given by the titles of an act other than a délibération, or by its `Fait à …, le`."""
    titles = {heading.date_in_title for heading in headings}
    signatures = filter(None, (_SIGNED_ON.match(line.folded) for line in lines))
    return {day for day in titles if day} | set(_dates(signatures))


def _headline_dates(lines: Sequence[Line]) -> Iterator[date]:
    for index, line in enumerate(lines):
        if continues_a_sentence(lines, index):
            continue
        yield from _dates(filter(None, [_SITTING.match(line.folded)]))
        if index + 1 < len(lines) and _announces_a_sitting(line):
            yield from _dates(filter(None, [_DATE_ALONE.match(lines[index + 1].folded)]))


def _announces_a_sitting(line: Line) -> bool:
    without_date = _SITTING_WITHOUT_DATE.fullmatch(line.folded)
    return bool(without_date) and not _STATED_ON.search(line.folded)


def _dates(matches: Iterable[re.Match[str]]) -> Iterator[date]:
    for match in matches:
        between = match.groupdict().get("between") or ""
        day = date_of(match)
        if day and not _OTHER_DATE.search(between):
            yield day


_OBJET_LABEL = re.compile(
    r"obj?et(?: (?:de |du )?(?:la |l')?(?:deliberation|arrete|decision|acte|dossier))?\s*:\s*"
)
_NOT_AN_OBJET = re.compile(
    r"d[ue]s? |vu\b|considerant|nombre|membres|presente?s?\b|absente?s?\b|excuse|pouvoir|"
    r"president|secretaire|date|seance|recu en|via |extrait|registre|"
    r"l[ea]s? (?:maire|president|conseil|bureau|assemblee|comite)|"
    r"republique|departement|arrondissement|canton|commune|ville|mairie|communaute|metropole|"
    r"convo|rapporteur|etaient|l'an\b|nomenclature|matiere|n°|acte|arrete|decide|deliber|conseil|"
    r"bureau|article|[0-9]{2}_[a-z]{2}-"
)
_FIELD = re.compile(r"[^:.]{2,40}\s:\s|vu\b|considerant|article\b")


def objets(lines: Sequence[Line], headings: Sequence[Heading]) -> set[str]:
    """Objects given by `Objet :`, or else by the capitals or the `portant…` that follow a title."""
    stated = {_objet_at(lines, index) for index in range(len(lines))} - {""}
    if stated:
        return _distinct(stated)
    return _distinct(filter(None, (_objet_below(lines, heading) for heading in headings)))


def _objet_at(lines: Sequence[Line], index: int) -> str:
    match = _OBJET_LABEL.match(lines[index].folded)
    if not match:
        return ""
    rest = lines[index].text[match.end() :]
    if rest:
        return _with_continuation(lines, index, rest)
    below = index + 1
    if below == len(lines) or _FIELD.match(lines[below].folded):
        return ""
    return _with_continuation(lines, below, lines[below].text)


def _objet_below(lines: Sequence[Line], heading: Heading) -> str:
    subject = SUBJECT.search(folded(heading.rest))
    if subject:
        return _with_continuation(lines, heading.index, heading.rest[subject.start() :])
    if heading.family in (Family.CONVENTION, Family.BUDGET):
        return _with_continuation(lines, heading.index, heading.line.text)
    if heading.is_register:
        return ""
    for index in range(heading.index + 1, min(heading.index + 4, len(lines))):
        if _is_title_text(lines[index]):
            return _with_continuation(lines, index, lines[index].text)
        if SUBJECT.match(lines[index].folded):
            return _with_continuation(lines, index, lines[index].text)
        if not _SITTING.match(lines[index].folded) and not _NUMBER_ONLY.match(lines[index].folded):
            return ""
    return ""


def _is_title_text(line: Line) -> bool:
    letters = sum(character.isalpha() for character in line.text)
    return line.is_upper and letters >= 12 and not _NOT_AN_OBJET.match(line.folded)


def _with_continuation(lines: Sequence[Line], index: int, first: str) -> str:
    parts = [first]
    for previous, line in pairwise(lines[index:]):
        if not line.adjacent or _FIELD.match(line.folded) or not _carries_on(previous, line):
            break
        parts.append(line.text)
    return _shortened(" ".join(parts))


def _carries_on(previous: Line, line: Line) -> bool:
    if previous.is_unfinished:
        return True
    if previous.is_upper and line.is_upper:
        return not _NOT_AN_OBJET.match(line.folded)
    return line.text[0].islower()


def _shortened(objet: str) -> str:
    clean = objet.strip(' «»"')
    if len(clean) <= MAX_OBJET_LENGTH:
        return clean
    return clean[: MAX_OBJET_LENGTH + 1].rsplit(" ", 1)[0][:MAX_OBJET_LENGTH]


def _distinct(found: Iterable[str]) -> set[str]:
    """One spelling of each: the same words in other capitals or accents are the same object."""
    return set({folded(objet): objet for objet in sorted(found)}.values())


_NOMINATIVE = re.compile(
    r"nomination|titularisation|recrutement|avancement|reclassement|mutation|detachement|"
    r"disponibilite|mise a la retraite|radiation|permis (?:de construire|d'amenager|de demolir)|"
    r"declaration prealable|certificat d'urbanisme|permission de voirie|concession funeraire|"
    r"alignement individuel"
)
_REGULATORY = re.compile(
    r"\breglement(?:ation|ant|aire)?\b|interdi(?:ction|sant)|limitation de (?:la )?vitesse|"
    r"mesures? (?:temporaires? )?de (?:circulation|police)|circulation alternee"
)


def nature_of(family: Family | None, title: str) -> tuple[str | None, str]:
    """Code of the nature (ACTES protocol §3.2) and, in French, why it was or was not chosen."""
    match family:
        case Family.DELIBERATION:
            return "DE", "Le titre annonce une délibération."
        case Family.CONVENTION:
            return "CC", "Le titre annonce un contrat, une convention ou un avenant."
        case Family.BUDGET:
            return "BF", "Le titre annonce un document budgétaire ou financier."
        case Family.ARRETE:
            return _nature_of_arrete(folded(title))
        case Family.DECISION:
            return None, "Le titre annonce une décision : sa nature dépend de ce qu'elle décide."
        case None:
            return None, "Aucun titre d'acte n'a été reconnu, ou plusieurs se contredisent."


def _nature_of_arrete(title: str) -> tuple[str | None, str]:
    nominative, regulatory = _NOMINATIVE.search(title), _REGULATORY.search(title)
    if nominative and not regulatory:
        return "AI", f"Arrêté individuel : son titre contient « {nominative[0]} »."
    if regulatory and not nominative:
        return "AR", f"Arrêté réglementaire : son titre contient « {regulatory[0]} »."
    return None, "Le titre annonce un arrêté sans dire s'il est réglementaire ou individuel."
