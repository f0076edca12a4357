"""The roles of the database, as an installation has them: the tables' owner, service, auditor."""

from dataclasses import dataclass

import pytest
from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import OperationalError

from transmission.store.roles import AUDITOR, SERVICE, bring_up_to_date


@dataclass(frozen=True)
class Roles:
    """URLs of one database, by role."""

    owner: str
    service: str
    auditor: str


def roles_of(database_url: str) -> Roles:
    """The roles of a migrated database, with their rights; skips the test on a server where they
    cannot be made."""
    owner = make_url(database_url)

    def as_role(name: str) -> str:
        return owner.set(username=name).render_as_string(hide_password=False)

    roles = Roles(database_url, as_role(SERVICE), as_role(AUDITOR))
    made = bring_up_to_date(roles.service, roles.owner)
    if made.refused:
        pytest.skip("the account of TRANSMISSION_TEST_DATABASE_URL makes no roles")
    for url in (roles.service, roles.auditor):
        engine = create_engine(url)
        try:
            engine.connect().close()
        except OperationalError:
            pytest.skip("the roles of the server of tests may not log in")
        finally:
            engine.dispose()
    return roles
