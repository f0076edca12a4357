"""Write what people are to be told by e-mail of what happened: nothing is sent here.

The logs are read once, as for programs, up to where nothing can appear any more. What is written
and the place that was reached are one transaction: nothing is told twice, nothing is lost. All that
happened between two runs is one e-mail to each person who wants it at once; the rest waits for the
daily one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from transmission.domain.access import counting
from transmission.domain.cloud_events import Happened
from transmission.domain.collectivite import Collectivite
from transmission.domain.mentions import ending_mention, mention_of
from transmission.domain.notifications import Kind, Letter, Mention, Pace
from transmission.domain.transmission import SERVICE
from transmission.domain.wishes import NONE_CHOSEN, Listener
from transmission.ports import UnitOfWork
from transmission.ports.notices import TO_PEOPLE, Channel, NewNotice
from transmission.ports.subscriptions import Followed, Waiting
from transmission.ports.webhooks import Place
from transmission.services.bells import ring_new
from transmission.services.toolbox import Toolbox

TASK = "inform"
"""Name of the task that tells the people of an authority."""

PATIENCE = 2.0
"""Seconds that whoever is writing in the logs is waited for; the next run tries again."""

PAGE = 1000
"""Lines of a log read at a time."""

PAGES = 30
"""Pages of one run, and so of one e-mail; what is left over is rung for again."""

DAILY_HOUR = 7
"""Hour of the authority's day at which the daily e-mail is written."""

ENDS_WITHIN = (1, 7, 30, 60)
"""Days before an end: it is told once for each, from the day on which it is that near."""

_FORGOTTEN = 60
"""Days after an end when it is told no more to those who come."""

_RENEW_FILE = "Obtenez le suivant à temps, puis remplacez le fichier sous le même nom."
_ANOTHER = "Créez-en un autre, remettez-le au logiciel, puis révoquez celui-ci."


def ring_people(tools: Toolbox) -> None:
    """Ring for every authority whose people are to be told of something.

    One whose people begin to want something is told of from now on; without a mail server nobody
    is, and the past is not told when there is one.
    """
    now = tools.clock.now()
    with tools.register() as unit:
        hearing = _hearing(unit) if tools.mailer is not None else {}
        known = unit.followed()
        days = {each: _daily_day(now, owner.time_zone) for each, owner in hearing.items()}
        begun = {each: day for each, day in days.items() if each not in known}
        ended = known.keys() - hearing.keys()
        behind = unit.authorities_with_news() if known else ()
        late = {
            each for each in known.keys() & days.keys() if known[each].date_quotidien < days[each]
        }
        unit.follow(begun)
        unit.unfollow(ended)
        ring_new(unit, [(TASK, each) for each in sorted(late.union(behind) - ended)])
        unit.commit()


def tell_people(tools: Toolbox, authority_id: int) -> None:
    """Write what the people of an authority are to be told of."""
    tools.answer(TASK, authority_id)
    with tools.register() as unit:
        settled = unit.settled_place(PATIENCE)
    if settled is None or tools.mailer is None:
        return
    with tools.register() as unit:
        held = unit.lock_followed(authority_id)
        if held is not None:
            owner = unit.authority(authority_id).collectivite
            known = listeners(unit)
            _Run(tools, unit, authority_id, owner, tools.clock.now(), known).told(held, settled)
            unit.commit()


def listeners(unit: UnitOfWork) -> Sequence[Listener]:
    """Everybody, with what they chose."""
    chosen = unit.wishes()
    return [Listener(each, chosen.get(each.id, NONE_CHOSEN)) for each in unit.accounts()]


def _hearing(unit: UnitOfWork) -> Mapping[int, Collectivite]:
    """The authorities of which somebody wants to be told."""
    known = listeners(unit)
    return {
        row.id: row.collectivite
        for row in unit.authorities()
        if any(each.hears(str(row.collectivite.siren)) for each in known)
    }


