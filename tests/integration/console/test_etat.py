"""The health of the service, for people: what answers, what waits, what ends."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from sqlalchemy import insert, update

from transmission.domain.access import Scope
from transmission.domain.lifecycle import State
from transmission.domain.people import Grant, Person, Role
from transmission.domain.transmission import Author
from transmission.ports.access import NewToken
from transmission.store.tables import circuit, classification, collectivite, heartbeat
from transmission.store.tables_time_stamps import time_stamp

SIREN, OTHER = "123456782", "200000008"
READER = Person(8, "Lecteur", (Grant(Role.READER, SIREN),))


@pytest.fixture
def owner(ready: Any, shelf: Any) -> int:
    shelf.person = ready.everybody
    shelf.clock.at = datetime(2026, 11, 23, 13, 5, tzinfo=UTC)
    return int(ready.owner)


def beats(shelf: Any, **ages: float) -> None:
    with shelf.engine.begin() as connection:
        for name, seconds in ages.items():
            connection.execute(
                insert(heartbeat).values(
                    name=name.replace("_", ":"), at=shelf.clock.at - timedelta(seconds=seconds)
                )
            )


def certificate(path: Path, end: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Compte")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(end - timedelta(days=400))
        .not_valid_after(end)
        .sign(key, hashes.SHA256())
    )
    path.write_bytes(made.public_bytes(Encoding.PEM))


def given(shelf: Any, owner: int, **account: str) -> None:
    """Change the account of an authority at its TdT."""
    settings = collectivite.c.settings
    with shelf.engine.begin() as connection:
        known = connection.execute(
            collectivite.select().with_only_columns(settings).where(collectivite.c.id == owner)
        ).scalar_one()
        known["tdt"] |= account
        connection.execute(
            update(collectivite).where(collectivite.c.id == owner).values(settings=known)
        )


def test_what_ends_is_told_in_the_order_of_days_with_what_will_break(
    shelf: Any, site: Any, owner: int, tmp_path: Path
) -> None:
    now = shelf.clock.at
    certificate(tmp_path / "compte.pem", now + timedelta(days=20))
    certificate(tmp_path / "ca.pem", now - timedelta(days=1))
    given(
        shelf, owner, certificate_file=str(tmp_path / "compte.pem"),
        ca_file=str(tmp_path / "ca.pem"),
    )  # fmt: skip
    with shelf.tools.register() as unit:
        new = NewToken(
            collectivite_id=owner,
            name="finances",
            digest="d" * 64,
            scopes=frozenset({Scope.READ}),
            expires_at=now + timedelta(days=3),
        )
        unit.add_token(new, Author("administrateur"), now)
        unit.commit()
    with shelf.engine.begin() as connection:
        connection.execute(update(classification).values(received_at=now - timedelta(days=30)))
    page = site.page("/etat")
    rows = [site.words_of(row) for row in page.cssselect(".expirations tbody tr")]
    whats = ("Une autorité de confiance", "Le jeton « finances »", "Le certificat du compte",
             "La classification du 29/08/2019")  # fmt: skip
    assert len(rows) == 4
    for row, what in zip(rows, whats, strict=True):
        assert what in row
    assert "Expiré" in rows[0]
    assert "Ce logiciel est refusé" in rows[1]
    assert "les envois et les accusés attendent" in rows[2]
    marks = [node.get("class") for node in page.cssselect(".expirations .gravite")]
    assert marks == [
        "gravite gravite-grave", "gravite gravite-grave", "gravite gravite-attention", "gravite",
    ]  # fmt: skip
    assert "1 chose a expiré" in site.words_of(page)


def test_a_tdt_that_fails_and_the_work_that_is_late_are_told_first(
    shelf: Any, site: Any, owner: int
) -> None:
    _, sent = shelf.acte(
        owner, "2026_001", state=State.PREPARED, since=shelf.ago(hours=3),
        next_attempt_at=shelf.ago(minutes=30), failures=2,
    )  # fmt: skip
    shelf.attempt(sent, 1, outcome="Unavailable", finished_at=shelf.ago(minutes=40))
    with shelf.engine.begin() as connection:
        connection.execute(
            insert(circuit).values(
                tdt="https://tdt.example",
                failures=4,
                successes=0,
                since=shelf.ago(hours=2),
                open_until=shelf.clock.at + timedelta(minutes=4),
                reason="délai dépassé",
            )
        )
    beats(shelf, relay=5, queue_send=400, queue_collect=20, run_sweep=30)
    words = site.words("/etat")
    for said in (
        "DOTELEC - iXBus échoue depuis 2 h", "1 envoi est en retard de plus de 5 minutes",
        "Files non servies : send.", "Ouvert : rien n'y est envoyé", "délai dépassé",
        "il y a 40 min", "injoignable", "2. Enveloppe prête13 h11",
    ):  # fmt: skip
        assert said.replace("\u00a0", " ") in words.replace("\u00a0", " "), said


def test_all_is_well_is_said_too(shelf: Any, site: Any, owner: int) -> None:
    beats(shelf, relay=5, queue_send=20)
    with shelf.engine.begin() as connection:
        connection.execute(update(classification).values(received_at=shelf.clock.at))
    assert "Tout va bien." in site.words("/etat")
    beats(shelf, queue_collect=4000)
    assert "Files non servies : collect." in site.words("/etat")


def test_time_stamps_that_nobody_gives_are_told(shelf: Any, site: Any, owner: int) -> None:
    beats(shelf, relay=5, queue_send=20)
    for number in range(2):
        shelf.add(
            time_stamp, kind="ar", subject_id=number, collectivite_id=owner, sha256="1" * 64,
            asked_at=shelf.ago(hours=2), next_attempt_at=shelf.clock.at,
        )  # fmt: skip
    words = site.words("/etat").replace("\u00a0", " ")
    assert "2 horodatages n'ont pas été obtenus depuis 2 h." in words
    assert "Horodatages à obtenir2, le plus ancien demandé il y a 2 h" in words


def test_the_relay_that_never_ran_is_told(site: Any, owner: int) -> None:
    assert "Le relais ne tourne pas" in site.words("/etat")


def test_the_disks_are_told(shelf: Any, site: Any, owner: int, tmp_path: Path) -> None:
    shelf.folders = {"documents": tmp_path / "not" / "yet"}
    assert "Disque des documents" in site.words("/etat")


def test_delays_are_drawn_and_told_in_words(shelf: Any, site: Any, owner: int) -> None:
    shelf.acte(owner, "2026_001", state=State.ACKNOWLEDGED, date_reception=date(2026, 11, 22))
    chart = site.page("/etat").cssselect("#delais-texte")[0]
    assert "11/2026 : 2" in chart.text


def test_people_of_an_authority_see_theirs_and_nothing_of_the_whole(
    shelf: Any, site: Any, owner: int, tmp_path: Path
) -> None:
    other = shelf.authority("Commune d'Ailleurs", siren=OTHER)
    certificate(tmp_path / "ailleurs.pem", shelf.clock.at)
    given(
        shelf, other, certificate_file=str(tmp_path / "ailleurs.pem"), nom="TdT d'Ailleurs",
        base_url="https://ailleurs.example",
    )  # fmt: skip
    shelf.acte(other, "2026_777", siren=OTHER, state=State.HELD)
    beats(shelf, relay=4000)
    shelf.folders = {"documents": tmp_path}
    shelf.person = READER
    words = site.words("/etat")
    for hidden in ("Ailleurs", "Relais", "Disque", "relais", str(tmp_path)):
        assert hidden not in words
    assert "Commune de Saint-Exemple" in words
    lanes = [
        site.words_of(row) for row in site.page("/etat").cssselect("#files ~ .defile tbody tr")
    ]
    assert all("0" in row and "1 " not in row.partition(". ")[2] for row in lanes)
    assert site.get(f"/etat?collectivite={OTHER}").status_code == 404


def test_whoever_administers_one_authority_does_not_see_the_whole(
    shelf: Any, site: Any, owner: int
) -> None:
    shelf.person = Person(9, "Locale", (Grant(Role.ADMINISTRATOR, SIREN),))
    assert "Ordonnanceur" not in site.words("/etat")
    shelf.person = Person(9, "Auditrice", (Grant(Role.AUDITOR),))
    assert "Ordonnanceur" in site.words("/etat")


def test_a_stranger_is_led_to_the_entrance(shelf: Any, site: Any) -> None:
    shelf.person = None
    assert site.get("/etat").headers["location"] == "/connexion?suite=%2Fetat"
