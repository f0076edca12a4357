"""Write what is to be told of the limits that come: nothing is sent here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import structlog

from transmission.clock import civil_day
from transmission.domain.cloud_events import EventType
from transmission.domain.collectivite import Collectivite
from transmission.domain.legal.rappels import Reminder, due_reminders
from transmission.domain.legal.rappels_messages import Teller
from transmission.domain.notifications import Kind, Pace
from transmission.domain.webhooks import Webhook
from transmission.ports import AuthorityRow, UnitOfWork
from transmission.ports.notices import Channel, NewNotice
from transmission.ports.webhooks import NewEvent
from transmission.services.tell_people import listeners
from transmission.services.toolbox import Toolbox

KIND = "rappel"
FIRST_HOUR = 6
"""Hour of the authority's day before which nothing is written: its acts are first read again."""

_URGENT = timedelta(days=1)

_logger = structlog.get_logger()


def remind(tools: Toolbox) -> int:
    """Write the reminders of the day for every authority that wants some; how many notices.

    A fault about one authority is logged, and silences none of the others.
    """
    with tools.register() as unit:
        wanting = [row.id for row in unit.authorities() if _wants(tools, unit, row)]
    return sum(_reminded(tools, authority_id) for authority_id in wanting)


def remind_authority(tools: Toolbox, authority_id: int) -> int:
    """Write the reminders of the civil day of one authority, each once; how many notices.

    One e-mail to each recipient for all that is due, one event of each limit to each program.
    Called twice, or by two at once, it tells nothing twice: what was told is a row with a unique
    key. What comes up after the e-mail of the day waits for the next one, unless its day comes
    first.
    """
    now = tools.clock.now()
    with tools.register() as unit:
        owner = unit.authority(authority_id).collectivite
        if now.astimezone(ZoneInfo(owner.time_zone)).hour < FIRST_HOUR:
            return 0
        due = _due(unit, authority_id, owner, civil_day(now, owner.time_zone))
        if not due:
            return 0
        day = _Day(tools, unit, authority_id, owner, now)
        written = sum(day.mail(recipient, due) for recipient in _recipients(unit, owner))
        for webhook in owner.droit.rappels_webhooks:
            written += day.events(webhook.url, due)
        if written:
            unit.ring("deliver", authority_id)
        told = sum(day.subscriber(each, due) for each in _subscribers(unit, authority_id))
        if told:
            unit.ring("tell", 0)
        unit.commit()
    return written + told


def _wants(tools: Toolbox, unit: UnitOfWork, row: AuthorityRow) -> bool:
    droit = row.collectivite.droit
    if not droit.rappels_jours:
        return False
    mails = tools.mailer is not None and _recipients(unit, row.collectivite)
    return bool(mails or droit.rappels_webhooks or _subscribers(unit, row.id))


def _recipients(unit: UnitOfWork, owner: Collectivite) -> Sequence[str]:
    """The addresses of the authority's file, then those of the people who want it: each once,
    whatever its capitals."""
    siren = str(owner.siren)
    people = (
        each.account.email or ""
        for each in listeners(unit)
        if each.pace(Kind.ECHEANCE, siren) is not Pace.NEVER
    )
    found: dict[str, str] = {}
    for address in (*owner.droit.rappels_courriels, *people):
        found.setdefault(address.lower(), address)
    return list(found.values())


def _subscribers(unit: UnitOfWork, authority_id: int) -> Sequence[Webhook]:
    return [each for each in unit.webhooks(authority_id) if each.wants(EventType.ECHEANCE_RAPPEL)]


def _reminded(tools: Toolbox, authority_id: int) -> int:
    try:
        return remind_authority(tools, authority_id)
    except Exception:
        _logger.exception("no reminders", authority=authority_id)
        return 0


def _due(
    unit: UnitOfWork, authority_id: int, owner: Collectivite, today: date
) -> tuple[Reminder, ...]:
    days = owner.droit.rappels_jours
    if not days:
        return ()
    limits = unit.limits_between(authority_id, today, today + timedelta(days=max(days)))
    return due_reminders(limits, today, days)


@dataclass(frozen=True, slots=True)
class _Day:
    """The day of an authority, in the transaction that writes."""

    tools: Toolbox
    unit: UnitOfWork
    authority_id: int
    owner: Collectivite
    now: datetime

    @property
    def today(self) -> date:
        return civil_day(self.now, self.owner.time_zone)

    @property
    def teller(self) -> Teller:
        owner = self.owner
        return Teller(owner.nom, str(owner.siren), self.today, self.tools.console_url)

    def mail(self, recipient: str, due: Sequence[Reminder]) -> int:
        """Write the e-mail of the day to a recipient; 0 when there is nothing new to say."""
        if self.tools.mailer is None:
            return 0
        if self.unit.told_since(self.authority_id, recipient, KIND, self._began()):
            due = [each for each in due if each.limit.day <= self.today + _URGENT]
        new = [each for each in due if self._add(Channel.TOLD, recipient, each, {})]
        if not new:
            return 0
        digest = self.teller.digest(new)
        content = {"subject": digest.subject, "text": digest.text, "html": digest.html}
        mail = NewNotice(
            collectivite_id=self.authority_id,
            kind=KIND,
            key=f"{self.today.isoformat()}:{new[0].key}",
            channel=Channel.MAIL,
            target=recipient,
            content=content,
        )
        return int(self.unit.add_notice(mail, self.now))

    def events(self, url: str, due: Sequence[Reminder]) -> int:
        """Write the events for a program; how many are new."""
        teller = self.teller
        return sum(
            self._add(Channel.WEBHOOK, url, each, teller.event(each, self.now)) for each in due
        )

    def subscriber(self, webhook: Webhook, due: Sequence[Reminder]) -> int:
        """Write the events for a subscription, whatever its state; how many are new."""
        held = self.unit.lock_webhook(self.authority_id, webhook.id)
        teller = self.teller
        events = [
            NewEvent(KIND, each.key, teller.event(each, self.now), each.limit.acte_id)
            for each in due
        ]
        return self.unit.add_events(held, events, None, self.now)

    def _add(
        self, channel: Channel, target: str, reminder: Reminder, content: dict[str, object]
    ) -> bool:
        new = NewNotice(
            collectivite_id=self.authority_id,
            acte_id=reminder.limit.acte_id,
            kind=KIND,
            key=reminder.key,
            channel=channel,
            target=target,
            content=content,
        )
        return self.unit.add_notice(new, self.now)

    def _began(self) -> datetime:
        """The instant at which the civil day began."""
        return datetime.combine(self.today, time(), ZoneInfo(self.owner.time_zone))
