"""The records of the service."""

from datetime import date

import pytest

from transmission.domain.acte import Matiere
from transmission.domain.identifiers import NatureActe, NumeroInterne
from transmission.domain.transmission import SERVICE, AdoptedActe, RetourStatus


@pytest.mark.parametrize("status", RetourStatus)
def test_a_status_is_found_again_under_its_code(status: RetourStatus) -> None:
    assert RetourStatus.of(status.code) is status
    assert status.label


def test_an_unknown_status_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="perdu"):
        RetourStatus.of("perdu")


def test_codes_and_labels_of_statuses_are_all_different() -> None:
    assert len({status.code for status in RetourStatus}) == len(RetourStatus)
    assert len({status.label for status in RetourStatus}) == len(RetourStatus)


def test_an_act_bears_the_identifier_that_the_protocol_makes_of_its_key() -> None:
    acte = AdoptedActe(
        collectivite_id=1,
        numero_interne=NumeroInterne("D2023_001"),
        date_decision=date(2023, 3, 2),
        nature=NatureActe.DELIBERATION,
        matiere=Matiere((7, 5)),
        objet="Subvention",
        date_classification=date(2023, 1, 2),
        document_papier=False,
        pieces=(),
        fingerprint="00",
    )
    assert str(acte.id_acte("042", "123456782")) == "042-123456782-20230302-D2023_001-DE"


def test_what_the_service_does_by_itself_bears_its_name_and_no_reason() -> None:
    assert (SERVICE.name, SERVICE.reason) == ("service", None)
