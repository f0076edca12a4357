"""The byte layouts of the platform's answers (S²LOW API §1.2, §1.3)."""

import html
import json
from collections.abc import Iterator
from dataclasses import dataclass

from transmission.mocktdt.faults import Fault

# PHP's default, sent with every text whatever its real encoding (S²LOW API §1.4).
PHP_CONTENT_TYPE = "text/html; charset=UTF-8"

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer. A long body is `chunks`, whose total size is `length` bytes."""

    body: bytes = b""
    status: int = 200
    content_type: str = PHP_CONTENT_TYPE
    headers: Headers = ()
    chunks: Iterator[bytes] | None = None
    length: int = 0
    fault: Fault | None = None

    @property
    def size(self) -> int:
        """Bytes of the body."""
        return len(self.body) if self.chunks is None else self.length


class RefusedError(Exception):
    """The platform says no: its text goes out in the dialect of the endpoint's family.

    `page`: where a 302 leads.
    """

    page = "/modules/actes/index.php"


class DisabledAccountError(RefusedError):
    """The account is known and closed."""

    page = "/connexion-status"


class IdentificationError(RefusedError):
    """The certificate, the password or the nonce opens no account."""

    def __init__(self, text: str, page: str = "/connexion-status") -> None:
        super().__init__(text)
        self.page = page


class TypologyMissingError(RefusedError):
    """A file came without its code: the one refusal that ignores the dialect of a reply."""


class NotActedError(Exception):
    """The call fails on the wire before the platform did anything."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.kind)
        self.fault = fault


class PhpFatalError(Exception):
    """Where the real platform dies of an uncaught exception (S²LOW API §1.5)."""


def escaped(text: str) -> bytes:
    """F1 text: five entities, ISO-8859-1, what does not exist there becomes `?`."""
    return html.escape(text).replace("&#x27;", "&#039;").encode("iso-8859-1", "replace")


def ok_with_ids(*lines: str, fault: Fault | None = None) -> Answer:
    """F1 success with identifiers: each line ends with LF, and one more LF closes the body."""
    content = "".join(f"{line}\n" for line in lines).encode("ascii")
    return Answer(b"OK\n" + content + b"\n", fault=fault)


def ok_echo(content: bytes) -> Answer:
    """F2 success: `OK` LF, then what the endpoint says."""
    return Answer(b"OK\n" + content)


def ko(text: str) -> Answer:
    """F1 failure, the "KO block"."""
    return Answer(b"KO\n" + escaped(text) + b"\n")


def raw_text(text: str, *, latin: bool) -> bytes:
    """Unescaped text: the bytes of the platform's sources, ISO-8859-1 until v4, then UTF-8."""
    return text.encode("iso-8859-1", "replace") if latin else text.encode()


def ko_line(text: str, *, latin: bool) -> Answer:
    """Failure of a reply asked with `api` in the query: one line, no LF (S²LOW API §4.17)."""
    return Answer(raw_text(f"KO : {text}", latin=latin), content_type="text/plain")


def ko_echo(text: str, *, latin: bool) -> Answer:
    """F2 failure: unescaped, no final LF."""
    return Answer(b"KO\n" + raw_text(text, latin=latin))


# v6: apostrophe as an entity, every accent lost to a question mark (S²LOW API §1.3).
KO_SECURITY_LAYER = Answer(b"KO\nLa connexion n&#039;a pas pu ?tre ?tablie\n")


def header_text(text: str, *, latin: bool = False) -> str:
    """What goes into a header, unescaped bytes; a line end would open another header."""
    one_line = text.replace("\r", "").replace("\n", "")
    if latin:
        return one_line.encode("iso-8859-1", "replace").decode("iso-8859-1")
    return one_line.encode("utf-8", "surrogateescape").decode("iso-8859-1")


def redirect(location: str) -> Answer:
    """A 302, to where a browser would read the reason."""
    return Answer(status=302, headers=(("Location", header_text(location)),))


def page(title: str, status: int = 200) -> Answer:
    """A small HTML page."""
    return Answer(
        f"<!DOCTYPE html>\n<html><head><title>{html.escape(title)}</title></head>"
        f"<body><h1>{html.escape(title)}</h1></body></html>\n".encode(),
        status=status,
    )


def json_answer(value: object) -> Answer:
    """JSON as PHP writes it: ASCII, compact, slashes escaped."""
    return Answer(_php(json.dumps(value, separators=(",", ":"))))


def json_pretty(value: object) -> Answer:
    """JSON as PHP's pretty print writes it: four spaces."""
    return Answer(_php(json.dumps(value, indent=4)))


def integers_as_strings(value: object) -> object:
    """Every integer as text: what the database of v4 gave (S²LOW API §4.12)."""
    if isinstance(value, dict):
        return {key: integers_as_strings(item) for key, item in value.items()}
    if isinstance(value, list):
        return [integers_as_strings(item) for item in value]
    return str(value) if type(value) is int else value


def leaves_as_strings(value: object) -> object:
    """Every number as text, every null as an empty text (list_actes of v5)."""
    if isinstance(value, dict):
        return {key: leaves_as_strings(item) for key, item in value.items()}
    if isinstance(value, list):
        return [leaves_as_strings(item) for item in value]
    return "" if value is None else str(value)


def _php(text: str) -> bytes:
    return text.replace("/", "\\/").encode("ascii")
