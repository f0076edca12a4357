"""The bytes of a deposit, and what each status comes to."""

import pytest

from transmission.domain.outcomes import Accepted, InDoubt, Refused, Unavailable
from transmission.ports import Parcel
from transmission.tdt.ministere.wire import deposit_form, deposit_outcome


def test_a_deposit_is_one_file_in_a_field_of_its_own_name(parcel: Parcel, archive: bytes) -> None:
    form = deposit_form(parcel)
    with form.opened() as body:
        content = b"".join(body)
    boundary = parcel.archive_sha256.encode()
    name = parcel.archive_name.encode()
    assert len(form) == len(content)
    assert content == (
        b"--" + boundary + b"\r\n"
        b'Content-Disposition: form-data; name="' + name + b'"; filename="' + name + b'"\r\n'
        b"Content-Type: application/gzip\r\n\r\n" + archive + b"\r\n--" + boundary + b"--\r\n"
    )


def test_delivered_is_known_by_the_name_of_the_archive(parcel: Parcel) -> None:
    assert deposit_outcome(200, parcel) == Accepted("SLO-EACT--123456782--20260312-1.tar.gz")


@pytest.mark.parametrize(
    ("status", "mend"),
    [(401, "mot de passe"), (403, "certificat"), (404, "base_url"), (405, "base_url")],
)
def test_what_nobody_took_says_what_to_mend(parcel: Parcel, status: int, mend: str) -> None:
    outcome = deposit_outcome(status, parcel)
    assert isinstance(outcome, Unavailable)
    assert f"HTTP {status}" in outcome.reason
    assert mend in outcome.reason


def test_what_is_too_large_is_refused(parcel: Parcel) -> None:
    assert isinstance(deposit_outcome(413, parcel), Refused)


@pytest.mark.parametrize("status", [100, 201, 202, 204, 301, 302, 307, 400, 408, 500, 502, 503])
def test_any_other_status_is_a_doubt(parcel: Parcel, status: int) -> None:
    assert deposit_outcome(status, parcel) == InDoubt(
        f"le ministère a répondu par un code HTTP {status}"
    )
