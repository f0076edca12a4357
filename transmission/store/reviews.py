"""What the checks of many acts together look at, in the register."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import BigInteger, Connection, bindparam, func, select

from transmission.domain.legal.checks_fichier import SentFile
from transmission.domain.legal.checks_seance import ListedActe
from transmission.domain.legal.checks_serie import Numbering
from transmission.domain.legal.noms import DateName
from transmission.domain.legal.rappels import Limit, is_open
from transmission.store.queries.limits import Span, limits_between
from transmission.store.queries.listed import unsent_listed
from transmission.store.queries.series import numberings, same_files, years_of_findings
from transmission.store.statements import Reading, Statement
from transmission.store.tables import acte

RECENT = 500
"""Acts by which the rhythm of an authority is known."""

_OWNER = bindparam("owner", type_=BigInteger)


class Reviews:
    """Part of the unit of work; see ``transmission.ports.reviews`` for the promises."""

    _connection: Connection

    def hold_review(self, authority_id: int) -> None:
        _HOLD.one(self._connection, {"owner": authority_id})

    def unsent_listed(self, authority_id: int) -> Sequence[ListedActe]:
        return unsent_listed(self._connection, authority_id)

    def numberings(
        self, authority_id: int, years: Collection[int], today: date
    ) -> Sequence[Numbering]:
        return numberings(self._connection, authority_id, years, today)

    def years_of_findings(self, authority_id: int, checks: Collection[str]) -> frozenset[int]:
        return years_of_findings(self._connection, authority_id, checks)

    def same_files(self, authority_id: int) -> Sequence[SentFile]:
        return same_files(self._connection, authority_id)

    def handed_over_at(self, authority_id: int) -> Sequence[datetime]:
        return [row.accepted_at for row in _HANDED.rows(self._connection, {"owner": authority_id})]

    def first_limit(
        self, authority_id: int, names: Collection[DateName], first: date, last: date
    ) -> Limit | None:
        found = limits_between(self._connection, Span(authority_id, first, last))
        wanted = (each.limit for each in found if each.limit.name in names)
        return next((limit for limit in wanted if is_open(limit)), None)


_HOLD = Statement(
    select(func.pg_advisory_xact_lock(func.hashtextextended("review", _OWNER)).label("held"))
)
_HANDED = Reading(
    select(acte.c.accepted_at)
    .where(acte.c.collectivite_id == _OWNER)
    .order_by(acte.c.id.desc())
    .limit(RECENT)
)
