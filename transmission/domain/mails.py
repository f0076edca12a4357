"""What every e-mail is written as, without its envelope."""

from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, slots=True)
class Digest:
    """An e-mail without its envelope."""

    subject: str
    text: str
    html: str


def html_page(title: str, body: str) -> str:
    """The HTML part of an e-mail in French; ``title`` is plain text, ``body`` is HTML."""
    return (
        '<!doctype html>\n<html lang="fr">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(title)}</title>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )
