"""One look at one publication: what each answer is held to mean, and what is kept of it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest

from tests.support.bench import Bench
from tests.support.scene import AUTHOR, pdf
from tests.support.serving import PlayedSite, played_site
from transmission.domain.collectivite import SigningKey
from transmission.domain.publication import UNREACHABLE_MAX, Verdict
from transmission.outbound.fetch import HttpFetcher
from transmission.ports.outbound import Answered, Unavailable
from transmission.ports.publications import DueCopy, Look
from transmission.services.look import look, public_address
from transmission.services.publish import publish
from transmission.services.stamp import stamp
from transmission.store.documents import DiskDocumentStore, DocumentsAwayError

DAY = date(2023, 3, 10)
ACT = pdf("Délibération")
Due = Callable[..., DueCopy]


class Played:
    """A fetcher that gives one answer, and the addresses that it was asked for."""

    def __init__(self, answer: Answered | Unavailable) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def fetch(self, address: str, at: datetime) -> Answered | Unavailable:
        self.asked.append(address)
        return self.answer


@pytest.fixture
def site() -> Iterator[PlayedSite]:
    with played_site() as played:
        yield played


@pytest.fixture
def claimed(bench: Bench) -> Due:
    """Puts an act on line and claims its look."""

    def one(address: str | None, *, on_register: bool = False) -> DueCopy:
        acte_id = bench.acknowledged(contents=(ACT,)).acte_id
        publish(bench.tools, acte_id, DAY, address, AUTHOR, on_register=on_register)
        return again(bench)

    return one


def again(bench: Bench) -> DueCopy:
    """Claims the look of the one publication that there is, whenever it is due."""
    far = bench.clock.now().replace(year=2100)
    with bench.tools.register() as unit:
        (due,) = unit.claim_copies(far, far, 1)
        unit.commit()
    return due


def seen(bench: Bench, due: DueCopy) -> Look:
    """A look by real HTTP, kept."""
    tools = replace(bench.tools, fetcher=HttpFetcher(allow_private=True))
    found = look(tools, due)
    with bench.tools.register() as unit:
        assert unit.record_look(due.copy.id, found, bench.clock.now())
        unit.commit()
    return found


def answered(status: int = 200, content: bytes = ACT, content_type: str = "application/pdf") -> Any:
    return Answered(
        address="a",
        final_address="b",
        status=status,
        sha256=sha256(content).hexdigest(),
        size=len(content),
        content_type=content_type,
        date=None,
        certificate_sha256=None,
        fetched_at=datetime.fromisoformat("2023-03-10T09:00:00+00:00"),
    )


# --- an address outside ---


def test_the_first_answer_of_an_outside_address_fixes_its_digest(
    bench: Bench, claimed: Due, site: PlayedSite
) -> None:
    site.content = ACT
    due = claimed(f"{site.url}/acte.pdf")
    assert due.copy.file is None
    found = seen(bench, due)
    assert (found.verdict, found.is_first) == (Verdict.CONFORME, True)
    assert found.proof["statut"] == 200
    assert found.proof["adresse_finale"] == f"{site.url}/acte.pdf"
    assert found.proof["type"] == "application/pdf"
    due = again(bench)
    assert due.copy.file == due.acte_file
    assert seen(bench, due).verdict is Verdict.CONFORME


@pytest.mark.parametrize("dated", [True, False])
def test_a_copy_stamped_before_or_after_the_mise_en_ligne_is_known(
    bench: Bench, site: PlayedSite, dated: bool
) -> None:
    acte_id = bench.acknowledged(contents=(ACT,)).acte_id
    stamped = BytesIO()
    if not dated:
        stamp(bench.tools, acte_id, stamped)
    publish(bench.tools, acte_id, DAY, f"{site.url}/acte.pdf", AUTHOR)
    if dated:
        stamp(bench.tools, acte_id, stamped)
    site.content = stamped.getvalue()
    assert seen(bench, again(bench)).verdict is Verdict.CONFORME


def test_the_sealed_copy_that_was_sent_is_known_when_it_is_published(
    bench: Bench, site: PlayedSite, signing_key: SigningKey
) -> None:
    bench.changed(lambda c: replace(c, signing_key=signing_key, seals_pdf="b"))
    sent = bench.acknowledged(contents=(ACT,))
    publish(bench.tools, sent.acte_id, DAY, f"{site.url}/acte.pdf", AUTHOR)
    assert sent.parcel is not None
    (sealed,) = sent.parcel.documents
    assert sealed is not None
    assert sealed.file is not None
    site.content = bench.tools.documents.read(sealed.file)
    assert seen(bench, again(bench)).verdict is Verdict.CONFORME


def test_a_file_that_is_neither_the_act_nor_its_stamped_copy_stays_another(
    bench: Bench, claimed: Due, site: PlayedSite
) -> None:
    site.content = pdf("Autre chose")
    assert seen(bench, claimed(f"{site.url}/acte.pdf")).verdict is Verdict.AUTRE_FICHIER
    due = again(bench)
    assert (due.is_other, seen(bench, due).verdict) == (True, Verdict.AUTRE_FICHIER)
    site.content = ACT
    assert seen(bench, again(bench)).verdict is Verdict.CHANGE


def test_another_file_at_the_same_address_is_a_change_until_it_is_the_first_again(
    bench: Bench, claimed: Due, site: PlayedSite
) -> None:
    site.content = ACT
    seen(bench, claimed(f"{site.url}/acte.pdf"))
    site.content = ACT + b"\n"
    changed = seen(bench, again(bench))
    assert changed.verdict is Verdict.CHANGE
    assert changed.file is not None
    assert changed.file.size == len(ACT) + 1
    site.content = ACT
    assert seen(bench, again(bench)).verdict is Verdict.CONFORME


def test_a_page_instead_of_the_file_is_told_and_fixes_nothing(
    bench: Bench, claimed: Due, site: PlayedSite
) -> None:
    site.content, site.headers = b"<html>", {"Content-Type": "Text/HTML; charset=utf-8"}
    found = seen(bench, claimed(f"{site.url}/acte"))
    assert (found.verdict, found.is_first) == (Verdict.PAGE_HTML, False)
    assert again(bench).copy.file is None


@pytest.mark.parametrize("status", [404, 410])
def test_a_site_that_says_that_there_is_nothing_is_believed(
    bench: Bench, claimed: Due, site: PlayedSite, status: int
) -> None:
    site.status = status
    found = seen(bench, claimed(f"{site.url}/acte.pdf"))
    assert (found.verdict, found.detail) == (Verdict.ABSENT, f"le site a répondu {status}")
    assert again(bench).copy.file is None


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_a_refusal_or_a_fault_of_the_site_proves_nothing(
    bench: Bench, claimed: Due, site: PlayedSite, status: int
) -> None:
    site.status = status
    found = seen(bench, claimed(f"{site.url}/acte.pdf"))
    assert (found.verdict, found.tries) == (Verdict.INJOIGNABLE, 1)
    assert found.detail == f"le site a répondu {status}"


def test_a_silence_is_nothing_known_and_so_many_in_a_row_an_absence(
    bench: Bench, claimed: Due
) -> None:
    due = claimed("https://saint-exemple.invalid/acte.pdf")
    bench.tools = replace(bench.tools, fetcher=Played(Unavailable("le nom n'existe pas")))
    verdicts = []
    for _ in range(UNREACHABLE_MAX + 1):
        found = look(bench.tools, due)
        verdicts.append(found.verdict)
        with bench.tools.register() as unit:
            unit.record_look(due.copy.id, found, bench.clock.now())
            unit.commit()
        due = again(bench)
    assert verdicts == [Verdict.INJOIGNABLE] * (UNREACHABLE_MAX - 1) + [Verdict.ABSENT] * 2
    assert found.detail == f"le nom n'existe pas ({UNREACHABLE_MAX + 1} fois de suite)"
    assert due.tries == UNREACHABLE_MAX + 1


def test_an_answer_ends_a_row_of_silences(bench: Bench, claimed: Due, site: PlayedSite) -> None:
    site.status = 503
    seen(bench, claimed(f"{site.url}/acte.pdf"))
    site.status, site.content = 200, ACT
    due = again(bench)
    assert (due.tries, seen(bench, due).tries) == (1, 0)
    assert again(bench).tries == 0


def test_a_private_address_is_never_looked_at(bench: Bench, claimed: Due, site: PlayedSite) -> None:
    found = look(bench.tools, claimed(f"{site.url}/acte.pdf"))
    assert found.verdict is Verdict.INJOIGNABLE
    assert site.asked == []


# --- our register ---


def test_without_an_address_the_register_is_looked_at_as_it_reads(
    bench: Bench, claimed: Due
) -> None:
    due = claimed(None, on_register=True)
    found = look(bench.tools, due)
    assert (found.verdict, found.file) == (Verdict.CONFORME, due.copy.file)
    assert found.proof == {"lu": "documents du service"}


def spoil(bench: Bench, due: DueCopy) -> None:
    assert due.copy.file is not None
    path = bench.tools.documents.path(due.copy.file)
    path.chmod(0o600)
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


def test_a_kept_file_that_was_tampered_with_is_damaged(bench: Bench, claimed: Due) -> None:
    due = claimed(None, on_register=True)
    spoil(bench, due)
    found = look(bench.tools, due)
    assert (found.verdict, found.file) == (Verdict.ENDOMMAGE, None)
    assert "son empreinte a changé" in (found.detail or "")


def test_documents_that_cannot_be_reached_prove_nothing(
    bench: Bench, claimed: Due, monkeypatch: pytest.MonkeyPatch
) -> None:
    due = claimed(None, on_register=True)

    def away(*_: Any) -> Any:
        raise DocumentsAwayError("le dépôt ne répond pas")

    monkeypatch.setattr(DiskDocumentStore, "path", away)
    assert look(bench.tools, due).verdict is Verdict.INJOIGNABLE


def test_with_an_address_the_register_is_looked_at_as_the_public_does(
    bench: Bench, claimed: Due
) -> None:
    due = claimed(None, on_register=True)
    played = Played(answered())
    tools = replace(bench.tools, registre_url="https://actes.example.org", own_fetcher=played)
    address = f"https://actes.example.org/123456782/actes/{due.copy.id}.pdf"
    assert public_address(tools, due) == address
    assert look(tools, due).verdict is Verdict.CHANGE
    assert played.asked == [address]


def test_a_register_that_refuses_a_damaged_file_is_told_from_one_that_is_down(
    bench: Bench, claimed: Due
) -> None:
    due = claimed(None, on_register=True)
    down = Played(answered(500, content_type="text/html"))
    tools = replace(bench.tools, registre_url="https://actes.example.org", own_fetcher=down)
    assert look(tools, due).verdict is Verdict.INJOIGNABLE
    spoil(bench, due)
    assert look(tools, due).verdict is Verdict.ENDOMMAGE
