"""What the public reads: lists, acts, files; and what it never does."""

import hashlib
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert

from transmission.domain.identifiers import NatureActe
from transmission.store.documents import DiskDocumentStore
from transmission.store.queries import registre
from transmission.store.tables_protection import scan

FIRST = date(2026, 1, 5)
PDF = b"%PDF-1.7 " + bytes(range(256)) * 40
SECRETS = ("secret", "secrète", "attente", "raison")


def page_of(copy_id: int, end: str = "") -> str:
    return f"/123456782/actes/{copy_id}{end}"


# --- lists ---


def test_the_only_authority_is_gone_to_straight(shelf: Any, site: Any) -> None:
    shelf.on_line()
    shelf.authority("Commune de Modèle", "123456790")
    response = site.get("/")
    assert (response.status_code, response.headers["location"]) == (302, "/123456782/")


def test_authorities_with_an_act_on_line_are_listed_by_name_and_no_other(
    shelf: Any, site: Any
) -> None:
    for nom, siren in (("Ville B", "123456782"), ("Ville A", "123456790"), ("Sans", "123456808")):
        shelf.authority(nom, siren)
    for siren in ("123456782", "123456790"):
        shelf.on_line(siren=siren)
    page = site.page("/")
    assert [site.words_of(link) for link in page.cssselect(".collectivites a")] == [
        "Ville A",
        "Ville B",
    ]


def test_a_register_where_nothing_is_on_line_says_so(shelf: Any, site: Any) -> None:
    assert "Aucun acte n'est encore en ligne" in site.words("/")
    shelf.authority()
    assert "Aucun acte n'est en ligne pour le moment" in site.words("/123456782/")


