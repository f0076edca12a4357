"""What an installation may set, validated at start; secrets are read from files.

Every name is an environment variable prefixed with ``TRANSMISSION_``. Nothing is read at import.
"""

import json
import os
import re
from dataclasses import fields
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from transmission.domain.collectivite import SigningKey
from transmission.domain.errors import TransmissionError
from transmission.domain.mail_addresses import is_mail_address
from transmission.domain.signing_keys import key_flaws

PREFIX = "TRANSMISSION_"


class SettingsError(TransmissionError):
    """The settings are wrong; the text lists every fault and what to do."""


def _decoded(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


# Decoded here and not by the library, which stops at the first text that is not JSON.
_FromJson = (NoDecode, BeforeValidator(_decoded))
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
SeriesOfSeconds = Annotated[tuple[Seconds, ...], *_FromJson, Field(min_length=1)]
_RATE = re.compile(r"[1-9][0-9]{0,6}/(second|minute|hour|day)", re.ASCII)
_WORD = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,200}")
_ANTIVIRUS = re.compile(r"tcp://[^\s/@:]+:\d{1,5}|unix:///\S+", re.ASCII)
_SAFE_ENDPOINT = r"^(https://|http://(127\.0\.0\.1|localhost)(:|/|$))"
# A token is signed: it may travel in clear, which a password may not.
_TSA = re.compile(r"https?://[\x21\x23-\x3f\x41-\x5b\x5d-\x7e]{1,500}")
_OID = re.compile(r"[0-2](\.(0|[1-9][0-9]{0,17})){1,30}", re.ASCII)
Names = Annotated[tuple[str, ...], *_FromJson]


def _siren(value: str) -> str:
    if not (value.isascii() and value.isdecimal() and len(value) == 9):
        raise PydanticCustomError("siren", "not nine digits")
    return value


def _signing_key(value: Any) -> SigningKey:
    """A key as ``[signing_key]`` of an authority describes one, in JSON."""
    try:
        value = _decoded(value)
    except ValueError:
        raise PydanticCustomError("signing_key", "not JSON") from None
    known = {field.name for field in fields(SigningKey)}
    texts = isinstance(value, dict) and all(isinstance(each, str) for each in value.values())
    if not texts or value.keys() - known or any(key_flaws(SigningKey(**value))):
        raise PydanticCustomError("signing_key", "not a signing key")
    return SigningKey(**value)


_SigningKey = Annotated[SigningKey, NoDecode, BeforeValidator(_signing_key)]
_Siren = Annotated[str, AfterValidator(_siren)]
Folders = Annotated[dict[_Siren, Path], *_FromJson]


