"""Which lines of an act are its titles, which kind of act they announce, which number they bear."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

from transmission.pdf.act_lines import Line
from transmission.pdf.french_dates import DATE, WEEKDAY, date_of, folded


class Family(Enum):
    """What a title calls the act; the value is the French word for it."""

    DELIBERATION = "délibération"
    ARRETE = "arrêté"
    DECISION = "décision"
    CONVENTION = "contrat, convention ou avenant"
    BUDGET = "document budgétaire"


@dataclass(frozen=True, slots=True)
class Heading:
    """A title line at `index`; `rest` is what follows the name of the act, as printed."""

    family: Family
    index: int
    line: Line
    rest: str
    numbers: tuple[str, ...]

    @property
    def is_register(self) -> bool:
        """The title of a register that the act is taken from, rather than of the act."""
        return bool(_REGISTER.match(self.line.folded))

    @property
    def date_in_title(self) -> date | None:
        """The day that follows the name and the number of the act: `ARRETE N° 12 DU 3 MAI 2024`."""
        match = _DATED_REST.match(folded(self.rest))
        return date_of(match) if match else None


_DECISIONS = {
    "deliberation": Family.DELIBERATION,
    "arrete": Family.ARRETE,
    "decision": Family.DECISION,
}
_REGISTER = re.compile(
    r"(?:extrait (?:du |des )?)?(?:registre (?:general )?des )?"
    r"(?P<word>deliberation|arrete|decision)s\b"
    r"(?!.*\b(?:deliberation|arrete|decision)s\b)"
)
_QUALIFIERS = (
    r"(?P<qualifiers>(?:(?:du|de|des|d|l|la|le|municipale?|communautaire|metropolitaine?|"
    r"departementale?|regionale?|syndicale?|temporaire|permanente?|conjoint|individuel|"
    r"reglementaire|conseil|bureau|assemblee|comite|communaute|maire|presidente?|administration|"
    r"circulation|voirie|police|prise|par|delegation|en|date)\b['\s]*)*)"
)
_TITLE = re.compile(rf"(?P<word>deliberation|arrete|decision)\b\s*{_QUALIFIERS}[:–-]?\s*")
_CONTRACT = re.compile(r"(?:convention|contrat|marche public|avenant|protocole)\b\s*")
_BUDGET = re.compile(
    r"(?:budget (?:primitif|supplementaire|annexe)|compte administratif|compte de gestion|"
    r"compte financier unique|decision modificative)\b\s*"
)
SUBJECT = re.compile(
    r"(?:portant|relati(?:f|ve)s?|autorisant|reglementant|interdisant|fixant|modifiant|instituant)\b"
)

_NUMBER = r"(?P<number>[a-z0-9][a-z0-9._/-]*)(?=[\s,;:)]|$)(?!\s*[-–._/]\s*\d)"
_SIGN = r"(?:n\s?°|n\s?o\b\.?|numero)"
_NUMBERED = re.compile(rf"{_SIGN}\s*:?\s*{_NUMBER}")
_UNSIGNED = re.compile(rf"{_NUMBER}$")
_LABELLED = re.compile(
    rf"{_SIGN}\s?(?:de )?(?:la |l'|d')?(?:deliberation|arrete|decision|acte)\s*:?\s*{_NUMBER}"
)
_DATED = re.compile(DATE)
_DATED_REST = re.compile(
    rf"(?:{_SIGN}\s*:?\s*\S+[\s,]+)?(?:en date )?(?:du |le )?(?:{WEEKDAY} )?{DATE}"
)
_DATE_ONLY = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}")


def headings_of(lines: Sequence[Line]) -> tuple[Heading, ...]:
    """Find the titles in order; a line that carries on an unfinished sentence is not one."""
    return tuple(_headings(lines))


def family_of(headings: Sequence[Heading]) -> Family | None:
    """The family that the titles agree on; None without a title or when they contradict each other.

    A convention or a budget may follow the délibération that approves it, not the reverse.
    """
    found = {heading.family for heading in headings}
    decided = found & set(_DECISIONS.values())
    if not headings or len(decided) > 1 or (decided and headings[0].family not in decided):
        return None
    return headings[0].family


def numbers_of(lines: Sequence[Line], headings: Sequence[Heading]) -> set[str]:
    """Every number that a title or a label such as `N° de l'acte` gives to the act, as printed."""
    labelled = (_number(_LABELLED, line.text, line.folded) for line in lines)
    numbers = {number for number in labelled if number}
    return numbers.union(*(heading.numbers for heading in headings))


def continues_a_sentence(lines: Sequence[Line], index: int) -> bool:
    """Tell whether the line is the wrapped end of the one before, so that it titles nothing."""
    line = lines[index]
    wrapped = index > 0 and line.adjacent and lines[index - 1].is_unfinished
    return wrapped or not line.text[0].isupper()


def _headings(lines: Sequence[Line]) -> Iterator[Heading]:
    for index, line in enumerate(lines):
        if continues_a_sentence(lines, index):
            continue
        following = lines[index + 1] if index + 1 < len(lines) else None
        for recognise in (_from_register, _from_title, _from_contract):
            heading = recognise(index, line, following)
            if heading:
                yield heading
                break


def _from_register(index: int, line: Line, _following: Line | None) -> Heading | None:
    match = _REGISTER.match(line.folded)
    if not match:
        return None
    return Heading(_DECISIONS[match["word"]], index, line, "", ())


def _from_title(index: int, line: Line, following: Line | None) -> Heading | None:
    match = _TITLE.match(line.folded)
    if not match:
        return None
    family = _DECISIONS[match["word"]]
    rest, folded_rest = line.text[match.end() :], line.folded[match.end() :]
    number = _own_number(rest, folded_rest) or _number_below(rest, following)
    # « ARRETE » alone is also the verb that ends a délibération.
    named = family is Family.DELIBERATION or bool(match["qualifiers"])
    bare = not rest and (named or bool(number))
    capitals = family is Family.DELIBERATION and line.is_upper
    designated = _DATED.match(folded_rest) or SUBJECT.match(folded_rest)
    if not (number or bare or capitals or designated):
        return None
    return Heading(family, index, line, rest, (number,) if number else ())


def _from_contract(index: int, line: Line, _following: Line | None) -> Heading | None:
    if not line.is_upper:
        return None
    for pattern, family in ((_BUDGET, Family.BUDGET), (_CONTRACT, Family.CONVENTION)):
        match = pattern.match(line.folded)
        if match:
            return _contract_heading(family, index, line, match.end())
    return None


def _contract_heading(family: Family, index: int, line: Line, end: int) -> Heading:
    own = _number(_NUMBERED, line.text[end:], line.folded[end:])
    # An avenant or a décision modificative counts from 1 within another act.
    counted = line.folded.startswith(("avenant", "decision modificative"))
    return Heading(family, index, line, line.text[end:], (own,) if own and not counted else ())


def _own_number(rest: str, folded_rest: str) -> str | None:
    signed = _number(_NUMBERED, rest, folded_rest)
    unsigned = _number(_UNSIGNED, rest, folded_rest)
    if signed or not unsigned:
        return signed
    return unsigned if sum(c.isdigit() for c in unsigned) >= 4 and not unsigned.isdigit() else None


def _number_below(rest: str, following: Line | None) -> str | None:
    if rest or following is None:
        return None
    return _number(_NUMBERED, following.text, following.folded)


def _number(pattern: re.Pattern[str], text: str, folded_text: str) -> str | None:
    match = pattern.match(folded_text)
    if not match:
        return None
    number = text[match.start("number") : match.end("number")].rstrip("._/-")
    has_digit = any(character.isdigit() for character in number)
    return number if has_digit and not _DATE_ONLY.fullmatch(number) else None
