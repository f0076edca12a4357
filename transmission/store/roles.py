"""Roles of the database: the owner of the tables, the service, which only does what the program
needs, and the auditor, who only reads.

The owner is whoever runs the migrations. The other two are roles of the whole server: accounts
that are given them have their rights. What they may do is said anew after each migration, from
the tables that are there.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import psycopg
from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from transmission.store.migrations import upgrade

SERVICE = "transmission_service"
AUDITOR = "transmission_auditor"

GROWING = frozenset(
    {
        "journal",
        "journal_link",
        "anchor",
        "anchor_part",
        "classification",
        "piece",
        "answer_piece",
        "retour_piece",
        "legal_event",
        "publication_check",
        "finding_change",
        "person_event",
        "file_access",
    }
)
"""Tables that the program only adds to: to the service, the database refuses the rest."""

GIVEN_BY_THE_DATABASE = {"journal": "id"}
"""Numbers that the service may not choose: a line cannot be put between two others."""

KEYS = frozenset({"person", "session", "person_link", "login_attempt", "token"})
"""Tables that open a door to whoever reads them: the auditor does not."""

_VERSION = "alembic_version"
# That of the migrators: what they make and what is granted are never crossed.
_LOCK = 7_211_982

_TABLES = text(
    "SELECT class.relname AS name, array_agg(attribute.attname ORDER BY attribute.attnum)"
    " FILTER (WHERE attribute.attgenerated = '') AS columns"
    " FROM pg_class AS class JOIN pg_attribute AS attribute ON attribute.attrelid = class.oid"
    " WHERE class.relnamespace = current_schema()::regnamespace AND class.relkind IN ('r', 'p')"
    " AND pg_has_role(class.relowner, 'USAGE')"
    " AND attribute.attnum > 0 AND NOT attribute.attisdropped GROUP BY class.relname ORDER BY 1"
)
_CLOSED = text(
    "SELECT nspname FROM pg_namespace LEFT JOIN pg_roles ON rolname = :role"
    " WHERE nspname = current_schema()"
    " AND has_schema_privilege(pg_roles.oid, pg_namespace.oid, 'USAGE') IS NOT TRUE"
)
_HELD = text("SELECT rolname FROM pg_roles WHERE rolname = ANY(:names)")
_STANDING = text(
    "SELECT current_user AS name, rolsuper AS superuser, array("
    "SELECT relname::text FROM pg_class WHERE relnamespace = current_schema()::regnamespace"
    " AND relname = ANY(:growing) AND (pg_has_role(relowner, 'MEMBER')"
    " OR has_table_privilege(oid, 'UPDATE') OR has_table_privilege(oid, 'DELETE')"
    " OR has_table_privilege(oid, 'TRUNCATE')) ORDER BY 1) AS alterable"
    " FROM pg_roles WHERE rolname = current_user"
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Under which role a connection works; ``alterable``: growing tables that it could rewrite."""

    name: str
    superuser: bool
    alterable: tuple[str, ...]


def standing(connection: Connection) -> Standing:
    """What the role of a connection could do to what only grows."""
    row = connection.execute(_STANDING, {"growing": sorted(GROWING)}).one()
    return Standing(row.name, row.superuser, tuple(row.alterable))


@dataclass(frozen=True, slots=True)
class RolesMade:
    """``created`` and ``absent`` are names of roles, ``granted`` those that were given rights.

    ``refused`` are statements that an administrator of the server has to run: secrets of accounts
    are not in them.
    """

    created: tuple[str, ...]
    refused: tuple[str, ...]
    granted: tuple[str, ...]


def bring_up_to_date(database_url: str, owner_url: str | None) -> RolesMade:
    """Bring a database to the current schema, then say what each role may do.

    ``owner_url`` is that of the owner of the tables, None when ``database_url`` is. Roles are made
    only where the two differ. Safe to run again. Raises sqlalchemy.exc.DBAPIError.
    """
    upgrade(owner_url or database_url)
    engine = create_engine(owner_url or database_url, poolclass=NullPool)
    try:
        if owner_url:
            return make_roles(engine, database_url)
        return RolesMade((), (), grant(engine))
    finally:
        engine.dispose()


