"""Settings: everything wrong is told at once, in French, and secrets are told to nobody."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from transmission.domain.collectivite import SigningKey
from transmission.domain.errors import TransmissionError
from transmission.settings import PREFIX, Settings, SettingsError, load_settings

SECRET = "postgresql+psycopg://agent:s3same@db.example/actes"


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(PREFIX + name.upper(), raising=False)


def _refusal(monkeypatch: pytest.MonkeyPatch, **variables: str) -> str:
    for name, value in variables.items():
        monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert isinstance(refused.value, TransmissionError)
    return str(refused.value)


def test_without_any_variable_the_service_has_all_its_settings() -> None:
    settings = load_settings()
    assert settings.home == Path("var/transmission")
    assert settings.documents_folder() == Path("var/transmission/documents")
    assert (settings.database(), settings.broker(), settings.kill_at) == (None, None, None)
    assert settings.web_host == "127.0.0.1"


def test_the_time_left_to_a_sending_exceeds_the_time_that_a_call_may_take() -> None:
    settings = load_settings()
    assert settings.submission_max > settings.connect_timeout + settings.read_timeout


def test_variables_are_read_whatever_their_case_and_series_as_json(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TRANSMISSION_WEB_PORT", "8443")
    monkeypatch.setenv("TRANSMISSION_RETRY_DELAYS", "[1, 2.5]")
    monkeypatch.setenv("TRANSMISSION_WEB_NAMES", '["actes.example.org"]')
    settings = load_settings()
    assert (settings.web_port, settings.retry_delays) == (8443, (1.0, 2.5))
    assert settings.web_names == ("actes.example.org",)


def test_watched_folders_are_read_by_siren(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRANSMISSION_INTAKE_FOLDERS", '{"123456782": "/srv/depot"}')
    assert load_settings().intake_folders == {"123456782": Path("/srv/depot")}


def test_the_seal_of_the_service_is_described_as_the_key_of_an_authority(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TRANSMISSION_SEAL_KEY", '{"key_file": "/etc/cachet.p12"}')
    assert load_settings().seal_key == SigningKey("/etc/cachet.p12")
    assert load_settings(seal_key=None).seal_key is None


@pytest.mark.parametrize(
    "wrong",
    [
        "cachet.p12",
        "[]",
        "{}",
        '{"key_file": 3}',
        '{"key_file": "a", "secret": "b"}',
        '{"key_file": "a", "module_file": "b"}',
        '{"module_file": "b", "token": "t", "key_id": "x", "pin_file": "p"}',
    ],
)
def test_a_seal_that_is_not_well_described_is_refused(
    monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    monkeypatch.setenv("TRANSMISSION_SEAL_KEY", wrong)
    with pytest.raises(SettingsError, match="TRANSMISSION_SEAL_KEY : il faut un objet JSON"):
        load_settings()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ('{"12345": "/srv/depot"}', "le SIREN (neuf chiffres)"),
        ('["/srv/depot"]', "un objet JSON"),
        ("/srv/depot", "une liste JSON"),
    ],
)
def test_watched_folders_that_mean_nothing_are_refused(
    given: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert expected in _refusal(monkeypatch, INTAKE_FOLDERS=given)


def test_what_a_command_gives_goes_before_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TRANSMISSION_HOME", "elsewhere")
    settings = load_settings(home=tmp_path)
    assert settings.home == tmp_path
    assert settings.documents_folder() == tmp_path / "documents"


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "BROKER_URL", "DATABASE_URL_FILE", "DOCUMENTS_DIR", "WEB_PORT"):
        monkeypatch.setenv(PREFIX + name, "")
    assert load_settings() == Settings()
    assert load_settings().database() is None


def test_every_wrong_variable_is_named_at_once_with_what_is_expected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = _refusal(
        monkeypatch,
        WEB_PORT="65536",
        WORKER_PROCESSES="beaucoup",
        READ_TIMEOUT="0",
        RETRY_DELAYS="[30, -1]",
        POLL_DELAYS="[]",
        SWEEP_PERIOD="0",
        WEB_NAMES="actes.example.org",
        CONNECT_TIMEOUT="nan",
        SETTLE_DELAY="inf",
    )
    lines = [line for line in told.splitlines() if line.startswith("- ")]
    assert [re.findall(r"TRANSMISSION_\w+", line) for line in lines] == [
        [f"TRANSMISSION_{name}"]
        for name in (
            "WEB_PORT",
            "WEB_NAMES",
            "WORKER_PROCESSES",
            "CONNECT_TIMEOUT",
            "READ_TIMEOUT",
            "SETTLE_DELAY",
            "RETRY_DELAYS",
            "POLL_DELAYS",
            "SWEEP_PERIOD",
        )
    ]
    assert "TRANSMISSION_WEB_PORT : il faut au plus 65535" in told
    assert "TRANSMISSION_WORKER_PROCESSES : il faut un nombre entier" in told
    assert "TRANSMISSION_READ_TIMEOUT : il faut plus de 0" in told
    assert "TRANSMISSION_SWEEP_PERIOD : il faut au moins 1" in told


def test_no_english_reaches_the_person_who_reads_the_faults(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = _refusal(
        monkeypatch,
        WEB_PORT="1.5",
        WORKER_PROCESSES="0",
        READ_TIMEOUT="long",
        RETRY_DELAYS='["demain"]',
        POLL_DELAYS='{"10": 1}',
        WEB_NAMES="[1]",
        RELAY_PAUSE="",
        LOST_BELL_DELAY="inf",
    )
    assert not re.search(r"\b(input|should|valid|string|unable|value|error)\b", told, re.IGNORECASE)


READ: dict[str, Callable[[Settings], str | None]] = {
    "database_url": Settings.database,
    "broker_url": Settings.broker,
    "broker_sentinel_password": Settings.sentinel_password,
    "s3_secret_key": Settings.s3_secret,
}


@pytest.mark.parametrize("name", READ)
def test_a_secret_is_read_from_its_file_without_its_last_line_feed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    monkeypatch.setenv(f"TRANSMISSION_{name.upper()}_FILE", str(file))
    settings = load_settings()
    assert READ[name](settings) == SECRET


def test_a_url_given_outright_goes_before_its_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TRANSMISSION_DATABASE_URL", SECRET)
    monkeypatch.setenv("TRANSMISSION_DATABASE_URL_FILE", str(tmp_path / "absent"))
    assert load_settings().database() == SECRET


@pytest.mark.parametrize("content", [None, b"", b" \n", b"\xff\xfe"])
def test_a_secret_file_that_cannot_be_used_is_named_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv("TRANSMISSION_BROKER_URL_FILE", str(file))
    settings = load_settings()
    with pytest.raises(SettingsError, match=rf"{re.escape(str(file))}.*Vérifiez"):
        settings.broker()


def test_a_secret_is_in_no_text_made_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRANSMISSION_DATABASE_URL", SECRET)
    monkeypatch.setenv("TRANSMISSION_BROKER_URL", "redis://:s3same@broker.example/0")
    monkeypatch.setenv("TRANSMISSION_BROKER_SENTINEL_PASSWORD", "s3same")
    monkeypatch.setenv("TRANSMISSION_S3_SECRET_KEY", "s3same")
    settings = load_settings()
    texts = [repr(settings), str(settings), f"{settings.model_dump()}", settings.model_dump_json()]
    assert all("s3same" not in text for text in texts)
    monkeypatch.setenv("TRANSMISSION_WEB_PORT", "s3same")
    monkeypatch.setenv("TRANSMISSION_RETRY_DELAYS", "s3same")
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert "s3same" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_settings_do_not_change_once_read() -> None:
    with pytest.raises(Exception, match="frozen"):
        load_settings().web_port = 1


def test_documents_are_on_disk_unless_another_known_place_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert load_settings().documents == "disk"
    told = _refusal(monkeypatch, DOCUMENTS="nuage")
    assert (
        "TRANSMISSION_DOCUMENTS : il faut une de ces valeurs : 'disk', 'database' ou 's3'" in told
    )


@pytest.mark.parametrize(
    "address",
    ["http://s3.example.org", "http://127.0.0.1.example.org", "s3.example.org", "ftp://x"],
)
def test_documents_never_go_in_clear_to_another_machine(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    told = _refusal(monkeypatch, S3_ENDPOINT=address)
    assert "TRANSMISSION_S3_ENDPOINT : il faut une adresse qui commence par https://" in told


@pytest.mark.parametrize("address", ["https://s3.example.org", "http://127.0.0.1:9000"])
def test_an_object_store_is_reached_by_tls_or_on_this_very_machine(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("TRANSMISSION_S3_ENDPOINT", address)
    assert load_settings().s3_endpoint == address


@pytest.mark.parametrize("rate", ["1/second", "600/minute", "9999999/day"])
def test_a_rate_is_a_number_in_a_time(monkeypatch: pytest.MonkeyPatch, rate: str) -> None:
    monkeypatch.setenv("TRANSMISSION_API_RATE", rate)
    monkeypatch.setenv("TRANSMISSION_API_FAILURES", rate)
    settings = load_settings()
    assert (settings.api_rate, settings.api_failures) == (rate, rate)


@pytest.mark.parametrize("rate", ["0/minute", "600", "10/5minute", "1/minute;2/day", "1/minute\n"])
def test_what_is_no_rate_is_told_at_the_start(monkeypatch: pytest.MonkeyPatch, rate: str) -> None:
    told = _refusal(monkeypatch, API_RATE=rate, API_FAILURES=rate, API_UPLOADS="0")
    for name in ("RATE", "FAILURES"):
        assert f"TRANSMISSION_API_{name} : il faut un nombre par second" in told
    assert "TRANSMISSION_API_UPLOADS : il faut au moins 1" in told


def test_proxies_are_addresses_or_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    given = ("10.0.0.1", "172.18.0.0/16", "fd00::/8")
    monkeypatch.setenv("TRANSMISSION_WEB_PROXIES", json.dumps(given))
    assert load_settings().web_proxies == given
    for wrong in ("*", "proxy.example.org", "10.0.0.1/8"):
        told = _refusal(monkeypatch, WEB_PROXIES=json.dumps([wrong]))
        assert "TRANSMISSION_WEB_PROXIES : il faut une liste JSON d'adresses" in told


MAIL = {"SMTP_HOST": "smtp.example.org", "SMTP_FROM": "actes@saint-exemple.example"}


def test_without_a_mail_server_nothing_is_asked_of_mails(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings()
    assert (settings.smtp_host, settings.smtp_security, settings.smtp_port) == (
        None,
        "starttls",
        587,
    )


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_mail_server_is_spoken_to_by_tls(monkeypatch: pytest.MonkeyPatch, security: str) -> None:
    given = {**MAIL, "SMTP_SECURITY": security, "SMTP_USER": "actes", "SMTP_PASSWORD_FILE": "/x"}
    for name, value in given.items():
        monkeypatch.setenv(PREFIX + name, value)
    assert load_settings().smtp_security == security


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_mails_go_in_clear_to_this_very_machine(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    for name, value in {**MAIL, "SMTP_HOST": host, "SMTP_SECURITY": "none"}.items():
        monkeypatch.setenv(PREFIX + name, value)
    assert load_settings().smtp_host == host


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (MAIL | {"SMTP_SECURITY": "none"}, "SMTP_SECURITY : il faut starttls ou tls"),
        (MAIL | {"SMTP_HOST": "127.0.0.1.example.org", "SMTP_SECURITY": "none"},
         "SMTP_SECURITY : il faut starttls ou tls"),
        (MAIL | {"SMTP_SECURITY": "ssl"}, "SMTP_SECURITY : il faut une de ces valeurs"),
        (MAIL | {"SMTP_HOST": "::1", "SMTP_SECURITY": "none", "SMTP_USER": "actes"},
         "SMTP_USER : il faut une liaison chiffrée (TRANSMISSION_SMTP_SECURITY)"),
        (MAIL | {"SMTP_USER": "actes"}, "SMTP_PASSWORD_FILE : il faut un fichier"),
        (MAIL | {"SMTP_PASSWORD_FILE": "/x"}, "SMTP_PASSWORD_FILE : il faut un fichier"),
        ({"SMTP_HOST": "smtp.example.org"}, "SMTP_FROM : il faut une adresse de courriel nue"),
        (MAIL | {"SMTP_FROM": "Actes <actes@example.org>"}, "SMTP_FROM : il faut une adresse"),
        (MAIL | {"SMTP_PORT": "65536"}, "SMTP_PORT : il faut au plus 65535"),
    ],
)  # fmt: skip
def test_mails_that_would_travel_badly_are_told_at_the_start(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], told: str
) -> None:
    assert f"- TRANSMISSION_{told}" in _refusal(monkeypatch, **given)


PROVIDER = {
    "CONSOLE_URL": "https://actes.example.org",
    "OIDC_ISSUER": "https://fournisseur.example.org/v2",
    "OIDC_CLIENT_ID": "console",
    "OIDC_CLIENT_SECRET_FILE": "/x",
}


def test_without_a_provider_nothing_is_asked_of_logins(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings()
    assert (settings.oidc_issuer, settings.oidc_client_id) == (None, None)
    assert load_settings(oidc_issuer=None).oidc_issuer is None


def test_a_provider_is_named_as_it_names_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    more = {"OIDC_SCOPES": '["openid", "siret"]', "OIDC_ACR_VALUES": '["https://acr.example/2"]'}
    for name, value in (PROVIDER | more).items():
        monkeypatch.setenv(PREFIX + name, value)
    settings = load_settings()
    assert settings.oidc_issuer == "https://fournisseur.example.org/v2"
    assert (settings.oidc_scopes, settings.oidc_login_claim) == (("openid", "siret"), "sub")
    assert settings.oidc_acr_values == ("https://acr.example/2",)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"OIDC_ISSUER": "http://fournisseur.example.org"}, "OIDC_ISSUER : il faut une adresse"),
        ({"OIDC_ISSUER": "https://f.example.org?a"}, "OIDC_ISSUER : il faut l'adresse de l'ém"),
        ({"OIDC_ISSUER": "https://f.example.org#a"}, "OIDC_ISSUER : il faut l'adresse de l'ém"),
        ({"OIDC_ISSUER": "https://f.example.org/ a"}, "OIDC_ISSUER : il faut l'adresse de l'ém"),
        ({"CONSOLE_URL": ""}, "OIDC_ISSUER : il faut donner aussi TRANSMISSION_CONSOLE_URL"),
        ({"OIDC_CLIENT_ID": ""}, "OIDC_CLIENT_ID : il faut une valeur"),
        ({"OIDC_CLIENT_SECRET_FILE": ""}, "OIDC_CLIENT_SECRET_FILE : il faut une valeur"),
        ({"OIDC_SCOPES": '["email"]'}, 'OIDC_SCOPES : il faut une liste JSON qui contient'),
        ({"OIDC_SCOPES": "openid"}, "OIDC_SCOPES : il faut une liste JSON"),
        ({"OIDC_SCOPES": '["openid", "a b"]'}, "OIDC_SCOPES : il faut des mots sans espace"),
        ({"OIDC_ACR_VALUES": '["niveau 2"]'}, "OIDC_ACR_VALUES : il faut des mots sans espace"),
        ({"OIDC_LOGIN_CLAIM": "e mail"}, "OIDC_LOGIN_CLAIM : il faut des mots sans espace"),
    ],
)  # fmt: skip
def test_a_provider_that_could_let_nobody_in_is_told_at_the_start(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], told: str
) -> None:
    assert f"- TRANSMISSION_{told}" in _refusal(monkeypatch, **(PROVIDER | given))


def test_systemd_gives_secrets_as_credentials_which_the_environment_overrides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "TRANSMISSION_DATABASE_URL").write_text("postgresql+psycopg://from-systemd/x\n")
    (tmp_path / "TRANSMISSION_BROKER_URL").write_text("redis://from-systemd/0\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("TRANSMISSION_BROKER_URL", "redis://from-the-environment/0")
    settings = load_settings()
    assert settings.database() == "postgresql+psycopg://from-systemd/x"
    assert settings.broker() == "redis://from-the-environment/0"
    assert "from-systemd" not in repr(settings)


@pytest.mark.parametrize(
    ("address", "is_one"),
    [
        ("tcp://clamav:3310", True), ("unix:///run/clamav/clamd.ctl", True),
        ("http://clamav", False), ("tcp://clamav", False), ("unix://clamd.ctl", False),
    ],
)  # fmt: skip
def test_an_antivirus_has_the_address_of_a_daemon(
    address: str,
    is_one: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TRANSMISSION_ANTIVIRUS", address)
    if is_one:
        assert load_settings().antivirus == address
    else:
        with pytest.raises(SettingsError, match="TRANSMISSION_ANTIVIRUS : il faut tcp://"):
            load_settings()