class Settings(BaseSettings):
    """Settings of one process. Durations are seconds unless said otherwise."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True
    )

    home: Path = Path("var/transmission")
    """Folder of the embedded engines, documents and logs."""

    database_url: SecretStr | None = None
    """SQLAlchemy URL of PostgreSQL; when absent, the embedded one of ``home``."""
    database_url_file: Path | None = None
    database_owner_url: SecretStr | None = None
    """The same for the account that owns the tables, for ``migrate`` and ``roles`` alone; when
    absent, the account of the service owns them."""
    database_owner_url_file: Path | None = None
    broker_url: SecretStr | None = None
    """URL of Redis, or of several Sentinels; when absent, the embedded one of ``home``."""
    broker_url_file: Path | None = None
    broker_ca_file: Path | None = None
    """Authorities trusted for Redis and Sentinel; when given, both are spoken to by TLS."""
    broker_certificate_file: Path | None = None
    broker_key_file: Path | None = None
    broker_master: str | None = None
    """Name under which the Sentinels know the Redis that writes."""
    broker_sentinel_password: SecretStr | None = None
    broker_sentinel_password_file: Path | None = None

    documents: Literal["disk", "database", "s3"] = "disk"
    """Where documents are kept."""
    documents_dir: Path | None = None
    """Their folder on disk; ``home/documents`` when absent."""
    anchors_dir: Path | None = None
    """Folder of the anchors of the journal; ``home/anchors`` when absent."""
    s3_bucket: str | None = None
    s3_prefix: str | None = None
    s3_endpoint: str | None = Field(default=None, pattern=_SAFE_ENDPOINT)
    """URL of the object store; when absent, Amazon's for the region."""
    s3_region: str = "us-east-1"
    s3_ca_file: Path | None = None
    """The only authorities trusted for it; when absent, those of the machine."""
    s3_access_key: str | None = None
    s3_secret_key: SecretStr | None = None
    s3_secret_key_file: Path | None = None

    web_host: str = "127.0.0.1"
    web_port: int = Field(default=0, ge=0, le=65535)
    """0 takes a free port."""

    web_names: Names = ()
    """Host names, without port, under which browsers reach the console besides loopback."""
    web_proxies: Names = ()
    """Addresses, or networks, of the reverse proxies whose word is taken for who calls and how."""
    console_url: str | None = Field(default=None, pattern=_SAFE_ENDPOINT)
    """Address under which people reach the console, written in what is sent to them."""

    session_idle: Seconds = 28_800
    """A session of the console that is not used for so long ends."""
    session_longest: Seconds = 43_200
    """A session of the console ends after so long, used or not."""

    register_host: str = "127.0.0.1"
    register_port: int | None = Field(default=None, ge=0, le=65535)
    """Port of the public register, which ``up`` starts only if it is given; 0 takes a free one."""
    register_names: Names = ()
    """Host names, without port, under which the public reaches it besides loopback."""
    register_public_url: str | None = Field(default=None, pattern=_SAFE_ENDPOINT)
    """Address under which the public reaches it; a path before its own pages is taken away by the
    reverse proxy."""

    api_rate: str = "600/minute"
    """Requests that a token may make of one process of the API."""
    api_failures: str = "30/minute"
    """Refused tokens that an address may show to one process."""
    api_uploads: int = Field(default=8, ge=1, le=100)
    """Bodies that a token may be sending at once to one process."""

    service_url: str | None = Field(default=None, pattern=_SAFE_ENDPOINT)
    """Address of a distant service, which commands then speak to through its API."""
    token_file: Path | None = None
    """File of the token by which they do."""
    service_ca_file: Path | None = None
    """The only authorities trusted for it; when absent, those of the machine."""

    worker_processes: int = Field(default=2, ge=1, le=64)

    connect_timeout: Seconds = 10
    read_timeout: Seconds = 180
    submission_max: Seconds = 960
    """After that long in ``submitting``, the sending is held to be in doubt."""
    settle_delay: Seconds = 600
    """How long an uncertain sending rests before the TdT is asked what it has: longer than the TdT
    may still be busy with what was cut."""
    retry_delays: SeriesOfSeconds = (30, 60, 120, 300, 600, 1800)
    """Waits before a new try when the TdT is unreachable; the last one repeats."""
    poll_delays: SeriesOfSeconds = (10, 30, 60, 120, 300, 900, 1800)
    """Waits between two looks at a sent act; the last one repeats."""
    lost_bell_delay: Seconds = 60
    """How long a row may wait for its task before its bell is rung again."""
    sweep_period: int = Field(default=10, ge=1)
    relay_pause: Seconds = 0.1
    inbox_period: int = Field(default=300, ge=1)
    classification_period: int = Field(default=86_400, ge=1)
    assessment_period: int = Field(default=20, ge=1)
    """Between two searches for acts that the legal clock is to read again."""
    audit_days: int = Field(default=30, ge=0, le=3650)
    """Everything that is kept is reread in the background once in so many days; 0: never."""
    publication_period: int = Field(default=300, ge=1)
    """Between two searches for what is on line and due to be looked at."""

    intake_settle: Seconds = 30
    """How long nothing of a batch must have changed before it is taken to be complete."""
    intake_period: Seconds = 5
    """Between two looks at a watched folder."""
    intake_folders: Folders = {}
    """Folder to watch of each authority, by SIREN, which ``up`` starts a process for."""

    smtp_host: str | None = None
    """Mail server that notices are handed to; none are mailed without it."""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_security: Literal["none", "starttls", "tls"] = Field("starttls", validate_default=True)
    smtp_user: str | None = Field(default=None, validate_default=True)
    smtp_password_file: Path | None = Field(default=None, validate_default=True)
    smtp_from: str | None = Field(default=None, validate_default=True)
    """Bare address that mails come from."""
    smtp_ca_file: Path | None = None
    """The only authorities trusted for it; when absent, those of the machine."""

    tsa_urls: Names = ()
    """Authorities of time, in the order in which they are asked; nothing is stamped without one."""
    tsa_roots_file: Path | None = Field(default=None, validate_default=True)
    """Roots that their tokens lead to."""
    tsa_policy: str | None = None
    """OID of the policy that is asked for; any will do without it."""
    tsa_user: str | None = None
    tsa_password_file: Path | None = Field(default=None, validate_default=True)
    tsa_ca_file: Path | None = None
    """The only authorities trusted for TLS with them; when absent, those of the machine."""
    tsa_late: Seconds = 86_400
    """After so long without its time stamp, what should bear one is told among the findings."""

    signature_roots_file: Path | None = None
    """Roots that the signatures of deposited PDFs lead to; without any, none is found valid."""

    seal_key: _SigningKey | None = None
    """Key that the service signs by when an authority has none; made in ``home/seal`` if absent."""

    antivirus: str | None = None
    """Where ClamAV answers; files are not looked at without it."""

    secrets_key_file: Path | None = None
    """Keys that seal the secrets kept in the register; ``home/secrets.key`` when absent, which an
    installation on one machine makes by itself."""
    webhook_reach: Literal["anywhere", "public"] = "anywhere"
    """Whether webhooks may call this machine and its private networks."""

    oidc_issuer: str | None = Field(default=None, pattern=_SAFE_ENDPOINT)
    """Provider by which people log in, as its own description names it; none without it."""
    oidc_client_id: str | None = Field(default=None, validate_default=True)
    oidc_client_secret_file: Path | None = Field(default=None, validate_default=True)
    oidc_name: str = Field(default="OpenID Connect", min_length=1, max_length=60)
    """What people know the provider as."""
    oidc_scopes: Names = ("openid", "email")
    oidc_login_claim: str = "sub"
    """What ties a person of the provider to an account, the first time."""
    oidc_acr_values: Names = ()
    """Levels of authentication that are asked for; any will do without them."""
    oidc_ca_file: Path | None = None
    """The only authorities trusted for it; when absent, those of the machine."""

    kill_at: str | None = None
    """For the crash tests alone: ``point=marker file``."""

    @field_validator("web_proxies")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            try:
                ip_network(each)
            except ValueError:
                raise PydanticCustomError("proxies", "not an address") from None
        return value

    @field_validator("antivirus")
    @classmethod
    def _a_daemon(cls, value: str | None) -> str | None:
        if value is not None and not _ANTIVIRUS.fullmatch(value):
            raise PydanticCustomError("antivirus", "not the address of a daemon")
        return value

    @field_validator("api_rate", "api_failures")
    @classmethod
    def _so_many_in_a_time(cls, value: str) -> str:
        if not _RATE.fullmatch(value):
            raise PydanticCustomError("rate", "not a rate")
        return value

    @field_validator("smtp_security")
    @classmethod
    def _in_clear_on_this_machine_alone(cls, value: str, others: ValidationInfo) -> str:
        if value == "none" and not _is_loopback(others.data.get("smtp_host")):
            raise PydanticCustomError("smtp_in_clear", "mail would travel in clear")
        return value

    @field_validator("smtp_user")
    @classmethod
    def _no_login_in_clear(cls, value: str | None, others: ValidationInfo) -> str | None:
        if value is not None and others.data.get("smtp_security") == "none":
            raise PydanticCustomError("smtp_login_in_clear", "password would travel in clear")
        return value

    @field_validator("smtp_password_file")
    @classmethod
    def _both_or_none(cls, value: Path | None, others: ValidationInfo) -> Path | None:
        if "smtp_user" in others.data and (value is None) != (others.data["smtp_user"] is None):
            raise PydanticCustomError("smtp_half_login", "user without password, or the reverse")
        return value

    @field_validator("smtp_from")
    @classmethod
    def _a_bare_address(cls, value: str | None, others: ValidationInfo) -> str | None:
        wanted = others.data.get("smtp_host") is not None
        if (value is None and wanted) or (value is not None and not is_mail_address(value)):
            raise PydanticCustomError("smtp_sender", "no usable address")
        return value

    @field_validator("tsa_urls")
    @classmethod
    def _web_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(map(_TSA.fullmatch, value)):
            raise PydanticCustomError("tsa_urls", "not addresses")
        return value

    @field_validator("tsa_policy")
    @classmethod
    def _an_oid(cls, value: str | None) -> str | None:
        if value is not None and not _OID.fullmatch(value):
            raise PydanticCustomError("oid", "not an OID")
        return value

    @field_validator("tsa_roots_file")
    @classmethod
    def _roots_to_lead_to(cls, value: Path | None, others: ValidationInfo) -> Path | None:
        if value is None and others.data.get("tsa_urls"):
            raise PydanticCustomError("tsa_roots", "no roots")
        return value

    @field_validator("tsa_password_file")
    @classmethod
    def _login_by_tls(cls, value: Path | None, others: ValidationInfo) -> Path | None:
        if "tsa_user" in others.data and (value is None) != (others.data["tsa_user"] is None):
            raise PydanticCustomError("tsa_half_login", "user without password, or the reverse")
        if value and not all(
            re.match(_SAFE_ENDPOINT, url) for url in others.data.get("tsa_urls", ())
        ):
            raise PydanticCustomError("tsa_login_in_clear", "password would travel in clear")
        return value

    @field_validator("oidc_issuer")
    @classmethod
    def _a_bare_issuer(cls, value: str | None, others: ValidationInfo) -> str | None:
        if value is None:
            return value
        if not _WORD.fullmatch(value) or set("?#") & set(value):
            raise PydanticCustomError("oidc_issuer", "no issuer")
        if others.data.get("console_url") is None:
            raise PydanticCustomError("oidc_nowhere_back", "no address to come back to")
        return value

    @field_validator("oidc_client_id", "oidc_client_secret_file")
    @classmethod
    def _known_there(cls, value: Any, others: ValidationInfo) -> Any:
        if value is None and others.data.get("oidc_issuer") is not None:
            raise PydanticCustomError("oidc_unknown", "unknown to the provider")
        return value

    @field_validator("oidc_login_claim", "oidc_scopes", "oidc_acr_values")
    @classmethod
    def _words(cls, value: str | tuple[str, ...], field: ValidationInfo) -> Any:
        words = (value,) if isinstance(value, str) else value
        if not all(map(_WORD.fullmatch, words)):
            raise PydanticCustomError("oidc_words", "not words")
        if field.field_name == "oidc_scopes" and "openid" not in words:
            raise PydanticCustomError("oidc_scopes", "no scopes of OpenID Connect")
        return value

    def database(self) -> str | None:
        """URL of the database, from its setting or its file. Raises SettingsError."""
        return _secret(self.database_url, self.database_url_file)

    def database_owner(self) -> str | None:
        """URL of the owner of the tables, from its setting or its file. Raises SettingsError."""
        return _secret(self.database_owner_url, self.database_owner_url_file)

    def broker(self) -> str | None:
        """URL of the broker, from its setting or its file. Raises SettingsError."""
        return _secret(self.broker_url, self.broker_url_file)

    def sentinel_password(self) -> str | None:
        """Password of the Sentinels, from its setting or its file. Raises SettingsError."""
        return _secret(self.broker_sentinel_password, self.broker_sentinel_password_file)

    def s3_secret(self) -> str | None:
        """Secret of the key of S3, from its setting or its file. Raises SettingsError."""
        return _secret(self.s3_secret_key, self.s3_secret_key_file)

    def secrets_key(self) -> Path:
        """File of the keys that seal secrets."""
        return self.secrets_key_file or self.home / "secrets.key"

    def documents_folder(self) -> Path:
        """Folder of the documents kept on disk."""
        return self.documents_dir or self.home / "documents"

    def anchors_folder(self) -> Path:
        """Folder of the anchors of the journal."""
        return self.anchors_dir or self.home / "anchors"


