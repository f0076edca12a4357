"""Who may talk to the platform: authorities, their accounts, their certificates."""

import base64
import hashlib
import re
from dataclasses import dataclass, replace
from enum import StrEnum
from threading import Lock

_SIREN = re.compile(r"[0-9]{9}")
_DEPARTEMENT = re.compile(r"[0-9]{2}[0-9AB]")
_ARRONDISSEMENT = re.compile(r"[0-9]")
_NATURE = re.compile(r"[0-9]{2}")


class AuthorityError(ValueError):
    """An authority cannot be registered as described."""


class Permission(StrEnum):
    """Rights on the module "actes" (S²LOW API §2.6)."""

    NONE = "NONE"
    READ = "RO"
    WRITE = "RW"
    CREATE = "CS"
    TRANSMIT = "TT"


@dataclass(frozen=True, slots=True)
class Idcl:
    """How an envelope names its sender (ACTES protocol §2.4)."""

    siren: str
    departement: str
    arrondissement: str
    nature: str


@dataclass(frozen=True, slots=True)
class Authority:
    """A collectivité that the platform knows."""

    siren: str
    departement: str
    arrondissement: str
    nature: str
    name: str
    login: str = ""

    def __post_init__(self) -> None:
        for label, value, pattern in (
            ("SIREN", self.siren, _SIREN),
            ("département", self.departement, _DEPARTEMENT),
            ("arrondissement", self.arrondissement, _ARRONDISSEMENT),
            ("nature", self.nature, _NATURE),
        ):
            if not pattern.fullmatch(value):
                raise AuthorityError(f"{label} {value!r} : attendu {pattern.pattern}")

    @property
    def idcl(self) -> Idcl:
        return Idcl(self.siren, self.departement, self.arrondissement, self.nature)


@dataclass(frozen=True, slots=True)
class Account:
    """The one user of an authority, known by its certificate."""

    id: int
    authority_id: int
    authority: Authority
    certificate_hash: str
    permission: Permission = Permission.WRITE
    enabled: bool = True
    rgs: bool = True

    @property
    def siren(self) -> str:
        return self.authority.siren

    @property
    def login(self) -> str:
        return self.authority.login or f"mock-{self.siren}"


class Accounts:
    """Accounts by certificate and by SIREN."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._by_hash: dict[str, Account] = {}

    def register(self, authority: Authority, certificate_der: bytes) -> Account:
        """Open the account of `authority`. Raises AuthorityError when it has one."""
        with self._lock:
            if any(account.siren == authority.siren for account in self._by_hash.values()):
                raise AuthorityError(f"{authority.siren} est déjà inscrite")
            rank = len(self._by_hash) + 1
            account = Account(rank, rank, authority, fingerprint(certificate_der))
            self._by_hash[account.certificate_hash] = account
            return account

    def change(
        self,
        siren: str,
        *,
        permission: Permission | None = None,
        enabled: bool | None = None,
        rgs: bool | None = None,
    ) -> Account:
        """Change the rights of an account. Raises AuthorityError when there is none."""
        with self._lock:
            account = next((a for a in self._by_hash.values() if a.siren == siren), None)
            if account is None:
                raise AuthorityError(f"{siren} n'est pas inscrite")
            account = replace(
                account,
                permission=account.permission if permission is None else permission,
                enabled=account.enabled if enabled is None else enabled,
                rgs=account.rgs if rgs is None else rgs,
            )
            self._by_hash[account.certificate_hash] = account
            return account

    def authority(self, siren: str) -> Authority:
        """The registered authority of this SIREN. Raises KeyError."""
        for account in self._by_hash.values():
            if account.siren == siren:
                return account.authority
        raise KeyError(siren)

    def holding(self, certificate_hash: str) -> Account | None:
        """The account that this certificate opens."""
        return self._by_hash.get(certificate_hash)

    def all(self) -> tuple[Account, ...]:
        """Every account, in order of registration."""
        return tuple(self._by_hash.values())


def fingerprint(certificate_der: bytes) -> str:
    """Base64 of the SHA-1 of a certificate: how the platform knows it (S²LOW API §2.1)."""
    digest = hashlib.sha1(certificate_der, usedforsecurity=False).digest()
    return base64.b64encode(digest).decode("ascii")
