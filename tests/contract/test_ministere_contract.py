"""The direct route against the mock's ministry, and a real mail server between them."""

import email
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from email.policy import default
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from tests.support.dovecot import MailServer, mail_server
from tests.support.parcels import Thread, cancellation, new_act, request_of_classification
from tests.support.sides import SIREN, START, Mock, running
from transmission.actes.retours import read_retour
from transmission.domain.collectivite import Mailbox, TdtAccount
from transmission.domain.outcomes import Accepted, CannotTell, InDoubt, Unavailable
from transmission.embedded.processes import wait_until
from transmission.ports import InboxItem, Parcel, TdtConnector
from transmission.tdt.registry import ConnectorRegistry, Timeouts

PATIENCE = 30
DEPOT = "depot"


@pytest.fixture(scope="session")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    with mail_server(tmp_path_factory.mktemp("ministry-mail")) as server:
        yield server


@pytest.fixture(scope="session")
def kept_ministry(
    tmp_path_factory: pytest.TempPathFactory, mail: MailServer
) -> Iterator[Mock]:
    options = {
        "host": mail.host,
        "port": mail.port,
        "user": mail.user,
        "password-file": mail.password_file,
        "ca-file": mail.ca_file,
    }
    mailbox = [str(word) for name, value in options.items() for word in (f"--mailbox-{name}", value)]
    with running(tmp_path_factory.mktemp("ministry"), *START, *mailbox) as mock:
        yield mock


@pytest.fixture
def ministry(kept_ministry: Mock, mail: MailServer) -> Iterator[Mock]:
    """The calm ministry; its rules are forgotten and its mailbox is emptied after each test."""
    yield kept_ministry
    kept_ministry.set("/faults", fault="clear")
    kept_ministry.set("/scenario", scenario="clear")
    wait_until(lambda: all(m["delivered"] for m in kept_ministry.received()["mails"]), PATIENCE)
    mail.empty() if hasattr(mail, "empty") else None


@pytest.fixture
def account(ministry: Mock, mail: MailServer) -> TdtAccount:
    return TdtAccount(
        connector="ministere",
        nom="Commune de Saint-Exemple",
        base_url=ministry.ready["url"] + "/ministere/depot",
        certificate_file=ministry.account["certificate_file"],
        key_file=ministry.account["key_file"],
        passphrase_file=None,
        ca_file=ministry.ready["ca_file"],
        mailbox=Mailbox(
            mail.host, mail.user, str(mail.password_file), str(mail.ca_file), mail.port
        ),
    )
