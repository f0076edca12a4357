"""Templates in English: the texts of a French template, each replaced as a whole when it is loaded.

A text is what stands between two tags of the page, marks of emphasis included; what a template
computes is a numbered gap in it: ``Ouvert {1}, le {2}.``
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Translate = Callable[[str], str | None]
"""The English of a French text, None where there is none."""

_JINJA = r"\{\{.*?\}\}|\{%.*?%\}|\{\#.*?\#\}"
_TOKEN = re.compile(
    rf"""(?P<aside>\{{\#.*?\#\}})
    |(?P<block>\{{%.*?%\}})
    |(?P<gap>\{{\{{.*?\}}\}})
    |(?P<tag><[a-zA-Z/!](?:"(?:{_JINJA}|[^"])*+"|{_JINJA}|[^>"])*+>)
    |(?P<text>[^<{{]+|.)""",
    re.DOTALL | re.VERBOSE,
)
_ATTRIBUTE = re.compile(
    rf'(?<=\s)(aria-label|data-annonce|placeholder|title|alt|label)="((?:{_JINJA}|[^"])*+)"',
    re.DOTALL,
)
_OPTION = re.compile(
    rf'(<option(?:"(?:{_JINJA}|[^"])*+"|{_JINJA}|[^>"])*+)>\{{\{{ ([^}}]*) \}}\}}</option>',
    re.DOTALL,
)
_EMPHASIS = re.compile(r"</?(?:strong|em|small|q|bdi)>|<br>")
_ELEMENT = re.compile(r"</?([a-zA-Z]+)")
_TITLE = re.compile(r"\{%-?\s*block title\b")
_WORD = re.compile(r"[^\W\d_]")
_GAP = re.compile(r"\{\{\s*(.*?)\s*\}\}", re.DOTALL)
_MARKS = re.compile(r"(?:required|checked|selected|aria-[a-z]+(?:=.*)?)$")
_OURS = re.compile(
    r"(?:view\.reason|each\.expected|each\.breaks|each\.remedy|each\.what|sentence)$"
    r"|brief\(|sheet\.warns"
)
"""Gaps between ``<bdi>`` whose sentences are the program's."""

_THEIRS = re.compile(r"(?:event\.reason|disabled_reason|\bnom|\bname|\.login|\.email)$")
"""Gaps without ``<bdi>`` that say what a person wrote."""

_VERBATIM = frozenset({"code", "textarea", "script", "style"})
_TEXT_ALONE = frozenset({"title", "option", "text"})
"""Elements in which no other element may stand."""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    source: str


def texts(source: str) -> Iterator[str]:
    """The French texts of a template, in their order."""
    found: list[str] = []

    def noted(text: str) -> str | None:
        found.append(text)
        return None

    translated(source, noted)
    yield from found


def translated(source: str, translate: Translate) -> str:
    """A template that says in English what it says in French, wherever there is a translation.

    What the page computes goes through the filters ``say`` (an element may mark it), ``tell``
    (text alone), ``quote`` (between ``<bdi>``) and ``keep`` (what a person wrote); ``foreign``
    marks the option that stays French.
    """
    marked = _OPTION.sub(r"\1{{ (\2)|foreign }}>{{ \2 }}</option>", source)
    return "".join(_Rewriting(translate).whole(marked))


class _Rewriting:
    def __init__(self, translate: Translate) -> None:
        self._translate = translate
        self._run: list[_Token] = []
        self._inside = ""
        self._title = False
        self._quoted = False

    def whole(self, source: str) -> Iterator[str]:
        for found in _TOKEN.finditer(source):
            token = _Token(found.lastgroup or "", found[0])
            if token.kind in ("text", "gap") or self._emphasises(token.source):
                self._run.append(token)
            else:
                yield self._ended()
                yield self._boundary(token)
        yield self._ended()

    def _emphasises(self, tag: str) -> bool:
        """Whether a mark belongs to the run: one that closes what is open outside does not."""
        if not _EMPHASIS.fullmatch(tag):
            return False
        opening = tag.replace("/", "")
        sources = [token.source for token in self._run]
        return opening == tag or sources.count(opening) > sources.count(tag)

    def _boundary(self, token: _Token) -> str:
        if token.kind == "block":
            opens = _TITLE.match(token.source) is not None
            self._title = opens or (self._title and "endblock" not in token.source)
        if token.kind != "tag":
            return token.source
        element = _ELEMENT.match(token.source)
        name = element[1] if element else ""
        if name in _VERBATIM | _TEXT_ALONE:
            self._inside = "" if token.source.startswith("</") else name
        if name == "html":
            return token.source.replace('lang="fr"', 'lang="en"')
        self._quoted = self._quoted and token.source != "</bdi>"
        return _ATTRIBUTE.sub(self._attribute, token.source)

    def _attribute(self, found: "re.Match[str]") -> str:
        run = [_Token(one.lastgroup or "", one[0]) for one in _TOKEN.finditer(found[2])]
        return f'{found[1]}="{self._spoken(run, alone=True)}"'

    def _ended(self) -> str:
        run, self._run = self._run, []
        if self._inside in _VERBATIM:
            return "".join(token.source for token in run)
        return self._spoken(run, alone=self._title or self._inside in _TEXT_ALONE)

    def _spoken(self, run: list[_Token], *, alone: bool) -> str:
        gaps, key = [], ""
        for token in run:
            if token.kind == "gap":
                way = "quote" if self._quoted else "tell" if alone else "say"
                # An attribute that a block writes: its value is nothing to say.
                is_value = key.endswith('="')
                gaps.append(token.source if is_value else _gap(token.source, way))
                key += f"{{{len(gaps)}}}"
                continue
            self._quoted = token.source == "<bdi>" or (self._quoted and token.source != "</bdi>")
            key += token.source
        core = " ".join(key.split())
        said = None
        if _WORD.search(_EMPHASIS.sub("", core)) and not _MARKS.match(core):
            said = self._translate(core)
        start, end = key[: len(key) - len(key.lstrip())], key[len(key.rstrip()) :]
        whole = key if said is None else f"{start}{said}{end}"
        for number, gap in enumerate(gaps, start=1):
            whole = whole.replace(f"{{{number}}}", gap)
        return whole.replace("<bdi>", '<bdi lang="fr">')


def _gap(source: str, way: str) -> str:
    inner = _GAP.fullmatch(source)
    if inner is None or (way == "quote" and not _OURS.search(inner[1])):
        return source
    if way != "quote" and _THEIRS.search(inner[1]):
        way = "keep" if way == "say" else "string"
    return f"{{{{ ({inner[1]})|{way} }}}}"
