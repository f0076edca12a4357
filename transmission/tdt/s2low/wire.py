"""The bytes of S²LOW's API: pure functions, no I/O.

Requests are ISO-8859-1; answers are ISO-8859-1 or UTF-8 whatever their headers say (S²LOW API
§1.3, §1.4). The wording after ``KO`` is for people: nothing here reads it.
"""

import html
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from transmission.domain.acte import Acte
from transmission.domain.texte import folded_to_latin_1
from transmission.tdt.s2low.errors import UndecidedError

_KO = re.compile(rb"KO\b\s*:?\s*(.*)", re.DOTALL)
_ONE_LINE = re.compile(rb"OK : .*: (\d+)\s*", re.DOTALL)
_BREAKS = re.compile(r"\s*<br\s*/?>\s*|\s*\n\s*")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_ROOT = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*<([A-Za-z_][^\s/>]*)", re.DOTALL
)
_RELATED = re.compile(rb"([0-9])-(-?[0-9]{1,4})-([0-9]+)\r?\n")
_SHOWN = 120

# A refusal is 3, anything else 4. Sent for type 2 as well: a reply without it would be listed
# among the letters to read (S²LOW API §4.17).
_TYPES_ENVOIE = {"2-2": "4", "3-3": "3", "3-4": "4", "4-3": "3", "4-4": "4"}

_NOT_AS_EXPECTED = (ValueError, LookupError, TypeError, AttributeError, RecursionError)

Field = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class Refusal:
    """The platform's ``KO``, with its text for people."""

    text: str


@dataclass(frozen=True, slots=True)
class Statut:
    """Answer of get_status: the number, and the exact bytes which follow its line (§3.4)."""

    code: int
    remainder: bytes


@dataclass(frozen=True, slots=True)
class ListedActe:
    """A line of list_actes; ``day`` is the decision date as written (``YYYY-MM-DD``)."""

    reference: str
    number: str
    day: str
    kind: str


@dataclass(frozen=True, slots=True)
class Related:
    """A line about an act: a letter, what answered it, or a cancellation (S²LOW API §4.16)."""

    kind: str
    code: int
    reference: str


@dataclass(frozen=True, slots=True)
class Unread:
    """A letter not marked as read; ``acte`` is the reference of its act (S²LOW API §4.18)."""

    reference: str
    kind: str
    code: int
    acte: str | None


def create_fields(acte: Acte, codes_type_pj: Sequence[str]) -> tuple[Field, ...]:
    """Text fields of a creation, in ISO-8859-1 (S²LOW API §4.8).

    ``codes_type_pj`` follow the order of the files, the act first. What the object holds outside
    ISO-8859-1 is folded to its nearest text.
    """
    texts = [
        ("api", "1"),
        ("nature_code", str(acte.id_acte.nature.code)),
        ("number", acte.id_acte.numero_interne),
        ("decision_date", acte.id_acte.date_decision.isoformat()),
        ("subject", folded_to_latin_1(acte.objet)),
        *((f"classif{n}", str(niveau)) for n, niveau in enumerate(acte.matiere.niveaux, 1)),
        ("document_papier", "1" if acte.document_papier else "0"),
        ("en_attente", "0"),
        ("type_acte", codes_type_pj[0]),
        *(("type_pj[]", code) for code in codes_type_pj[1:]),
    ]
    return tuple((name, text.encode("iso-8859-1")) for name, text in texts)


def cancel_fields(acte: str) -> tuple[Field, ...]:
    """Fields that cancel the act of that reference (S²LOW API §4.15)."""
    return (("api", b"1"), ("id", acte.encode("ascii")))


def reply_fields(message: str, courrier: str, codes_type_pj: Sequence[str]) -> tuple[Field, ...]:
    """Fields of the answer of code ``message`` to the letter of that reference (§4.17).

    ``codes_type_pj`` follow the order of the files, the main one first. ``api`` stays in the body:
    in the address it would change the dialect of the answer.
    """
    texts = [
        ("api", "1"),
        ("id", courrier),
        ("type_envoie", _TYPES_ENVOIE[message]),
        ("type_acte", codes_type_pj[0]),
        *(("type_pj[]", code) for code in codes_type_pj[1:]),
    ]
    return tuple((name, text.encode("ascii")) for name, text in texts)


