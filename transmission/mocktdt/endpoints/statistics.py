"""How many acts each authority sent in a month, for administrators (S²LOW API §4.22)."""

import calendar
from datetime import date, timedelta

from transmission.mocktdt.accounts import GROUP_ID, Account, Role
from transmission.mocktdt.answers import Answer, integers_as_strings, json_answer
from transmission.mocktdt.incoming import Request
from transmission.mocktdt.platform import Platform, intval

_COUNTING = frozenset({Role.SUPER_ADMIN, Role.GROUP_ADMIN})
_YEARS = range(1, 10_000)


def nb_actes(platform: Platform, request: Request) -> Answer:
    """A count for each authority of the group, on decision dates; last month by default."""
    account = platform.identify(request)
    group = _group(account, request)
    month = _month(platform, request)
    obstacle = _obstacle(account, month)
    if month is None or obstacle:
        return _told(platform, {"result": "ko", "message": obstacle})
    last = month.replace(day=calendar.monthrange(month.year, month.month)[1])
    with platform.lock:
        platform.settle()
        counted = _counted(platform, month, last) if group == GROUP_ID else []
    return _told(
        platform,
        {
            "result": "ok",
            "message": "",
            "authority_group_id": group,
            "min_date": f"{month.year}-{month.month}-01",
            "max_date": f"{last.year}-{last.month}-{last.day}",
            "nbTransactionPerAuthorities": counted,
        },
    )


def _group(account: Account, request: Request) -> int:
    if account.role is Role.SUPER_ADMIN and request.query.get("authority_group_id"):
        return intval(request.query["authority_group_id"])
    return GROUP_ID


def _month(platform: Platform, request: Request) -> date | None:
    last = platform.clock.today().replace(day=1) - timedelta(days=1)
    year = intval(request.query.get("year", "")) or last.year
    month = intval(request.query.get("month", "")) or last.month
    return date(year, month, 1) if year in _YEARS and month in range(1, 13) else None


def _obstacle(account: Account, month: date | None) -> str:
    if account.role not in _COUNTING:
        return "Accès refusé"
    return "" if month else "month et year : un mois est attendu"


def _counted(platform: Platform, first: date, last: date) -> list[dict[str, object]]:
    authorities = {a.siren: a for a in reversed(platform.accounts.all())}
    return [
        {
            "authority_id": account.authority_id,
            "name": account.authority.name,
            "nb_transactions": sum(
                each.acte is not None and first <= each.acte.day <= last
                for each in platform.registry.of_authority(siren)
            ),
        }
        for siren, account in reversed(authorities.items())
    ]


def _told(platform: Platform, value: object) -> Answer:
    return json_answer(integers_as_strings(value) if platform.switches.json_strings else value)
