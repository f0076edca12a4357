"""What is printed of an act can be read in 80 columns and copied."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.horloge import CIRCULATION, ESPECE, OUTSIDE, clock
from transmission.cli.facts import Facts, facts_of, show, wrapped
from transmission.domain.acte import Matiere
from transmission.domain.collectivite import Collectivite
from transmission.domain.identifiers import IdActe, NatureActe, NumeroInterne
from transmission.domain.legal.reading import Reading
from transmission.domain.lifecycle import State
from transmission.domain.transmission import AdoptedActe, Piece, StoredFile, Transmission

NOW = datetime(2023, 3, 10, 9, 0, tzinfo=UTC)
DAY = date(2023, 3, 2)
ACTE = AdoptedActe(
    collectivite_id=1,
    numero_interne=NumeroInterne("D20230009710"),
    date_decision=DAY,
    nature=NatureActe.DELIBERATION,
    matiere=Matiere.parse("7.5"),
    objet="Subvention à l'école",
    date_classification=date(2019, 3, 1),
    document_papier=False,
    pieces=(Piece(1, "acte.pdf", "99_DE", "pdf", StoredFile("0" * 64, 1)),),
    fingerprint="",
)
WAITING = Transmission(
    id=1,
    acte_id=1,
    collectivite_id=1,
    message="1-1",
    courrier_id=None,
    state=State.SUBMITTED,
    state_since=NOW,
    attempts=1,
    polls=0,
    failures=0,
    claims=0,
    next_attempt_at=NOW,
    waiting_for="l'accusé de réception de la préfecture",
    parcel=None,
    reference="4711",
    id_acte=IdActe("042", "123456782", DAY, "D20230009710", NatureActe.DELIBERATION),
    date_classification=DAY,
    fingerprint=None,
    date_reception=None,
)
RECEIVED = replace(
    WAITING, state=State.ACKNOWLEDGED, date_reception=date(2023, 3, 10), waiting_for=None
)


def test_an_act_on_its_way_says_what_it_waits_for_and_since_when(
    collectivite: Callable[..., Collectivite],
) -> None:
    facts = facts_of(collectivite(), ACTE, WAITING, clock(ESPECE), NOW)
    assert facts["État"] == "Transmise"
    assert "10\u00a0mars\u00a02023" in str(facts["Depuis"])
    assert "l'accusé de réception de la préfecture" in str(facts["Attend"])


def test_no_date_of_receipt_is_shown_before_the_ar(
    collectivite: Callable[..., Collectivite],
) -> None:
    facts = facts_of(collectivite(), ACTE, WAITING, clock(ESPECE), NOW)
    assert "Reçu en préfecture le" not in facts
    assert "Dernier jour du déféré" not in facts


def test_a_received_act_shows_its_identifiers_and_its_legal_dates(
    collectivite: Callable[..., Collectivite],
) -> None:
    facts = received(collectivite(), clock(ESPECE, "AR 2026-03-10", today="2026-03-11"))
    assert facts["Identifiant de télétransmission"] == "042-123456782-20230302-D20230009710-DE"
    assert facts["Identifiant de fichier"] == "99_DE-042-123456782-20230302-D20230009710"
    assert facts["Reçu en préfecture le"] == "10/03/2023"
    assert facts["Dernier jour du déféré"] == "11/05/2026 (règle DF-1)"


def test_the_last_day_says_that_it_may_still_move(
    collectivite: Callable[..., Collectivite],
) -> None:
    waiting = clock(ESPECE, "AR 2026-03-10, LO 2026-04-16", today="2026-04-20")
    facts = received(collectivite(), waiting)
    assert facts["Dernier jour du déféré"] == "17/08/2026 (règle DF-3, provisoire)"


def test_the_last_day_of_a_rule_without_source_is_marked(
    collectivite: Callable[..., Collectivite],
) -> None:
    reading = clock(ESPECE, "AR 2026-03-10", today="2026-03-11")
    unsourced = tuple(replace(each, rule="EL-6") for each in reading.dates)
    facts = received(collectivite(), replace(reading, dates=unsourced))
    assert facts["Dernier jour du déféré"] == "11/05/2026 (règle EL-6, à vérifier)"


def test_a_last_day_that_is_unknown_says_why(
    collectivite: Callable[..., Collectivite],
) -> None:
    facts = received(
        collectivite(), clock(ESPECE, "AR 2026-03-10, ANNULATION 2026-03-12", today="2026-03-13")
    )
    assert "la transmission a été annulée le 12 mars" in str(facts["Dernier jour du déféré"])
    assert str(facts["Dernier jour du déféré"]).endswith("(règle EL-6)")


def test_an_act_that_need_not_be_transmitted_has_another_limit_or_none(
    collectivite: Callable[..., Collectivite],
) -> None:
    asked = received(collectivite(), clock(CIRCULATION, "PU 2026-03-16", today="2026-03-20"))
    assert str(asked["Dernier jour du préfet pour demander l'acte"]).startswith("18/05/2026")
    outside = received(collectivite(), clock(OUTSIDE, "PU 2026-03-16", today="2026-03-20"))
    assert str(outside["Contrôle de légalité"]).startswith("Hors du contrôle de légalité.")


def received(collectivite: Collectivite, reading: Reading) -> Facts:
    return facts_of(collectivite, ACTE, RECEIVED, reading, NOW)


def test_a_long_path_keeps_a_line_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    path = Path("/srv/une installation/aussi longue que possible/resultats/D20230009710.pdf")
    show("Acte", {"Acte tamponné": path, "Objet": "mot " * 60})
    lines = capsys.readouterr().out.splitlines()
    assert [line.strip() for line in lines].count(str(path)) == 1
    assert all(len(line) <= 80 for line in lines if str(path) not in line)


def test_what_comes_from_outside_cannot_drive_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show("Acte", {"Objet": "un \x1b[31mrouge"})
    assert "un ⟨U+001B⟩[31mrouge" in capsys.readouterr().out


@given(st.text(), st.integers(10, 100))
def test_wrapping_never_loses_a_character_nor_breaks_a_word(text: str, width: int) -> None:
    lines = wrapped(text, width)
    words = " ".join(lines).split()
    assert words == " ".join(wrapped(text, 10**6)).split()
    assert all(len(line) <= width or " " not in line for line in lines)
