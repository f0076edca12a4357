"""A mail taken apart while it is read: its attachments go to files, whatever its size and shape.

The standard library reads the fields of a header; bodies are cut and decoded here, line by line,
for its reader of whole mails holds them several times in memory and follows any nesting.
Source: ACTES protocol §6.1, §7.3, §8, §10 (quirks 17 to 21); RFC 2045, RFC 2046 §5.1, RFC 2231.
"""

import re
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from typing import BinaryIO

from transmission.actes.forms import UnreadableRetourError
from transmission.actes.shelf import FILES_MAX, Shelf, ShelvedFile
from transmission.actes.transfer import decoder

DEPTH_MAX = 30
"""Multiparts and forwarded mails inside one another."""
LINES_MAX = 10_000_000
"""Three times those of the largest mail in base64; more of them would only take time."""

_LINE_MAX = 64 * 1024
_BATCH = 256 * 1024
_FIELD_MAX = 8 * 1024
_HEAD = 256
_ABOUT_A_PART = (b"content-type", b"content-disposition", b"content-transfer-encoding")
_OF_A_MAIL = frozenset(
    {b"from", b"to", b"subject", b"date", b"received", b"return-path", b"message-id"}
    | {b"mime-version", b"content-type"}
)
_PLAIN = ("", "7bit", "8bit", "binary")
_LINE_END = re.compile(rb"\r?\n?\Z")
_FOLDS = re.compile(r"[\r\n]+")


def take_apart(mail: BinaryIO, shelf: Shelf) -> None:
    """Put every attachment of a mail on a shelf, and every other part that could be a message.

    The words of the mail are not files: the mail itself is kept. What is damaged, or cut short
    with the mail, is left out and noted. Raises UnreadableRetourError for what is no mail, or has
    too many parts, levels or lines; OSError when the disk refuses.
    """
    reader = _Reader(shelf)
    begins, pieces = True, 0
    while piece := mail.readline(_LINE_MAX):
        pieces += 1
        if pieces > LINES_MAX:
            raise UnreadableRetourError(f"Ce mail a plus de {LINES_MAX} lignes.")
        reader.read(piece, begins=begins)
        begins = piece.endswith(b"\n")
    reader.end()


class _Fields:
    """The fields of a header that say what a part is; the others are passed over."""

    def __init__(self) -> None:
        self._kept: dict[bytes, bytearray] = {}
        self._last: bytearray | None = None
        self.is_of_a_mail = False

    def read(self, piece: bytes, *, begins: bool) -> None:
        if begins and piece[:1] not in b" \t":
            name, _, piece = piece.partition(b":")
            self._begin(name.strip().lower())
        if self._last is not None:
            self._last += piece[: _FIELD_MAX - len(self._last)]

    def _begin(self, name: bytes) -> None:
        self.is_of_a_mail |= name in _OF_A_MAIL
        wanted = name in _ABOUT_A_PART and name not in self._kept
        self._last = self._kept.setdefault(name, bytearray()) if wanted else None

    def part(self) -> Message:
        """The part that they describe, without its body."""
        part = Message()
        for name, raw in self._kept.items():
            part[name.decode("ascii")] = _FOLDS.sub("", _text(bytes(raw))).strip()
        return part


class _Attachment:
    """A part being written: ``is_words`` when it may be the words of the mail."""

    def __init__(self, file: ShelvedFile, encoding: str, *, is_words: bool) -> None:
        self.file = file
        self._decoder = decoder(encoding)
        self._held = bytearray()
        self._head = b""
        self._is_words = is_words

    def read(self, piece: bytes) -> None:
        self._held += piece
        if len(self._held) > _BATCH:
            # The end of the last line belongs to the delimiter that may follow.
            self._write_but(_ended(self._held))

    def end(self, *, delimited: bool) -> bool:
        """Write what is left; False when the content was not whole."""
        self._write_but(_ended(self._held) if delimited else 0)
        last = self._decoder.end()
        self._keep(last or b"")
        return last is not None

    @property
    def is_words(self) -> bool:
        """Whether these are the words of the mail: no file, and no message without a name."""
        return self._is_words and not self._head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<?xml")

    def _write_but(self, last: int) -> None:
        cut = len(self._held) - last
        self._keep(self._decoder.feed(bytes(self._held[:cut])))
        del self._held[:cut]

    def _keep(self, plain: bytes) -> None:
        self._head += plain[: _HEAD - len(self._head)]
        self.file.write(plain)


