"""What begins as somebody types, read with the driver alone: the rest takes too long to load."""

from collections.abc import Iterator

_NUMBERS = (
    "SELECT numero_interne FROM acte WHERE starts_with(numero_interne, %s) "
    "ORDER BY id DESC LIMIT %s"
)
_SIRENS = "SELECT siren FROM collectivite WHERE starts_with(siren, %s) ORDER BY siren LIMIT %s"


def numbers_like(url: str, begun: str, limit: int) -> Iterator[str]:
    """Numbers of acts that begin so, the newest first. Raises what the driver raises."""
    yield from dict.fromkeys(_read(url, _NUMBERS, begun, limit))


def sirens_like(url: str, begun: str, limit: int) -> Iterator[str]:
    """SIREN that begin so. Raises what the driver raises."""
    yield from _read(url, _SIRENS, begun, limit)


def _read(url: str, statement: str, begun: str, limit: int) -> list[str]:
    import psycopg

    bare = url.replace("postgresql+psycopg://", "postgresql://", 1)
    with psycopg.connect(bare, connect_timeout=2) as connection:
        connection.execute("SET statement_timeout = 250")
        return [str(row[0]) for row in connection.execute(statement, (begun, limit))]