def decoded(body: bytes) -> str:
    """The text of an answer: UTF-8 if it is strictly that, else ISO-8859-1 (S²LOW API §7)."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("iso-8859-1")


def refusal(body: bytes) -> Refusal | None:
    """The ``KO`` of an answer in any dialect, or None."""
    match = _KO.match(body)
    return Refusal(_one_line(html.unescape(decoded(match[1])))) if match else None


def created_reference(body: bytes) -> str | Refusal:
    """The transaction that a creation opened, in either dialect (S²LOW API §1.3, §4.17).

    Raises UndecidedError for anything but ``OK`` and a number, or ``KO``.
    """
    if no := refusal(body):
        return no
    if match := _ONE_LINE.fullmatch(body):
        return match[1].decode("ascii")
    lines = [line.strip() for line in body.rstrip().split(b"\n")]
    if len(lines) == 2 and lines[0] == b"OK" and lines[1].isdigit():
        return lines[1].decode("ascii")
    raise _unexpected(body)


def submitted_reference(body: bytes) -> str | Refusal:
    """The one transaction of an envelope which holds one message (S²LOW API §4.26).

    Raises UndecidedError for any other answer, several transactions among them.
    """
    if no := refusal(body):
        return no
    lines = [line.strip() for line in body.rstrip().split(b"\n")]
    if len(lines) == 3 and lines[:2] == [b"OK", b"1"] and lines[2].isdigit():
        return lines[2].decode("ascii")
    raise _unexpected(body)


def parsed_statut(body: bytes) -> Statut | Refusal:
    """Answer of get_status, split on its first two line feeds only (S²LOW API §3.4).

    Raises UndecidedError when it is neither ``OK`` and a number, nor ``KO``.
    """
    if no := refusal(body):
        return no
    first, _, rest = body.partition(b"\n")
    second, _, remainder = rest.partition(b"\n")
    if first.strip() == b"OK" and re.fullmatch(rb"\s*-?[0-9]{1,4}\s*", second):
        return Statut(int(second), remainder)
    raise _unexpected(body)


def is_xml(body: bytes) -> bool:
    """Whether an answer is an XML file rather than a web page, a refusal or nothing."""
    root = _ROOT.match(body)
    return root is not None and root[1].lower() != b"html"


def split_anomalie(remainder: bytes) -> tuple[bytes | None, str]:
    """The State's XML (exact bytes) and the TdT's text, which follow one another unseparated.

    The XML is None when the TdT alone refused. An XML whose end is not found is given whole.
    """
    root = _ROOT.match(remainder)
    if not root:
        return None, _one_line(decoded(remainder))
    end = _end_of_root(remainder, root)
    return remainder[:end], _one_line(decoded(remainder[end:]))


def parsed_list(body: bytes) -> tuple[ListedActe, ...]:
    """The transactions of a list_actes answer (S²LOW API §4.20). Raises UndecidedError."""
    try:
        items = json.loads(decoded(body))["transactions"]
        return tuple(_listed(item) for item in items)
    except _NOT_AS_EXPECTED as error:
        raise _unexpected(body) from error


def parsed_related(body: bytes) -> tuple[Related, ...]:
    """What concerns an act, none being a clear answer (S²LOW API §4.16).

    Every line must be whole, the last one too, or an identifier could be a beginning of one.
    Raises UndecidedError.
    """
    if no := refusal(body):
        raise UndecidedError(f"le TdT ne dit pas ce qu'il a sur l'acte : {no.text}")
    lines = list(_RELATED.finditer(body))
    if b"".join(line[0] for line in lines) != body:
        raise _unexpected(body)
    return tuple(Related(line[1].decode(), int(line[2]), line[3].decode()) for line in lines)


def parsed_unread(body: bytes) -> tuple[Unread, ...]:
    """The letters of a list_document_prefecture answer (§4.18). Raises UndecidedError."""
    if no := refusal(body):
        raise UndecidedError(f"le TdT ne donne pas les courriers : {no.text}")
    try:
        return tuple(_unread(item) for item in json.loads(decoded(body)))
    except _NOT_AS_EXPECTED as error:
        raise _unexpected(body) from error


def require_marked(body: bytes) -> None:
    """Raises UndecidedError unless the mark was said to be put (S²LOW API §4.19)."""
    try:
        marked = json.loads(decoded(body)) == {"result": "ok"}
    except _NOT_AS_EXPECTED as error:
        raise _unexpected(body) from error
    if not marked:
        raise _unexpected(body)


def _unread(item: dict[str, Any]) -> Unread:
    # Numbers are integers or texts, by version.
    acte = int(str(item.get("related_transaction_id") or 0))
    return Unread(
        str(int(str(item["id"]))),
        str(item["type"]),
        int(str(item["last_status_id"])),
        str(acte) if acte else None,
    )


def _listed(item: dict[str, Any]) -> ListedActe:
    reference, number, day, kind = (str(item[key]) for key in ("id", "number", "date", "type"))
    return ListedActe(reference, number, day, kind)


def _end_of_root(content: bytes, root: re.Match[bytes]) -> int:
    ends = list(re.finditer(rb"</" + re.escape(root[1]) + rb"\s*>", content))
    if ends:
        return ends[-1].end()
    alone = re.compile(rb"(?:[^<>\"']|\"[^\"]*\"|'[^']*')*?/>").match(content, root.end())
    return alone.end() if alone else len(content)


def _one_line(text: str) -> str:
    # Controls would be refused by the register, and show nothing to a person.
    return _CONTROLS.sub("", _BREAKS.sub(" ; ", text.strip()))


def _unexpected(body: bytes) -> UndecidedError:
    if not body:
        return UndecidedError("le TdT a répondu sans rien dire")
    start = " ".join(decoded(body[:_SHOWN]).split())
    return UndecidedError(f"réponse inattendue du TdT : « {start} »")
