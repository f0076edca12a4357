"""POST /courrier of the management port: the préfecture writes about an act, now."""

import base64
from typing import TYPE_CHECKING, Any

from transmission.mocktdt import xmlio
from transmission.mocktdt.actions import described, named_transaction
from transmission.mocktdt.arguments import ActionError, Arguments, parsed_date, text_of
from transmission.mocktdt.letters import USUAL_TEXTS, Letter, LetterKind
from transmission.mocktdt.transactions import Transaction

if TYPE_CHECKING:
    from transmission.mocktdt.mock import MockTdt


def courrier(mock: "MockTdt", arguments: Arguments) -> dict[str, Any]:
    """`kind`, `id_acte` or `transaction`, and, if wanted, `date`, `text`, `files` (Base64)."""
    platform = mock.platform
    name = text_of(arguments, "kind")
    if name not in set(LetterKind):
        raise ActionError(f"kind : {', '.join(LetterKind)}")
    kind = LetterKind(str(name))
    documents = _documents(arguments.get("files"), kind)
    text = _writable(str(arguments.get("text") or USUAL_TEXTS[kind]))
    with platform.lock:
        now = platform.settle()
        act = _acknowledged(named_transaction(platform, arguments))
        day = parsed_date(arguments["date"]) if arguments.get("date") else platform.clock.today()
        letter = Letter(kind, day, text)
        received = platform.send_letter(act, letter, now, documents)
        platform.settle()
        return described(received) | {"kind": kind, "date": day.isoformat()}


def _acknowledged(act: Transaction) -> Transaction:
    if act.acte is None or not act.unique_id:
        raise ActionError("la préfecture n'écrit que sur un acte dont elle a donné l'accusé")
    return act


def _writable(text: str) -> str:
    try:
        xmlio.parse(f"<text>{xmlio.text(text)}</text>".encode("ascii", "xmlcharrefreplace"))
    except xmlio.UnreadableXmlError:
        raise ActionError("text : un caractère ne peut pas être écrit en XML") from None
    return text


def _documents(files: object, kind: LetterKind) -> list[bytes] | None:
    if files is None:
        return None
    if not isinstance(files, list):
        raise ActionError("files : une liste de contenus en Base64 est attendue")
    if kind is not LetterKind.DEFERE_TA and len(files) != 1:
        raise ActionError(f"files : {kind} porte exactement un fichier")
    try:
        return [base64.b64decode(str(file), validate=True) for file in files]
    except ValueError:
        raise ActionError("files : un contenu n'est pas du Base64") from None
