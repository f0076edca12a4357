"""Programs that asked to be told: real receivers on this machine, and what they check.

The check is written from the text of Standard Webhooks 1.0, and shares nothing with the signer.
"""

import base64
import hashlib
import hmac
import json
import secrets as randomness
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from tests.support.bench import Bench
from tests.support.scene import AUTHOR
from tests.support.web_server import Asked, Page, WebServer
from transmission.domain.webhooks import Webhook
from transmission.services.announce import announce, ring_announcements
from transmission.services.tell import tell
from transmission.services.webhooks import add_webhook, find_webhook
from transmission.store.sealing import KeyFileSealer
from transmission.store.tables_legal import notice
from transmission.store.tables_webhooks import notice_attempt


def is_genuine(asked: Asked, secret: str) -> bool:
    """Whether a call bears a signature of a secret (« Verifying webhook authenticity »)."""
    key = base64.b64decode(secret.partition("_")[2])
    signed = (
        asked.headers["webhook-id"].encode()
        + b"."
        + asked.headers["webhook-timestamp"].encode()
        + b"."
        + asked.body
    )
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    given = [each.split(",", 1) for each in asked.headers["webhook-signature"].split(" ")]
    return any(version == "v1" and hmac.compare_digest(value, expected) for version, value in given)


@dataclass
class Program:
    """A receiver: ``page`` answers, ``asked`` is all that came to it."""

    web: WebServer
    path: str
    webhook: Webhook
    secret: str = field(repr=False)

    @property
    def asked(self) -> list[Asked]:
        return [each for each in self.web.asked if each.path == self.path]

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(each.body) for each in self.asked]

    @property
    def types(self) -> list[str]:
        return [each["type"].removeprefix("fr.transmission.") for each in self.events]

    @property
    def sequences(self) -> list[int]:
        return [int(each["sequence"]) for each in self.events]

    def answers(self, page: Page | int) -> None:
        """Answer so from now on: a page, or a status."""
        status = page
        self.web.pages[self.path] = (
            page if callable(page) else lambda request: request.says(b"", int(str(status)))
        )


@dataclass
class Programs:
    """A bench whose programs are real; ``run`` does what scheduler and workers do."""

    bench: Bench
    web: WebServer
    known: list[Program] = field(default_factory=list)

    def add(
        self,
        name: str = "agenda",
        types: Iterable[str] = (),
        authority_id: int = 0,
        web: WebServer | None = None,
        page: Page | int = 200,
    ) -> Program:
        server, path = web or self.web, f"/{len(self.known)}-{name.replace(' ', '-')}"
        made, secret = add_webhook(
            self.bench.tools, authority_id or self.bench.authority_id, name, server.url(path),
            types, AUTHOR, randomness=randomness.token_bytes,
        )  # fmt: skip
        program = Program(server, path, made, secret)
        program.answers(page)
        self.known.append(program)
        return program

    def now_of(self, program: Program) -> Webhook:
        """How its subscription stands."""
        known = program.webhook
        return find_webhook(self.bench.tools, known.collectivite_id, known.id)

    def announce(self, authority_id: int = 0) -> None:
        announce(self.bench.tools, authority_id or self.bench.authority_id)

    def tell(self) -> None:
        tell(self.bench.tools)

    def run(self) -> None:
        """One run of the schedule, and the tasks that it rings."""
        ring_announcements(self.bench.tools)
        self.bench.run("announce", "tell")

    def notices(self, program: Program) -> list[Any]:
        return rows(self.bench.engine, notice, program)

    def attempts(self, program: Program) -> list[Any]:
        return rows(self.bench.engine, notice_attempt, program)


def rows(engine: Engine, table: Any, program: Program) -> list[Any]:
    """What a table holds of a program, in order."""
    with engine.connect() as connection:
        wanted = select(table).where(table.c.webhook_id == program.webhook.id)
        return list(connection.execute(wanted.order_by(table.c.id)))


def programs(bench: Bench, folder: Path, web: WebServer) -> Programs:
    """A bench that may keep secrets."""
    sealer = KeyFileSealer(folder / "secrets.key", make=True)
    bench.tools = replace(bench.tools, sealer=sealer)
    return Programs(bench, web)