class _Reader:
    """Where one stands in a mail: in a header, in an attachment, or between two parts."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._inside: list[bytes | None] = []
        """Boundaries of the multiparts one is in; None stands for a forwarded mail."""
        self._fields: _Fields | None = _Fields()
        self._attachment: _Attachment | None = None
        self._parts = 0

    def read(self, piece: bytes, *, begins: bool) -> None:
        if begins and piece.startswith(b"--") and self._meet_delimiter(piece):
            return
        if self._attachment is not None:
            self._attachment.read(piece)
        elif self._fields is not None:
            if begins and piece in (b"\n", b"\r\n"):
                self._enter_part(self._fields)
            else:
                self._fields.read(piece, begins=begins)

    def end(self) -> None:
        is_cut = any(self._inside)
        if self._fields is not None and self._parts == 0:
            self._enter_part(self._fields)
            is_cut = True
        if is_cut:
            self._shelf.notes.append("Ce mail est coupé avant sa fin.")
        self._leave_part(delimited=False, is_cut=is_cut)

    def _meet_delimiter(self, piece: bytes) -> bool:
        said = piece.rstrip()
        for level in reversed(range(len(self._inside))):
            boundary = self._inside[level]
            if boundary is not None and said in (boundary, boundary + b"--"):
                is_last = said != boundary
                self._leave_part(delimited=True, is_cut=False)
                del self._inside[level + (not is_last) :]
                self._fields = None if is_last else _Fields()
                return True
        return False

    def _enter_part(self, fields: _Fields) -> None:
        self._parts += 1
        if self._parts == 1 and not fields.is_of_a_mail:
            raise UnreadableRetourError(
                "Ce qui est arrivé n'est ni une archive « .tar.gz » ni un mail."
            )
        if self._parts > FILES_MAX:
            raise UnreadableRetourError(f"Ce mail a plus de {FILES_MAX} parties.")
        self._fields = None
        part = fields.part()
        encoding = str(part.get("content-transfer-encoding", "")).lower()
        kind, boundary = part.get_content_type(), _boundary(part)
        if kind.startswith("multipart/") and boundary:
            self._enter_level(b"--" + boundary)
        elif kind == "message/rfc822" and encoding in _PLAIN:
            self._enter_level(None)
            self._fields = _Fields()
        else:
            name = _name(part)
            is_words = name is None and kind in ("text/plain", "text/html")
            self._attachment = _Attachment(self._shelf.open(name), encoding, is_words=is_words)

    def _enter_level(self, boundary: bytes | None) -> None:
        self._inside.append(boundary)
        if len(self._inside) > DEPTH_MAX:
            raise UnreadableRetourError(f"Ce mail a plus de {DEPTH_MAX} niveaux de parties.")

    def _leave_part(self, *, delimited: bool, is_cut: bool) -> None:
        if (attachment := self._attachment) is None:
            return
        self._attachment = None
        is_whole = attachment.end(delimited=delimited) and not is_cut
        if is_whole and not attachment.is_words:
            self._shelf.keep(attachment.file)
            return
        self._shelf.discard(attachment.file)
        if not attachment.is_words:
            label = attachment.file.label
            self._shelf.notes.append(f"« {label} » est arrivé abîmé : il est laissé de côté.")


def _ended(content: bytearray) -> int:
    """How many bytes end the last line."""
    found = _LINE_END.search(content, max(0, len(content) - 2))
    return len(found[0]) if found else 0


def _text(raw: bytes) -> str:
    """Fields are ASCII; those that are not are mostly in UTF-8."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _boundary(part: Message) -> bytes:
    try:
        return (part.get_boundary() or "").encode("utf-8", "surrogateescape")
    except (LookupError, TypeError, ValueError):
        return b""


def _name(part: Message) -> str | None:
    """The name of an attachment, RFC 2231 or RFC 2047 undone; None when it has none."""
    try:
        name = part.get_filename()
    except (LookupError, TypeError, ValueError):
        return None
    try:
        return str(make_header(decode_header(name))) if name else None
    except (MessageError, LookupError, TypeError, ValueError):
        return name