def _daily_day(now: datetime, time_zone: str) -> date:
    """The last civil day on which the hour of the daily mail has come."""
    local = now.astimezone(ZoneInfo(time_zone))
    return local.date() if local.hour >= DAILY_HOUR else local.date() - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Run:
    """One authority, in the transaction that writes."""

    tools: Toolbox
    unit: UnitOfWork
    authority_id: int
    owner: Collectivite
    now: datetime
    listeners: Sequence[Listener]

    def told(self, held: Followed, settled: Place) -> None:
        """Write the mails, what waits for the daily one, and how far the logs were read."""
        happened, reached = self._happened(held.place, settled)
        mentions = self._mentions(happened)
        authors = self._authors(mentions)
        wanted = [(each, self._wanting(each, authors.get(each.key))) for each in mentions]
        self._mail(
            f"aussitot:{reached.journal}:{reached.findings}",
            [
                (listener, mention)
                for mention, wanting in wanted
                for listener, pace in wanting
                if pace is Pace.AT_ONCE
            ],
        )
        self.unit.add_waiting(self.authority_id, [_waiting(*each) for each in wanted])
        today = max(held.date_quotidien, _daily_day(self.now, self.owner.time_zone))
        if held.date_quotidien < today:
            self._mail(f"quotidien:{today.isoformat()}", [*self._ends(), *self._kept()])
        self.unit.move_followed(self.authority_id, Followed(reached, today))

    @property
    def siren(self) -> str:
        return str(self.owner.siren)

    def _happened(self, after: Place, settled: Place) -> tuple[list[Happened], Place]:
        found: list[Happened] = []
        for _ in range(PAGES):
            span = self.unit.happened(self.authority_id, after, settled, PAGE)
            found += span.happened
            after = span.place
            if not span.has_more:
                return found, after
        self.unit.ring(TASK, self.authority_id)
        return found, after

    def _mentions(self, happened: Iterable[Happened]) -> list[Mention]:
        made = [mention_of(each, self.owner.time_zone) for each in happened]
        kept = [each for each in made if each is not None]
        ids = {each.acte_id for each in kept if each.acte_id is not None}
        objets = self.unit.objets(self.authority_id, ids)
        return [replace(each, objet=objets.get(each.acte_id or 0)) for each in kept]

    def _authors(self, mentions: Iterable[Mention]) -> Mapping[str, str]:
        """Who did what is told, where a person did."""
        lines = {int(key): f"journal:{key}" for key in map(_line_of, mentions) if key}
        found = self.unit.authors(self.authority_id, lines)
        return {lines[each]: name for each, name in found.items() if name != SERVICE.name}

    def _wanting(self, mention: Mention, author: str | None) -> list[tuple[Listener, Pace]]:
        """Who wants to be told of something that they did not do, and how soon."""
        paces = [
            (each, each.pace(mention.kind, self.siren))
            for each in self.listeners
            if each.account.name != author
        ]
        return [(each, pace) for each, pace in paces if pace is not Pace.NEVER]

    def _kept(self) -> Iterable[tuple[Listener, Mention]]:
        """What waited, for those who still may and want to be told of it."""
        for kept in self.unit.take_waiting(self.authority_id):
            for each in self.listeners:
                if each.account.id in kept.persons and self._wants(each, kept.mention.kind):
                    yield each, kept.mention

    def _wants(self, listener: Listener, kind: Kind) -> bool:
        return listener.pace(kind, self.siren) is not Pace.NEVER

    def _ends(self) -> Iterable[tuple[Listener, Mention]]:
        """What ends soon, once to each address for each of the days before."""
        wanting = [each for each in self.listeners if self._wants(each, Kind.CERTIFICAT)]
        for mention in self._ending() if wanting else ():
            for each in wanting:
                told = NewNotice(
                    collectivite_id=self.authority_id,
                    kind=TO_PEOPLE,
                    key=mention.key,
                    channel=Channel.TOLD,
                    target=(each.account.email or "").lower(),
                    content={},
                )
                if self.unit.add_notice(told, self.now):
                    yield each, mention

    def _ending(self) -> Iterable[Mention]:
        zone = ZoneInfo(self.owner.time_zone)
        today = self.now.astimezone(zone).date()
        for what, at, todo in self._ends_known():
            day = at.astimezone(zone).date()
            left = (day - today).days
            near = next((days for days in ENDS_WITHIN if left <= days), None)
            if near is not None and left > -_FORGOTTEN:
                key = f"fin:{what}:{at.isoformat()}:{near}"
                verb = "expire" if at > self.now else "a expiré"
                yield ending_mention(f"{what} {verb}", day, todo, key, self.now)

    def _ends_known(self) -> Iterable[tuple[str, datetime, str]]:
        for each in self.tools.certificates.endings(self.owner):
            yield each.what, each.not_after, _RENEW_FILE
        for token in counting(self.unit.tokens(self.authority_id), self.now):
            if token.expires_at is not None:
                yield f"Le jeton « {token.name} »", token.expires_at, _ANOTHER

    def _mail(self, key: str, told: Iterable[tuple[Listener, Mention]]) -> None:
        """Write one e-mail to each address, for all that it is told."""
        mails: dict[str, tuple[str, dict[str, Mention]]] = {}
        for listener, mention in told:
            address = listener.account.email or ""
            _, mentions = mails.setdefault(address.lower(), (address, {}))
            mentions[mention.key] = mention
        for address, mentions in mails.values():
            self.unit.add_notice(self._notice(key, address, list(mentions.values())), self.now)
        if mails:
            self.unit.ring("deliver", self.authority_id)

    def _notice(self, key: str, address: str, mentions: Sequence[Mention]) -> NewNotice:
        console = self.tools.console_url
        letter = Letter(self.owner.nom, self.siren, console).write(mentions)
        content = {"subject": letter.subject, "text": letter.text, "html": letter.html}
        if console is not None:
            content["choices"] = f"{console}/compte"
        return NewNotice(
            collectivite_id=self.authority_id,
            kind=TO_PEOPLE,
            key=key,
            channel=Channel.MAIL,
            target=address,
            content=content,
        )


def _waiting(mention: Mention, wanting: Iterable[tuple[Listener, Pace]]) -> Waiting:
    daily = (each.account.id for each, pace in wanting if pace is Pace.DAILY)
    return Waiting(mention, tuple(daily))


def _line_of(mention: Mention) -> str:
    log, _, number = mention.key.partition(":")
    return number if log == "journal" else ""