def make_roles(engine: Engine, service_url: str | None) -> RolesMade:
    """Create the roles that are missing, and say what each may do; safe to run again.

    ``engine`` is the owner's. ``service_url`` names the account of the service, which is made, with
    the password that is in it, where there is none. Raises sqlalchemy.exc.DBAPIError.
    """
    created, refused = [], []
    with engine.connect() as connection:
        for name, statement, shown in _missing(connection, service_url):
            try:
                connection.execute(text(statement))
                connection.commit()
                created.append(name)
            except ProgrammingError as error:
                connection.rollback()
                if not isinstance(error.orig, psycopg.errors.InsufficientPrivilege):
                    raise
                refused.append(shown)
    return RolesMade(tuple(created), tuple(refused), grant(engine))


def grant(engine: Engine) -> tuple[str, ...]:
    """Say what the roles that are there may do, in one transaction; which roles.

    ``engine`` is the owner's. Raises sqlalchemy.exc.DBAPIError.
    """
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        held = _held(connection, (SERVICE, AUDITOR))
        for statement in grants(connection, held):
            connection.execute(text(statement))
    return tuple(sorted(held))


def grants(connection: Connection, roles: Iterable[str]) -> Iterator[str]:
    """The statements that say what roles may do, over the tables of ours that are there."""
    tables = connection.execute(_TABLES).all()
    for role in sorted(roles):
        schema = connection.execute(_CLOSED, {"role": role}).scalar_one_or_none()
        if schema:
            yield f"GRANT USAGE ON SCHEMA {_quoted(connection, schema)} TO {role}"
        for table in tables:
            name = _quoted(connection, table.name)
            yield f"REVOKE ALL ON {name} FROM {role}"
            for right in _rights(connection, role, table.name, table.columns):
                yield f"GRANT {right} ON {name} TO {role}"


def _rights(connection: Connection, role: str, table: str, columns: list[str]) -> Iterator[str]:
    if role == AUDITOR:
        if table not in KEYS:
            yield "SELECT"
        return
    yield "SELECT"
    if table == _VERSION:
        return
    given = GIVEN_BY_THE_DATABASE.get(table)
    chosen = [_quoted(connection, name) for name in columns if name != given]
    yield f"INSERT ({', '.join(chosen)})" if given else "INSERT"
    if table not in GROWING:
        yield "UPDATE, DELETE"


def _missing(connection: Connection, service_url: str | None) -> Iterator[tuple[str, str, str]]:
    """By role to be made: its name, the statement, and the statement without its secret."""
    held = _held(connection, (SERVICE, AUDITOR))
    account = make_url(service_url) if service_url else None
    for role in (SERVICE, AUDITOR):
        if role not in held and not (account and account.username == role):
            statement = f"CREATE ROLE {role} NOLOGIN"
            yield role, statement, statement
    if account:
        yield from _account(connection, account)


def _account(connection: Connection, account: URL) -> Iterator[tuple[str, str, str]]:
    name = account.username
    # The owner itself: there is nothing to separate.
    if not name or name == connection.execute(text("SELECT current_user")).scalar_one():
        return
    quoted = _quoted(connection, name)
    if not _held(connection, (name,)):
        member = "" if name == SERVICE else f" IN ROLE {SERVICE}"
        statement = f"CREATE ROLE {quoted} LOGIN{member}"
        yield name, f"{statement} PASSWORD '{_hashed(connection, account)}'", statement
    elif name != SERVICE and not _is_member(connection, name):
        statement = f"GRANT {SERVICE} TO {quoted}"
        yield name, statement, statement


def _hashed(connection: Connection, account: URL) -> str:
    # Hashed here: a statement that fails is logged in full.
    driver: psycopg.Connection = connection.connection.driver_connection  # type: ignore[assignment]
    password, name = str(account.password or ""), str(account.username)
    hashed = driver.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256")
    return hashed.decode().replace(":", "\\:")


def _is_member(connection: Connection, name: str) -> bool:
    asked = text("SELECT pg_has_role(:name, :role, 'MEMBER')")
    try:
        return bool(connection.execute(asked, {"name": name, "role": SERVICE}).scalar_one())
    except DBAPIError:
        # The role could not be made either, which is told.
        connection.rollback()
        return False


def _held(connection: Connection, names: Iterable[str]) -> set[str]:
    return set(connection.execute(_HELD, {"names": list(names)}).scalars())


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote_identifier(name)
