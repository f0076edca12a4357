"""The console over a bench, and somebody before it who fills its forms, without a script."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import httpx
from lxml import html
from sqlalchemy import Engine

from tests.support.bench import Bench
from tests.support.serving import serving
from transmission.console.app import create_app
from transmission.console.visitor import Visit
from transmission.domain.people import Grant, Person, Role
from transmission.ports import DocumentStore
from transmission.services.toolbox import Toolbox

CLERK = Person(1, "secrétariat des assemblées", tuple(map(Grant, Role)))


@dataclass
class Form:
    """A form of a page as a browser has it: what it holds, and where it goes."""

    counter: "Counter"
    action: str
    method: str
    fields: list[tuple[str, str]]
    files: bool

    def send(
        self, *, files: Any = None, page: bool = True, **typed: str | list[str]
    ) -> httpx.Response:
        """Send it with what is typed; files are (field, (name, bytes)). The redirection is not
        followed."""
        filled: dict[str, list[str]] = {}
        for name, value in self.fields:
            filled.setdefault(name, []).append(value)
        for name, text in typed.items():
            filled[name] = text if isinstance(text, list) else [text]
        sent: Any = {name: values for name, values in filled.items() if values}
        if self.method == "get":
            return self.counter.client.get(self.action, params=sent)
        if self.files:
            return self.counter.client.post(self.action, data=sent, files=files or {"": b""})
        return self.counter.client.post(self.action, data=sent)


@dataclass
class Counter:
    """What a test plays with. ``person`` is whoever stands there."""

    bench: Bench
    person: Person | None = CLERK
    url: str = ""
    hosts: frozenset[str] = frozenset({"127.0.0.1"})
    served_as_https: bool = False
    client: Any = field(default=None, repr=False)

    @property
    def engine(self) -> Engine:
        return self.bench.engine

    @property
    def documents(self) -> DocumentStore:
        return self.bench.tools.documents

    @property
    def clock(self) -> Any:
        return self.bench.clock

    @property
    def tools(self) -> Toolbox:
        return self.bench.tools

    def visit(self, _cookies: Mapping[str, str]) -> Visit | None:
        return self.person and Visit(self.person, "jeton")

    def stamp(self, acte_id: int) -> BinaryIO:
        raise NotImplementedError(acte_id)

    def page(self, path: str, status: int = 200) -> Any:
        """The elements of a page."""
        response = self.client.get(path, follow_redirects=True)
        assert response.status_code == status, response.text
        return html.fromstring(response.text)

    def form(self, path: str) -> Form:
        """The form of the page of an action."""
        return self.form_in(self.page(path), path)

    def form_in(self, page: Any, path: str, css: str = "form.remise") -> Form:
        """A form of a page that was read."""
        found = page.cssselect(css)[0]
        return Form(
            self,
            found.get("action") or path,
            (found.get("method") or "get").lower(),
            list(found.form_values()),
            found.get("enctype") == "multipart/form-data",
        )

    def followed(self, response: httpx.Response) -> Any:
        """The page where a form that was obeyed leads."""
        assert response.status_code == 303, words(html.fromstring(response.text))
        return self.page(response.headers["location"])

    def offers(self, path: str) -> list[str]:
        """The addresses of the actions that a page offers."""
        return [link.get("href") for link in self.page(path).cssselect(".gestes a")]


def words(node: Any) -> str:
    """The words of a part of a page."""
    return re.sub(r"\s+", " ", node.text_content()).strip()


def done(page: Any) -> str:
    """What a page says was done."""
    return " ".join(words(node) for node in page.cssselect("p.fait"))


def problems(response: httpx.Response) -> dict[str, str]:
    """What a refused form says, by the field that it leads to."""
    page = html.fromstring(response.text)
    found = {}
    for item in page.cssselect("div.refus li"):
        links = item.cssselect("a")
        found[links[0].get("href")[1:] if links else ""] = words(item)
    return found


@contextmanager
def counter(bench: Bench) -> Iterator[Counter]:
    """The console over a bench, served."""
    made = Counter(bench)
    with serving(create_app(made)) as url, httpx.Client(base_url=url, timeout=60) as client:
        made.url, made.client = url, client
        yield made