def load_settings(**overrides: Any) -> Settings:
    """Read the environment, and the credentials that systemd gives.

    Raises SettingsError naming every wrong variable at once.
    """
    try:
        return Settings(**{"_secrets_dir": os.environ.get("CREDENTIALS_DIRECTORY"), **overrides})
    except ValidationError as error:
        faults = "\n".join(
            f"- {PREFIX}{str(fault['loc'][0]).upper()} : il faut {_expected(fault)}."
            for fault in error.errors()
        )
        raise SettingsError(
            f"Les réglages suivants sont à corriger, puis relancez la commande :\n{faults}"
        ) from None


_EXPECTED = {
    "greater_than": "plus de {gt:g}",
    "greater_than_equal": "au moins {ge:g}",
    "less_than_equal": "au plus {le:g}",
    "finite_number": "un nombre fini",
    "int_parsing": "un nombre entier",
    "float_parsing": "un nombre",
    "too_short": "au moins une valeur",
    "value_error": 'une liste JSON, par exemple [30, 60] ou ["actes.example.org"]',
    "tuple_type": 'une liste JSON, par exemple [30, 60] ou ["actes.example.org"]',
    "dict_type": 'un objet JSON, par exemple {{"123456782": "/srv/depot"}}',
    "signing_key": 'un objet JSON comme {{"key_file": "/etc/transmission/cachet.p12"}}',
    "siren": "le SIREN (neuf chiffres) de la collectivité de chaque dossier",
    "literal_error": "une de ces valeurs : {expected}",
    "string_pattern_mismatch": "une adresse qui commence par https://",
    "string_type": "un texte entre guillemets",
    "proxies": 'une liste JSON d\'adresses ou de réseaux, par exemple ["172.18.0.0/16"]',
    "rate": "un nombre par second, minute, hour ou day, par exemple 600/minute",
    "antivirus": "tcp://machine:3310, ou unix:///run/clamav/clamd.ctl",
    "oidc_issuer": "l'adresse de l'émetteur seule, sans espace, « ? » ni « # »",
    "oidc_nowhere_back": f"donner aussi {PREFIX}CONSOLE_URL, où le fournisseur renvoie",
    "oidc_words": "des mots sans espace, accent ni guillemet",
    "oidc_unknown": f"une valeur, qu'a donnée le fournisseur ({PREFIX}OIDC_ISSUER)",
    "oidc_scopes": 'une liste JSON qui contient "openid", par exemple ["openid", "email"]',
    "tsa_urls": 'une liste JSON d\'adresses, par exemple ["https://horodatage.example.org/tsa"]',
    "oid": "un identifiant à points, par exemple 1.3.6.1.4.1.99999.1",
    "tsa_roots": f"un fichier de racines (PEM) avec {PREFIX}TSA_URLS",
    "tsa_half_login": f"un fichier avec {PREFIX}TSA_USER, et aucun sans lui",
    "tsa_login_in_clear": f"des adresses en https:// dans {PREFIX}TSA_URLS pour s'identifier",
    "smtp_in_clear": "starttls ou tls, sauf vers cette machine même (127.0.0.1)",
    "smtp_login_in_clear": f"une liaison chiffrée ({PREFIX}SMTP_SECURITY) pour s'identifier",
    "smtp_half_login": f"un fichier avec {PREFIX}SMTP_USER, et aucun sans lui",
    "smtp_sender": "une adresse de courriel nue, par exemple actes@example.org",
}


def _expected(fault: ErrorDetails) -> str:
    # The library's own sentence is English, and may quote the value, which may be a secret.
    bounds = fault.get("ctx", {})
    if "expected" in bounds:
        bounds = {"expected": str(bounds["expected"]).replace(" or ", " ou ")}
    return _EXPECTED.get(fault["type"], "une autre valeur").format(**bounds)


def _is_loopback(host: str | None) -> bool:
    try:
        return host is None or host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _secret(value: SecretStr | None, file: Path | None) -> str | None:
    if value is not None:
        return value.get_secret_value()
    if file is None:
        return None
    try:
        content = file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise _unusable(file, f"ne peut être lu ({error.strerror})") from error
    except UnicodeDecodeError:
        raise _unusable(file, "n'est pas un texte en UTF-8") from None
    if not content:
        raise _unusable(file, "est vide")
    return content


def _unusable(file: Path, what: str) -> SettingsError:
    return SettingsError(
        f"Le fichier {file}, qui doit contenir une adresse ou un mot de passe, {what}. "
        "Vérifiez son chemin, son contenu et ses droits."
    )