def test_acts_are_listed_the_last_put_on_line_first_a_page_at_a_time(shelf: Any, site: Any) -> None:
    for rank in range(60):
        shelf.on_line(f"D2026_{rank:03d}", f"Objet {rank}", day=FIRST + timedelta(days=rank // 2))
    seen, path = [], "/123456782/"
    for _ in range(3):
        page = site.page(path)
        seen += [site.words_of(node) for node in page.cssselect(".actes h3")]
        following = page.cssselect("a[rel=next]")
        path = following[0].get("href") if following else ""
    assert path == ""
    assert seen == [f"Objet {rank}" for rank in reversed(range(60))]


def test_what_is_put_on_line_meanwhile_moves_no_page(shelf: Any, site: Any) -> None:
    for rank in range(30):
        shelf.on_line(f"D2026_{rank:03d}", f"Objet {rank}", day=FIRST)
    following = site.page("/123456782/").cssselect("a[rel=next]")[0].get("href")
    shelf.on_line("D2026_999", "Nouveau", day=FIRST)
    assert site.objets(following) == [f"Objet {rank}" for rank in reversed(range(5))]


def test_acts_are_found_by_words_number_and_year(shelf: Any, site: Any) -> None:
    shelf.on_line("D2025_001", "Marché de la fête d'été", day=date(2025, 6, 1))
    shelf.on_line("D2026_001", "Tarifs de la CANTINE de l’école", day=date(2026, 6, 1))
    shelf.on_line("D2026_002", "Cantine : règlement", day=date(2026, 7, 1))
    found = site.objets
    assert found("/123456782/?q=cantine") == [
        "Cantine : règlement",
        "Tarifs de la CANTINE de l’école",
    ]
    assert found("/123456782/?q=ecole+tarif") == ["Tarifs de la CANTINE de l’école"]
    assert found("/123456782/?q=D2025_001") == ["Marché de la fête d'été"]
    assert found("/123456782/?annee=2025") == ["Marché de la fête d'été"]
    assert found("/123456782/?annee=2025&q=cantine") == []
    assert found("/123456782/?annee=") == found("/123456782/")
    years = site.page("/123456782/").cssselect("#annee option")
    assert [year.text for year in years] == ["Toutes", "2026", "2025"]


def test_what_nothing_answers_to_is_said_with_what_to_do(shelf: Any, site: Any) -> None:
    shelf.on_line()
    assert "ne correspond à « zèbre »" in site.words("/123456782/?q=zèbre")
    assert "Aucun acte n'a été mis en ligne en 2019" in site.words("/123456782/?annee=2019")


def test_words_that_too_many_acts_have_are_looked_for_a_stretch_at_a_time(
    shelf: Any, site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registre, "STRETCH", 10)
    for rank in range(25):
        objet = f"ab {rank}" if rank < 3 else f"cd {rank}"
        shelf.on_line(f"N{rank:03d}", objet, day=FIRST + timedelta(days=rank))
    # Too short for the index: two letters have no trigram.
    page, seen = site.page("/123456782/?q=ab"), 1
    assert "la recherche s'est arrêtée au" in site.words_of(page)
    while following := page.cssselect("a[rel=next]"):
        found = [site.words_of(node) for node in page.cssselect(".actes h3")]
        page, seen = site.page(following[0].get("href")), seen + 1
    found = [site.words_of(node) for node in page.cssselect(".actes h3")]
    assert (found, seen) == (["ab 2", "ab 1", "ab 0"], 3)


@pytest.mark.parametrize(
    "query",
    ["annee=20", "annee=20260", "annee=2026%00", "apres=x", "apres=2026-13-01.1", "q=" + "x" * 201],
)
def test_an_address_that_means_nothing_is_refused(shelf: Any, site: Any, query: str) -> None:
    shelf.on_line()
    assert site.get(f"/123456782/?{query}").status_code == 400


@pytest.mark.parametrize("text", ["%", "_", "\\", "%00", "%ed%a0%80", "'; DROP TABLE acte; --"])
def test_whatever_is_typed_is_only_looked_for(shelf: Any, site: Any, text: str) -> None:
    shelf.on_line()
    assert site.get(f"/123456782/?q={text}").status_code == 200


# --- an act ---


def test_an_act_tells_all_that_the_public_may_know_of_it(shelf: Any, site: Any) -> None:
    copy_id = shelf.on_line("D2026_001", "Tarifs de la cantine", content=PDF)
    page = site.page(page_of(copy_id))
    facts = {
        site.words_of(row.cssselect("dt")[0]): site.words_of(row.cssselect("dd")[0])
        for row in page.cssselect(".fiche > div")
    }
    assert facts == {
        "Collectivité": "Commune de Saint-Exemple SIREN 123456782",
        "Nature": "Délibération",
        "Numéro": "D2026_001",
        "Date de la décision": "2 novembre 2026",
        "Reçu en préfecture le": "5 novembre 2026",
        "Identifiant unique de télétransmission": "042-123456782-20261102-D2026_001-DE",
        "Mis en ligne le": "9 novembre 2026",
        "En ligne au moins jusqu'au": "9 janvier 2027 inclus",
    }
    assert site.words_of(page.cssselect(".objet")[0]) == "Tarifs de la cantine"
    digest = shelf.documents.put_bytes(PDF).sha256
    assert page.cssselect("#empreinte")[0].text == digest
    assert "exactement 10 249 octets" in site.words_of(page)


@pytest.mark.parametrize("state", ["cancelled", "held", "rejected"])
def test_a_receipt_that_stands_no_more_is_not_shown(shelf: Any, site: Any, state: str) -> None:
    words = site.words(page_of(shelf.on_line(state=state)))
    assert "Elle ne vaut plus" in words
    assert "5 novembre 2026" not in words


def test_a_cancellation_that_is_only_asked_for_changes_nothing(shelf: Any, site: Any) -> None:
    assert "5 novembre 2026" in site.words(page_of(shelf.on_line(state="cancelling")))


# --- its file ---


def test_a_file_in_which_a_virus_was_recognised_since_is_no_longer_given(
    shelf: Any, site: Any
) -> None:
    path = page_of(shelf.on_line(content=PDF), ".pdf")
    with shelf.engine.begin() as connection:
        connection.execute(
            insert(scan).values(
                sha256=hashlib.sha256(PDF).hexdigest(), base="1", verdict="infecte",
                detail="Essai.Virus", at=datetime(2026, 11, 23, tzinfo=UTC),
            )
        )  # fmt: skip
    assert site.get(path).status_code == 404


def test_the_file_is_given_byte_for_byte_and_may_be_kept(shelf: Any, site: Any) -> None:
    copy_id = shelf.on_line(content=PDF)
    response = site.get(page_of(copy_id, ".pdf"))
    digest = shelf.documents.put_bytes(PDF).sha256
    assert response.content == PDF
    headers = response.headers
    assert headers["content-type"] == "application/pdf"
    assert headers["content-length"] == str(len(PDF))
    assert headers["etag"] == f'"{digest}"'
    assert headers["accept-ranges"] == "bytes"
    assert headers["last-modified"] == "Mon, 23 Nov 2026 13:05:00 GMT"
    assert headers["cache-control"] == "public, max-age=3600, immutable"
    assert headers["content-disposition"] == (
        'inline; filename="99_DE-042-123456782-20261102-D2026_001.pdf"'
    )
    assert headers["content-security-policy"].startswith("base-uri 'none'")
    assert headers["repr-digest"].startswith("sha-256=:")


@pytest.mark.parametrize(
    ("asked", "expected", "told"),
    [
        ("bytes=0-9", PDF[:10], f"bytes 0-9/{len(PDF)}"),
        ("bytes=-4", PDF[-4:], f"bytes {len(PDF) - 4}-{len(PDF) - 1}/{len(PDF)}"),
        ("bytes=10240-", PDF[10240:], f"bytes 10240-{len(PDF) - 1}/{len(PDF)}"),
    ],
)
def test_a_part_of_the_file_is_given(
    shelf: Any, site: Any, asked: str, expected: bytes, told: str
) -> None:
    path = page_of(shelf.on_line(content=PDF), ".pdf")
    response = site.get(path, headers={"Range": asked})
    assert (response.status_code, response.content) == (206, expected)
    assert response.headers["content-range"] == told
    etag = response.headers["etag"]
    same = site.get(path, headers={"Range": asked, "If-Range": etag})
    other = site.get(path, headers={"Range": asked, "If-Range": '"autre"'})
    assert (same.status_code, other.status_code, other.content) == (206, 200, PDF)


def test_a_part_that_is_not_there_is_refused(shelf: Any, site: Any) -> None:
    path = page_of(shelf.on_line(content=PDF), ".pdf")
    response = site.get(path, headers={"Range": "bytes=99999-"})
    assert response.status_code == 416
    assert response.headers["content-range"] == f"bytes */{len(PDF)}"


def test_who_has_the_file_already_is_not_given_it_again(
    shelf: Any, site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = page_of(shelf.on_line(content=PDF), ".pdf")
    etag = site.get(path).headers["etag"]

    def read(*_: Any) -> Any:
        raise AssertionError("the file was read")

    monkeypatch.setattr(DiskDocumentStore, "path", read)
    for said in (etag, f'"x", W/{etag}', "*"):
        response = site.get(path, headers={"If-None-Match": said})
        assert (response.status_code, response.content) == (304, b"")
        assert response.headers["etag"] == etag


def test_a_file_that_was_tampered_with_is_never_given_not_even_in_part(
    shelf: Any, site: Any, tmp_path: Any
) -> None:
    copy_id = shelf.on_line(content=PDF)
    path = shelf.documents.path(shelf.documents.put_bytes(PDF))
    path.chmod(0o600)
    path.write_bytes(PDF[:-1] + b"X")
    for headers in ({}, {"Range": "bytes=0-9"}):
        for method in ("GET", "HEAD"):
            response = site.request(method, page_of(copy_id, ".pdf"), headers=headers)
            assert response.status_code == 500
            assert "etag" not in response.headers
            assert response.headers["cache-control"] == "no-store"
    told = site.get(page_of(copy_id, ".pdf"))
    assert "Ce fichier ne peut pas être donné" in site.words_of(site.tree(told))
    assert str(tmp_path) not in told.text
    assert "sauvegarde" not in told.text


def test_a_name_that_is_no_identifier_stays_a_name(shelf: Any, site: Any) -> None:
    hostile = '../x"\r\nSet-Cookie: a=b\u202e;.html'
    response = site.get(page_of(shelf.on_line(nom_fichier=hostile), ".pdf"))
    assert "set-cookie" not in response.headers
    assert response.headers["content-disposition"] == (
        'inline; filename=".._x___Set-Cookie__a_b__.html"'
    )


# --- what is no more, and what never was ---


@pytest.mark.parametrize("end", ["", ".pdf"])
def test_what_was_withdrawn_is_gone_and_says_nothing_of_itself(
    shelf: Any, site: Any, end: str
) -> None:
    copy_id = shelf.on_line("D2026_001", "Objet nominatif")
    shelf.withdraw(copy_id)
    response = site.get(page_of(copy_id, end))
    assert response.status_code == 410
    assert response.headers["cache-control"] == "no-store"
    assert "n'est plus en ligne" in site.words_of(site.tree(response))
    for word in ("nominatif", "D2026_001", *SECRETS):
        assert word not in response.text
    assert site.objets("/123456782/") == []


def test_what_was_published_again_leads_to_its_successor(shelf: Any, site: Any) -> None:
    first = shelf.on_line(content=b"%PDF un")
    acte_id = 1
    shelf.withdraw(first)
    second = shelf.publish(acte_id, content=b"%PDF deux")
    gone = site.get(page_of(first))
    assert gone.status_code == 410
    (way,) = site.tree(gone).cssselect("a.bouton")
    assert way.get("href") == page_of(second)
    assert site.get(page_of(first, ".pdf")).status_code == 410
    assert site.get(page_of(second, ".pdf")).content == b"%PDF deux"


def test_nothing_of_an_act_that_is_not_on_line_is_ever_told(shelf: Any, site: Any) -> None:
    shelf.on_line("D2026_001", "Public")
    unpublished = shelf.acte("D2026_002", "Confidentiel")
    shelf.publish(
        shelf.acte("D2026_003", "Ailleurs"), nom_fichier=None, address="https://x.example/a.pdf"
    )
    for path in (
        "/", "/123456782/", "/123456782/?q=confidentiel", "/123456782/?q=D2026_002",
        "/123456782/?q=ailleurs", "/123456782/atom.xml", page_of(unpublished), page_of(2),
    ):  # fmt: skip
        text = site.get(path, follow_redirects=True).text
        assert "Confidentiel" not in text
        assert "Ailleurs" not in text
    assert site.get(page_of(2)).status_code == 404
    assert site.get(page_of(2, ".pdf")).status_code == 404


def test_nothing_private_of_an_act_on_line_is_ever_told(shelf: Any, site: Any) -> None:
    copy_id = shelf.on_line("D2026_001", "Public")
    for path in ("/123456782/", "/123456782/atom.xml", page_of(copy_id)):
        response = site.get(path)
        for word in SECRETS:
            assert word not in response.text
            assert word not in str(response.headers)


def test_an_act_is_found_under_its_own_authority_alone(shelf: Any, site: Any) -> None:
    copy_id = shelf.on_line()
    shelf.authority("Commune de Modèle", "123456790")
    assert site.get(f"/123456790/actes/{copy_id}").status_code == 404
    assert site.get(f"/123456790/actes/{copy_id}.pdf").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/999999999/", "/999999999/atom.xml", "/x/", "/12345678A/", "/123456782/actes/0",
        "/123456782/actes/99", "/123456782/actes/99.pdf", "/123456782/actes/x.pdf",
        "/123456782/actes/99999999999999999999", "/statique/base.html", "/statique/..%2fapp.py",
        "/docs", "/openapi.json", "/123456782/actes", "/123456782/actes/1/",
    ],
)  # fmt: skip
def test_what_never_was_is_not_found(shelf: Any, site: Any, path: str) -> None:
    shelf.on_line()
    assert site.get(path).status_code == 404, path


def test_an_individual_act_that_was_published_on_purpose_is_shown_as_one(
    shelf: Any, site: Any
) -> None:
    copy_id = shelf.on_line(nature=NatureActe.INDIVIDUEL)
    assert "Acte individuel" in site.words(page_of(copy_id))


def test_no_page_reads_the_register_without_an_index(shelf: Any, site: Any) -> None:
    copy_id = shelf.on_line()
    statements: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        statements.append((statement, values))

    event.listen(shelf.engine, "before_cursor_execute", note)
    lists = [f"/123456782/{asked}" for asked in ("", "?annee=2026", "?q=tarifs", "?q=a")]
    for path in ("/", *lists, "/123456782/atom.xml", page_of(copy_id), page_of(copy_id, ".pdf")):
        site.get(path)
    event.remove(shelf.engine, "before_cursor_execute", note)
    reads = [(said, values) for said, values in statements if said.startswith(("SELECT", "WITH"))]
    assert len(reads) > 10
    with shelf.engine.connect() as connection:
        connection.exec_driver_sql("SET enable_seqscan = off")
        for said, values in reads:
            plan = "\n".join(
                row[0] for row in connection.exec_driver_sql(f"EXPLAIN {said}", values)
            )
            assert "Seq Scan on published_copy" not in plan, plan
            assert "Seq Scan on acte" not in plan, plan
            assert "Seq Scan on transmission" not in plan, plan
