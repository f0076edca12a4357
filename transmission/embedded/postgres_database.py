"""The roles and the database of the service, made in a cluster that just started."""

from typing import LiteralString

import psycopg
from psycopg import sql

from transmission.embedded.errors import EngineUnavailableError
from transmission.embedded.postgres_settings import NAME, ROLES, SUPERUSER, Address


def ensure_database(address: Address, password: str) -> None:
    """The role `transmission`, no superuser but free to create databases, its database, and the
    roles that work in it and read it, which may do nothing until they are given rights.

    Raises EngineUnavailableError when the server refuses.
    """
    superuser = address.url(role=SUPERUSER, database="postgres")
    try:
        with psycopg.connect(superuser, autocommit=True) as connection:
            for role in ROLES:
                _ensure_role(connection, role, password)
            _ensure_own_database(connection)
    except psycopg.Error as error:
        raise EngineUnavailableError(
            f"PostgreSQL a démarré mais refuse la connexion ou la création de la base ({error}). "
            "Vérifiez le journal postgres.log, puis relancez la même commande."
        ) from error


def _ensure_role(connection: psycopg.Connection, role: str, password: str) -> None:
    if _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", role):
        return
    # Hashed here: a statement that fails is logged in full.
    hashed = connection.pgconn.encrypt_password(
        password.encode(), role.encode(), b"scram-sha-256"
    ).decode()
    # The owner may end what the others do: it can remove a database that they are in.
    may = sql.SQL("CREATEDB" if role == NAME else "ROLE {}").format(sql.Identifier(NAME))
    create = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {} {}")
    connection.execute(create.format(sql.Identifier(role), hashed, may))


def _ensure_own_database(connection: psycopg.Connection) -> None:
    if not _exists(connection, "SELECT 1 FROM pg_database WHERE datname = %s", NAME):
        create = sql.SQL("CREATE DATABASE {name} OWNER {name}")
        connection.execute(create.format(name=sql.Identifier(NAME)))


def _exists(connection: psycopg.Connection, query: LiteralString, name: str) -> bool:
    return connection.execute(query, (name,)).fetchone() is not None
