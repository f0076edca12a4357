"""What many acts say together: each check fires and falls silent, on a real register."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text, update

from tests.support.bench import Bench
from tests.support.scene import AUTHOR, START
from transmission.domain.collectivite import SigningKey
from transmission.domain.identifiers import NatureActe
from transmission.domain.legal.check import DEFAULTS
from transmission.domain.pdf_signatures import (
    PdfSignature,
    PdfSignatures,
    ReadSignatures,
    SignatureAnswer,
)
from transmission.ports.held_certificates import HeldCertificate, HeldCertificates
from transmission.services.assess import assess
from transmission.services.check_lists import LIST_CHECKS, check_lists
from transmission.services.sitting import Imported, SittingFile, import_sitting
from transmission.store.tables import acte, transmission
from transmission.store.tables_legal import finding

SITTING = date(2023, 2, 1)
"""More than ``adopted_days`` before the day of the scene."""


class Certificates:
    """The certificates of an authority, as a test says them."""

    def __init__(self) -> None:
        self.held = HeldCertificates((), whole=True)

    def held_by(self, owner: object) -> HeldCertificates:
        del owner
        return self.held


@pytest.fixture
def certificates(bench: Bench) -> Certificates:
    """What the authority sends with."""
    made = Certificates()
    bench.tools = replace(bench.tools, certificates=made)
    return made


@pytest.fixture(autouse=True)
def readable(certificates: Certificates) -> Certificates:
    """No check of a list depends on files."""
    return certificates


def listed(bench: Bench, content: str, day: date = SITTING, **more: Any) -> Imported:
    given = SittingFile(content=content.encode(), nom_fichier="liste.csv", date_seance=day, **more)
    return import_sitting(bench.tools, bench.authority_id, given, AUTHOR)


def rows(engine: Engine, *, opened: bool = True, code: str | None = None) -> list[Any]:
    """The findings, open or closed, of one code or of all."""
    closed = finding.c.closed_at
    wanted = select(finding).where(closed.is_(None) if opened else closed.is_not(None))
    if code is not None:
        wanted = wanted.where(finding.c.code == code)
    with engine.connect() as connection:
        return list(connection.execute(wanted.order_by(finding.c.id)))


def keys(engine: Engine, code: str) -> list[str]:
    return [row.key for row in rows(engine, code=code)]


def review(bench: Bench) -> int:
    return check_lists(bench.tools, bench.authority_id)


def numbered(bench: Bench, *numbers: int, **more: Any) -> list[int]:
    """Acts received, of which the numbers end with these."""
    made = []
    for number in numbers:
        bench._numbers = iter([number])
        content = f"%PDF-1.4 {number} {more}".encode()
        made.append(bench.acknowledged(contents=(content,), **more).acte_id)
    return made


def test_a_listed_act_that_never_came_is_told_until_it_is_sent(
    bench: Bench, engine: Engine
) -> None:
    listed(bench, "numero;nature;objet\nD2023_001;DE;École\nD2023_002;;Voirie\n")
    numbered(bench, 1, decided=SITTING)
    review(bench)
    (found,) = rows(engine, code="adopte_jamais_transmis")
    assert found.key == "seance:2023-02-01:D2023_002"
    assert found.collectivite_id == bench.authority_id
    assert "n'est pas dans le registre" in found.message
    numbered(bench, 2, decided=SITTING)
    review(bench)
    assert rows(engine) == []
    (closed,) = rows(engine, opened=False)
    assert closed.id == found.id
    assert closed.closed_reason == "La cause a disparu."


def test_a_listed_act_that_never_left_is_told_with_its_act(bench: Bench, engine: Engine) -> None:
    listed(bench, "numero\nD2023_001\n")
    waiting = bench.acte(decided=SITTING)
    review(bench)
    (found,) = rows(engine, code="adopte_jamais_transmis")
    assert found.acte_id == waiting.acte_id
    assert "n'a pas été envoyé" in found.message


def test_a_listed_act_that_may_still_wait_is_silent(bench: Bench, engine: Engine) -> None:
    listed(bench, "numero\nD2023_001\n", START.date() - timedelta(days=DEFAULTS.adopted_days))
    review(bench)
    assert rows(engine) == []
    bench.clock.instant += timedelta(days=1)
    review(bench)
    assert keys(engine, "adopte_jamais_transmis") == ["seance:2023-03-03:D2023_001"]


@pytest.mark.parametrize(
    ("nature", "decided", "told"),
    [
        (NatureActe.DELIBERATION, SITTING, False),
        (NatureActe.REGLEMENTAIRE, SITTING, True),
        (NatureActe.DELIBERATION, SITTING + timedelta(days=20), False),
        (NatureActe.DELIBERATION, SITTING - timedelta(days=365), True),
    ],
)
def test_a_listed_act_is_the_one_of_its_number_nature_and_time(
    bench: Bench, engine: Engine, nature: NatureActe, decided: date, told: bool
) -> None:
    numbered(bench, 1, nature=nature, decided=decided)
    listed(bench, "numero;nature\nD2023_001;DE\n")
    review(bench)
    assert bool(keys(engine, "adopte_jamais_transmis")) is told


def test_the_act_of_another_sitting_answers_for_none_but_its_own(
    bench: Bench, engine: Engine
) -> None:
    later = SITTING + timedelta(days=14)
    numbered(bench, 1, decided=later)
    listed(bench, "numero\nD2023_001\n")
    assert review(bench) == 0
    listed(bench, "numero;objet\nD2023_001;autre\n", later)
    review(bench)
    assert keys(engine, "adopte_jamais_transmis") == ["seance:2023-02-01:D2023_001"]


def test_an_act_sent_under_another_number_is_found_by_it(bench: Bench, engine: Engine) -> None:
    (acte_id,) = numbered(bench, 1, decided=SITTING)
    renamed = func.replace(transmission.c.id_acte, "D2023_001", "D2023_001B")
    with engine.begin() as connection:
        connection.execute(
            update(transmission).where(transmission.c.acte_id == acte_id).values(id_acte=renamed)
        )
    listed(bench, "numero\nD2023_001B\n")
    assert review(bench) == 0


def test_an_act_that_is_not_to_be_transmitted_is_silent(bench: Bench, engine: Engine) -> None:
    waiting = bench.acte(decided=SITTING)
    listed(bench, "numero\nD2023_001\n")
    assert review(bench) == 1
    assess(bench.tools, bench.authority_id)
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE legal_reading SET states = states || :states WHERE acte_id = :one"),
            {"one": waiting.acte_id, "states": '{"soumission": "non"}'},
        )
    assert review(bench) == 0


def test_a_corrected_list_replaces_the_former_in_what_is_checked(
    bench: Bench, engine: Engine
) -> None:
    listed(bench, "numero\nD2023_001\nD2023_002\n")
    assert review(bench) == 2
    listed(bench, "numero\nD2023_002\nD2023_003\n")
    review(bench)
    assert keys(engine, "adopte_jamais_transmis") == [
        "seance:2023-02-01:D2023_002",
        "seance:2023-02-01:D2023_003",
    ]
    listed(bench, "numero\n", may_be_empty=True)
    assert review(bench) == 0


def test_a_missing_number_is_told_until_it_comes(bench: Bench, engine: Engine) -> None:
    numbered(bench, 1, 2, 4, 5, 6, 7, decided=SITTING)
    review(bench)
    (found,) = rows(engine)
    assert (found.code, found.key) == ("numero_manquant", "serie:DE:2023:D2023_003")
    numbered(bench, 3, decided=SITTING)
    assert review(bench) == 0
    assert rows(engine) == []


def test_a_number_that_a_list_or_another_nature_has_is_not_missing(
    bench: Bench, engine: Engine
) -> None:
    numbered(bench, 1, 2, 4, 6, 7, 8, decided=SITTING)
    numbered(bench, 3, decided=SITTING, nature=NatureActe.REGLEMENTAIRE)
    listed(bench, "numero\nD2023_005\n")
    review(bench)
    assert {row.code for row in rows(engine)} == {"adopte_jamais_transmis"}


def test_a_number_given_when_it_was_sent_again_is_not_missing(bench: Bench, engine: Engine) -> None:
    *_, last = numbered(bench, 1, 2, 4, 5, 6, 7, decided=SITTING)
    assert review(bench) == 1
    renamed = func.replace(transmission.c.id_acte, "D2023_007", "D2023_003")
    with engine.begin() as connection:
        connection.execute(
            update(transmission).where(transmission.c.acte_id == last).values(id_acte=renamed)
        )
    assert review(bench) == 0


def test_a_number_borne_twice_is_told_unless_one_is_over(bench: Bench, engine: Engine) -> None:
    numbered(bench, 1, decided=SITTING)
    (second,) = numbered(bench, 1, decided=SITTING + timedelta(days=1))
    review(bench)
    (found,) = rows(engine)
    assert (found.code, found.key) == ("numero_double", "serie:DE:2023:D2023_1")
    with engine.begin() as connection:
        connection.execute(
            update(transmission).where(transmission.c.acte_id == second).values(state="cancelled")
        )
    assert review(bench) == 0


def test_numbers_that_do_not_count_are_told(bench: Bench, engine: Engine) -> None:
    numbered(bench, 1, 4, 7, 10, 13, 16, decided=SITTING)
    review(bench)
    (found,) = rows(engine)
    assert (found.code, found.key) == ("serie_non_reconnue", "serie:DE:2023")


def test_a_gap_of_an_old_year_stays_open_until_it_is_filled(bench: Bench, engine: Engine) -> None:
    numbered(bench, 1, 2, 4, 5, 6, 7, decided=SITTING)
    review(bench)
    bench.clock.instant = datetime(2026, 3, 1, tzinfo=UTC)
    review(bench)
    assert keys(engine, "numero_manquant") == ["serie:DE:2023:D2023_003"]
    numbered(bench, 3, decided=SITTING)
    review(bench)
    assert rows(engine) == []


def test_one_file_under_two_numbers_is_told_until_one_is_taken_back(
    bench: Bench, engine: Engine
) -> None:
    bench.acknowledged()
    second = bench.sent()
    review(bench)
    (found,) = rows(engine)
    assert found.code == "meme_fichier"
    assert "D2023_001, D2023_002" in found.message
    with engine.begin() as connection:
        connection.execute(
            update(transmission).where(transmission.c.id == second.id).values(state="rejected")
        )
    assert review(bench) == 0


def test_one_file_of_which_one_act_never_left_is_silent(bench: Bench) -> None:
    bench.acknowledged()
    bench.acte()
    assert review(bench) == 0


def test_one_file_in_two_authorities_is_silent(bench: Bench) -> None:
    bench.acknowledged()
    bench.acknowledged(authority_id=bench.second_id)
    assert review(bench) == 0
    assert check_lists(bench.tools, bench.second_id) == 0


def test_an_annexe_that_two_acts_share_is_silent(bench: Bench) -> None:
    bench.acknowledged(contents=(b"%PDF-1.4 un", b"%PDF-1.4 plan"))
    bench.acknowledged(contents=(b"%PDF-1.4 deux", b"%PDF-1.4 plan"))
    assert review(bench) == 0


def certificate(days: float, usage: str = "tdt") -> HeldCertificates:
    end = START + timedelta(days=days)
    held = HeldCertificate(usage, "connexion au TdT", "CN=Saint-Exemple", end)
    return HeldCertificates((held,), whole=True)


def test_a_certificate_that_ends_soon_is_told_until_it_is_renewed(
    bench: Bench, engine: Engine, certificates: Certificates
) -> None:
    certificates.held = certificate(20)
    review(bench)
    (found,) = rows(engine)
    assert (found.code, found.key, found.severity) == (
        "certificat_expire",
        "certificat:tdt",
        "attention",
    )
    certificates.held = certificate(3)
    review(bench)
    assert [row.severity for row in rows(engine)] == ["grave"]
    certificates.held = certificate(400)
    assert review(bench) == 0
    assert rows(engine) == []


def test_a_certificate_that_cannot_be_read_closes_nothing(
    bench: Bench, engine: Engine, certificates: Certificates
) -> None:
    certificates.held = certificate(20)
    review(bench)
    certificates.held = HeldCertificates((), whole=False)
    review(bench)
    assert [row.code for row in rows(engine)] == ["certificat_expire"]


def test_a_certificate_that_lasts_until_the_next_sending_is_silent(
    bench: Bench, certificates: Certificates
) -> None:
    certificates.held = certificate(40)
    assert review(bench) == 0


def test_a_certificate_that_ends_before_the_usual_interval_is_told(
    bench: Bench, engine: Engine, certificates: Certificates
) -> None:
    made = numbered(bench, *range(1, 8), decided=SITTING)
    with engine.begin() as connection:
        for rank, acte_id in enumerate(made):
            when = START - timedelta(days=60 * rank)
            connection.execute(update(acte).where(acte.c.id == acte_id).values(accepted_at=when))
    certificates.held = certificate(40)
    review(bench)
    (found,) = rows(engine)
    assert found.code == "certificat_expire"
    assert ["Intervalle habituel entre deux envois", "60 jours"] in found.evidence


def test_a_certificate_that_ends_before_a_limit_is_told_with_it(
    bench: Bench, engine: Engine, certificates: Certificates
) -> None:
    bench.acte(nature=NatureActe.INDIVIDUEL, decided=START.date())
    assess(bench.tools, bench.authority_id)
    certificates.held = certificate(100)
    assert review(bench) == 0
    with engine.begin() as connection:
        connection.execute(text("UPDATE legal_date SET day = :day"), {"day": date(2023, 7, 1)})
    review(bench)
    (found,) = rows(engine)
    assert any("D2023_001" in label for label, _ in found.evidence)


def test_only_the_findings_of_these_checks_close(bench: Bench, engine: Engine) -> None:
    waiting = bench.acte()
    with engine.begin() as connection:
        for code in ("reception_tardive", "numero_manquant"):
            connection.execute(
                finding.insert().values(
                    collectivite_id=bench.authority_id,
                    acte_id=waiting.acte_id,
                    code=code,
                    key="serie:DE:2023:X",
                    severity="grave",
                    article="a",
                    message="m",
                    remedy="r",
                    evidence=[],
                    opened_at=START,
                )
            )
    review(bench)
    assert [row.code for row in rows(engine)] == ["reception_tardive"]


def test_the_bell_of_an_import_has_the_authority_checked(bench: Bench, engine: Engine) -> None:
    listed(bench, "numero\nD2023_001\n")
    assert ("review", bench.authority_id) in bench.bells()
    bench.run("review")
    assert keys(engine, "adopte_jamais_transmis") == ["seance:2023-02-01:D2023_001"]


def test_the_files_of_the_authority_are_read_through_the_port(
    bench: Bench, engine: Engine, signing_key: SigningKey
) -> None:
    from transmission.signature.held import CertificateFiles

    bench.tools = replace(bench.tools, certificates=CertificateFiles())
    bench.changed(lambda owner: replace(owner, signing_key=signing_key))
    review(bench)
    (found,) = rows(engine)
    assert found.key == "certificat:signature"
    assert "CN=Cachet de Saint-Exemple" in found.message


def test_the_codes_are_those_of_the_checks_of_many_acts() -> None:
    assert {
        "adopte_jamais_transmis",
        "numero_manquant",
        "numero_double",
        "serie_non_reconnue",
        "meme_fichier",
        "certificat_expire",
        "horodatage_manquant",
        "signature_invalide",
    } == LIST_CHECKS


def test_an_invalid_signature_is_told_until_the_act_is_sent_again_or_annulled(
    bench: Bench, engine: Engine
) -> None:
    made, other = bench.sent(), bench.sent()
    wrong = PdfSignatures((PdfSignature(SignatureAnswer.INVALID, "CN=Maire", why=("altérée",)),))
    unknown = PdfSignatures((PdfSignature(SignatureAnswer.UNKNOWN),))
    now = bench.clock.now()
    with bench.tools.register() as unit:
        unit.keep_signatures(made.id, [ReadSignatures(1, "c" * 64, now, wrong)])
        unit.keep_signatures(other.id, [ReadSignatures(1, "d" * 64, now, unknown)])
        unit.commit()
    review(bench)
    (found,) = rows(engine, code="signature_invalide")
    assert (found.acte_id, found.key) == (made.acte_id, f"acte:{made.acte_id}:1:{'c' * 64}")
    with engine.begin() as connection:
        connection.execute(
            update(transmission).where(transmission.c.id == made.id).values(state="cancelled")
        )
    review(bench)
    assert rows(engine, code="signature_invalide") == []
