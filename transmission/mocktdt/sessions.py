"""PHP sessions: a cookie that remembers who came with it (S²LOW API §2.7)."""

from collections import OrderedDict
from datetime import datetime, timedelta
from threading import Lock

_IDLE = timedelta(seconds=1440)
_KEPT = 10_000


class Sessions:
    """Which account each cookie names, while it is used at least every 1440 s of virtual time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._accounts: OrderedDict[str, tuple[int, datetime]] = OrderedDict()

    def remember(self, session: str, account_id: int, now: datetime) -> None:
        """The cookie `session` names this account from now on."""
        with self._lock:
            self._accounts[session] = (account_id, now)
            self._accounts.move_to_end(session)
            if len(self._accounts) > _KEPT:
                self._accounts.popitem(last=False)

    def account_of(self, session: str, now: datetime) -> int | None:
        """The id of the account that the cookie names, None when it names nobody."""
        with self._lock:
            account_id, at = self._accounts.get(session, (None, now))
        return account_id if now - at <= _IDLE else None
