"""Programs that asked to be told of events: who they are, and the calls that are made to them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from transmission.domain.errors import ConflictError, NotFoundError
from transmission.domain.transmission import Author
from transmission.domain.webhooks import Webhook, WebhookState
from transmission.ports.webhooks import NewWebhook, SealedSecrets
from transmission.store.tables import collectivite, journal
from transmission.store.tables_legal import notice
from transmission.store.tables_webhooks import finding_change, webhook

_WEBHOOK = (
    "id", "collectivite_id", "name", "url", "types", "state", "state_since", "state_reason",
    "secret_since", "overlap_until", "sequence", "created_at", "created_by", "failures",
    "failing_since", "rests_until", "last_success_at",
)  # fmt: skip
_OWNED = select(*(webhook.c[name] for name in _WEBHOOK), collectivite.c.siren).join_from(
    webhook, collectivite
)
_LIVING = webhook.c.state != WebhookState.ENDED.code


class Webhooks:
    """Part of the unit of work; see ``transmission.ports.webhooks`` for the promises."""

    _connection: Connection

    def add_webhook(self, new: NewWebhook, author: Author, at: datetime) -> int:
        added = insert(webhook).values(
            collectivite_id=new.collectivite_id,
            name=new.name,
            url=new.url,
            types=list(new.types),
            state=WebhookState.ACTIVE.code,
            state_since=at,
            secret=new.secret,
            secret_since=at,
            journal_place=select(func.coalesce(func.max(journal.c.id), 0)).scalar_subquery(),
            finding_place=select(func.coalesce(func.max(finding_change.c.id), 0)).scalar_subquery(),
            created_at=at,
            created_by=author.name,
        )
        number = self._named_webhook(new.name, added.returning(webhook.c.id))
        made = self.webhook(new.collectivite_id, number)
        self.note_webhook(made, "webhook_created", author, at, types=list(new.types))
        return number

    def webhook(self, authority_id: int, webhook_id: int) -> Webhook:
        return living_webhook(self._connection, authority_id, webhook_id)

    def lock_webhook(self, authority_id: int, webhook_id: int) -> Webhook:
        return living_webhook(self._connection, authority_id, webhook_id, lock=True)

    def webhooks(self, authority_id: int) -> Sequence[Webhook]:
        wanted = _OWNED.where(webhook.c.collectivite_id == authority_id, _LIVING)
        return [_load(row) for row in self._connection.execute(wanted.order_by(webhook.c.name))]

    def save_webhook(
        self, changed: Webhook, event: str, author: Author, at: datetime, **details: Any
    ) -> None:
        values = {
            "name": changed.name,
            "url": changed.url,
            "types": list(changed.types),
            "state": changed.state.code,
            "state_since": changed.state_since,
            "state_reason": changed.state_reason,
            "failures": changed.failures,
            "failing_since": changed.failing_since,
            "rests_until": changed.rests_until,
        }
        if changed.state is WebhookState.ENDED:
            # What nobody will be told is no longer to be sent, nor its secret kept.
            values |= {"secret": b"", "former_secret": None, "overlap_until": None}
            self._connection.execute(
                update(notice)
                .where(notice.c.webhook_id == changed.id, notice.c.next_attempt_at.is_not(None))
                .values(next_attempt_at=None, failure=None)
            )
        saved = update(webhook).where(webhook.c.id == changed.id).values(values)
        self._named_webhook(changed.name, saved.returning(webhook.c.id))
        self.note_webhook(changed, event, author, at, **details)

    def note_webhook(
        self, about: Webhook, event: str, author: Author, at: datetime, **details: Any
    ) -> int:
        told = insert(journal).values(
            collectivite_id=about.collectivite_id,
            at=at,
            event=event,
            author=author.name,
            reason=author.reason,
            details={"webhook": about.id, "nom": about.name, **details},
        )
        return int(self._connection.execute(told.returning(journal.c.id)).scalar_one())

    def sealed_secrets(self, webhook_id: int) -> SealedSecrets:
        row = self._connection.execute(
            select(webhook.c.secret, webhook.c.former_secret, webhook.c.overlap_until).where(
                webhook.c.id == webhook_id
            )
        ).one()
        return SealedSecrets(*row)

    def set_secrets(self, webhook_id: int, secrets: SealedSecrets, at: datetime) -> None:
        self._connection.execute(
            update(webhook)
            .where(webhook.c.id == webhook_id)
            .values(
                secret=secrets.current,
                secret_since=at,
                former_secret=secrets.former,
                overlap_until=secrets.overlap_until,
            )
        )

    def _named_webhook(self, name: str, statement: Any) -> int:
        try:
            with self._connection.begin_nested():
                return int(self._connection.execute(statement).scalar_one())
        except IntegrityError as error:
            if "webhook_name_key" not in str(error.orig):
                raise
            raise ConflictError(
                f"Un webhook « {name} » existe déjà. Donnez un autre nom, ou supprimez-le."
            ) from None


def living_webhook(
    connection: Connection, authority_id: int, webhook_id: int, *, lock: bool = False
) -> Webhook:
    """A subscription of an authority that was not ended. Raises NotFoundError."""
    wanted = _OWNED.where(
        webhook.c.collectivite_id == authority_id, webhook.c.id == webhook_id, _LIVING
    )
    if lock:
        # Whoever writes what it is to be told only refers to it.
        wanted = wanted.with_for_update(of=webhook, key_share=True)
    row = connection.execute(wanted).one_or_none()
    if row is None:
        raise NotFoundError("Ce webhook n'existe pas, ou il a été supprimé. Voyez leur liste.")
    return _load(row)


def _load(row: Any) -> Webhook:
    values = row._asdict()
    values |= {"state": WebhookState.of(row.state), "types": tuple(row.types)}
    return Webhook(**values)
