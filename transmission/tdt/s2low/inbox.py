"""The letters of the préfecture: listed, fetched as archives, marked as read."""

from typing import BinaryIO
from urllib.parse import parse_qs, urljoin

from transmission.ports import InboxItem
from transmission.tdt.http import FILE_MAX, Answer
from transmission.tdt.s2low import wire
from transmission.tdt.s2low.errors import UndecidedError
from transmission.tdt.s2low.finding import GET_DOCUMENT
from transmission.tdt.s2low.questions import ACTES, Questions

ARCHIVE_MAX = 209_715_200
"""Bytes taken of a letter: 200 MB, more than the 150 that the State may send."""

_UNREAD = ACTES + "api/list_document_prefecture.php"
_MARK_AS_READ = ACTES + "api/document_prefecture_mark_as_read.php"
_DOWNLOAD = ACTES + "actes_download_file.php"

_ITEMS_MAX = 500
_REDIRECTION = 302
_GZIP_MAGIC = b"\x1f\x8b"
_COURRIER_SIMPLE, _WITHOUT_RECEIPT = "2", 21


def items(questions: Questions) -> list[InboxItem]:
    """Letters not marked as read, oldest first, 500 at most (S²LOW API §4.18).

    Raises UndecidedError.
    """
    letters = wire.parsed_unread(questions.ask(_UNREAD, limit=FILE_MAX))
    letters = tuple(letter for letter in letters if not _is_a_reply(letter))
    oldest_first = sorted(letters, key=lambda letter: int(letter.reference))
    return [
        InboxItem(letter.reference, letter.reference, letter.acte)
        for letter in oldest_first[:_ITEMS_MAX]
    ]


def fetch(questions: Questions, item: InboxItem, target: BinaryIO) -> None:
    """Write the archive of a letter into ``target``, as the State made it (§4.13, §4.16).

    Raises UndecidedError for anything but a gzip file, and what ``target`` raises.
    """
    answer = questions.answer(GET_DOCUMENT, {"id": item.key})
    archive = _GzipOnly(target)
    questions.save(_DOWNLOAD, {"env": _envelope(questions, answer)}, archive, ARCHIVE_MAX)
    if not archive.begun:
        raise UndecidedError("le TdT a donné un fichier vide au lieu du courrier")


def confirm(questions: Questions, item: InboxItem) -> None:
    """Mark a letter as read (S²LOW API §4.19). Raises UndecidedError unless that was said."""
    wire.require_marked(questions.ask(_MARK_AS_READ, {"transaction_id": item.key}))


class _GzipOnly:
    """Lets a gzip file through to ``target``, and not one byte of anything else."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self._held = b""
        self.begun = False

    def write(self, block: bytes, /) -> None:
        if not self.begun:
            block = self._held + block
            if len(block) < len(_GZIP_MAGIC):
                self._held = block
                return
            if not block.startswith(_GZIP_MAGIC):
                raise UndecidedError("le TdT a donné autre chose que l'archive du courrier")
            self.begun = True
        self._target.write(block)


def _envelope(questions: Questions, answer: Answer) -> str:
    """The envelope that a redirection leads to: only its number is taken, never the address."""
    location = answer.header("Location")
    if answer.status != _REDIRECTION or location is None:
        no = wire.refusal(answer.body)
        raise UndecidedError(
            f"le TdT ne donne pas ce courrier : {no.text if no else f'code HTTP {answer.status}'}"
        )
    try:
        address, _, query = urljoin(questions.url(GET_DOCUMENT), location).partition("?")
        numbers = parse_qs(query, strict_parsing=True).get("env", [])
    except ValueError:
        address, numbers = location, []
    is_number = len(numbers) == 1 and numbers[0].isascii() and numbers[0].isdigit()
    if address != questions.url(_DOWNLOAD) or not is_number:
        raise UndecidedError("le TdT renvoie ailleurs que vers l'archive du courrier")
    return numbers[0]


def _is_a_reply(letter: wire.Unread) -> bool:
    # Old versions list among the letters a reply to a courrier simple (S²LOW API §4.17, §8.3).
    return letter.kind == _COURRIER_SIMPLE and letter.code != _WITHOUT_RECEIPT
